import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_RULES } from '../event/rules.ts'
import { Amount, sum } from '../money.ts'
import { idFor } from '../spec.ts'
import { DEFAULT_ROYALTY } from '../venue.ts'
import { resaleShares } from './splitting.ts'

const [venueId, sellerId] = [idFor('venue'), idFor('sam')]
const usual = { venueId, sellerId, platform: DEFAULT_RULES.resale.platformBasisPoints, royalty: DEFAULT_ROYALTY }

/** Seller, venue, platform. */
const split = (price: number, rates = usual) => {
  const shares = resaleShares(price, rates)
  return [`seller:${sellerId}`, `venue:${venueId}`, 'platform'].map(
    (wanted) => shares.find(({ account }) => account === wanted)?.amount ?? 0,
  )
}

describe('the price of a ticket that is sold on', () => {
  it('F11.12 at 100.00 is 92.50 for the seller, 5.00 for the venue and 2.50 for the platform', () =>
    expect(split(10_000)).toEqual([9_250, 500, 250]))

  it.each([
    [1, [1, 0, 0]],
    [7, [7, 0, 0]],
    [10, [9, 1, 0]],
    // 30.525, 1.65, 0.825: one unit is left, and the largest remainder is the platform's.
    [33, [30, 2, 1]],
    // 18.5, 1, 0.5: of equal remainders the seller's goes first.
    [20, [19, 1, 0]],
  ])('F11.12 of %i minor units is split as %j', (price, parts) => expect(split(price)).toEqual(parts))

  it('gives the venue what is left where platform and venue want more than all of it', () =>
    expect(split(10_000, { ...usual, platform: 7_000, royalty: 6_000 })).toEqual([0, 3_000, 7_000]))

  it('F11.12 F00.4 is split into whole parts that add up to it, each within one unit of what is due, at any rates', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: Amount.maxValue! })),
        fc.nat(10_000),
        fc.nat(10_000),
        (price, platform, royalty) => {
          const shares = resaleShares(price, { ...usual, platform, royalty })
          expect(sum(shares.map(({ amount }) => amount))).toBe(price)
          const venue = Math.min(royalty, 10_000 - platform)
          const due = [10_000 - platform - venue, venue, platform].map((basisPoints) => (price * basisPoints) / 10_000)
          for (const [i, part] of split(price, { ...usual, platform, royalty }).entries()) {
            expect(Number.isSafeInteger(part)).toBe(true)
            expect(part).toBeGreaterThanOrEqual(0)
            expect(Math.abs(part - due[i]!)).toBeLessThan(1)
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
