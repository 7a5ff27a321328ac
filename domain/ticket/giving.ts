import { type Decision, refuse, type Timed } from '../decider.ts'
import type { Rules } from '../event/rules.ts'
import { hours, minutes, plus } from '../time.ts'
import type { GivingKind, OfferEnd, TicketFact } from './facts.ts'
import { type MoveRefusal, obstacleTo } from './moves.ts'
import type { Closed, Held, Ticket } from './state.ts'

/** What the event asks of a ticket that changes hands, gathered beforehand. */
export type Terms = Rules['transfer'] & { readonly startsAt: string }

type Giving = {
  readonly offerId: string
  readonly kind: GivingKind
  /** Who gives: its holder, or nobody's ticket is given away. */
  readonly from: string
  readonly terms: Terms
  /** Whether both have shown who they are. A recipient whom nobody knows yet is judged when they accept. */
  readonly isVerified: { readonly from: boolean; readonly to: boolean }
}

export type GivingCommand =
  | ({ type: 'OfferTicket'; to: string | null } & Giving)
  /** At once, without being asked. */
  | ({ type: 'TransferTicket'; to: string } & Giving)
  | { type: 'AcceptOffer'; offerId: string; by: string; terms: Terms; isVerified: Giving['isVerified'] }
  /** Somebody gave a wrong acceptance code. Each try has an id. */
  | { type: 'TryOffer'; offerId: string; tryId: string }
  | { type: 'CloseOffer'; offerId: string; reason: Extract<OfferEnd, 'cancelled' | 'declined' | 'lapsed'>; by: string }

export type GivingRefusal =
  | MoveRefusal
  | 'NotTheHolder'
  | 'TicketClosed'
  | 'TicketNotTransferable'
  | 'SelfTransfer'
  | 'TransfersForbidden'
  | 'TransferBlackout'
  | 'TransferDeadlinePassed'
  | 'TransferCooldown'
  | 'TooManyTransfers'
  | 'SenderNotVerified'
  | 'RecipientNotVerified'
  | 'OfferNotFound'
  | 'OfferClosed'
  | 'OfferLapsed'

/** How long an offer stands, in seconds. */
export const OFFER_SECONDS = hours(48)

/** After so many wrong codes an offer is closed. */
export const MOST_TRIES = 5

type Decide<C extends GivingCommand['type']> = (
  command: Timed<Extract<GivingCommand, { type: C }>>,
  ticket: Ticket,
) => Decision<TicketFact, GivingRefusal>

export const offer: Decide<'OfferTicket'> = ({ at, offerId, kind, from, to, terms, isVerified }, t) => {
  if (t.status !== 'held') return refuse(t.status === 'closed' ? 'TicketClosed' : 'NotTheHolder')
  if (t.offer?.offerId === offerId || t.offers[offerId]) return []
  const refused = mayGive(t, from, to, at, terms, { ...isVerified, to: to === null || isVerified.to })
  if (refused) return refuse(refused)
  const end = closing(terms)
  const lapses = plus(at, OFFER_SECONDS)
  const expiresAt = end !== null && end < lapses ? end : lapses
  return [{ type: 'TicketOffered', data: { eventId: t.sale.eventId, offerId, kind, from, to, expiresAt } }]
}

export const transfer: Decide<'TransferTicket'> = ({ at, offerId, kind, from, to, terms, isVerified }, t) => {
  if (t.status !== 'held') return refuse(t.status === 'closed' ? 'TicketClosed' : 'NotTheHolder')
  if (t.offers[offerId]) return []
  const refused = mayGive(t, from, to, at, terms, isVerified)
  return refused ? refuse(refused) : [transferred(t, { offerId, kind, from, to, at })]
}

export const accept: Decide<'AcceptOffer'> = ({ at, offerId, by, terms, isVerified }, t) => {
  const found = standing(offerId, t)
  // They took it before. Who has the ticket by a later move did not take this offer.
  if (t.status === 'held' && t.moved?.by === offerId && t.holderId === by) return []
  if ('refused' in found) return found
  const { held, offer } = found
  // A gift is to an address: whoever has its code reads the mails there, which nobody shows who merely says that the address is theirs.
  if (offer.kind === 'transfer' && offer.to !== by) return refuse('OfferNotFound')
  if (offer.from === by) return refuse('SelfTransfer')
  if (at >= offer.expiresAt) return refuse('OfferLapsed')
  const refused = obstacleTo('accept', held) ?? ruledOut(terms, at) ?? unverified(terms, isVerified)
  return refused ? refuse(refused) : [transferred(held, { ...offer, to: by, at })]
}

