import { z } from 'zod'
import type { FactOf } from '../fact.ts'
import { Id } from '../id.ts'
import { Amount, BasisPoints, Currency, Total } from '../money.ts'
import { Slot } from '../slot.ts'
import { At, Day } from '../time.ts'
import { ZoneName } from '../zone.ts'

const Edition = z.int().positive()

/** One ticket of an order, as it was priced by the server when the order was placed. Amounts are in the order's currency. */
export const Line = z.object({
  kind: z.enum(['ticket']),
  typeId: Id,
  slot: Slot,
  edition: Edition,
  /** Who will hold it: the payer, unless somebody else was named. */
  holderId: Id,
  price: Amount,
  fees: z.array(z.object({ code: z.string(), amount: Total, paidBy: z.enum(['buyer', 'venue']) })),
  taxes: z.array(z.object({ name: z.string(), basisPoints: BasisPoints, inclusive: z.boolean(), amount: Amount })),
  zone: ZoneName,
  validDates: z.array(Day).min(1).nullable(),
})
export type Line = z.infer<typeof Line>

/** A slot that the order may have touched. */
const Touched = z.object({ slot: Slot, edition: Edition })
export type Touched = z.infer<typeof Touched>

/** `external`: placed and paid elsewhere, by a service of the tenant's. */
export const OrderKind = z.enum(['purchase', 'external'])

export const Delivery = z.enum(['digital'])

const Placed = z.object({
  kind: OrderKind,
  eventId: Id,
  venueId: Id,
  payerId: Id,
  currency: Currency,
  lines: z.array(Line).min(1),
  total: Total,
  /** Several where a group pays; each can be refunded in part. Empty where nothing is to pay. */
  payments: z.array(z.object({ paymentId: Id, amount: Total })),
  /** The quotas to claim before anything is reserved. */
  limits: z.array(z.object({ quotaId: Id, amount: z.int().positive(), limit: z.int().positive() })),
  delivery: Delivery,
  expiresAt: At,
})
export type Placed = z.infer<typeof Placed>

/** Why an order ended, or will end, without tickets. */
export const EndReason = z.enum([
  'limit_reached',
  'tickets_taken',
  'lapsed',
  'cancelled',
  'not_chargeable',
  'payment_declined',
  'capture_refused',
  'reservation_lost',
])
export type EndReason = z.infer<typeof EndReason>

/** What somebody is owed out of an order, or with a minus owes. */
export const Share = z.object({ account: z.string(), amount: z.int() })
export type Share = z.infer<typeof Share>

/** Stored forever: add, never edit. */
export const orderFacts = {
  OrderPlaced: Placed,
  OrderLimitClaimed: z.object({}),
  /** The slot of a line was taken by another order: this one is tried in its place. */
  OrderSlotSuggested: z.object({ line: z.int().nonnegative(), slot: Slot, edition: Edition }),
  OrderTicketsReserved: z.object({}),
  OrderPaymentAuthorised: z.object({ paymentId: Id }),
  OrderPaymentCaptured: z.object({ paymentId: Id }),
  OrderConfirmed: z.object({
    eventId: Id,
    venueId: Id,
    payerId: Id,
    ticketIds: z.array(Id).min(1),
    currency: Currency,
    total: Total,
    /** Adds up to the total. */
    shares: z.array(Share),
  }),
  OrderRevertStarted: z.object({ reason: EndReason }),
  OrderCancelled: z.object({ eventId: Id, payerId: Id, reason: EndReason }),
  OrderRefundRequested: z.object({ reason: EndReason }),
  OrderRefunded: z.object({ eventId: Id, payerId: Id, reason: EndReason }),
}
export type OrderFact = FactOf<typeof orderFacts>
