import { describe, expect, it } from 'vitest'
import { EventCancelReason } from '../../domain/event/facts.ts'
import { LockReason, LossKind, RevokeReason } from '../../domain/ticket/facts.ts'
import { cancelled, type Returned, refunded, revoked } from './closing-letters.ts'
import { handedOver, offerEnded, offered, offerGone, received, sold } from './giving-letters.ts'
import { locked, reissued, reported, reportRejected, rescheduled, unlocked } from './holding-letters.ts'
import { htmlOf, textOf } from './letter.ts'
import type { TicketLetter, TicketSubject } from './ticket-letter.ts'
import { languageOf } from './words.ts'

const subject: TicketSubject = {
  ticketId: '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1a07',
  event: {
    venueId: '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1a02',
    name: 'Rock & <Roll>',
    type: 'single',
    startsAt: '2030-06-01T01:00:00.000Z',
    endsAt: '2030-06-01T03:30:00.000Z',
    timeZone: 'America/New_York',
    currency: 'EUR',
    zones: ['GA'],
    chain: 'token',
  },
  venueName: 'Arena',
  typeName: 'Standing',
  validDates: ['2030-05-31'],
  readerName: 'Ann <b>Bøe</b>',
  publicUrl: 'https://tickets.example/?a=1&b="2"',
}

const offer = { offerId: '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1a08', giver: '<i>Bea</i>', code: 'ABCD-2345' }
const money = { back: { amount: 5_000, currency: 'EUR' }, givenBack: { amount: 4_625, currency: 'EUR' } }
const readers: Returned['reader'][] = ['holder', 'payer', 'seller']

/** Every letter about a ticket, with each reason that it can have. */
const letters: readonly TicketLetter[] = [
  offered({ ...offer, expiresAt: '2030-05-30T22:30:00.000Z' }),
  ...(['lapsed', 'declined', 'too_many_tries', 'locked'] as const).map(offerEnded),
  offerGone,
  handedOver,
  received('Bea'),
  received(null),
  sold({ price: { amount: 6_000, currency: 'EUR' }, share: 5_550, paidFrom: null }),
  sold({ price: { amount: 6_000, currency: 'EUR' }, share: 5_550, paidFrom: '2030-06-04T01:00:00.000Z' }),
  ...LockReason.options.map(locked),
  unlocked,
  ...LossKind.options.map(reported),
  reportRejected,
  reissued,
  ...readers.map((reader) => refunded({ reader, ...money })),
  ...EventCancelReason.options.map((reason) => cancelled({ reader: 'holder', ...money }, reason)),
  ...readers.slice(1).map((reader) => cancelled({ reader, ...money }, null)),
  ...RevokeReason.options.map(revoked),
  rescheduled({ startsAt: '2030-05-01T01:00:00.000Z', endsAt: '2030-05-01T03:30:00.000Z' }, null),
  rescheduled({ startsAt: '2030-05-01T01:00:00.000Z', endsAt: '2030-05-01T03:30:00.000Z' }, '2030-05-09T01:00:00.000Z'),
]

const english = languageOf('en')
const german = languageOf('de-DE')

describe('a letter about a ticket', () => {
  it('says something of its own for every fact and reason, in every language', () => {
    const texts = [english, german].flatMap((language) =>
      letters.map((letter) => letter(subject, language).subject + textOf(letter(subject, language))),
    )
    expect(new Set(texts).size).toBe(2 * letters.length)
    for (const text of texts) expect(text).not.toMatch(/undefined|null|NaN|\[object/)
  })

  it('shows in HTML what people and events are called as they wrote it, whatever that is', () => {
    for (const letter of letters) {
      const html = htmlOf(letter(subject, english), english.locale)
      expect(html).toContain('Ann &lt;b&gt;Bøe&lt;/b&gt;')
      expect(html).toContain('Rock &amp; &lt;Roll&gt;')
      expect(html).toContain('href="https://tickets.example/?a=1&amp;b=&quot;2&quot;"')
      expect(html.match(/<(?!\/?(html|head|meta|title|body|h1|p|a|br|table|tr|td|!doctype)\b)[^>]*>/g)).toBeNull()
    }
  })

  it('says the same in text and in HTML', () => {
    const plain = { ...subject, readerName: 'Ann', event: { ...subject.event, name: 'Rock' } }
    const words = (text: string) => text.replace(/<head>.*?<\/head>|<[^>]*>|[:\n]/g, ' ').split(/\s+/)
    for (const letter of letters.slice(1)) {
      const written = letter(plain, english)
      expect(words(htmlOf(written, 'en')).filter(Boolean)).toEqual(
        words(textOf(written).replace(subject.publicUrl, '')).filter(Boolean),
      )
    }
  })

  it('is the whole of what its reader needs, in their language', () => {
    const { subject: title, parts } = letters[0]!({ ...subject, readerName: 'Ann' }, german)
    expect(title).toBe('Ihnen wird ein Ticket angeboten: Rock & <Roll>')
    expect(textOf({ subject: title, parts }).replace(/[\u00a0\u2009\u202f]/g, ' ')).toBe(
      [
        'Guten Tag Ann,',
        '<i>Bea</i> möchte Ihnen ein Ticket geben. Es gehört Ihnen, sobald Sie es annehmen. Es gilt für:',
        'Rock & <Roll>',
        'Freitag, 31. Mai 2030, 21:00–23:30 Uhr GMT-4\nArena\nStanding (31. Mai)',
        'Zum Annehmen zeigen Sie diesen Code. Er ist nur für Sie bestimmt:',
        'ABCD-2345',
        'Das Angebot gilt bis Donnerstag, 30. Mai 2030 um 18:30 GMT-4. Möchten Sie das Ticket nicht, müssen Sie nichts tun.',
        'Zum Angebot\nhttps://tickets.example/?a=1&b="2"',
        `Ticketnummer: ${subject.ticketId}\nAngebotsnummer: ${offer.offerId}\n`,
      ].join('\n\n'),
    )
  })

  it('sums up a sale, and money that goes back, as its reader writes amounts', () => {
    const sale = letters[10]!(subject, german)
    expect(textOf(sale).replace(/\u00a0/g, ' ')).toContain('Preis: 60,00 €\nIhr Anteil: 55,50 €')
    expect(textOf(sale)).toContain('ab dem 3. Juni 2030')
    const back = textOf(refunded({ reader: 'payer', ...money })(subject, german)).replace(/\u00a0/g, ' ')
    expect(back).toContain('50,00 € sind auf dem Weg zurück zu Ihnen')
    expect(back).toContain('46,25 €, Ihr Anteil an diesem Verkauf')
  })
})
