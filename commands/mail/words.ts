import type { EventCancelReason } from '../../domain/event/facts.ts'
import type { EndReason } from '../../domain/order/facts.ts'
import type { LockReason, LossKind, RevokeReason } from '../../domain/ticket/facts.ts'
import { english } from './english.ts'
import { german } from './german.ts'
import type { ToldOfferEnd } from './giving-letters.ts'

type Titled = { readonly subject: (event: string) => string }

/** All that mails say, in one language. What is filled in is written for its readers already. */
export type Words = {
  /** Null: nobody knows what they are called. */
  readonly hello: (name: string | null) => string
  readonly orderNumber: (id: string) => string
  readonly ticketNumber: (id: string) => string
  readonly offerNumber: (id: string) => string
  /** Who gives, where they told no name. */
  readonly somebody: string
  readonly total: string
  readonly included: (tax: string) => string
  readonly toYourTickets: string
  readonly confirmed: Titled & { readonly intro: string }
  readonly cancelled: Titled & { readonly intro: (event: string) => string }
  readonly refunded: Titled & { readonly intro: (event: string) => string }
  readonly reason: Readonly<Record<EndReason, string>>
  readonly moneyBack: (amount: string) => string
  readonly notCharged: string

  readonly offered: Titled & {
    readonly intro: (giver: string) => string
    readonly code: string
    readonly until: (time: string) => string
    readonly link: string
  }
  readonly offerEnded: Titled & { readonly reason: Readonly<Record<ToldOfferEnd, string>>; readonly yours: string }
  readonly offerGone: Titled & { readonly intro: string }
  readonly handedOver: Titled & { readonly intro: string }
  readonly received: Titled & { readonly intro: (giver: string) => string; readonly code: string }
  readonly sold: Titled & {
    readonly intro: string
    readonly price: string
    readonly yours: string
    readonly paidAfterTheEvent: string
    readonly paidFrom: (day: string) => string
  }

  readonly locked: Titled & { readonly intro: string; readonly reason: Readonly<Record<LockReason, string>> }
  readonly unlocked: Titled & { readonly intro: string }
  readonly reported: Titled & { readonly intro: Readonly<Record<LossKind, string>>; readonly next: string }
  readonly reportRejected: Titled & { readonly intro: string; readonly next: string }
  readonly reissued: Titled & { readonly intro: string; readonly next: string }

  readonly ticketRefunded: Titled & { readonly intro: ClosedFor }
  readonly eventCancelled: Titled & {
    readonly intro: ClosedFor
    readonly reason: Readonly<Record<EventCancelReason, string>>
  }
  /** What a seller had of a sale that is undone. */
  readonly shareTakenBack: (amount: string) => string
  readonly revoked: Titled & { readonly intro: string; readonly reason: Readonly<Record<RevokeReason, string>> }
  readonly rescheduled: Titled & {
    readonly intro: string
    readonly before: (time: string) => string
    readonly refundsUntil: (time: string) => string
  }
}

/** The same said to whoever holds the ticket, to whoever once paid for it, and to who was given it and sold it on. */
type ClosedFor = { readonly holder: string; readonly payer: string; readonly seller: string }

/** By BCP 47 language. A further one is a line here. */
const languages: Readonly<Record<string, Words>> = { en: english, de: german }

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
  return { words: english, locale: 'en' }
}
