import { sql } from 'kysely'
import type { ChainMode } from '../../domain/event/facts.ts'
import { idOf } from '../../domain/fact.ts'
import type { Known } from '../../domain/registry.ts'
import { type Fold, foldInto, isFirst } from '../fold.ts'
import type { ReadModel } from '../read-model.ts'
import { type TicketRow, ticketRows } from './ticket-row.ts'

export type TicketsTables = {
  ticket: TicketRow
  /** Who pays for what is only reserved: orders that have not ended. */
  open_order: { tenant: string; order_id: string; payer_id: string }
  event: {
    tenant: string
    event_id: string
    name: string
    starts_at: string
    ends_at: string
    time_zone: string
    chain: ChainMode
    cancelled: boolean
    /** When it was last moved to another time; null where it never was. */
    rescheduled_at: string | null
  }
  ticket_type: { tenant: string; event_id: string; type_id: string; name: string; zone: string }
}

type Rows<T extends keyof TicketsTables, Key extends keyof TicketsTables[T] & string> = Fold<
  Known,
  T,
  TicketsTables[T],
  Key
>

const openOrders: Rows<'open_order', 'tenant' | 'order_id'> = {
  table: 'open_order',
  key: ['tenant', 'order_id'],
  begins: isFirst,
  keysOf: ({ type, stream, metadata: { tenant } }) => {
    switch (type) {
      case 'OrderPlaced':
      case 'OrderConfirmed':
      case 'OrderCancelled':
      case 'OrderRefunded':
        return [{ tenant, order_id: idOf(stream) }]
      default:
        return []
    }
  },
  evolve: (_, { type, data }, key) => (type === 'OrderPlaced' ? { ...key, payer_id: data.payerId } : undefined),
}

const events: Rows<'event', 'tenant' | 'event_id'> = {
  table: 'event',
  key: ['tenant', 'event_id'],
  keysOf: ({ type, stream, metadata: { tenant } }) =>
    type === 'EventDrafted' || type === 'EventRescheduled' || type === 'EventCancelled'
      ? [{ tenant, event_id: idOf(stream) }]
      : [],
  evolve: (row, { type, data, metadata }, key) => {
    if (type === 'EventDrafted')
      return {
        ...{ ...key, name: data.name, starts_at: data.startsAt, ends_at: data.endsAt },
        ...{ time_zone: data.timeZone, chain: data.chain, cancelled: false, rescheduled_at: null },
      }
    if (!row) return row
    switch (type) {
      case 'EventRescheduled':
        return { ...row, starts_at: data.startsAt, ends_at: data.endsAt, rescheduled_at: metadata.at }
      case 'EventCancelled':
        return { ...row, cancelled: true }
      default:
        return row
    }
  },
}

const ticketTypes: Rows<'ticket_type', 'tenant' | 'event_id' | 'type_id'> = {
  table: 'ticket_type',
  key: ['tenant', 'event_id', 'type_id'],
  keysOf: ({ type, data, stream, metadata: { tenant } }) =>
    type === 'EventTicketTypeSet' ? [{ tenant, event_id: idOf(stream), type_id: data.typeId }] : [],
  evolve: (row, { type, data }, key) =>
    type === 'EventTicketTypeSet' ? { ...key, name: data.name, zone: data.zone } : row,
}

/** Somebody holds it, and its event has not closed it yet. */
export const HELD = sql<boolean>`status in ('SOLD', 'ACTIVE', 'TRANSFERRED', 'CHECKED_IN')`

/** When a reported ticket was reported. */
export const REPORTED_AT = sql<string>`((report ->> 'reportedAt') collate "C")`

/** Everybody's tickets, with what a list of them shows. */
export const tickets: ReadModel<Known, TicketsTables> = {
  name: 'tickets',
  version: 3,
  create: async (tx) => {
    await sql`create table ticket (
      tenant text, ticket_id uuid, event_id uuid not null, venue_id uuid not null, type_id uuid not null,
      slot text not null, edition int not null, order_id uuid not null, price bigint not null, currency text not null,
      status text not null, reserved_at text not null, payer_id uuid, holder_id uuid, first_holder_id uuid,
      generation int, zone text, valid_dates jsonb, transferable boolean, sold_at text, moves int not null,
      locks jsonb not null, offer jsonb, listing jsonb, report jsonb, last_report jsonb, identity jsonb, told_of text, admissions jsonb,
      copy jsonb, unsettled boolean not null,
      appeared text collate "C" not null, primary key (tenant, ticket_id))`.execute(tx)
    await sql`create index on ticket (tenant, holder_id, appeared)`.execute(tx)
    await sql`create index on ticket (tenant, order_id)`.execute(tx)
    await sql`create index on ticket (tenant, ticket_id) where unsettled`.execute(tx)
    await sql`create index on ticket (tenant, event_id, ticket_id) where ${HELD}`.execute(tx)
    await sql`create index on ticket (tenant, ${REPORTED_AT}, ticket_id) where report is not null`.execute(tx)
    await sql`create table open_order (
      tenant text, order_id uuid, payer_id uuid not null, primary key (tenant, order_id))`.execute(tx)
    await sql`create index on open_order (tenant, payer_id)`.execute(tx)
    await sql`create table event (
      tenant text, event_id uuid, name text not null, starts_at text not null, ends_at text not null,
      time_zone text not null, chain text not null, cancelled boolean not null, rescheduled_at text,
      primary key (tenant, event_id))`.execute(tx)
    await sql`create table ticket_type (
      tenant text, event_id uuid, type_id uuid, name text not null, zone text not null,
      primary key (tenant, event_id, type_id))`.execute(tx)
  },
  apply: async (batch, facts) => {
    await foldInto(batch, events, facts)
    await foldInto(batch, ticketTypes, facts)
    await foldInto(batch, openOrders, facts)
    await foldInto(batch, ticketRows, facts)
  },
}
