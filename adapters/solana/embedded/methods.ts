import bs58 from 'bs58'
import { z } from 'zod'
import type { Blocks, Moment } from './blocks.ts'
import type { Engine } from './engine.ts'
import { invalidParams } from './errors.ts'
import type { Store } from './store.ts'

/** What all methods work with. */
export type Node = {
  readonly store: Store
  readonly engine: Engine
  readonly blocks: Blocks
  /** By default what was carried out last; `finalized` is what cannot be undone any more. */
  readonly moment: (commitment?: Commitment) => Moment
}

/** Takes the `params` of a request. Throws RpcError. */
export type Method = (params: unknown) => unknown

export type Methods = { readonly [name: string]: Method }

/** A method that is only ever asked what it understands. */
export const method =
  <S extends z.ZodType<readonly unknown[]>>(schema: S, answer: (...params: z.output<S>) => unknown): Method =>
  (params) => {
    const parsed = schema.safeParse(params ?? [])
    if (parsed.success) return answer(...parsed.data)
    const { path, message } = parsed.error.issues[0]!
    throw invalidParams([path.join('.'), message].filter(Boolean).join(': '))
  }

/** An answer, and as of which slot it holds. */
export const asOf = ({ height }: Moment, value: unknown): unknown => ({ context: { slot: height }, value })

/** Longer ones are not even decoded: that takes the square of their length. */
const base58 = (length: number) =>
  z
    .string()
    .max(2 * length)
    .transform((text, context) => {
      const bytes = bs58.decodeUnsafe(text)
      if (bytes?.length === length) return bytes
      context.issues.push({ code: 'custom', input: text, message: `is not base58 of ${length} bytes` })
      return z.NEVER
    })

export const Address = base58(32)
export const Signature = base58(64)

export const Commitment = z.enum(['processed', 'confirmed', 'finalized'])
export type Commitment = z.infer<typeof Commitment>

/** The object that comes last in `params`, or does not. What is in it besides is for other nodes. */
export const options = <S extends z.ZodRawShape>(shape: S) =>
  z
    .object({ commitment: Commitment.optional(), ...shape })
    .nullish()
    .transform((given) => given ?? undefined)
