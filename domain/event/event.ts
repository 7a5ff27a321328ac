import { type Decider, type Decision, refuse } from '../decider.ts'
import { same } from '../same.ts'
import { days, daysBetween, localDay, plus, shifted } from '../time.ts'
import type { EventCancelReason, EventDetails, EventFact, TicketType } from './facts.ts'
import { DEFAULT_RULES, kinder, type RefundRules, type ResaleRules, type Rules, type TransferRules } from './rules.ts'

export type EventCommand =
  | { type: 'DraftEvent'; details: EventDetails }
  | { type: 'SizePool'; pool: string; size: number }
  | { type: 'SetTicketType'; ticketType: TicketType }
  | { type: 'SetEntrance'; name: string; zone: string }
  | { type: 'PublishEvent' }
  | { type: 'OpenSales' }
  | { type: 'CloseSales' }
  | { type: 'SetTransferRules'; rules: TransferRules }
  | { type: 'SetResaleRules'; rules: ResaleRules }
  | { type: 'SetRefundRules'; rules: RefundRules }
  | { type: 'RescheduleEvent'; startsAt: string; endsAt: string }
  | { type: 'CancelEvent'; reason: EventCancelReason }

export type EventRefusal =
  | 'EventNotFound'
  | 'EventAlreadyDrafted'
  | 'EventEndsBeforeItStarts'
  | 'EventOver'
  | 'EventIsCancelled'
  | 'EventNotPublished'
  | 'NothingToSell'
  | 'PoolNotFound'
  | 'PoolCannotShrink'
  | 'SlotBeyondPool'
  | 'SaleWindowEmpty'
  | 'BlackoutEmpty'
  | 'ZoneNotFound'

export type Drafted = {
  readonly status: 'drafted' | 'published' | 'cancelled'
  readonly details: EventDetails
  readonly salesOpen: boolean
  /** Size by name. A pool only grows. */
  readonly pools: ReadonlyMap<string, number>
  readonly types: ReadonlyMap<string, TicketType>
  /** The zone that each leads into, by name. */
  readonly entrances: ReadonlyMap<string, string>
  /** Every version there was, the newest last. */
  readonly rules: readonly [Rules, ...Rules[]]
  readonly reschedules: number
  /** Until then refunds give back the fees too; null where it was not moved, or the rules grant no such time. */
  readonly refundsUntil: string | null
}

export type Event = { readonly status: 'unknown' } | Drafted

export const event: Decider<EventCommand, EventFact, Event, EventRefusal> = {
  category: 'event',
  initial: { status: 'unknown' },

  decide: (c, e) => {
    if (c.type === 'DraftEvent') return draft(c.details, e)
    if (e.status === 'unknown') return refuse('EventNotFound')
    if (c.type === 'CancelEvent') return cancel(c.reason, c.at, e)
    if (e.status === 'cancelled') return refuse('EventIsCancelled')
    switch (c.type) {
      case 'SizePool':
        return sizePool(c.pool, c.size, e)
      case 'SetTicketType':
        return setTicketType(c.ticketType, e)
      case 'SetEntrance': {
        if (!e.details.zones.includes(c.zone)) return refuse('ZoneNotFound')
        if (e.entrances.get(c.name) === c.zone) return []
        return [{ type: 'EventEntranceSet', data: { name: c.name, zone: c.zone } }]
      }
      case 'PublishEvent':
        if (e.status === 'published') return []
        return e.types.size === 0 ? refuse('NothingToSell') : [{ type: 'EventPublished', data: {} }]
      case 'OpenSales':
        if (e.status !== 'published') return refuse('EventNotPublished')
        if (e.salesOpen) return []
        return c.at >= e.details.endsAt ? refuse('EventOver') : [{ type: 'EventSalesOpened', data: {} }]
      case 'CloseSales':
        return e.salesOpen ? [{ type: 'EventSalesClosed', data: {} }] : []
      case 'SetTransferRules':
        if (c.rules.blackouts.some(({ from, until }) => until <= from)) return refuse('BlackoutEmpty')
        return same(rulesNow(e).transfer, c.rules) ? [] : [{ type: 'EventTransferRulesSet', data: c.rules }]
      case 'SetResaleRules':
        return same(rulesNow(e).resale, c.rules) ? [] : [{ type: 'EventResaleRulesSet', data: c.rules }]
      case 'SetRefundRules':
        return same(rulesNow(e).refund, c.rules) ? [] : [{ type: 'EventRefundRulesSet', data: c.rules }]
      case 'RescheduleEvent':
        return reschedule(c, c.at, e)
    }
  },

  evolve: (e, { type, data }) => {
    if (type === 'EventDrafted')
      return {
        status: 'drafted',
        details: data,
        salesOpen: false,
        pools: new Map(),
        types: new Map(),
        entrances: new Map(),
        rules: [DEFAULT_RULES],
        reschedules: 0,
        refundsUntil: null,
      }
    if (e.status === 'unknown') return e
    switch (type) {
      case 'EventPoolSized':
        return { ...e, pools: new Map(e.pools).set(data.pool, data.size) }
      case 'EventTicketTypeSet':
        return { ...e, types: new Map(e.types).set(data.typeId, data) }
      case 'EventEntranceSet':
        return { ...e, entrances: new Map(e.entrances).set(data.name, data.zone) }
      case 'EventPublished':
        return { ...e, status: 'published' }
      case 'EventSalesOpened':
        return { ...e, salesOpen: true }
      case 'EventSalesClosed':
        return { ...e, salesOpen: false }
      case 'EventTransferRulesSet':
        return { ...e, rules: [...e.rules, { ...rulesNow(e), transfer: data }] }
      case 'EventResaleRulesSet':
        return { ...e, rules: [...e.rules, { ...rulesNow(e), resale: data }] }
      case 'EventRefundRulesSet':
        return { ...e, rules: [...e.rules, { ...rulesNow(e), refund: data }] }
      case 'EventRescheduled': {
        const { startsAt, endsAt, refundsUntil } = data
        return { ...e, details: { ...e.details, startsAt, endsAt }, reschedules: e.reschedules + 1, refundsUntil }
      }
      case 'EventCancelled':
        return { ...e, status: 'cancelled', salesOpen: false }
    }
  },
}

