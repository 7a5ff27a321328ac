import {
  type Exchange,
  hasEnded,
  isAccepted,
  type OrderAnswer,
  type Sighting,
  type Status,
  sightingsIn,
} from '../history.ts'
import { CLOSES, type Deed, deedsIn } from './deeds.ts'
import { ticketsIn } from './holders.ts'
import type { Evidence, Invariant } from './invariant.ts'
import { disputedTickets } from './standing.ts'

/** What may follow; a status may also stay. */
const NEXT: Readonly<Record<Status, readonly Status[]>> = {
  limiting: ['reserving', 'reverting'],
  reserving: ['authorising', 'capturing', 'selling', 'reverting'],
  authorising: ['capturing', 'reverting'],
  capturing: ['selling', 'reverting'],
  selling: ['confirmed', 'refunding'],
  confirmed: [],
  reverting: ['cancelled'],
  cancelled: [],
  refunding: ['refunded'],
  refunded: [],
}

const mayFollow = (before: Status, after: Status): boolean =>
  before === after || NEXT[before].some((next) => mayFollow(next, after))

/** Two sightings that cannot both be true, where one was over before the other was asked for. */
const contradictionsOf = (sightings: readonly Sighting[]): string[] => {
  const byReceipt = sightings.toSorted((a, b) => a.exchange.received - b.exchange.received)
  return sightings.flatMap(({ exchange, order }) => {
    const before = byReceipt.filter(({ exchange: { received } }) => received < exchange.sent)
    const contradicted = before.find((earlier) => !mayFollow(earlier.order.status, order.status))
    return contradicted
      ? [
          `order ${order.orderId} was ${contradicted.order.status} to ${contradicted.exchange.client}, and ${order.status} after that`,
        ]
      : []
  })
}

export const noWayBack: Invariant = {
  name: 'an order never goes back, and what has ended stays as it ended',
  check: ({ exchanges }) =>
    [...Map.groupBy(sightingsIn(exchanges), ({ order }) => order.orderId).values()].flatMap(contradictionsOf),
}

const HELD: ReadonlySet<string> = new Set(['ACTIVE', 'TRANSFERRED', 'CHECKED_IN'])

/** Of confirmed orders only: the tickets are where their holder sees them, whoever that is by now. */
export const salesAreKept: Invariant = {
  name: 'every sale that was acknowledged has its tickets, but those that somebody wanted closed',
  check: (evidence) => {
    const { exchanges, books } = evidence
    const acknowledged = new Set(
      sightingsIn(exchanges)
        .filter(({ order }) => order.status === 'confirmed')
        .map(({ order }) => order.orderId),
    )
    const tickets = new Map(ticketsIn(books).map((ticket) => [ticket.ticketId, ticket]))
    const byId = new Map(books.orders.map((order) => [order.orderId, order]))
    const closings = deedsIn(evidence).filter(({ what }) => CLOSES.has(what))
    const closable = new Set(closings.map(({ ticketId }) => ticketId))
    return [...acknowledged].flatMap((orderId) => {
      const order = byId.get(orderId)
      if (order?.status !== 'confirmed') return [`order ${orderId} was confirmed, and is ${order?.status ?? 'unknown'}`]
      const { ticketIds, lines } = order
      if (ticketIds?.length !== lines.length)
        return [`order ${orderId} is of ${lines.length} tickets and has ${ticketIds?.length ?? 0}`]
      return ticketIds.flatMap((ticketId, line) => {
        const ticket = tickets.get(ticketId)
        if (!ticket) return [`ticket ${ticketId} of order ${orderId} is among those of nobody`]
        const isIt = ticket.slot === lines[line]!.slot && ticket.eventId === order.eventId
        return isIt && (HELD.has(ticket.status) || closable.has(ticketId))
          ? []
          : [`ticket ${ticketId} of order ${orderId} is ${ticket.status}, at ${ticket.slot}`]
      })
    })
  },
}

/** And nothing but what was sold. */
export const nothingForNothing: Invariant = {
  name: 'nobody has a ticket but out of a confirmed order',
  check: ({ books }) => {
    const sold = new Map(
      books.orders
        .filter(({ status }) => status === 'confirmed')
        .map(({ orderId, ticketIds }) => [orderId, ticketIds ?? []]),
    )
    return ticketsIn(books)
      .filter(({ ticketId, orderId, status }) => HELD.has(status) && !sold.get(orderId)?.includes(ticketId))
      .map(({ ticketId, orderId }) => `ticket ${ticketId} is held, and its order ${orderId} is not confirmed`)
  },
}

