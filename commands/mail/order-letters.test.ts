import { describe, expect, it } from 'vitest'
import { EndReason } from '../../domain/order/facts.ts'
import { htmlOf, textOf } from './letter.ts'
import { type OrderSubject, orderCancelled, orderConfirmed, orderRefunded } from './order-letters.ts'
import { languageOf } from './words.ts'

const VENUE = '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1a02'
const EVENT = '7b1c0a52-93f5-4f0e-8d55-2f1f4a3a9c01'
const TYPE = '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1a01'
const FAMILY = '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1a03'
const ANN = '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1a04'

const type = (typeId: string, name: string) => ({
  typeId,
  name,
  pool: 'GA',
  from: 1,
  to: null,
  price: 1_000,
  taxes: [],
  zone: 'GA',
  validDates: null,
  maxPerOrder: 10,
  maxPerPerson: null,
  onSaleFrom: null,
  onSaleUntil: null,
  transferable: true,
})

const line = (typeId: string, price: number, number: number) => ({
  kind: 'ticket' as const,
  typeId,
  slot: `pool:GA:${number}`,
  edition: 1,
  holderId: ANN,
  price,
  fees: [
    { code: 'booking_fee', amount: 150, paidBy: 'buyer' as const },
    { code: 'platform', amount: 90, paidBy: 'venue' as const },
  ],
  taxes: [
    { name: 'VAT', basisPoints: 1_900, inclusive: true, amount: 160 },
    { name: 'City tax', basisPoints: 550, inclusive: false, amount: 55 },
  ],
  zone: 'GA',
  validDates: typeId === FAMILY ? ['2030-06-01', '2030-06-02'] : null,
  transferable: true,
})

const subject: OrderSubject = {
  orderId: '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1a05',
  placed: {
    kind: 'purchase',
    eventId: EVENT,
    venueId: VENUE,
    payerId: ANN,
    currency: 'EUR',
    lines: [line(TYPE, 1_000, 1), line(FAMILY, 3_000, 2), line(TYPE, 1_000, 3)],
    total: 5_615,
    payments: [],
    limits: [],
    delivery: 'digital',
    terms: 0,
    expiresAt: '2030-01-01T10:30:00.000Z',
  },
  event: {
    venueId: VENUE,
    name: 'Rock & <Roll> "Night"',
    type: 'single',
    startsAt: '2030-06-01T01:00:00.000Z',
    endsAt: '2030-06-01T03:30:00.000Z',
    timeZone: 'America/New_York',
    currency: 'EUR',
    zones: ['GA'],
    chain: 'token',
  },
  types: new Map([TYPE, FAMILY].map((id, i) => [id, type(id, ['Standing', 'Family'][i]!)])),
  venueName: 'Arena',
  payerName: 'Ann <b>Bøe</b>',
  reason: null,
  refunded: 0,
  publicUrl: 'https://tickets.example/?a=1&b="2"',
}

const english = languageOf('en')

describe('a letter about an order', () => {
  it('sums up tickets by type, what comes on top, and the taxes that are in it', () => {
    const sums = orderConfirmed(subject, english).parts.find((part) => part.kind === 'sums')
    expect(sums?.rows).toEqual([
      { label: '2 × Standing', amount: '€20.00' },
      { label: '1 × Family (June 1, June 2)', amount: '€30.00' },
      { label: 'booking fee', amount: '€4.50' },
      { label: 'City tax 5.5%', amount: '€1.65' },
      { label: 'Total', amount: '€56.15', strong: true },
      { label: 'including VAT 19%', amount: '€4.80' },
    ])
  })

  it('to who bought a ticket from its holder says the one price that they paid', () => {
    const { validDates, ...bought } = line(TYPE, 8_000, 1)
    const resale = { listingId: TYPE, sellerId: VENUE, shares: [] }
    const resold = { ...bought, validDates, kind: 'resale' as const, fees: [], taxes: [], resale }
    const placed = { ...subject.placed, kind: 'resale' as const, lines: [resold], total: 8_000 }
    const letter = orderConfirmed({ ...subject, placed }, english)
    expect(letter.parts.find((part) => part.kind === 'sums')?.rows).toEqual([
      { label: '1 × Standing', amount: '€80.00' },
      { label: 'Total', amount: '€80.00', strong: true },
    ])
    expect(textOf(letter)).toContain('Your order is confirmed. You have tickets for:')
  })

  it('says when it is by the clocks of the place, in their zone', () => {
    const text = textOf(orderConfirmed(subject, english))
    expect(text.replace(/[\u2009\u202f]/g, ' ')).toContain('Friday, May 31, 2030, 9:00 – 11:30 PM EDT\nArena')
  })

  it('shows in HTML what people are called as they wrote it, whatever that is', () => {
    const html = htmlOf(orderConfirmed(subject, english), english.locale)
    expect(html).toContain('Ann &lt;b&gt;Bøe&lt;/b&gt;')
    expect(html).toContain('Rock &amp; &lt;Roll&gt; &quot;Night&quot;')
    expect(html).toContain('href="https://tickets.example/?a=1&amp;b=&quot;2&quot;"')
    expect(html.match(/<(?!\/?(html|head|meta|title|body|h1|p|a|br|table|tr|td|!doctype)\b)[^>]*>/g)).toBeNull()
  })

  it('says the same in text and in HTML', () => {
    const letter = orderConfirmed({ ...subject, payerName: 'Ann', event: { ...subject.event, name: 'Rock' } }, english)
    const words = (text: string) =>
      text.replace(/<style.*?<\/style>|<head>.*?<\/head>|<[^>]*>|[:\n]/g, ' ').split(/\s+/)
    expect(words(htmlOf(letter, 'en')).filter(Boolean)).toEqual(
      words(textOf(letter).replace(subject.publicUrl, '')).filter(Boolean),
    )
  })

  it.each(['en', 'de'])('gives every reason that an order can end for, in %s', (locale) => {
    const language = languageOf(locale)
    const texts = EndReason.options.map((reason) => textOf(orderCancelled({ ...subject, reason }, language)))
    expect(new Set(texts).size).toBe(EndReason.options.length)
  })

  it('speaks of money only where there was any', () => {
    const free = { ...subject, reason: 'cancelled' as const, placed: { ...subject.placed, total: 0 } }
    expect(textOf(orderCancelled(free, english))).not.toMatch(/charged|back/)
    expect(textOf(orderCancelled({ ...free, placed: subject.placed }, english))).toContain('You were not charged.')
    const refunded = { ...subject, reason: 'reservation_lost' as const, refunded: 5_615 }
    expect(textOf(orderRefunded(refunded, english))).toContain('€56.15 is on its way back to you')
  })
})

describe('the language of a letter', () => {
  it.each([
    ['de', 'Guten Tag', 'de'],
    ['de-CH', 'Guten Tag', 'de-CH'],
    ['DE-ch-1996', 'Guten Tag', 'DE-ch-1996'],
    ['en-GB', 'Hello', 'en-GB'],
    ['fr', 'Hello', 'en'],
    ['constructor', 'Hello', 'en'],
    [undefined, 'Hello', 'en'],
  ])('for who reads %s begins with %s, and is written as %s', (asked, hello, locale) => {
    const language = languageOf(asked)
    expect(language.words.hello('Ann')).toBe(`${hello} Ann,`)
    expect(language.locale).toBe(locale)
  })
})
