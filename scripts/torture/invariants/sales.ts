import {
  type Exchange,
  hasEnded,
  isAccepted,
  type OrderAnswer,
  type Sighting,
  type Status,
  sightingsIn,
} from '../history.ts'
import type { Evidence, Invariant } from './invariant.ts'

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

/** Of confirmed orders only: the tickets are where their holder sees them. */
export const salesAreKept: Invariant = {
  name: 'every sale that was acknowledged has its tickets',
  check: ({ exchanges, books }) => {
    const acknowledged = new Set(
      sightingsIn(exchanges)
        .filter(({ order }) => order.status === 'confirmed')
        .map(({ order }) => order.orderId),
    )
    const held = new Map(
      Object.entries(books.tickets).flatMap(([personId, tickets]) =>
        tickets.map((ticket) => [`${personId} ${ticket.ticketId}`, ticket]),
      ),
    )
    const byId = new Map(books.orders.map((order) => [order.orderId, order]))
    return [...acknowledged].flatMap((orderId) => {
      const order = byId.get(orderId)
      if (order?.status !== 'confirmed') return [`order ${orderId} was confirmed, and is ${order?.status ?? 'unknown'}`]
      const { ticketIds, lines, payerId } = order
      if (ticketIds?.length !== lines.length)
        return [`order ${orderId} is of ${lines.length} tickets and has ${ticketIds?.length ?? 0}`]
      return ticketIds.flatMap((ticketId, line) => {
        const ticket = held.get(`${payerId} ${ticketId}`)
        if (!ticket) return [`ticket ${ticketId} of order ${orderId} is not among those of ${payerId}`]
        const isIt = ticket.orderId === orderId && ticket.holderId === payerId && ticket.slot === lines[line]!.slot
        return isIt && (ticket.status === 'ACTIVE' || ticket.status === 'CHECKED_IN')
          ? []
          : [
              `ticket ${ticketId} of order ${orderId} is ${ticket.status}, at ${ticket.slot}, of order ${ticket.orderId}`,
            ]
      })
    })
  },
}

/** And nothing but what was sold. */
export const nothingForNothing: Invariant = {
  name: 'nobody has a ticket but out of a confirmed order of theirs',
  check: ({ books }) => {
    const sold = new Set(
      books.orders.filter(({ status }) => status === 'confirmed').flatMap(({ ticketIds }) => ticketIds ?? []),
    )
    return Object.values(books.tickets).flatMap((tickets) =>
      tickets
        .filter(({ ticketId, status }) => (status === 'ACTIVE' || status === 'CHECKED_IN') && !sold.has(ticketId))
        .map(({ ticketId, orderId }) => `ticket ${ticketId} is held, and its order ${orderId} is not confirmed`),
    )
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
const isOwnDoing = ({ exchanges }: Evidence) => {
  const givenUp = new Set([...namedIn(exchanges, 'cancel'), ...namedIn(exchanges, 'release')])
  const paidElsewhere = namedIn(exchanges.filter(isAccepted), 'confirm')
  const cards = cardsIn(exchanges)

  return ({ orderId, reason, payments, expiresAt, changedAt }: OrderAnswer): boolean => {
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
      case 'reservation_lost':
        return changedAt !== undefined && Date.parse(changedAt) >= Date.parse(expiresAt) + GRACE_MS
      default:
        return reason === 'tickets_taken' || reason === 'limit_reached'
    }
  }
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
