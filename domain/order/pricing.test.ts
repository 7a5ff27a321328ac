import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Tax } from '../event/facts.ts'
import { sum } from '../money.ts'
import type { Fee } from '../venue.ts'
import { dueFor, type Priced, priceOf, sharesOf } from './pricing.ts'

const MOST = 100_000_000_000

const vat: Tax = { name: 'VAT', basisPoints: 1_900, inclusive: true }
const salesTax: Tax = { name: 'Sales tax', basisPoints: 888, inclusive: false }
const bookingFee: Fee = {
  code: 'booking_fee',
  flat: [
    { amount: 150, currency: 'EUR' },
    { amount: 200, currency: 'JPY' },
  ],
  basisPoints: 250,
  paidBy: 'buyer',
}
const houseFee: Fee = { code: 'house_fee', flat: [], basisPoints: 1_000, paidBy: 'venue' }

describe('the price of a ticket', () => {
  it('in EUR holds its inclusive tax, and bears its fee on top', () => {
    const priced = priceOf({ price: 5_000, taxes: [vat] }, [bookingFee], 'EUR')
    expect(priced).toEqual({
      price: 5_000,
      fees: [{ code: 'booking_fee', amount: 275, paidBy: 'buyer' }],
      taxes: [{ ...vat, amount: 798 }],
    })
    expect(dueFor(priced)).toBe(5_275)
  })

  it('in JPY has no minor digits, and is rounded to whole yen half up', () => {
    const tax: Tax = { name: '消費税', basisPoints: 1_000, inclusive: false }
    const priced = priceOf({ price: 4_995, taxes: [tax] }, [bookingFee], 'JPY')
    expect(priced.taxes).toEqual([{ ...tax, amount: 500 }])
    expect(priced.fees).toEqual([{ code: 'booking_fee', amount: 325, paidBy: 'buyer' }])
    expect(dueFor(priced)).toBe(4_995 + 500 + 325)
  })

  it('in KWD is counted in thousandths, and in a currency without a flat part bears only the rest of the fee', () => {
    const priced = priceOf({ price: 12_345, taxes: [] }, [bookingFee], 'KWD')
    expect(priced.fees).toEqual([{ code: 'booking_fee', amount: 309, paidBy: 'buyer' }])
    expect(dueFor(priced)).toBe(12_654)
  })

  it('has an exclusive tax added on top', () =>
    expect(dueFor(priceOf({ price: 10_000, taxes: [salesTax] }, [], 'USD'))).toBe(10_888))

  it('has its exclusive tax rounded half up', () => {
    const amountOf = (price: number) =>
      priceOf({ price, taxes: [{ ...salesTax, basisPoints: 500 }] }, [], 'USD').taxes[0]?.amount
    expect(amountOf(2_510)).toBe(126)
    expect(amountOf(2_509)).toBe(125)
  })

  it('that holds two inclusive taxes holds both of the same net price', () => {
    const [state, city] = [
      { name: 'State', basisPoints: 1_000, inclusive: true },
      { name: 'City', basisPoints: 1_000, inclusive: true },
    ]
    expect(priceOf({ price: 12_000, taxes: [state, city] }, [], 'EUR').taxes.map((tax) => tax.amount)).toEqual([
      1_000, 1_000,
    ])
  })

  it('that holds one tax and bears another reckons each by itself', () =>
    expect(priceOf({ price: 11_900, taxes: [vat, salesTax] }, [], 'EUR').taxes.map((tax) => tax.amount)).toEqual([
      1_900, 1_057,
    ]))

  it('of a free ticket is nothing, whatever the venue charges', () => {
    const priced = priceOf({ price: 0, taxes: [vat, salesTax] }, [bookingFee, houseFee], 'EUR')
    expect(priced.fees).toEqual([])
    expect(dueFor(priced)).toBe(0)
    expect(sharesOf('v1', [priced])).toEqual([])
  })
})

describe('the shares of an order', () => {
  it('are the tax office’s, the platform’s and the venue’s (F07.14)', () =>
    expect(sharesOf('v1', [priceOf({ price: 5_000, taxes: [vat] }, [bookingFee], 'EUR')])).toEqual([
      { account: 'venue:v1', amount: 4_202 },
      { account: 'platform', amount: 275 },
      { account: 'tax', amount: 798 },
    ]))

  it('take a fee that the venue pays out of the venue’s share, and not from the buyer', () => {
    const priced = priceOf({ price: 5_000, taxes: [] }, [houseFee], 'EUR')
    expect(dueFor(priced)).toBe(5_000)
    expect(sharesOf('v1', [priced])).toEqual([
      { account: 'venue:v1', amount: 4_500 },
      { account: 'platform', amount: 500 },
    ])
  })

  it('leave a venue in debt whose own fees exceed its price', () => {
    const dear: Fee = { ...houseFee, flat: [{ amount: 300, currency: 'EUR' }], basisPoints: 0 }
    expect(sharesOf('v1', [priceOf({ price: 100, taxes: [] }, [dear], 'EUR')])).toEqual([
      { account: 'venue:v1', amount: -200 },
      { account: 'platform', amount: 300 },
    ])
  })
})

