import { sql } from 'kysely'
import type { EventDetails, TicketType } from '../../domain/event/facts.ts'
import { DEFAULT_RULES, type Rules } from '../../domain/event/rules.ts'
import { idOf } from '../../domain/fact.ts'
import type { Known } from '../../domain/registry.ts'
import { DEFAULT_ROYALTY, type Fee } from '../../domain/venue.ts'
import { type Fold, foldInto } from '../fold.ts'
import type { ReadModel } from '../read-model.ts'

export type VenueRow = {
  tenant: string
  venue_id: string
  name: string
  time_zone: string
  fees: Fee[]
  /** Basis points of a resale. */
  royalty: number
}

export type EventRow = {
  tenant: string
  event_id: string
  venue_id: string
  starts_at: string
  details: EventDetails
  status: 'drafted' | 'published' | 'cancelled'
  sales_open: boolean
  pools: { pool: string; size: number }[]
  types: TicketType[]
  entrances: { name: string; zone: string }[]
  /** The newest version of each. */
  rules: Rules
  /** Until then refunds give back the fees too; null where it was not moved to another time, or its rules grant none. */
  refunds_until: string | null
}

export type CatalogueTables = { venue: VenueRow; event: EventRow }

const venues: Fold<Known, 'venue', VenueRow, 'tenant' | 'venue_id'> = {
  table: 'venue',
  key: ['tenant', 'venue_id'],
  keysOf: ({ stream, metadata }) =>
    stream.startsWith('venue-') ? [{ tenant: metadata.tenant, venue_id: idOf(stream) }] : [],
  evolve: (row, { type, data }, key) => {
    if (type === 'VenueRegistered')
      return { ...key, name: data.name, time_zone: data.timeZone, fees: [], royalty: DEFAULT_ROYALTY }
    if (!row) return row
    switch (type) {
      case 'VenueFeesSet':
        return { ...row, fees: data.fees }
      case 'VenueRoyaltySet':
        return { ...row, royalty: data.basisPoints }
      default:
        return row
    }
  },
}

const events: Fold<Known, 'event', EventRow, 'tenant' | 'event_id'> = {
  table: 'event',
  key: ['tenant', 'event_id'],
  keysOf: ({ stream, metadata }) =>
    stream.startsWith('event-') ? [{ tenant: metadata.tenant, event_id: idOf(stream) }] : [],
  evolve: (row, { type, data }, key) => {
    if (type === 'EventDrafted')
      return {
        ...key,
        venue_id: data.venueId,
        starts_at: data.startsAt,
        details: data,
        status: 'drafted',
        sales_open: false,
        pools: [],
        types: [],
        entrances: [],
        rules: DEFAULT_RULES,
        refunds_until: null,
      }
    if (!row) return row
    switch (type) {
      case 'EventPoolSized':
        return { ...row, pools: set(row.pools, data, 'pool') }
      case 'EventTicketTypeSet':
        return { ...row, types: set(row.types, data, 'typeId') }
      case 'EventEntranceSet':
        return { ...row, entrances: set(row.entrances, data, 'name') }
      case 'EventPublished':
        return { ...row, status: 'published' }
      case 'EventSalesOpened':
        return { ...row, sales_open: true }
      case 'EventSalesClosed':
        return { ...row, sales_open: false }
      case 'EventTransferRulesSet':
        return { ...row, rules: { ...row.rules, transfer: data } }
      case 'EventResaleRulesSet':
        return { ...row, rules: { ...row.rules, resale: data } }
      case 'EventRefundRulesSet':
        return { ...row, rules: { ...row.rules, refund: data } }
      case 'EventRescheduled': {
        const { startsAt, endsAt, refundsUntil } = data
        const details = { ...row.details, startsAt, endsAt }
        return { ...row, starts_at: startsAt, details, refunds_until: refundsUntil }
      }
      case 'EventCancelled':
        return { ...row, status: 'cancelled', sales_open: false }
      default:
        return row
    }
  },
}

/** In place of the one of the same name, or as the last. */
const set = <T, K extends keyof T>(items: readonly T[], item: T, name: K): T[] => {
  const at = items.findIndex((known) => known[name] === item[name])
  return at === -1 ? [...items, item] : items.with(at, item)
}

/** What a tenant has on: its venues and its events with all that is on sale. */
export const catalogue: ReadModel<Known, CatalogueTables> = {
  name: 'catalogue',
  version: 2,
  create: async (tx) => {
    await sql`create table venue (
      tenant text, venue_id uuid, name text not null, time_zone text not null, fees jsonb not null,
      royalty int not null, primary key (tenant, venue_id))`.execute(tx)
    await sql`create table event (
      tenant text, event_id uuid, venue_id uuid not null, starts_at text not null, details jsonb not null,
      status text not null, sales_open boolean not null, pools jsonb not null, types jsonb not null,
      entrances jsonb not null, rules jsonb not null, refunds_until text, primary key (tenant, event_id))`.execute(tx)
    await sql`create index on event (tenant, starts_at, event_id)`.execute(tx)
  },
  apply: async (batch, facts) => {
    await foldInto(batch, venues, facts)
    await foldInto(batch, events, facts)
  },
}
