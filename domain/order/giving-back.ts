import { sum } from '../money.ts'
import type { Line, Share } from './facts.ts'
import { dueFor, sharesOf } from './pricing.ts'

export type GivenBack = { readonly amount: number; readonly shares: readonly Share[] }

/**
 * What is given back for one line of an order, and by whom; the shares add up to the amount. Without fees, the fees that its buyer paid
 * stay with the platform, as do those of the venue, and the venue gives back all the rest but the taxes. What was sold on goes back whole.
 */
export const givenBack = (venueId: string, line: Line, { withFees }: { readonly withFees: boolean }): GivenBack => {
  const due = dueFor(line)
  if (withFees || line.resale) return { amount: due, shares: sharesOf(venueId, [line]) }
  const amount = due - sum(line.fees.filter(({ paidBy }) => paidBy === 'buyer').map((fee) => fee.amount))
  const taxes = sum(line.taxes.map((tax) => tax.amount))
  return {
    amount,
    shares: [
      { account: `venue:${venueId}`, amount: amount - taxes },
      { account: 'tax', amount: taxes },
    ].filter((part) => part.amount !== 0),
  }
}
