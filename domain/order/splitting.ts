import { sum } from '../money.ts'
import type { Share } from './facts.ts'

type Parties = {
  readonly venueId: string
  readonly sellerId: string
  /** In basis points of the price. The seller gets what they leave. */
  readonly platform: number
  readonly royalty: number
}

const WHOLE = 10_000

/**
 * Who gets what of the price of a ticket that is sold on. By largest remainder, and of equal ones the seller's first, so that the parts
 * are whole minor units and add up to the price. Where platform and venue together would want more than there is, the platform comes first.
 */
export const resaleShares = (price: number, { venueId, sellerId, platform, royalty }: Parties): Share[] => {
  const venue = Math.min(royalty, WHOLE - platform)
  const parties = [
    { account: `seller:${sellerId}`, basisPoints: WHOLE - platform - venue },
    { account: `venue:${venueId}`, basisPoints: venue },
    { account: 'platform', basisPoints: platform },
  ]
  const exact = parties.map(({ basisPoints }) => price * basisPoints)
  const floors = exact.map((part) => Math.floor(part / WHOLE))
  const left = price - sum(floors)
  // Sorting is stable: of equal remainders the one named first comes first.
  const byRemainder = parties.map((_, i) => i).toSorted((a, b) => (exact[b]! % WHOLE) - (exact[a]! % WHOLE))
  const rounded = new Set(byRemainder.slice(0, left))
  return parties
    .map(({ account }, i) => ({ account, amount: floors[i]! + (rounded.has(i) ? 1 : 0) }))
    .filter(({ amount }) => amount !== 0)
}
