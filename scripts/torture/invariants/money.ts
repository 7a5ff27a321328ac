import type { EventBooks } from '../books.ts'
import { type LineAnswer, type OrderAnswer, sumOf } from '../history.ts'
import type { Invariant } from './invariant.ts'

const keptOf = ({ payments = [] }: OrderAnswer): number =>
  sumOf(payments.map(({ status, amount, refunded }) => (status === 'captured' ? amount - refunded : 0)))

const isConfirmed = ({ status }: OrderAnswer): boolean => status === 'confirmed'

/** Authorised and neither captured nor voided, money stays blocked on the payer's account. */
export const paidMeansTickets: Invariant = {
  name: 'nobody paid without a ticket or their money back, and nobody has a ticket without paying',
  check: ({ books }) =>
    books.orders.flatMap((order) => {
      const { orderId, status, total, payments = [] } = order
      const due = isConfirmed(order) ? total.amount : 0
      const blocked = payments.filter(({ status }) => status === 'authorised')
      return [
        ...(keptOf(order) === due
          ? []
          : [`order ${orderId} is ${status}, and ${keptOf(order)} of ${total.amount} was kept`]),
        ...blocked.map(
          ({ paymentId }) => `payment ${paymentId} of order ${orderId}, which is ${status}, is still authorised`,
        ),
      ]
    }),
}

const feesOf = (lines: readonly LineAnswer[]): number =>
  sumOf(lines.flatMap(({ fees }) => fees.map(({ amount }) => amount)))
const taxesOf = (lines: readonly LineAnswer[]): number =>
  sumOf(lines.flatMap(({ taxes }) => taxes.map(({ amount }) => amount)))
const dueOf = ({ priceCents, fees, taxes }: LineAnswer): number =>
  priceCents +
  sumOf(fees.filter(({ paidBy }) => paidBy === 'buyer').map(({ amount }) => amount)) +
  sumOf(taxes.filter(({ inclusive }) => !inclusive).map(({ amount }) => amount))
const venueNetOf = ({ lines }: OrderAnswer): number => sumOf(lines.map(dueOf)) - feesOf(lines) - taxesOf(lines)

const differs = (what: string, told: number, expected: number): string[] =>
  told === expected ? [] : [`${what} is ${told}, and the clients' orders make ${expected}`]

const ofEvent = ({ eventId, orders, settlement, sales }: EventBooks): string[] => {
  const confirmed = orders.filter(isConfirmed)
  const lines = confirmed.flatMap(({ lines }) => lines)
  const told = (part: 'gross' | 'fees' | 'taxes' | 'venueNet' | 'sellers') =>
    sumOf(settlement.map((sums) => sums[part].amount))
  const held = sumOf(orders.map(keptOf))
  return [
    ...differs(`the money held for event ${eventId}`, held, told('gross')),
    ...differs(`the gross of event ${eventId}`, told('gross'), sumOf(confirmed.map(({ total }) => total.amount))),
    ...differs(
      `the sum of its parts at event ${eventId}`,
      told('fees') + told('taxes') + told('venueNet') + told('sellers'),
      told('gross'),
    ),
    ...differs(`the fees of event ${eventId}`, told('fees'), feesOf(lines)),
    ...differs(`the taxes of event ${eventId}`, told('taxes'), taxesOf(lines)),
    ...differs(`the gross sales of event ${eventId}`, sumOf(sales.map(({ gross }) => gross.amount)), told('gross')),
    ...differs(`the number sold of event ${eventId}`, sumOf(sales.map(({ sold }) => sold)), lines.length),
  ]
}

/** What came in is what is owed: per order, per event, per venue. */
export const journalsAddUp: Invariant = {
  name: 'every journal adds up, order by order, event by event, venue by venue',
  check: ({ books }) => [
    ...books.orders.flatMap(({ orderId, total, lines }) =>
      differs(`the total of order ${orderId}`, total.amount, sumOf(lines.map(dueOf))),
    ),
    ...books.events.flatMap(ofEvent),
    ...books.venues.flatMap(({ venueId, balances, postings }) => {
      const confirmed = books.orders.filter((order) => order.venueId === venueId && isConfirmed(order))
      const posted = Map.groupBy(postings, ({ orderId }) => orderId)
      const owed = Map.groupBy(confirmed, ({ orderId }) => orderId)
      return [
        ...[...new Set([...posted.keys(), ...owed.keys()])].flatMap((orderId) =>
          differs(
            `what venue ${venueId} was posted for order ${orderId}`,
            sumOf((posted.get(orderId) ?? []).map(({ money }) => money.amount)),
            sumOf((owed.get(orderId) ?? []).map(venueNetOf)),
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
  ],
}
