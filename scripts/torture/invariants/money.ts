import type { EventBooks } from '../books.ts'
import { type OrderAnswer, sumOf } from '../history.ts'
import type { Invariant } from './invariant.ts'
import { type Bookkeeping, bookkeeping, keptOf, type Parts, partsOf, total } from './reckoning.ts'

const isConfirmed = ({ status }: OrderAnswer): boolean => status === 'confirmed'

/** Authorised and neither captured nor voided, money stays blocked on the payer's account. */
export const paidMeansTickets: Invariant = {
  name: 'nobody paid without a ticket or their money back, and nobody has a ticket without paying',
  check: ({ books }) => {
    const { givenBack } = bookkeeping(books)
    return books.orders.flatMap((order) => {
      const { orderId, status, total, payments = [] } = order
      const back = isConfirmed(order) ? givenBack(order) : []
      const dues = isConfirmed(order) ? back.map((parts) => total.amount - parts.gross) : [0]
      const blocked = payments.filter(({ status }) => status === 'authorised')
      return [
        ...(dues.includes(keptOf(order))
          ? []
          : [
              `order ${orderId} is ${status}, and ${keptOf(order)} of ${total.amount} was kept, where it should be ${dues.join(' or ')}`,
            ]),
        ...blocked.map(
          ({ paymentId }) => `payment ${paymentId} of order ${orderId}, which is ${status}, is still authorised`,
        ),
      ]
    })
  },
}

/** Its tickets are closed first, so that there is no money for one that is still held. */
export const refundsCloseTickets: Invariant = {
  name: 'no money went back but for a ticket that is closed, and none is closed for money that did not go back',
  check: ({ books }) => {
    const { closedForMoney, lostDispute } = bookkeeping(books)
    const open = books.events.flatMap(({ eventId, closing: { refunds } }) =>
      refunds
        .filter(({ open }) => open.count > 0)
        .map(({ open: { count } }) => `${count} refunds of event ${eventId} are still on their way`),
    )
    const orders = books.orders.filter(isConfirmed).flatMap((order) => {
      const refunded = sumOf((order.payments ?? []).map(({ refunded }) => refunded))
      const closed = (order.ticketIds ?? []).filter((ticketId) => closedForMoney.has(ticketId))
      if (refunded > 0 && closed.length === 0)
        return [`${refunded} of order ${order.orderId} went back, and all of its tickets are held`]
      const isOwed = closed.length > 0 && order.total.amount > 0 && !lostDispute(order)
      return isOwed && refunded === 0 && closed.length === order.lines.length
        ? [`all tickets of order ${order.orderId} are closed for money, and none of it went back`]
        : []
    })
    return [...open, ...orders]
  },
}

const HELD: ReadonlySet<string> = new Set(['ACTIVE', 'TRANSFERRED', 'CHECKED_IN', 'SOLD', 'RESERVED'])

/** What was given back or taken away before it was cancelled was so by its own rules. */
export const cancelledIsOver: Invariant = {
  name: 'a cancelled event has no ticket left that is held, and all that was paid for those it closed is back',
  check: ({ books }) => {
    const { statusOf, lostDispute } = bookkeeping(books)
    return books.events
      .filter(({ status }) => status === 'cancelled')
      .flatMap(({ eventId, closing: { tickets }, orders, listings }) => {
        const sold = orders.filter(isConfirmed)
        const held = sold.flatMap(({ ticketIds }) => ticketIds ?? []).filter((id) => HELD.has(statusOf(id) ?? ''))
        const kept = sold
          .filter(({ ticketIds }) => ticketIds?.every((ticketId) => statusOf(ticketId) === 'CANCELLED'))
          .filter((order) => keptOf(order) > 0 && !lostDispute(order))
        const so = `, and its event ${eventId} is cancelled`
        return [
          ...(tickets.held > 0
            ? [`event ${eventId} is cancelled, and tells of ${tickets.held} tickets that are held`]
            : []),
          ...held.map((ticketId) => `ticket ${ticketId} is held${so}`),
          ...kept.map((order) => `${keptOf(order)} of order ${order.orderId} is kept${so}`),
          ...listings.map(({ listingId }) => `listing ${listingId} stands${so}`),
        ]
      })
  },
}

