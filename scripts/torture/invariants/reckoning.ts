import type { Books, TicketAnswer } from '../books.ts'
import { type LineAnswer, type OrderAnswer, sumOf } from '../history.ts'

/** Who has what of an amount, in minor units: fees, taxes, the venue's and the sellers' part add up to the gross. */
export type Parts = {
  readonly gross: number
  readonly fees: number
  readonly taxes: number
  readonly venueNet: number
  readonly sellers: number
}

export const partsOf = (gross: number, { fees = 0, taxes = 0, sellers = 0 } = {}): Parts => ({
  ...{ gross, fees, taxes, sellers },
  venueNet: gross - fees - taxes - sellers,
})

export const total = (all: readonly Parts[]): Parts =>
  all.reduce(
    (sum, { gross, fees, taxes, venueNet, sellers }) => ({
      gross: sum.gross + gross,
      fees: sum.fees + fees,
      taxes: sum.taxes + taxes,
      venueNet: sum.venueNet + venueNet,
      sellers: sum.sellers + sellers,
    }),
    partsOf(0),
  )

export const keptOf = ({ payments = [] }: OrderAnswer): number =>
  sumOf(payments.map(({ status, amount, refunded }) => (status === 'captured' ? amount - refunded : 0)))

const paidBy = ({ fees }: LineAnswer, who?: string): number =>
  sumOf(fees.filter((fee) => who === undefined || fee.paidBy === who).map(({ amount }) => amount))

const taxesOf = ({ taxes }: LineAnswer): number => sumOf(taxes.map(({ amount }) => amount))

const dueOf = (line: LineAnswer): number =>
  line.priceCents +
  paidBy(line, 'buyer') +
  sumOf(line.taxes.filter(({ inclusive }) => !inclusive).map(({ amount }) => amount))

const WHOLE = 10_000
/** Of a resale, in basis points; the seller has the rest. Nobody changes them here. */
const [PLATFORM, ROYALTY] = [250, 500]

/** By largest remainder, and of equal ones the seller's first, then the venue's. */
export const resaleParts = (price: number): Parts => {
  const exact = [WHOLE - PLATFORM - ROYALTY, ROYALTY, PLATFORM].map((points) => price * points)
  const left = price - sumOf(exact.map((part) => Math.floor(part / WHOLE)))
  const lucky = [0, 1, 2].toSorted((a, b) => (exact[b]! % WHOLE) - (exact[a]! % WHOLE)).slice(0, left)
  const [seller, , platform] = exact.map((part, i) => Math.floor(part / WHOLE) + (lucky.includes(i) ? 1 : 0))
  return partsOf(price, { fees: platform!, sellers: seller! })
}

/** What a line costs, and who has what of it. */
const partsOfLine = ({ kind }: OrderAnswer, line: LineAnswer): Parts =>
  kind === 'resale' ? resaleParts(line.priceCents) : partsOf(dueOf(line), { fees: paidBy(line), taxes: taxesOf(line) })

/** Given back without the fees: those stay with the platform, and the venue bears its own. */
const withoutFees = ({ kind }: OrderAnswer, line: LineAnswer): Parts =>
  kind === 'resale'
    ? resaleParts(line.priceCents)
    : partsOf(dueOf(line) - paidBy(line, 'buyer'), { taxes: taxesOf(line) })

const FOR_MONEY: ReadonlySet<string> = new Set(['REFUNDED', 'CANCELLED'])

const NOTHING = partsOf(0)

export type Bookkeeping = ReturnType<typeof bookkeeping>

/** What the clients' own arithmetic makes of the orders. */
export const bookkeeping = (books: Books) => {
  const tickets = new Map<string, TicketAnswer>(
    Object.values(books.tickets)
      .flat()
      .map((ticket) => [ticket.ticketId, ticket]),
  )
  const events = new Map(books.events.map((event) => [event.eventId, event]))
  const closedForMoney = new Set(
    [...tickets.values()].filter(({ status }) => FOR_MONEY.has(status)).map(({ ticketId }) => ticketId),
  )
  const lost = new Set(books.lostPayments)
  const lostDispute = ({ payments = [] }: OrderAnswer) =>
    payments.some(({ paymentId, disputed }) => disputed || lost.has(paymentId))

  /** What may have gone back for a line. */
  const backFor = (order: OrderAnswer, line: LineAnswer, ticketId: string | undefined): Parts[] => {
    const ticket = tickets.get(ticketId ?? '')
    if (!ticket || !FOR_MONEY.has(ticket.status)) return [NOTHING]
    const event = events.get(order.eventId)
    const [whole, part] = [partsOfLine(order, line), withoutFees(order, line)]
    const byRules = event?.feesRefunded || ticket.status === 'CANCELLED' ? [whole] : [part]
    // Given back before or after its event was cancelled.
    const mayBoth = ticket.status === 'REFUNDED' && event?.status === 'cancelled' ? [whole, part] : byRules
    // The payer's bank had it back already, or took it back after.
    return lostDispute(order) ? [NOTHING, ...mayBoth] : mayBoth
  }

  return {
    statusOf: (ticketId: string) => tickets.get(ticketId)?.status,
    closedForMoney,
    lostDispute,
    parts: partsOfLine,
    /** Everything that may have gone back of a confirmed order, each amount once. */
    givenBack: (order: OrderAnswer): Parts[] =>
      order.lines.reduce<Parts[]>(
        (sums, line, i) => {
          const next = sums.flatMap((sum) =>
            backFor(order, line, order.ticketIds?.[i]).map((back) => total([sum, back])),
          )
          return [...new Map(next.map((sum) => [sum.gross, sum])).values()]
        },
        [NOTHING],
      ),
  }
}
