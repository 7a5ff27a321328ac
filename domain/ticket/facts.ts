import { z } from 'zod'
import type { FactOf } from '../fact.ts'
import { Id } from '../id.ts'
import { Money } from '../money.ts'
import { Share } from '../order/facts.ts'
import { IdentityDocument } from '../person.ts'
import { Slot } from '../slot.ts'
import { At, Day } from '../time.ts'
import { ZoneName } from '../zone.ts'

/** Names the one live credential; it rises in the very fact that kills the older one. */
export const Generation = z.int().positive()

/** How a code reached the gate: made anew every 30 s by the app, or printed for good. */
export const Carrier = z.enum(['app', 'static'])
export type Carrier = z.infer<typeof Carrier>

/** Why a reservation ended without a sale. The last three name orphans. */
export const ReleaseReason = z.enum([
  'order_ended',
  'slot_replaced',
  'taken_over',
  'no_order',
  'order_failed',
  'should_be_expired',
])
export type ReleaseReason = z.infer<typeof ReleaseReason>

/** What keeps the copy on chain from being the ticket: it was refused there, or something else stands there. */
export const CopyTrouble = z.enum([
  'failed',
  'unknown_on_chain',
  'version_behind',
  'holder_differs',
  'status_differs',
  'mint_missing',
])
export type CopyTrouble = z.infer<typeof CopyTrouble>

/** An account on Solana, in base58. */
const ChainAddress = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/)

/** What became final on chain, and where. The signature is null where it was found there, and nobody remembers how it came about. */
const Settled = z.object({
  eventId: Id,
  version: z.int().positive(),
  ticketAddress: ChainAddress,
  eventAddress: ChainAddress,
  signature: z.string().nullable(),
})

/** How a ticket is given away: at once, or offered to somebody's e-mail address. */
export const GivingKind = z.enum(['transfer', 'gift'])
export type GivingKind = z.infer<typeof GivingKind>

/** What befell a ticket that an offer, a listing or a claim ended with. */
export const EndedWith = z.enum(['admitted', 'locked', 'reported', 'closed'])
export type EndedWith = z.infer<typeof EndedWith>

/** Why an offer ended without the ticket changing hands. */
export const OfferEnd = z.enum(['cancelled', 'declined', 'lapsed', 'too_many_tries', ...EndedWith.options])
export type OfferEnd = z.infer<typeof OfferEnd>

/** Why a listing ended without a buyer. */
export const ListingEnd = z.enum(['withdrawn', ...EndedWith.options])

/** Why a buyer lost a claim on a listed ticket. */
export const ClaimEnd = z.enum(['order_ended', 'taken_over', ...EndedWith.options])

export const LockReason = z.enum([
  'fraud_investigation',
  'chargeback_pending',
  'dispute',
  'admin_request',
  'event_policy',
  'legal_hold',
])
export type LockReason = z.infer<typeof LockReason>

export const LossKind = z.enum(['lost', 'stolen'])
export type LossKind = z.infer<typeof LossKind>

export const RevokeReason = z.enum(['fraud', 'terms_violated', 'chargeback', 'admin_request'])
export type RevokeReason = z.infer<typeof RevokeReason>

/** One sale of a closed ticket undone: what goes back to its payer, and whose shares of the price are given back for it. */
export const Refund = z.object({
  refundId: Id,
  orderId: Id,
  /** Null where nothing was paid. */
  paymentId: Id.nullable(),
  amount: Money,
  /** What each account gives back. Adds up to the amount. */
  shares: z.array(Share),
})
export type Refund = z.infer<typeof Refund>

const Moved = z.object({ eventId: Id, from: Id, to: Id, generation: Generation, movedAt: At })

