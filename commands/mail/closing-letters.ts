import type { EventCancelReason } from '../../domain/event/facts.ts'
import { format, type Money } from '../../domain/money.ts'
import type { RevokeReason } from '../../domain/ticket/facts.ts'
import { type Part, paragraph } from './letter.ts'
import { aboutTicket, type TicketLetter } from './ticket-letter.ts'
import type { Language } from './words.ts'

/** What somebody gets back of a ticket that is closed, and what a seller of it gives back. */
export type Returned = {
  readonly reader: 'holder' | 'payer' | 'seller'
  /** Null where they paid nothing. */
  readonly back: Money | null
  /** Null where they had no share of a later sale. */
  readonly givenBack: Money | null
}

export const refunded =
  (returned: Returned): TicketLetter =>
  (subject, language) => {
    const { subject: title, intro } = language.words.ticketRefunded
    return aboutTicket(subject, language, { title, intro: intro[returned.reader], more: moneyOf(returned, language) })
  }

/** `why` null: nobody said. */
export const cancelled =
  (returned: Returned, why: EventCancelReason | null): TicketLetter =>
  (subject, language) => {
    const { subject: title, intro, reason } = language.words.eventCancelled
    const said = why === null ? intro[returned.reader] : `${intro[returned.reader]} ${reason[why]}`
    return aboutTicket(subject, language, { title, intro: said, more: moneyOf(returned, language) })
  }

const moneyOf = ({ back, givenBack }: Returned, { words, locale }: Language): Part[] => [
  ...(back === null ? [] : [paragraph(words.moneyBack(format(back, locale)))]),
  ...(givenBack === null ? [] : [paragraph(words.shareTakenBack(format(givenBack, locale)))]),
]

export const revoked =
  (why: RevokeReason): TicketLetter =>
  (subject, language) => {
    const { subject: title, intro, reason } = language.words.revoked
    return aboutTicket(subject, language, { title, intro: `${intro} ${reason[why]}` })
  }
