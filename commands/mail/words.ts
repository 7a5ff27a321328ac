import type { EndReason } from '../../domain/order/facts.ts'

/** All that mails say, in one language. What is filled in is written for its readers already. */
export type Words = {
  readonly hello: (name: string) => string
  readonly orderNumber: (id: string) => string
  readonly total: string
  readonly included: (tax: string) => string
  readonly confirmed: {
    readonly subject: (event: string) => string
    readonly intro: string
    readonly link: string
  }
  readonly cancelled: { readonly subject: (event: string) => string; readonly intro: (event: string) => string }
  readonly refunded: { readonly subject: (event: string) => string; readonly intro: (event: string) => string }
  readonly reason: Readonly<Record<EndReason, string>>
  readonly moneyBack: (amount: string) => string
  readonly notCharged: string
}

const en: Words = {
  hello: (name) => `Hello ${name},`,
  orderNumber: (id) => `Order number: ${id}`,
  total: 'Total',
  included: (tax) => `including ${tax}`,
  confirmed: {
    subject: (event) => `Your tickets: ${event}`,
    intro: 'Your order is confirmed. You have tickets for:',
    link: 'To your tickets',
  },
  cancelled: {
    subject: (event) => `Your order was cancelled: ${event}`,
    intro: (event) => `Your order of tickets for ${event} was cancelled, and you have no tickets from it.`,
  },
  refunded: {
    subject: (event) => `Your order was refunded: ${event}`,
    intro: (event) => `We could not give you the tickets for ${event} that you paid for. We are sorry.`,
  },
  reason: {
    limit_reached: 'It would have been more tickets than one person may buy.',
    tickets_taken: 'The tickets went to somebody else.',
    lapsed: 'The payment did not arrive while the tickets were kept for you.',
    cancelled: 'This was done at your request, or by the organizer.',
    not_chargeable: 'The payment provider does not charge this amount.',
    payment_declined: 'The payment was declined.',
    capture_refused: 'The payment could not be collected.',
    reservation_lost: 'The tickets could not be kept for you until the payment was complete.',
    event_cancelled: 'The event was cancelled.',
  },
  moneyBack: (amount) => `${amount} is on its way back to you, by the means you paid with. This can take a few days.`,
  notCharged:
    'You were not charged. Should your bank show the amount as reserved, it sets it free again within a few days.',
}

const de: Words = {
  hello: (name) => `Guten Tag ${name},`,
  orderNumber: (id) => `Bestellnummer: ${id}`,
  total: 'Gesamt',
  included: (tax) => `darin ${tax}`,
  confirmed: {
    subject: (event) => `Ihre Tickets: ${event}`,
    intro: 'Ihre Bestellung ist bestätigt. Sie haben Tickets für:',
    link: 'Zu Ihren Tickets',
  },
  cancelled: {
    subject: (event) => `Ihre Bestellung wurde storniert: ${event}`,
    intro: (event) => `Ihre Bestellung von Tickets für ${event} wurde storniert; Sie haben daraus keine Tickets.`,
  },
  refunded: {
    subject: (event) => `Ihre Bestellung wird erstattet: ${event}`,
    intro: (event) =>
      `Die Tickets für ${event}, die Sie bezahlt haben, konnten wir Ihnen nicht geben. Das tut uns leid.`,
  },
  reason: {
    limit_reached: 'Es wären mehr Tickets gewesen, als eine Person kaufen darf.',
    tickets_taken: 'Die Tickets gingen an jemand anderen.',
    lapsed: 'Die Zahlung kam nicht an, solange die Tickets für Sie zurückgelegt waren.',
    cancelled: 'Das geschah auf Ihren Wunsch oder durch den Veranstalter.',
    not_chargeable: 'Der Zahlungsanbieter bucht diesen Betrag nicht ab.',
    payment_declined: 'Die Zahlung wurde abgelehnt.',
    capture_refused: 'Die Zahlung konnte nicht eingezogen werden.',
    reservation_lost: 'Die Tickets konnten nicht bis zum Abschluss der Zahlung für Sie zurückgelegt bleiben.',
    event_cancelled: 'Die Veranstaltung wurde abgesagt.',
  },
  moneyBack: (amount) =>
    `${amount} sind auf dem Weg zurück zu Ihnen, auf dem Weg, auf dem Sie gezahlt haben. Das kann einige Tage dauern.`,
  notCharged:
    'Es wurde nichts abgebucht. Zeigt Ihre Bank den Betrag als vorgemerkt, gibt sie ihn in einigen Tagen wieder frei.',
}

/** By BCP 47 language. A further one is a line here. */
const languages: Readonly<Record<string, Words>> = { en, de }

export type Language = {
  readonly words: Words
  /** What dates and amounts are written by: theirs, where the words are in their language. */
  readonly locale: string
}

/** The nearest to what somebody reads, by cutting off what is too special (RFC 4647); else English. */
export const languageOf = (locale = 'en'): Language => {
  for (let range = locale; range !== ''; range = range.slice(0, Math.max(0, range.lastIndexOf('-')))) {
    const words = Object.hasOwn(languages, range.toLowerCase()) ? languages[range.toLowerCase()] : undefined
    if (words) return { words, locale }
  }
  return { words: en, locale: 'en' }
}