describe('the shares of what is sold on', () => {
  const shares = [
    { account: 'platform', amount: 250 },
    { account: 'venue:v1', amount: 500 },
    { account: 'seller:p1', amount: 9_250 },
  ]
  const resold = { price: 10_000, fees: [], taxes: [], resale: { listingId: 'l1', sellerId: 'p1', shares } }

  it('F11.12 are those that its line says, and not those of a new ticket', () =>
    expect(sharesOf('v1', [resold])).toEqual(shares))

  it('stand beside those of new tickets, and leave none of them out', () => {
    const fresh = priceOf({ price: 5_000, taxes: [] }, [bookingFee], 'EUR')
    const parts = sharesOf('v1', [fresh, resold])
    expect(parts).toEqual([{ account: 'venue:v1', amount: 5_000 }, { account: 'platform', amount: 275 }, ...shares])
    expect(sum(parts.map(({ amount }) => amount))).toBe(dueFor(fresh) + dueFor(resold))
  })
})

describe('whatever is sold', () => {
  const amount = fc.oneof(fc.nat(10_000), fc.nat(MOST), fc.constant(MOST))
  const rate = fc.oneof(fc.nat(10_000), fc.constant(10_000))
  const tax = fc.record({ name: fc.constant('tax'), basisPoints: rate, inclusive: fc.boolean() })
  const fee = fc.record({
    code: fc.constant('fee'),
    flat: fc.array(fc.record({ amount, currency: fc.constant('EUR') }), { maxLength: 1 }),
    basisPoints: rate,
    paidBy: fc.constantFrom('buyer' as const, 'venue' as const),
  })
  const taxes = fc.array(tax, { maxLength: 5 })
  const fees = fc.array(fee, { maxLength: 10 })
  const priced = fc.tuple(fc.record({ price: amount, taxes }), fees).map(([type, fees]) => priceOf(type, fees, 'EUR'))
  const sold = fc.record({ price: amount.filter((price) => price > 0), taxes })
  const venueShareOf = (lines: readonly Priced[]) =>
    sharesOf('v1', lines).find(({ account }) => account === 'venue:v1')?.amount ?? 0

  it('the shares add up to what is due, exactly', () =>
    fc.assert(
      fc.property(fc.array(priced, { maxLength: 50 }), (lines) => {
        const due = sum(lines.map(dueFor))
        expect(due).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER)
        expect(sum(sharesOf('v1', lines).map((part) => part.amount))).toBe(due)
      }),
    ))

  it('a priced type never costs nothing, and never less than its price (F00.4)', () =>
    fc.assert(
      fc.property(sold, fees, (type, fees) => {
        expect(dueFor(priceOf(type, fees, 'EUR'))).toBeGreaterThanOrEqual(type.price)
      }),
    ))

  it('the venue gets the same for tickets sold in one order as in many', () =>
    fc.assert(
      fc.property(fc.array(priced, { minLength: 1, maxLength: 10 }), (lines) => {
        expect(venueShareOf(lines)).toBe(sum(lines.map((line) => venueShareOf([line]))))
      }),
    ))

  it('a fee that the venue pays comes out of its share, and the buyer does not see it', () =>
    fc.assert(
      fc.property(sold, fee, (type, fee) => {
        const before = priceOf(type, [], 'EUR')
        const charged = priceOf(type, [{ ...fee, paidBy: 'venue' }], 'EUR')
        expect(dueFor(charged)).toBe(dueFor(before))
        expect(venueShareOf([charged])).toBe(venueShareOf([before]) - charged.fees[0]!.amount)
      }),
    ))

  it('inclusive taxes together leave the venue its net price, up to rounding', () =>
    fc.assert(
      fc.property(amount, fc.array(rate, { maxLength: 5 }), (price, rates) => {
        const taxes = rates.map((basisPoints) => ({ name: 'tax', basisPoints, inclusive: true }))
        const within = sum(priceOf({ price, taxes }, [], 'EUR').taxes.map((tax) => tax.amount))
        const net = (price * 10_000) / (10_000 + sum(rates))
        expect(Math.abs(price - within - net)).toBeLessThanOrEqual(taxes.length / 2 + 1e-4)
      }),
    ))
})
