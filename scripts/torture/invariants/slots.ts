import type { Books } from '../books.ts'
import type { LastSale } from '../calm.ts'
import { type OrderAnswer, type Sighting, sightingsIn } from '../history.ts'
import { CLOSES, deedsIn } from './deeds.ts'
import { ticketsIn } from './holders.ts'
import type { Invariant } from './invariant.ts'

/** From when to when, at least, an order had its slots. */
type Holding = { readonly orderId: string; readonly slot: string; readonly from: number; readonly until: number }

const HOLDS: ReadonlySet<OrderAnswer['status']> = new Set(['authorising', 'capturing', 'selling', 'confirmed'])

/**
 * It holds from its first sighting to its last one, and once it is confirmed until somebody wants its ticket closed; unpaid, no longer
 * than its reservation. A resale takes no slot: it takes over another order's.
 */
const holdingsOf = (
  sightings: readonly Sighting[],
  closedFrom: (orderId: string, line: number) => number,
): Holding[] => {
  if (sightings[0]!.order.kind === 'resale') return []
  const holding = sightings.filter(({ order }) => HOLDS.has(order.status))
  if (holding.length === 0) return []
  const { orderId, expiresAt } = holding[0]!.order
  const from = Math.min(...holding.map(({ exchange }) => exchange.received))
  const confirmed = holding.find(({ order }) => order.status === 'confirmed')
  const lastSeen = Math.max(...holding.map(({ exchange }) => exchange.sent))
  const unpaid = Math.min(lastSeen, Date.parse(expiresAt))
  const { eventId, lines } = (confirmed ?? holding.at(-1)!).order
  return lines
    .map(({ slot }, line) => {
      const until = confirmed ? closedFrom(orderId, line) : unpaid
      return { orderId, slot: `${slot} of event ${eventId}`, from, until }
    })
    .filter(({ from, until }) => from <= until)
}

const overlapsOf = (holdings: readonly Holding[]): string[] => {
  const sorted = holdings.toSorted((a, b) => a.from - b.from)
  return sorted.flatMap((holding, index) => {
    const before = sorted.slice(0, index).find(({ until }) => until >= holding.from)
    return before ? [`${holding.slot} was held by order ${before.orderId} and by order ${holding.orderId} at once`] : []
  })
}

export const oneHolder: Invariant = {
  name: 'no slot had two holders at once',
  check: (evidence) => {
    const closed = new Map<string, number>()
    for (const { what, ticketId, asked } of deedsIn(evidence))
      if (CLOSES.has(what)) closed.set(ticketId, Math.min(closed.get(ticketId) ?? asked, asked))
    const tickets = new Map(evidence.books.orders.map(({ orderId, ticketIds }) => [orderId, ticketIds ?? []]))
    const closedFrom = (orderId: string, line: number) =>
      closed.get(tickets.get(orderId)?.[line] ?? '') ?? Number.POSITIVE_INFINITY
    const byOrder = Map.groupBy(sightingsIn(evidence.exchanges), ({ order }) => order.orderId)
    const holdings = [...byOrder.values()].flatMap((sightings) => holdingsOf(sightings, closedFrom))
    const bySlot = Map.groupBy(holdings, ({ slot }) => slot)
    return [...bySlot.values()].flatMap(overlapsOf)
  },
}

export const withinLimits: Invariant = {
  name: 'nobody bought more tickets than the event allows a person',
  check: ({ books }) =>
    books.events.flatMap(({ types, orders, eventId }) => {
      const lines = standingLines(books, orders).map(({ order: { payerId }, line: { typeId } }) => ({
        payerId,
        typeId,
      }))
      return [...Map.groupBy(lines, ({ payerId, typeId }) => `${payerId} ${typeId}`).values()].flatMap((held) => {
        const { payerId, typeId } = held[0]!
        const limit = types.find((type) => type.typeId === typeId)?.maxPerPerson ?? null
        return limit !== null && held.length > limit
          ? [
              `person ${payerId} has ${held.length} tickets of type ${typeId} at event ${eventId}, and ${limit} are allowed`,
            ]
          : []
      })
    }),
}

const numberOf = (slot: string): { pool: string; number: number } => {
  const [, pool, number] = slot.split(':')
  return { pool: pool!, number: Number(number) }
}

const CLOSED: ReadonlySet<string> = new Set(['REFUNDED', 'REVOKED', 'CANCELLED'])

/** What was sold new of these orders and was not closed since: its slot would be free again. */
const standingLines = (books: Books, orders: readonly OrderAnswer[]) => {
  const closed = new Set(
    ticketsIn(books)
      .filter(({ status }) => CLOSED.has(status))
      .map(({ ticketId }) => ticketId),
  )
  return orders
    .filter(({ status, kind }) => status === 'confirmed' && kind !== 'resale')
    .flatMap((order) => order.lines.map((line, i) => ({ order, line, ticketId: order.ticketIds?.[i] ?? '' })))
    .filter(({ ticketId }) => !closed.has(ticketId))
}

/** No order is open any more: what is not sold is free. */
export const countsAreHoldings: Invariant = {
  name: 'the availability is what the clients hold',
  check: ({ books }) =>
    books.events.flatMap(({ eventId, types, availability, orders }) => {
      const sold = standingLines(books, orders).map(({ line: { slot } }) => numberOf(slot))
      const ofPools = availability.pools.map((counts) => ({
        ...counts,
        what: `pool ${counts.pool}`,
        held: sold.filter(({ pool }) => pool === counts.pool).length,
      }))
      const ofTypes = availability.types.map((counts) => {
        const type = types.find(({ typeId }) => typeId === counts.typeId)
        const isOf = ({ pool, number }: { pool: string; number: number }) =>
          type?.pool === pool && number >= type.from && (type.to === null || number <= type.to)
        return { ...counts, what: `type ${counts.typeId}`, held: sold.filter(isOf).length }
      })
      return [...ofPools, ...ofTypes].flatMap(({ what, held, capacity, available, reserved, sold }) =>
        sold === held && reserved === 0 && available + sold === capacity
          ? []
          : [
              `${what} of event ${eventId} has ${available} available, ${reserved} reserved and ${sold} sold of ${capacity}, ` +
                `and the clients hold ${held}`,
            ],
      )
    }),
}

export const freeIsForSale: Invariant = {
  name: 'once it is quiet, what is available can be bought, and nothing else',
  check: ({ lastSales, books }) => {
    const off = new Set(books.events.filter(({ status }) => status === 'cancelled').map(({ eventId }) => eventId))
    const expected = ({ eventId, available }: LastSale) =>
      off.has(eventId) ? 'EventIsCancelled' : available > 0 ? 'confirmed' : 'SoldOut'
    return lastSales
      .filter((sale) => sale.ended !== expected(sale))
      .map(
        ({ eventId, typeId, available, ended }) =>
          `of type ${typeId} at event ${eventId} ${available} were available, and an order for one ended as ${ended}`,
      )
  },
}