export const tryOffer: Decide<'TryOffer'> = ({ offerId, tryId }, t) => {
  const found = standing(offerId, t)
  if ('refused' in found)
    return t.status === 'held' && t.offers[offerId] === 'too_many_tries' ? [] : refuse(found.refused)
  const { held, offer } = found
  if (offer.tries.includes(tryId)) return []
  const { eventId } = held.sale
  const tried: TicketFact = { type: 'TicketOfferTried', data: { eventId, offerId, tryId } }
  if (offer.tries.length + 1 < MOST_TRIES) return [tried]
  return [tried, { type: 'TicketOfferClosed', data: { eventId, offerId, reason: 'too_many_tries' } }]
}

/** By its giver, by whom it was offered to (of a gift, whoever has the code), or by time. */
export const closeOffer: Decide<'CloseOffer'> = ({ at, offerId, reason, by }, t) => {
  if (t.status === 'held' && t.offers[offerId] === reason) return []
  const found = standing(offerId, t)
  if ('refused' in found) return found
  const { held, offer } = found
  const mayClose = {
    cancelled: offer.from === by,
    declined: offer.kind === 'gift' ? offer.from !== by : offer.to === by,
    lapsed: at >= offer.expiresAt,
  }
  if (!mayClose[reason]) return reason === 'lapsed' ? [] : refuse('OfferNotFound')
  return [{ type: 'TicketOfferClosed', data: { eventId: held.sale.eventId, offerId, reason } }]
}

/** The end of the time in which a ticket may be given away; null where there is none. */
export const closing = ({ endsMinutesBeforeStart, startsAt }: Terms): string | null =>
  endsMinutesBeforeStart === null ? null : plus(startsAt, -minutes(endsMinutesBeforeStart))

/** From when a ticket may change hands again; null where it may. */
export const cooledDownAt = ({ moved }: Held, { cooldownMinutes }: Terms, at: string): string | null => {
  if (!moved) return null
  const until = plus(moved.at, minutes(cooldownMinutes))
  return at < until ? until : null
}

export const blackoutAt = ({ blackouts }: Pick<Terms, 'blackouts'>, at: string) =>
  blackouts.find(({ from, until }) => from <= at && at < until)

const mayGive = (
  t: Held,
  from: string,
  to: string | null,
  at: string,
  terms: Terms,
  isVerified: Giving['isVerified'],
): GivingRefusal | null => {
  if (t.holderId !== from) return 'NotTheHolder'
  if (from === to) return 'SelfTransfer'
  if (!t.sale.transferable) return 'TicketNotTransferable'
  const refused = obstacleTo('give', t) ?? ruledOut(terms, at)
  if (refused) return refused
  if (terms.maxMoves !== null && t.superseded.filter((how) => how !== 'reissued').length >= terms.maxMoves)
    return 'TooManyTransfers'
  if (cooledDownAt(t, terms, at) !== null) return 'TransferCooldown'
  return unverified(terms, isVerified)
}

const ruledOut = (terms: Terms, at: string): GivingRefusal | null => {
  if (!terms.allowed) return 'TransfersForbidden'
  const end = closing(terms)
  if (end !== null && at >= end) return 'TransferDeadlinePassed'
  return blackoutAt(terms, at) ? 'TransferBlackout' : null
}

const unverified = ({ identityVerified }: Terms, { from, to }: Giving['isVerified']): GivingRefusal | null => {
  if (!identityVerified) return null
  if (!from) return 'SenderNotVerified'
  return to ? null : 'RecipientNotVerified'
}

/** Why an offer of a ticket that is closed is over: what became of the ticket is told only where the offer ended by that. */
export const overWithTicket = ({ offers }: Closed, offerId: string): 'TicketClosed' | 'OfferClosed' =>
  (offers[offerId] ?? 'closed') === 'closed' ? 'TicketClosed' : 'OfferClosed'

const standing = (offerId: string, t: Ticket) => {
  if (t.status === 'closed') return refuse(overWithTicket(t, offerId))
  if (t.status !== 'held') return refuse('OfferNotFound')
  if (t.offer?.offerId === offerId) return { held: t, offer: t.offer }
  return refuse(t.offers[offerId] ? 'OfferClosed' : 'OfferNotFound')
}

const transferred = (
  t: Held,
  { offerId, kind, from, to, at }: { offerId: string; kind: GivingKind; from: string; to: string; at: string },
): TicketFact => ({
  type: 'TicketTransferred',
  data: { eventId: t.sale.eventId, from, to, generation: t.generation + 1, movedAt: at, offerId, kind },
})
