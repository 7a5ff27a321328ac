import type { Client } from '../client.ts'
import { appendsAlone, recordedOrders } from './appends-alone.ts'
import { allFacts, buy, buyersOf, type OnSale, type Order, pay, putOnSale } from './box-office.ts'
import { ticketsOf } from './gates.ts'
import { load, percentile, rateOf, times } from './load.ts'
import type { Options } from './report.ts'
import { CLIENTS, makeFolder, type Server, startServer } from './server.ts'

/** The most that one order may hold. */
const PER_ORDER = 50

/** Gifts from the offer to the acceptance, then resales from the claim to the confirmation; then what the ledger alone would do. */
export const moves = async (options: Options): Promise<void> => {
  const { report, quick } = options
  const [warmUp, measured] = quick ? [100, 400] : [500, 3_000]
  const server = await startServer(makeFolder())
  const organizer = await server.as('organizer', 'olga')
  const onSale = await putOnSale(organizer, 200_000)
  const rules = { cooldownMinutes: 0, perDay: 10_000 }
  await organizer.call('PUT', `/events/${onSale.eventId}/rules/transfers`, rules)
  const people = await buyersOf(server, CLIENTS)
  for (const [i, person] of people.entries()) await person.call('PUT', '/me', { name: `P${i}`, email: mailOf(i) })
  const held = await buyEvenly(options, people, onSale, 2 * (warmUp + measured))
  const ordersAlone = await recordedOrders(server)

  const gift = async (client: number) => {
    const [giver, taker] = [people[client]!, (client + 1) % CLIENTS]
    const offer = { ticketId: held[client]!.pop(), email: mailOf(taker) }
    const { offerId, acceptanceCode } = (await giver.call<Offer>('POST', '/transfers/gift', offer)).body
    await people[taker]!.call('POST', `/transfers/${offerId}/accept`, { code: acceptanceCode })
  }
  const gifts = await measure(options, server, [warmUp, measured], gift)

  const listings: { readonly listingId: string; readonly seller: number }[] = []
  const list = async (client: number) => {
    const listing = { ticketId: held[client]!.pop(), priceCents: 4_000 }
    const { listingId } = (await people[client]!.call<{ listingId: string }>('POST', '/listings', listing)).body
    listings.push({ listingId, seller: client })
  }
  report.sound(await load(CLIENTS, times(warmUp + measured), list))
  const resale = async () => {
    const { listingId, seller } = listings.pop()!
    const buyer = people[(seller + 1) % CLIENTS]!
    await pay(buyer, await buyer.call<Order>('POST', '/transfers/purchase', { listingId, priceCents: 4_000 }))
  }
  const resales = await measure(options, server, [warmUp, measured], resale)
  await server.stop()

  const alone = await appendsAlone(ordersAlone, quick)
  for (const [name, run] of [
    ['gifts/s, offered and accepted', gifts],
    ['resales/s, claimed to confirmed', resales],
  ] as const) {
    report.figure({
      name,
      value: run.perSecond,
      unit: 'moves/s',
      baseline: alone.perSecond / run.factsEach,
      goal: { ratioAtLeast: 0.4 },
      note: `the ledger alone made ${Math.round(alone.perSecond)} appends/s, and one of these is ${run.factsEach.toFixed(2)} facts`,
    })
    report.figure({ name: 'the same, p99', value: run.p99, unit: 'ms' })
  }
}

type Offer = { readonly offerId: string; readonly acceptanceCode: string }

const mailOf = (person: number): string => `person-${person}@example.org`

/** Tickets for everybody, a hundred more than their share of them. */
const buyEvenly = async ({ report }: Options, people: readonly Client[], onSale: OnSale, count: number) => {
  const held: string[][] = people.map(() => [])
  const orders = Math.ceil(count / CLIENTS / PER_ORDER) + 2
  let next = 0
  const buyFifty = async () => {
    const client = next++ % CLIENTS
    held[client]!.push(...ticketsOf(onSale, [await buy(people[client]!, onSale, PER_ORDER)]))
  }
  report.sound(await load(CLIENTS / 4, times(orders * CLIENTS), buyFifty))
  return held
}

/** A warm-up that is not counted, then so many; and how many facts each was. */
const measure = async (
  { report }: Options,
  server: Server,
  [warmUp, measured]: readonly [number, number],
  move: (client: number) => Promise<unknown>,
) => {
  report.sound(await load(CLIENTS, times(warmUp), move))
  await server.catchUp()
  const before = await countAll(server)
  const done = report.sound(await load(CLIENTS, times(measured), move))
  const factsEach = ((await countAll(server)) - before) / done.length
  return { perSecond: rateOf(done), p99: percentile(done, 0.99), factsEach }
}

/** Not what the chain records at its own pace: that follows, and nobody waits for it. */
const countAll = async ({ ledger }: Server): Promise<number> => {
  let count = 0
  for await (const { type } of allFacts(ledger)) if (!/^Ticket(Minted|Settled|Unsettled)$/.test(type)) count++
  return count
}
