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
}
export type TicketFact = FactOf<typeof ticketFacts>