/** The rules as they are now. */
export const rulesNow = ({ rules }: Pick<Drafted, 'rules'>): Rules => rules.at(-1)!

/** Its number, as an order records it: the version that it was sold under. */
export const termsNow = ({ rules }: Pick<Drafted, 'rules'>): number => rules.length - 1

/** The rules for a ticket that was sold under a version of them: each of its rules as it was then, or as it is now where that is kinder. */
export const rulesFor = ({ rules }: Pick<Drafted, 'rules'>, terms: number): Rules =>
  kinder(rules[terms] ?? rules[0], rulesNow({ rules }))

const draft = (details: EventDetails, e: Event): Decision<EventFact, EventRefusal> => {
  if (details.endsAt <= details.startsAt) return refuse('EventEndsBeforeItStarts')
  if (e.status === 'unknown') return [{ type: 'EventDrafted', data: details }]
  return same(e.details, details) ? [] : refuse('EventAlreadyDrafted')
}

/** What is over is not cancelled any more. */
const cancel = (reason: EventCancelReason, at: string, e: Drafted): Decision<EventFact, EventRefusal> => {
  if (e.status === 'cancelled') return []
  return at >= e.details.endsAt ? refuse('EventOver') : [{ type: 'EventCancelled', data: { reason } }]
}

const reschedule = (
  { startsAt, endsAt }: { startsAt: string; endsAt: string },
  at: string,
  e: Drafted,
): Decision<EventFact, EventRefusal> => {
  if (endsAt <= startsAt) return refuse('EventEndsBeforeItStarts')
  if (e.details.startsAt === startsAt && e.details.endsAt === endsAt) return []
  if (at >= e.details.endsAt || at >= endsAt) return refuse('EventOver')
  // By the kindest rules that any of its tickets was sold under: there is one such time for all of them.
  const granted = Math.max(...e.rules.map(({ refund }) => refund.rescheduleDays ?? 0))
  const refundsUntil = granted === 0 ? null : plus(at, days(granted))
  return [{ type: 'EventRescheduled', data: { startsAt, endsAt, refundsUntil } }, ...movedTypes(startsAt, e)]
}

/** What admits on certain days admits as many days later or earlier as the event starts. */
const movedTypes = (startsAt: string, { details, types }: Drafted): EventFact[] => {
  const dayOf = (moment: string) => localDay(moment, details.timeZone)
  const later = daysBetween(dayOf(details.startsAt), dayOf(startsAt))
  if (later === 0) return []
  return [...types.values()].flatMap((type): EventFact[] =>
    type.validDates
      ? [{ type: 'EventTicketTypeSet', data: { ...type, validDates: shifted(type.validDates, later) } }]
      : [],
  )
}

const sizePool = (pool: string, size: number, e: Drafted): Decision<EventFact, EventRefusal> => {
  const known = e.pools.get(pool) ?? 0
  if (size === known) return []
  return size < known ? refuse('PoolCannotShrink') : [{ type: 'EventPoolSized', data: { pool, size } }]
}

const setTicketType = (ticketType: TicketType, e: Drafted): Decision<EventFact, EventRefusal> => {
  const { pool, from, to, zone, onSaleFrom, onSaleUntil } = ticketType
  const size = e.pools.get(pool)
  if (size === undefined) return refuse('PoolNotFound')
  if (from > size || (to !== null && (to > size || to < from))) return refuse('SlotBeyondPool')
  if (!e.details.zones.includes(zone)) return refuse('ZoneNotFound')
  if (onSaleFrom !== null && onSaleUntil !== null && onSaleUntil <= onSaleFrom) return refuse('SaleWindowEmpty')
  return same(e.types.get(ticketType.typeId), ticketType) ? [] : [{ type: 'EventTicketTypeSet', data: ticketType }]
}
