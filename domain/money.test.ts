import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Amount, BasisPoints, Currency, format, Money, minorDigits, share, shareWithin, sum, Total } from './money.ts'

const MOST = 100_000_000_000
const amounts = fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: MOST }))
const rates = fc.integer({ min: 0, max: 10_000 })

/** The definition, in numbers that cannot overflow: half up is the floor of the double, and one, halved. */
const halfUp = (numerator: bigint, denominator: bigint): bigint => (2n * numerator + denominator) / (2n * denominator)

describe('money', () => {
  it('is a whole number of minor units', () => {
    expect(Money.parse({ amount: 2_500, currency: 'EUR' })).toEqual({ amount: 2_500, currency: 'EUR' })
    for (const amount of [25.5, -1, Number.NaN, MOST + 1, '2500']) expect(Amount.safeParse(amount).success).toBe(false)
  })

  it('has a currency of ISO 4217', () => {
    for (const code of ['EUR', 'JPY', 'KWD']) expect(Currency.parse(code)).toBe(code)
    for (const code of ['eur', 'EURO', '€', 'XXY', '']) expect(Currency.safeParse(code).success).toBe(false)
  })

  it('may add up to more than any one price, as long as it is exact', () => {
    expect(Total.parse(50 * MOST)).toBe(50 * MOST)
    expect(Total.safeParse(2 ** 53).success).toBe(false)
  })

  it('of nothing is nothing', () => expect(sum([])).toBe(0))
})

describe('a share of an amount', () => {
  it.each([
    [10_000, 1_900, 1_900],
    [2_500, 250, 63],
    [2_499, 250, 62],
    [1, 5_000, 1],
    [1, 4_999, 0],
    [5_000, 0, 0],
    [5_000, 10_000, 5_000],
  ])('of %i at %i basis points is %i, half up', (amount, rate, expected) => expect(share(amount, rate)).toBe(expected))

  it('is exact for every amount and rate there is, the largest included', () => {
    fc.assert(
      fc.property(amounts, rates, (amount, rate) => {
        expect(BigInt(share(amount, rate))).toBe(halfUp(BigInt(amount) * BigInt(rate), 10_000n))
      }),
      {
        numRuns: 2_000,
        examples: [
          [MOST, 10_000],
          [MOST, 9_999],
          [MOST - 1, 9_999],
          [MOST - 1, 5_001],
        ],
      },
    )
    expect(MOST * 10_000 + 5_000).toBeLessThan(Number.MAX_SAFE_INTEGER)
  })
})

describe('a tax within an amount', () => {
  it.each([
    [11_900, 1_900, 1_900],
    [5_000, 1_900, 798],
    [100, 1_000, 9],
    [3, 10_000, 2],
    [5_000, 0, 0],
    [0, 1_900, 0],
  ])('of %i at %i basis points is %i, half up', (amount, rate, expected) =>
    expect(shareWithin(amount, rate)).toBe(expected),
  )

  it('is exact for every amount and rate there is, also beside four others', () => {
    fc.assert(
      fc.property(amounts, rates, fc.integer({ min: 0, max: 40_000 }), (amount, rate, others) => {
        const exact = halfUp(BigInt(amount) * BigInt(rate), BigInt(10_000 + rate + others))
        expect(BigInt(shareWithin(amount, rate, rate + others))).toBe(exact)
      }),
      {
        numRuns: 2_000,
        examples: [
          [MOST, 10_000, 0],
          [MOST, 10_000, 40_000],
          [MOST - 1, 9_999, 0],
          [MOST - 1, 1, 0],
        ],
      },
    )
    expect(2 * MOST * 10_000 + 60_000).toBeLessThan(Number.MAX_SAFE_INTEGER)
  })

  it('is what the same tax would be on top of the rest, to the minor unit', () =>
    fc.assert(
      fc.property(amounts, rates, (amount, rate) => {
        const tax = shareWithin(amount, rate)
        expect(Math.abs(tax - share(amount - tax, rate))).toBeLessThanOrEqual(1)
      }),
    ))

  it('never exceeds the amount', () =>
    fc.assert(fc.property(amounts, rates, (amount, rate) => shareWithin(amount, rate) <= amount)))
})

describe('as people read it', () => {
  it.each([
    ['EUR', 2, '€25.00'],
    ['JPY', 0, '¥2,500'],
    ['KWD', 3, 'KWD 2.500'],
    ['HUF', 2, 'HUF 25.00'],
    ['IDR', 2, 'IDR 25.00'],
    ['IQD', 3, 'IQD 2.500'],
  ])('2500 minor units of %s, of %i digits, are %s', (currency, digits, text) => {
    expect(minorDigits(currency)).toBe(digits)
    expect(format({ amount: 2_500, currency }).replace(/\s/g, ' ')).toBe(text)
  })

  it('it follows their language', () =>
    expect(format({ amount: 123_450, currency: 'EUR' }, 'de').replace(/\s/g, ' ')).toBe('1.234,50 €'))

  it('the largest amount shows every digit', () =>
    expect(format({ amount: MOST - 1, currency: 'KWD' }).replace(/\s/g, ' ')).toBe('KWD 99,999,999.999'))
})

it('no rate is more than the whole', () => {
  expect(BasisPoints.parse(10_000)).toBe(10_000)
  for (const rate of [10_001, -1, 0.5]) expect(BasisPoints.safeParse(rate).success).toBe(false)
})
