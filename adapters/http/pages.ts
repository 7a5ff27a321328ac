import { z } from 'zod'
import type { Position } from '../../domain/fact.ts'

export type Page<T> = { items: T[]; nextCursor: string | null; asOf: Position }

/** The envelope of every list. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().describe('Send it as cursor for the next page; null on the last.'),
    asOf: z.string().describe('The ledger position that the list reflects.'),
  })

/** The query fields of every list. The key is what the list is sorted by, so that a cursor names the last row seen. */
export const paging = <K extends z.ZodType<readonly unknown[]>>(key: K) => ({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: cursorOf(key).optional(),
})

/** Takes one row more than the limit, if there is one, to know whether a next page exists. */
export const page = <T>(
  rows: readonly T[],
  limit: number,
  asOf: Position,
  keyOf: (row: T) => readonly unknown[],
): Page<T> => {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: last !== undefined && rows.length > limit ? encode(keyOf(last)) : null, asOf }
}

const cursorOf = <K extends z.ZodType<readonly unknown[]>>(key: K) =>
  z
    .string()
    .max(1_000)
    .transform((text, context): z.output<K> => {
      const parsed = key.safeParse(decode(text))
      if (parsed.success) return parsed.data
      context.addIssue('is not a cursor that this list gave out')
      return z.NEVER
    })

const encode = (key: readonly unknown[]): string => Buffer.from(JSON.stringify(key)).toString('base64url')

const decode = (cursor: string): unknown => {
  const text = Buffer.from(cursor, 'base64url').toString()
  // PostgreSQL cannot be asked about U+0000.
  if (text.includes('\\u0000')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