const differs = (what: string, told: number, expected: number): string[] =>
  told === expected ? [] : [`${what} is ${told}, and the clients' orders make ${expected}`]

/** What is left of an order once all is given back that was. */
const leftOf = ({ givenBack, parts }: Bookkeeping, order: OrderAnswer): Parts => {
  const paid = total(order.lines.map((line) => parts(order, line)))
  const back = sumOf((order.payments ?? []).map(({ refunded }) => refunded))
  const fitting = givenBack(order).find(({ gross }) => gross === back) ?? partsOf(0)
  return total([paid, minus(fitting)])
}

const minus = ({ gross, fees, taxes, venueNet, sellers }: Parts): Parts => ({
  ...{ gross: -gross, fees: -fees, taxes: -taxes, venueNet: -venueNet, sellers: -sellers },
})

const ofEvent = (book: Bookkeeping, { eventId, orders, settlement, sales }: EventBooks): string[] => {
  const { closedForMoney, parts } = book
  const confirmed = orders.filter(isConfirmed)
  const left = total(confirmed.map((order) => leftOf(book, order)))
  const told = (part: keyof Parts) => sumOf(settlement.map((sums) => sums[part].amount))
  const sold = confirmed
    .filter(({ kind }) => kind !== 'resale')
    .flatMap((order) => order.lines.map((line, i) => ({ order, line, ticketId: order.ticketIds?.[i] ?? '' })))
  const kept = sold.filter(({ ticketId }) => !closedForMoney.has(ticketId))
  const grossKept = sumOf(kept.map(({ order, line }) => parts(order, line).gross))
  return [
    ...differs(`the money held for event ${eventId}`, sumOf(orders.map(keptOf)), told('gross')),
    ...PARTS.flatMap((part) => differs(`the ${part} of event ${eventId}`, told(part), left[part])),
    ...differs(
      `the sum of its parts at event ${eventId}`,
      told('fees') + told('taxes') + told('venueNet') + told('sellers'),
      told('gross'),
    ),
    ...differs(`the gross sales of event ${eventId}`, sumOf(sales.map(({ gross }) => gross.amount)), grossKept),
    ...differs(`the number sold of event ${eventId}`, sumOf(sales.map(({ sold }) => sold)), kept.length),
    ...differs(
      `the number given back of event ${eventId}`,
      sumOf(sales.map(({ refunded }) => refunded)),
      sold.length - kept.length,
    ),
  ]
}

const PARTS = ['gross', 'fees', 'taxes', 'venueNet', 'sellers'] as const satisfies (keyof Parts)[]

/** What came in and did not go back is what is owed: per order, per event, per venue. */
export const journalsAddUp: Invariant = {
  name: 'every journal adds up, order by order, event by event, venue by venue',
  check: ({ books }) => {
    const book = bookkeeping(books)
    return [
      ...books.orders.flatMap((order) =>
        differs(
          `the total of order ${order.orderId}`,
          order.total.amount,
          sumOf(order.lines.map((line) => book.parts(order, line).gross)),
        ),
      ),
      ...books.events.flatMap((event) => ofEvent(book, event)),
      ...books.venues.flatMap(({ venueId, balances, postings }) => {
        const confirmed = books.orders.filter((order) => order.venueId === venueId && isConfirmed(order))
        const posted = Map.groupBy(postings, ({ orderId }) => orderId)
        const owed = Map.groupBy(confirmed, ({ orderId }) => orderId)
        return [
          ...[...new Set([...posted.keys(), ...owed.keys()])].flatMap((orderId) =>
            differs(
              `what venue ${venueId} was posted for order ${orderId}`,
              sumOf((posted.get(orderId) ?? []).map(({ money }) => money.amount)),
              sumOf((owed.get(orderId) ?? []).map((order) => leftOf(book, order).venueNet)),
            ),
          ),
          ...balances.flatMap(({ amount, currency }) =>
            differs(
              `the balance of venue ${venueId} in ${currency}`,
              amount,
              sumOf(postings.filter(({ money }) => money.currency === currency).map(({ money }) => money.amount)),
            ),
          ),
        ]
      }),
    ]
  },
}
