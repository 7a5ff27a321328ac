import { z } from 'zod'
import type { FactOf } from '../fact.ts'
import { Id } from '../id.ts'
import { Amount, BasisPoints, Currency } from '../money.ts'
import { PoolName } from '../slot.ts'
import { At, Day, TimeZone } from '../time.ts'
import { ZoneName, Zones } from '../zone.ts'
import { RefundRules, ResaleRules, TransferRules } from './rules.ts'

export const MAX_POOL_SIZE = 1_000_000

/** The most tickets in one order. */
export const MAX_ORDER = 50

/** `inclusive`: already in the price; otherwise on top of it. */
export const Tax = z.object({
  name: z.string().trim().min(1).max(50),
  basisPoints: BasisPoints,
  inclusive: z.boolean(),
})
export type Tax = z.infer<typeof Tax>

/** What of an event's tickets is copied to the chain: an account and a token each, the account alone, or nothing. */
export const ChainMode = z.enum(['token', 'record', 'off'])
export type ChainMode = z.infer<typeof ChainMode>

export const EventDetails = z.object({
  venueId: Id,
  name: z.string().trim().min(1).max(200),
  type: z.enum(['single']),
  startsAt: At,
  endsAt: At,
  timeZone: TimeZone,
  currency: Currency,
  zones: Zones,
  chain: ChainMode,
})
export type EventDetails = z.infer<typeof EventDetails>

export const TicketType = z.object({
  typeId: Id,
  name: z.string().trim().min(1).max(100),
  pool: PoolName,
  /** The slots of the pool that it draws from, both ends included; `to` null: as far as the pool reaches, also once it has grown. */
  from: z.int().min(1).max(MAX_POOL_SIZE),
  to: z.int().min(1).max(MAX_POOL_SIZE).nullable(),
  /** In minor units of the event's currency. */
  price: Amount,
  taxes: z.array(Tax).max(5),
  zone: ZoneName,
  /** The event's local days that it admits on; null for the whole of the event. */
  validDates: z.array(Day).min(1).max(100).nullable(),
  maxPerOrder: z.int().min(1).max(MAX_ORDER),
  /** Over all orders of one person; null for no limit. */
  maxPerPerson: z.int().min(1).nullable(),
  onSaleFrom: At.nullable(),
  onSaleUntil: At.nullable(),
  /** Whether its holder may give it to somebody else. */
  transferable: z.boolean(),
})
export type TicketType = z.infer<typeof TicketType>

export const EntranceName = z.string().trim().min(1).max(50)

export const EventCancelReason = z.enum(['organizer', 'performer', 'weather', 'safety', 'authorities', 'other'])
export type EventCancelReason = z.infer<typeof EventCancelReason>

/** Stored forever: add, never edit. */
export const eventFacts = {
  EventDrafted: EventDetails,
  EventPoolSized: z.object({ pool: PoolName, size: z.int().min(1).max(MAX_POOL_SIZE) }),
  EventTicketTypeSet: TicketType,
  EventEntranceSet: z.object({ name: EntranceName, zone: ZoneName }),
  EventPublished: z.object({}),
  EventSalesOpened: z.object({}),
  EventSalesClosed: z.object({}),
  EventTransferRulesSet: TransferRules,
  EventResaleRulesSet: ResaleRules,
  EventRefundRulesSet: RefundRules,
  EventRescheduled: z.object({
    startsAt: At,
    endsAt: At,
    /** Until then a refund gives back the fees too; null where the rules grant no such time. */
    refundsUntil: At.nullable(),
  }),
  EventCancelled: z.object({ reason: EventCancelReason }),
}
export type EventFact = FactOf<typeof eventFacts>
