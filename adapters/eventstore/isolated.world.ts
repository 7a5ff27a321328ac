import { randomUUID } from 'node:crypto'
import { type Position, type Recorded, START } from '../../domain/fact.ts'
import type { Ledger } from '../../domain/ledger.ts'

/**
 * Makes ledgers on a server that has a past look empty: their streams have names of their own,
 * and their start is where the server's log ended. Nobody else may write meanwhile.
 */
export const isolated = async (open: () => Ledger): Promise<() => Promise<Ledger>> => {
  const suffix = `-${randomUUID()}`
  const before = open()
  const start = await before.head()
  await before.close()
  const place = (after: Position) => (after === START ? start : after)
  const shown = (facts: readonly Recorded[]) =>
    facts.map((fact) => ({ ...fact, stream: fact.stream.slice(0, -suffix.length) }))

  return async () => {
    const ledger = open()
    return {
      ...ledger,
      append: (stream, expected, facts) => ledger.append(stream + suffix, expected, facts),
      read: async (stream, after) => shown(await ledger.read(stream + suffix, after)),
      readAll: async (after, limit) => shown(await ledger.readAll(place(after), limit)),
      tail: async function* (after, limit, signal) {
        for await (const page of ledger.tail(place(after), limit, signal)) yield shown(page)
      },
      head: async () => {
        const head = await ledger.head()
        return head === start ? START : head
      },
    }
  }
}
