import { z } from 'zod'
import { idOf, streamOf } from '../../domain/fact.ts'
import { Id } from '../../domain/id.ts'
import { type Known, known } from '../../domain/registry.ts'
import type { Refund, TicketFact } from '../../domain/ticket/facts.ts'
import { initial, type Ticket } from '../../domain/ticket/state.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import type { Reactor } from '../reactors/reactor.ts'
import type { Addressed, LetterDeps } from './addressed.ts'
import { isSellers, tellCancelled, tellRefunded, tellRevoked } from './closing-mails.ts'
import {
  tellGiver,
  tellGiverOfEnd,
  tellOffered,
  tellRecipient,
  tellRecipientOfEnd,
  tellSeller,
} from './giving-mails.ts'
import {
  tellLocked,
  tellReissued,
  tellReportClosed,
  tellReported,
  tellRescheduled,
  tellUnlocked,
} from './holding-mails.ts'
import { occasionOf } from './occasion.ts'
import type { Scene, Tell, Told } from './ticket-scene.ts'
import { languageOf } from './words.ts'

const Reader = z.enum(['holder', 'giver', 'recipient', 'seller', 'payer'])
type Reader = z.infer<typeof Reader>

/** Which facts of a ticket are told to whom, one mail to each. */
const letters: { readonly [T in TicketFact['type']]?: { readonly [R in Reader]?: Tell<T> } } = {
  TicketOffered: { recipient: tellOffered },
  TicketOfferClosed: { giver: tellGiverOfEnd, recipient: tellRecipientOfEnd },
  TicketTransferred: { giver: tellGiver, recipient: tellRecipient },
  TicketResold: { seller: tellSeller },
  TicketLocked: { holder: tellLocked },
  TicketUnlocked: { holder: tellUnlocked },
  TicketReportedLost: { holder: tellReported },
  TicketReportClosed: { holder: tellReportClosed },
  TicketReissued: { holder: tellReissued },
  TicketRescheduled: { holder: tellRescheduled },
  TicketRefunded: tellRefunded,
  TicketRevoked: { holder: tellRevoked },
  TicketCancelled: tellCancelled,
}

/** What an intent says of a ticket: which fact, to whom, and of payers and sellers by which of its refunds. */
export const TicketWanted = z.object({
  mail: z.literal('ticket'),
  ticketId: Id,
  revision: z.int().nonnegative(),
  reader: Reader,
  nth: z.int().nonnegative(),
  /** The offer after whose last mail its address is forgotten; null for all other mails. */
  forgets: Id.nullable(),
})
type TicketWanted = z.infer<typeof TicketWanted>

const wantedBy = (fact: Known): TicketWanted[] => {
  const { type, stream, revision, data } = fact
  return (Object.keys(letters[type as keyof typeof letters] ?? {}) as Reader[]).flatMap((reader) =>
    partsFor(reader, 'refunds' in data ? data.refunds : undefined).map((nth) => ({
      mail: 'ticket' as const,
      ...{ ticketId: idOf(stream), revision, reader, nth },
      forgets: reader === 'recipient' ? offerEndedBy(fact) : null,
    })),
  )
}

const offerEndedBy = ({ type, data }: Known): string | null =>
  type === 'TicketOfferClosed' || type === 'TicketTransferred' ? data.offerId : null

/** By which refunds somebody may be concerned; a holder, and whom a fact without any concerns, by the fact as a whole. */
const partsFor = (reader: Reader, refunds: readonly Refund[] | undefined): number[] => {
  if (!refunds || reader === 'holder') return [0]
  const concerns = ({ shares }: Refund) => reader === 'payer' || shares.some(isSellers)
  return refunds.flatMap((refund, nth) => (concerns(refund) ? [nth] : []))
}

export const ticketWants: Reactor['wants'] = Object.fromEntries(Object.keys(letters).map((type) => [type, wantedBy]))

/** Undefined where it is not so any more, or where nobody is to be told. */
export const ticketMail = async (
  deps: LetterDeps,
  { ticketId, revision, reader, nth }: Omit<TicketWanted, 'forgets'>,
): Promise<Addressed | undefined> => {
  const facts = (await deps.ledger.read(streamOf('ticket', ticketId))).map(known)
  const fact = facts[revision]!
  const [before, after, now] = [revision, revision + 1, facts.length].map((end) => folded(facts.slice(0, end)))
  if (before?.status !== 'held' || !isEverHeld(after) || !isEverHeld(now))
    throw new Error(`ticket ${ticketId} had ${fact.type} at ${revision}, and nobody held it`)
  const tell = letters[fact.type as keyof typeof letters]?.[reader] as Tell<TicketFact['type']> | undefined
  const scene = { deps, data: fact.data, before, after, now, nth } as Scene<TicketFact['type']>
  const told = await tell?.(scene)
  const found = told && (await readerOf(deps, told.to))
  if (!found) return undefined

  const { eventId, venueId, typeId, validDates } = before.sale
  const { event, venueName } = await occasionOf(deps, { eventId, venueId })
  const typeName = event.types.get(typeId)?.name ?? typeId
  const language = languageOf(found.locale)
  const { publicUrl } = deps
  const subject = { ticketId, event: event.details, venueName, typeName, validDates, readerName: found.name, publicUrl }
  return {
    tenant: fact.metadata.tenant,
    to: { name: found.name ?? '', address: found.address },
    language: language.locale,
    letter: told.letter(subject, language),
  }
}

const folded = (facts: readonly Known[]): Ticket =>
  facts.reduce((state, fact) => ticket.evolve(state, fact as TicketFact), initial)

const isEverHeld = (state: Ticket | undefined) => state?.status === 'held' || state?.status === 'closed'

type Found = { readonly name: string | null; readonly address: string; readonly locale: string | undefined }

/** Undefined for who told no address, or was erased. Whom only an address is known of is written to as their giver is. */
const readerOf = async ({ people, addressees }: LetterDeps, to: Told['to']): Promise<Found | undefined> => {
  if (typeof to === 'string') {
    const person = await people.find(to)
    return person?.email ? { name: person.name, address: person.email, locale: person.locale } : undefined
  }
  const address = await addressees.find(to.offerId)
  return address === undefined ? undefined : { name: null, address, locale: (await people.find(to.from))?.locale }
}
