import { format, type Money } from '../../domain/money.ts'
import type { OfferEnd } from '../../domain/ticket/facts.ts'
import { paragraph } from './letter.ts'
import { aboutTicket, type TicketLetter } from './ticket-letter.ts'
import { dateOf, momentOf } from './times.ts'

/** Ends of an offer that its giver did not bring about, and that no other letter tells of. */
export type ToldOfferEnd = Extract<OfferEnd, 'lapsed' | 'declined' | 'too_many_tries' | 'locked'>

/** To whom it is offered. `giver` null: told no name. */
export const offered =
  (offer: { offerId: string; giver: string | null; code: string; expiresAt: string }): TicketLetter =>
  (subject, language) => {
    const { words, locale } = language
    const { subject: title, intro, code, until, link } = words.offered
    return aboutTicket(subject, language, {
      title,
      intro: intro(offer.giver ?? words.somebody),
      more: [
        paragraph(code),
        { kind: 'code', text: offer.code },
        paragraph(until(momentOf(offer.expiresAt, subject.event, locale))),
      ],
      link,
      numbers: [words.offerNumber(offer.offerId)],
    })
  }

/** To the giver, whose ticket it still is. */
export const offerEnded =
  (end: ToldOfferEnd): TicketLetter =>
  (subject, language) => {
    const { subject: title, reason, yours } = language.words.offerEnded
    return aboutTicket(subject, language, { title, intro: `${reason[end]} ${yours}` })
  }

/** To whom it was offered: not why, for that is the giver's own business. */
export const offerGone: TicketLetter = (subject, language) => {
  const { subject: title, intro } = language.words.offerGone
  return aboutTicket(subject, language, { title, intro })
}

export const handedOver: TicketLetter = (subject, language) => {
  const { subject: title, intro } = language.words.handedOver
  return aboutTicket(subject, language, { title, intro })
}

export const received =
  (giver: string | null): TicketLetter =>
  (subject, language) => {
    const { words } = language
    const { subject: title, intro, code } = words.received
    return aboutTicket(subject, language, { title, intro: intro(giver ?? words.somebody), more: [paragraph(code)] })
  }

/** To the seller. `paidFrom` null: after the event. */
export const sold =
  (sale: { price: Money; share: number; paidFrom: string | null }): TicketLetter =>
  (subject, language) => {
    const { words, locale } = language
    const { subject: title, intro, price, yours, paidAfterTheEvent, paidFrom } = words.sold
    const { currency } = sale.price
    return aboutTicket(subject, language, {
      title,
      intro,
      more: [
        {
          kind: 'sums',
          rows: [
            { label: price, amount: format(sale.price, locale) },
            { label: yours, amount: format({ amount: sale.share, currency }, locale), strong: true },
          ],
        },
        paragraph(sale.paidFrom === null ? paidAfterTheEvent : paidFrom(dateOf(sale.paidFrom, subject.event, locale))),
      ],
    })
  }
