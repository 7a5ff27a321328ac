import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sum } from '../money.ts'
import type { Line } from './facts.ts'
import { givenBack } from './giving-back.ts'
import { dueFor, priceOf, sharesOf } from './pricing.ts'

const VENUE = '0197e1a0-0000-7000-8000-00000000000a'

const lineOf = (priced: Pick<Line, 'price' | 'fees' | 'taxes'>, resale?: Line['resale']): Line => ({
  ...{ kind: resale ? 'resale' : 'ticket', typeId: VENUE, slot: 'pool:GA:1', edition: 1, holderId: VENUE },
  ...priced,
  ...{ zone: 'GA', validDates: null, transferable: true },
  ...(resale && { resale }),
})

const flat = (amount: number) => [{ amount, currency: 'EUR' }]

/** €25.00 with VAT in it, 10 % of city tax on top, €1.50 that the buyer pays and €0.80 that the venue pays. */
const ticket = lineOf(
  priceOf(
    {
      price: 2_500,
      taxes: [
        { name: 'VAT', basisPoints: 700, inclusive: true },
        { name: 'City', basisPoints: 1_000, inclusive: false },
      ],
    },
    [
      { code: 'booking_fee', flat: flat(150), basisPoints: 0, paidBy: 'buyer' },
      { code: 'service', flat: flat(80), basisPoints: 0, paidBy: 'venue' },
    ],
    'EUR',
  ),
)

describe('what is given back for a ticket', () => {
  it('F00.7 with its fees, is all that was paid, and every account gives back its share', () => {
    expect(givenBack(VENUE, ticket, { withFees: true })).toEqual({
      amount: 2_900,
      shares: [
        { account: `venue:${VENUE}`, amount: 2_256 },
        { account: 'platform', amount: 230 },
        { account: 'tax', amount: 414 },
      ],
    })
  })

  it('F00.7 without its fees, leaves the platform what it earned: the venue gives back what it did not get as well', () => {
    expect(givenBack(VENUE, ticket, { withFees: false })).toEqual({
      amount: 2_750,
      shares: [
        { account: `venue:${VENUE}`, amount: 2_336 },
        { account: 'tax', amount: 414 },
      ],
    })
  })

  it('that was sold on, is all of its price, whatever the terms say of fees', () => {
    const shares = [
      { account: 'platform', amount: 75 },
      { account: `venue:${VENUE}`, amount: 150 },
      { account: 'seller:ann', amount: 2_775 },
    ]
    const resold = lineOf({ price: 3_000, fees: [], taxes: [] }, { listingId: VENUE, sellerId: VENUE, shares })
    for (const withFees of [true, false])
      expect(givenBack(VENUE, resold, { withFees })).toEqual({ amount: 3_000, shares })
  })

  it('that was free, is nothing', () => {
    const free = lineOf(priceOf({ price: 0, taxes: [] }, [], 'EUR'))
    expect(givenBack(VENUE, free, { withFees: true })).toEqual({ amount: 0, shares: [] })
  })

  it('F07.14 adds up over who gives it back, is never more than was paid, and leaves nobody but the venue with less than nothing', () => {
    const basisPoints = fc.integer({ min: 0, max: 10_000 })
    const fee = fc.record({
      code: fc.constant('fee'),
      flat: fc.integer({ min: 0, max: 1_000 }).map(flat),
      basisPoints,
      paidBy: fc.constantFrom('buyer' as const, 'venue' as const),
    })
    const tax = fc.record({ name: fc.constant('tax'), basisPoints, inclusive: fc.boolean() })
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.array(fee, { maxLength: 3 }),
        fc.array(tax, { maxLength: 3 }),
        fc.boolean(),
        (price, fees, taxes, withFees) => {
          const line = lineOf(priceOf({ price, taxes }, fees, 'EUR'))
          const { amount, shares } = givenBack(VENUE, line, { withFees })
          expect(sum(shares.map((share) => share.amount))).toBe(amount)
          expect(amount).toBeGreaterThanOrEqual(0)
          expect(amount).toBeLessThanOrEqual(dueFor(line))
          const had = new Map(sharesOf(VENUE, [line]).map((share) => [share.account, share.amount]))
          for (const { account, amount } of shares)
            if (account !== `venue:${VENUE}`) expect(amount).toBeLessThanOrEqual(had.get(account) ?? 0)
        },
      ),
    )
  })
})
