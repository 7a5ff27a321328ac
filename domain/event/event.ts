import { type Decider, type Decision, refuse } from '../decider.ts'
import { same } from '../same.ts'
import type { EventDetails, EventFact, TicketType } from './facts.ts'

export type EventCommand =
  | { type: 'DraftEvent'; details: EventDetails }
  | { type: 'SizePool'; pool: string; size: number }
  | { type: 'SetTicketType'; ticketType: TicketType }
  | { type: 'SetEntrance'; name: string; zone: string }
  | { type: 'PublishEvent' }
  | { type: 'OpenSales' }
  | { type: 'CloseSales' }

export type EventRefusal =
  | 'EventNotFound'
  | 'EventAlreadyDrafted'
  | 'EventEndsBeforeItStarts'
  | 'EventOver'
  | 'EventNotPublished'
  | 'NothingToSell'
  | 'PoolNotFound'
  | 'PoolCannotShrink'
  | 'SlotBeyondPool'
  | 'SaleWindowEmpty'
  | 'ZoneNotFound'

export type Drafted = {
  readonly status: 'drafted' | 'published'
  readonly details: EventDetails
  readonly salesOpen: boolean
  /** Size by name. A pool only grows. */
  readonly pools: ReadonlyMap<string, number>
  readonly types: ReadonlyMap<string, TicketType>
  /** The zone that each leads into, by name. */
  readonly entrances: ReadonlyMap<string, string>
}

export type Event = { readonly status: 'unknown' } | Drafted

export const event: Decider<EventCommand, EventFact, Event, EventRefusal> = {
  category: 'event',
  initial: { status: 'unknown' },

  decide: (c, e) => {
    if (c.type === 'DraftEvent') return draft(c.details, e)
    if (e.status === 'unknown') return refuse('EventNotFound')
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
    }
  },
}

const draft = (details: EventDetails, e: Event): Decision<EventFact, EventRefusal> => {
  if (details.endsAt <= details.startsAt) return refuse('EventEndsBeforeItStarts')
  if (e.status === 'unknown') return [{ type: 'EventDrafted', data: details }]
  return same(e.details, details) ? [] : refuse('EventAlreadyDrafted')
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
