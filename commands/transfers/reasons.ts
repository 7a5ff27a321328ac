import type { Refusal } from '../../domain/refusals.ts'
import { blackoutAt, closing, cooledDownAt, type Terms } from '../../domain/ticket/giving.ts'
import type { Held, Ticket } from '../../domain/ticket/state.ts'
import { days, plus } from '../../domain/time.ts'

/** A "no", and the sentence that names the ticket, how it stands and when it may be tried again. */
export type No = { readonly refused: Refusal; readonly why?: string | undefined }

/** What a refusal was decided on. */
export type Case = {
  readonly ticketId: string
  readonly ticket: Ticket
  readonly at: string
  /** Of the ticket; undefined where nothing was decided by them. */
  readonly terms?: Terms | undefined
  /** That something was asked of. */
  readonly offerId?: string | undefined
}

export const because = (refused: Refusal, on: Case): No => ({ refused, why: why(refused, on) })

const why = (refused: Refusal, on: Case): string | undefined => {
  const { ticketId, ticket, at, terms, offerId } = on
  const name = `Ticket ${ticketId}`
  if (refused === 'TooManyTransfersToday')
    return `${name} is the one too many of ${at.slice(0, 10)} (UTC), ${terms?.perDay} a day; it may be tried again from ${midnightAfter(at)}.`
  if (!('offers' in ticket)) return undefined
  if (refused === 'OfferClosed')
    return `The offer of ${lower(name)} is over: ${offerId === undefined ? 'it ended' : ticket.offers[offerId]}.`
  if (ticket.status === 'closed')
    return refused === 'TicketClosed'
      ? `${name} is ${ticket.closedAs.toUpperCase()}, and cannot become TRANSFERRED.`
      : undefined
  return whyHeld[refused]?.({ name, ticket, at, terms, offerId })
}

type Facts = Omit<Case, 'ticketId'> & { readonly name: string; readonly ticket: Held }

/** Those that have more to say than their title. */
const whyHeld: { readonly [R in Refusal]?: (on: Facts) => string } = {
  TicketNotHeld: ({ name }) => `The order of ${lower(name)} is not confirmed yet.`,
  EventIsCancelled: ({ name, ticket }) => `${name} is for event ${ticket.sale.eventId}.`,
  TicketNotTransferable: ({ name }) => `${name} stays with its holder.`,
  TicketIsAdmitted: ({ name, ticket }) =>
    `${name} is CHECKED_IN since ${ticket.admissions[0]?.happenedAt}, and cannot become TRANSFERRED.`,
  TicketIsLocked: ({ name, ticket }) => `${name} is locked: ${ticket.locks.map(({ reason }) => reason).join(', ')}.`,
  TicketIsReported: ({ name, ticket }) => `${name} is reported ${ticket.report?.kind}.`,
  TicketIsClaimed: ({ name, ticket }) => `${name} is being bought, until ${ticket.claim?.expiresAt} at the latest.`,
  TicketIsListed: ({ name, ticket }) => `${name} is listed as ${ticket.listing?.listingId}.`,
  TicketIsOffered: ({ name, ticket }) =>
    `${name} is offered until ${ticket.offer?.expiresAt}, as ${ticket.offer?.offerId}.`,
  TicketNotCollected: ({ name }) => `${name} is waiting at the box office.`,
  TransfersForbidden: ({ name, ticket }) => `${name} is for event ${ticket.sale.eventId}, which allows none.`,
  TransferBlackout: ({ name, terms, at }) => {
    const period = terms && blackoutAt(terms, at)
    return `${name} may not be given away from ${period?.from} on; it may again from ${period?.until}.`
  },
  TransferDeadlinePassed: ({ name, terms }) => `${name} could be given away until ${terms && closing(terms)}.`,
  TransferCooldown: ({ name, ticket, terms, at }) =>
    `${name} changed hands at ${ticket.moved?.at}; it may again from ${terms && cooledDownAt(ticket, terms, at)}.`,
  TooManyTransfers: ({ name, terms }) => `${name} may change hands ${terms?.maxMoves} times, and has.`,
  SenderNotVerified: ({ name, ticket }) => `${name} is for event ${ticket.sale.eventId}, which asks it of its giver.`,
  RecipientNotVerified: ({ name, ticket }) =>
    `${name} is for event ${ticket.sale.eventId}, which asks it of whoever receives it.`,
  SelfTransfer: ({ name }) => `${name} would stay where it is.`,
  OfferLapsed: ({ name, ticket }) => `${name} was offered until ${ticket.offer?.expiresAt}.`,
}

const lower = (name: string): string => `t${name.slice(1)}`

const midnightAfter = (at: string): string => `${plus(at, days(1)).slice(0, 10)}T00:00:00.000Z`
