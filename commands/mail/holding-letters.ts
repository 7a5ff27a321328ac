import type { LockReason, LossKind } from '../../domain/ticket/facts.ts'
import { paragraph } from './letter.ts'
import { aboutTicket, type TicketLetter } from './ticket-letter.ts'
import { momentOf, whenOf } from './times.ts'

export const locked =
  (why: LockReason): TicketLetter =>
  (subject, language) => {
    const { subject: title, intro, reason } = language.words.locked
    return aboutTicket(subject, language, { title, intro: `${intro} ${reason[why]}` })
  }

export const unlocked: TicketLetter = (subject, language) => {
  const { subject: title, intro } = language.words.unlocked
  return aboutTicket(subject, language, { title, intro })
}

export const reported =
  (kind: LossKind): TicketLetter =>
  (subject, language) => {
    const { subject: title, intro, next } = language.words.reported
    return aboutTicket(subject, language, { title, intro: intro[kind], more: [paragraph(next)] })
  }

export const reportRejected: TicketLetter = (subject, language) => {
  const { subject: title, intro, next } = language.words.reportRejected
  return aboutTicket(subject, language, { title, intro, more: [paragraph(next)] })
}

export const reissued: TicketLetter = (subject, language) => {
  const { subject: title, intro, next } = language.words.reissued
  return aboutTicket(subject, language, { title, intro, more: [paragraph(next)] })
}

/** The subject tells the new time. `refundsUntil` null: there is no such window. */
export const rescheduled =
  (before: { startsAt: string; endsAt: string }, until: string | null): TicketLetter =>
  (subject, language) => {
    const { event } = subject
    const { words, locale } = language
    const { subject: title, intro, before: was, refundsUntil } = words.rescheduled
    return aboutTicket(subject, language, {
      title,
      intro,
      more: [
        paragraph(was(whenOf({ ...event, ...before }, locale))),
        ...(until === null ? [] : [paragraph(refundsUntil(momentOf(until, event, locale)))]),
      ],
    })
  }
