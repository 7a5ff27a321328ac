import type { EventDetails } from '../../domain/event/facts.ts'
import { type Letter, type Part, paragraph } from './letter.ts'
import { labelOf } from './order-letters.ts'
import { whenOf } from './times.ts'
import type { Language } from './words.ts'

/** What a letter about a ticket speaks of. */
export type TicketSubject = {
  readonly ticketId: string
  readonly event: EventDetails
  readonly venueName: string
  readonly typeName: string
  /** The event's local days that it admits on; null for the whole of the event. */
  readonly validDates: readonly string[] | null
  /** Who reads it; null where nobody knows what they are called. */
  readonly readerName: string | null
  /** Where people find their tickets. */
  readonly publicUrl: string
}

export type TicketLetter = (subject: TicketSubject, language: Language) => Letter

type Said = {
  readonly title: (event: string) => string
  readonly intro: string
  /** Once it is told which ticket it is. */
  readonly more?: readonly Part[]
  /** What the link says; where nothing, it leads to one's tickets. */
  readonly link?: string
  readonly numbers?: readonly string[]
}

/** What all letters about a ticket have in common: whom it is for, what is so, which ticket it is, what follows, and where to look. */
export const aboutTicket = (
  { ticketId, event, venueName, typeName, validDates, readerName, publicUrl }: TicketSubject,
  { words, locale }: Language,
  { title, intro, more = [], link = words.toYourTickets, numbers = [] }: Said,
): Letter => ({
  subject: title(event.name),
  parts: [
    paragraph(words.hello(readerName)),
    paragraph(intro),
    { kind: 'heading', text: event.name },
    paragraph(`${whenOf(event, locale)}\n${venueName}\n${labelOf(typeName, validDates, locale)}`),
    ...more,
    { kind: 'link', text: link, url: publicUrl },
    { kind: 'small', text: [words.ticketNumber(ticketId), ...numbers].join('\n') },
  ],
})