export const everythingEnds: Invariant = {
  name: 'every order has ended',
  check: ({ books }) =>
    books.orders
      .filter((order) => !hasEnded(order))
      .map(({ orderId, status }) => `order ${orderId} is still ${status}`),
}

/** A delayed card takes two seconds; what was paid that long before the end of the reservation was paid in time. */
const IN_TIME_MS = 5_000

/** A lapsed reservation is another order's to take over after that. */
const GRACE_MS = 60_000

const PAYING: ReadonlySet<string> = new Set(['good', 'delayed', 'webhook_lost', 'webhook_twice', 'disputed'])

/** What was asked about an order that its path or its body names. */
const namedIn = (exchanges: readonly Exchange[], wish: Exchange['wish']): Set<string> =>
  new Set(
    exchanges
      .filter((exchange) => exchange.wish === wish)
      .map(({ path, request }) => (request as { orderId?: string } | undefined)?.orderId ?? path.split('/')[2]!),
  )

type Shown = { readonly paymentId: string; readonly card: string; readonly isTaken: boolean; readonly received: number }

const cardsIn = (exchanges: readonly Exchange[]): Map<string, Shown[]> =>
  Map.groupBy(
    exchanges
      .filter(({ wish }) => wish === 'pay')
      .map(({ path, request, status, received }) => ({
        paymentId: path.split('/')[3]!,
        card: (request as { card: string }).card,
        isTaken: status === 202,
        received,
      })),
    ({ paymentId }) => paymentId,
  )

/** Whether a client, or its card, did what the order says it ended for. */
const isOwnDoing = (evidence: Evidence) => {
  const { exchanges, books } = evidence
  const givenUp = new Set([...namedIn(exchanges, 'cancel'), ...namedIn(exchanges, 'release')])
  const paidElsewhere = namedIn(exchanges.filter(isAccepted), 'confirm')
  const cards = cardsIn(exchanges)
  const off = new Set(books.events.filter(({ status }) => status === 'cancelled').map(({ eventId }) => eventId))
  const befallen = befallenPlaces(evidence)

  return ({ orderId, eventId, kind, lines, reason, payments, expiresAt, changedAt }: OrderAnswer): boolean => {
    const shown = (payments ?? []).flatMap(({ paymentId }) => cards.get(paymentId) ?? [])
    const wasShown = (...names: string[]) => shown.some(({ card }) => names.includes(card))
    const inTime = Date.parse(expiresAt) - IN_TIME_MS
    switch (reason) {
      case 'cancelled':
        return givenUp.has(orderId)
      case 'payment_declined':
        return wasShown('declined', 'insufficient_funds')
      case 'capture_refused':
        return wasShown('capture_refused')
      case 'lapsed':
        return (
          !paidElsewhere.has(orderId) &&
          !shown.some(({ card, isTaken, received }) => isTaken && PAYING.has(card) && received < inTime)
        )
      case 'event_cancelled':
        return off.has(eventId)
      case 'reservation_lost':
        if (kind === 'resale' && befallen.has(placeOf(eventId, lines[0]!.slot))) return true
        return changedAt !== undefined && Date.parse(changedAt) >= Date.parse(expiresAt) + GRACE_MS
      default:
        return reason === 'tickets_taken' || reason === 'limit_reached'
    }
  }
}

const placeOf = (eventId: string, slot: string): string => `${slot} of event ${eventId}`

/** Places whose ticket something befell that wins over a buyer: a lock, its loss, its closing. */
const befallenPlaces = (evidence: Evidence): Set<string> => {
  const wins = ({ what }: Deed) =>
    what === 'lock' || what === 'report-lost' || what === 'report-stolen' || CLOSES.has(what)
  const befallen = new Set(
    deedsIn(evidence)
      .filter(wins)
      .map(({ ticketId }) => ticketId),
  )
  const disputed = disputedTickets(evidence)
  return new Set(
    ticketsIn(evidence.books)
      .filter(({ ticketId }) => befallen.has(ticketId) || disputed.has(ticketId))
      .map(({ eventId, slot }) => placeOf(eventId, slot)),
  )
}

export const endsForAReason: Invariant = {
  name: 'an order ends without tickets only for what its client did',
  check: (evidence) => {
    const isExplained = isOwnDoing(evidence)
    return evidence.books.orders
      .filter((order) => (order.status === 'cancelled' || order.status === 'refunded') && !isExplained(order))
      .map(
        ({ orderId, status, reason }) =>
          `order ${orderId} is ${status} for ${reason}, which its client gave no cause for`,
      )
  },
}