/** Stored forever: add, never edit. */
export const ticketFacts = {
  TicketReserved: z.object({
    eventId: Id,
    venueId: Id,
    typeId: Id,
    slot: Slot,
    edition: z.int().positive(),
    orderId: Id,
    price: Money,
    expiresAt: At,
  }),
  TicketReservationExtended: z.object({ eventId: Id, orderId: Id, expiresAt: At }),
  TicketReservationReleased: z.object({ eventId: Id, orderId: Id, reason: ReleaseReason }),
  /** Means paid. Whatever a customer can use hangs on it. */
  TicketSold: z.object({
    eventId: Id,
    venueId: Id,
    typeId: Id,
    orderId: Id,
    payerId: Id,
    holderId: Id,
    price: Money,
    generation: Generation,
    zone: ZoneName,
    /** The event's local days that it admits on; null for the whole of the event. */
    validDates: z.array(Day).min(1).nullable(),
    delivery: z.enum(['digital', 'will_call', 'mail']),
    transferable: z.boolean(),
  }),
  TicketAdmitted: z.object({
    eventId: Id,
    scanId: Id,
    generation: Generation,
    carrier: Carrier,
    nonce: z.string(),
    source: z.enum(['online', 'offline']),
    /** When it was scanned, and when the ledger heard of it. */
    happenedAt: At,
    seenAt: At,
    deviceId: Id,
    deviceName: z.string(),
    entrance: z.string().nullable(),
    zone: ZoneName,
  }),
  /** Given back for money: closed for good, and each of its sales is undone. Without refunds where its first order never came to an end. */
  TicketRefunded: z.object({ eventId: Id, typeId: Id, orderId: Id, price: Money, refunds: z.array(Refund) }),
  /** `to` null: to an address that the vault keeps under the offer's id. */
  TicketOffered: z.object({
    eventId: Id,
    offerId: Id,
    kind: GivingKind,
    from: Id,
    to: Id.nullable(),
    expiresAt: At,
  }),
  /** Somebody gave a wrong acceptance code. */
  TicketOfferTried: z.object({ eventId: Id, offerId: Id, tryId: Id }),
  TicketOfferClosed: z.object({ eventId: Id, offerId: Id, reason: OfferEnd }),
  TicketTransferred: Moved.extend({ offerId: Id, kind: GivingKind }),
  /** Listed for sale, or listed at another price. */
  TicketListed: z.object({ eventId: Id, typeId: Id, listingId: Id, sellerId: Id, price: Money }),
  TicketDelisted: z.object({ eventId: Id, listingId: Id, reason: ListingEnd }),
  /** A buyer's order holds it while it is paid. */
  TicketClaimed: z.object({ eventId: Id, listingId: Id, orderId: Id, buyerId: Id, price: Money, expiresAt: At }),
  TicketClaimExtended: z.object({ eventId: Id, orderId: Id, expiresAt: At }),
  TicketClaimReleased: z.object({ eventId: Id, orderId: Id, reason: ClaimEnd }),
  /** Means paid, as TicketSold does. */
  TicketResold: Moved.extend({ listingId: Id, orderId: Id, price: Money }),
  TicketLocked: z.object({ eventId: Id, lockId: Id, reason: LockReason }),
  TicketUnlocked: z.object({ eventId: Id, lockId: Id }),
  TicketReportedLost: z.object({ eventId: Id, reportId: Id, kind: LossKind }),
  TicketReportClosed: z.object({ eventId: Id, reportId: Id, outcome: z.enum(['withdrawn', 'rejected']) }),
  /** Of a check of the holder's identity, its kind and outcome alone. */
  TicketIdentityChecked: z.object({
    eventId: Id,
    checkId: Id,
    document: IdentityDocument,
    outcome: z.enum(['matched', 'differed']),
  }),
  TicketReissued: z.object({
    eventId: Id,
    reissueId: Id,
    reason: z.enum(['duplicate_ticket']),
    /** The report that it answers; null where nobody had reported anything. */
    reportId: Id.nullable(),
    generation: Generation,
  }),
  /** Its event was moved to another time. */
  TicketRescheduled: z.object({
    eventId: Id,
    startsAt: At,
    endsAt: At,
    /** The days that it admits on from now on; null for the whole of the event. */
    validDates: z.array(Day).min(1).nullable(),
  }),
  TicketRevoked: z.object({ eventId: Id, typeId: Id, reason: RevokeReason }),
  /** Its event does not take place. */
  TicketCancelled: z.object({ eventId: Id, typeId: Id, refunds: z.array(Refund) }),
  /** Its event is over. */
  TicketExpired: z.object({ eventId: Id, admitted: z.boolean() }),
  /** Its token is final on chain. */
  TicketMinted: Settled.extend({ mintAddress: ChainAddress }),
  /** A later state of it is final on chain, or the first where its event has no tokens. */
  TicketSettled: Settled,
  /** Until it settles again. */
  TicketUnsettled: z.object({ eventId: Id, version: z.int().positive(), trouble: CopyTrouble }),
  /** Somebody had the copy put right: it is sent anew as this version, which is beyond any that was seen on chain. */
  TicketRepairOrdered: z.object({ eventId: Id, version: z.int().positive() }),
  /** Its holder linked or unlinked a wallet, which no fact names. */
  TicketWalletChanged: z.object({ eventId: Id, personFactId: Id }),
  /** Its accounts were closed for their rent, once nothing could change there any more. */
  TicketLeftChain: z.object({ eventId: Id, signature: z.string().nullable() }),
}
export type TicketFact = FactOf<typeof ticketFacts>
