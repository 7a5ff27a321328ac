import { expect, it } from 'vitest'
import { memoryLedger } from '../../adapters/memory-ledger.ts'
import { idOf, type Recorded } from '../../domain/fact.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { idFor, story } from '../../projections/story.world.ts'
import { type Seen, soldTickets } from './sold-tickets.ts'

/** Two events, one of them with tickets that were sold, refunded and sold again, and much that is no sale. */
const told = async (orders: number) => {
  const log: Recorded[] = []
  const tale = story({ log })
  const [gala, ball] = [await tale.event('Gala'), await tale.event('Ball')]
  for (let i = 1; i <= orders; i++) await tale.buy(`gala/${i}`, gala, [2 * i, 2 * i + 1])
  await tale.refund(await tale.buy('again', gala, [1]))
  await tale.buy('anew', gala, [1], { edition: 2 })
  await tale.buy('ball', ball, [1])
  await tale.place('unpaid', ball, [2])
  const sales = log.filter(({ type }) => type === 'TicketSold')
  return { log, ball, ids: sales.map(({ stream }) => idOf(stream)), sales }
}

const all = async (ledger: Pick<Ledger, 'readAll'>, until: string, eventId?: string) => {
  const pages: Seen[] = []
  for await (const page of soldTickets(ledger, { until, eventId })) pages.push(page)
  expect(pages.map(({ position }) => position)).toEqual(pages.map(({ position }) => position).toSorted())
  expect(pages.at(-1)!.position).toBe(until)
  return pages.map(({ ticketIds }) => ticketIds)
}

it('every ticket that was sold comes once, in the order of the sales, and none after the position', async () => {
  const { log, ids, sales, ball } = await told(20)
  const ledger = memoryLedger({ log })
  expect((await all(ledger, log.at(-1)!.position)).flat()).toEqual(ids)
  for (const cut of [1, 7, 40]) expect((await all(ledger, sales[cut - 1]!.position)).flat()).toEqual(ids.slice(0, cut))
  expect((await all(ledger, log.at(-1)!.position, ball)).flat()).toEqual(ids.slice(-1))
  expect((await all(ledger, log.at(-1)!.position, idFor('no event'))).flat()).toEqual([])
  expect(await all(memoryLedger(), '')).toEqual([[]])
})

it('tickets come a hundred at a time, while the ledger is read a thousand facts at a time', async () => {
  const { log, ids } = await told(300)
  const ledger = memoryLedger({ log })
  const read: number[] = []
  const counted: typeof ledger.readAll = async (after, limit) => {
    const facts = await ledger.readAll(after, limit)
    read.push(facts.length)
    return facts
  }
  const pages = await all({ readAll: counted }, log.at(-1)!.position)
  expect(pages.flat()).toEqual(ids)
  expect(pages.map((ids) => ids.length)).toEqual([100, 100, 100, 100, 100, 100, ids.length - 600])
  expect([Math.max(...read), read.length]).toEqual([1_000, Math.ceil(log.length / 1_000)])
})
