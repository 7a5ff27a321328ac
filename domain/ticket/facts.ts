import { z } from 'zod'
import type { FactOf } from '../fact.ts'
import { Id } from '../id.ts'
import { Money } from '../money.ts'
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
  TicketRefunded: z.object({ eventId: Id, typeId: Id, orderId: Id, price: Money }),
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
