import type { Tax, TicketType } from '../event/facts.ts'
import { share, shareWithin, sum } from '../money.ts'
import type { Fee } from '../venue.ts'
import type { Line, Share } from './facts.ts'

export type Priced = Pick<Line, 'price' | 'fees' | 'taxes'>

/** What one ticket costs: the type's price, the venue's fees and the taxes, each a line of its own. A free ticket bears no fees. */
export const priceOf = (type: Pick<TicketType, 'price' | 'taxes'>, fees: readonly Fee[], currency: string): Priced => ({
  price: type.price,
  fees:
    type.price === 0
      ? []
      : fees.map(({ code, flat, basisPoints, paidBy }) => ({
          code,
          amount:
            sum(flat.filter((f) => f.currency === currency).map((f) => f.amount)) + share(type.price, basisPoints),
          paidBy,
        })),
  taxes: type.taxes.map((tax) => ({ ...tax, amount: taxOn(type.price, tax, inclusiveOf(type.taxes)) })),
})

/** What the buyer pays for it. */
export const dueFor = ({ price, fees, taxes }: Priced): number =>
  price +
  sum(fees.filter((fee) => fee.paidBy === 'buyer').map((fee) => fee.amount)) +
  sum(taxes.filter((tax) => !tax.inclusive).map((tax) => tax.amount))

/** Who gets what of an order: of new tickets, taxes for the tax office, fees for the platform, the rest for the venue; of one sold on, what its line says. Adds up to what is paid. */
export const sharesOf = (venueId: string, lines: readonly (Priced & Pick<Line, 'resale'>)[]): Share[] => {
  const fresh = lines.filter(({ resale }) => !resale)
  return [...sharesOfNew(venueId, fresh), ...lines.flatMap(({ resale }) => resale?.shares ?? [])]
}

const sharesOfNew = (venueId: string, lines: readonly Priced[]): Share[] => {
  const due = sum(lines.map(dueFor))
  const fees = sum(lines.flatMap((line) => line.fees.map((fee) => fee.amount)))
  const taxes = sum(lines.flatMap((line) => line.taxes.map((tax) => tax.amount)))
  return [
    { account: `venue:${venueId}`, amount: due - fees - taxes },
    { account: 'platform', amount: fees },
    { account: 'tax', amount: taxes },
  ].filter((part) => part.amount !== 0)
}

const taxOn = (price: number, { basisPoints, inclusive }: Tax, together: number): number =>
  inclusive ? shareWithin(price, basisPoints, together) : share(price, basisPoints)

/** Taxes that are in a price are all reckoned on what is left without any of them. */
const inclusiveOf = (taxes: readonly Tax[]): number =>
  sum(taxes.filter((tax) => tax.inclusive).map((tax) => tax.basisPoints))
