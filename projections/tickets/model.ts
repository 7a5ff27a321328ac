import { sql } from 'kysely'
import type { ChainMode } from '../../domain/event/facts.ts'
import { idOf, type Position } from '../../domain/fact.ts'
import type { Known } from '../../domain/registry.ts'
import { type Fold, foldInto, isFirst } from '../fold.ts'
import type { ReadModel } from '../read-model.ts'
import { type CopyColumn, copied } from './copy-column.ts'

/** `SOLD`: paid, and its order is not confirmed yet. */
export type HeldStatus = 'RESERVED' | 'SOLD' | 'ACTIVE' | 'CHECKED_IN' | 'REFUNDED'

/** What the gate knows of a ticket, in short. Times are those at which it happened. */
export type Admissions = {
  count: number
  firstAt: string
  lastAt: string
  deviceName: string
  entrance: string | null
}

export type TicketRow = {
  tenant: string
  ticket_id: string
  event_id: string
  venue_id: string
  type_id: string
  slot: string
  edition: number
  order_id: string
  price: number
  currency: string
  status: HeldStatus
  reserved_at: string
  /** From here on null until it is sold. */
  payer_id: string | null
  holder_id: string | null
  first_holder_id: string | null
  generation: number | null
  zone: string | null
  valid_dates: string[] | null
  sold_at: string | null
  /** Null until the first one. */
  admissions: Admissions | null
  /** The copy on chain; null until it is sold. */
  copy: CopyColumn | null
  /** Whether the copy is behind or in trouble; also where the event keeps none, which a ticket's facts do not say. */
  unsettled: boolean
  /** Where it first came into its holder's list. Lists are sorted by it, for it does not change while somebody turns the pages. */
  appeared: Position
}

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
  }
  ticket_type: { tenant: string; event_id: string; type_id: string; name: string; zone: string }
}

type Rows<T extends keyof TicketsTables, Key extends keyof TicketsTables[T] & string> = Fold<
  Known,
  T,
  TicketsTables[T],
  Key
>

const ticketRows: Rows<'ticket', 'tenant' | 'ticket_id'> = {
  table: 'ticket',
  key: ['tenant', 'ticket_id'],
  begins: isFirst,
  keysOf: ({ type, data, stream, metadata: { tenant } }) => {
    switch (type) {
      case 'TicketReserved':
      case 'TicketReservationReleased':
      case 'TicketSold':
      case 'TicketAdmitted':
      case 'TicketRefunded':
      case 'TicketMinted':
      case 'TicketSettled':
      case 'TicketUnsettled':
      case 'TicketRepairOrdered':
      case 'TicketWalletChanged':
      case 'TicketLeftChain':
        return [{ tenant, ticket_id: idOf(stream) }]
      case 'OrderConfirmed':
        return data.ticketIds.map((ticket_id) => ({ tenant, ticket_id }))
      default:
        return []
    }
  },
  evolve: (row, fact, key) => {
    const next = moved(row, fact, key)
    return next?.holder_id ? copied(next, fact) : next
  },
}

const moved = (
  row: TicketRow | undefined,
  fact: Known,
  key: Pick<TicketRow, 'tenant' | 'ticket_id'>,
): TicketRow | undefined => {
  if (fact.type === 'TicketReserved') return reserved(fact, key)
  if (!row) return row
  switch (fact.type) {
    case 'TicketReservationReleased':
      return undefined
    case 'TicketSold': {
      const { payerId, holderId, price, generation, zone, validDates } = fact.data
      return {
        ...row,
        status: 'SOLD',
        price: price.amount,
        currency: price.currency,
        payer_id: payerId,
        holder_id: holderId,
        first_holder_id: holderId,
        generation,
        zone,
        valid_dates: validDates,
        sold_at: fact.metadata.at,
      }
    }
    case 'OrderConfirmed':
      return row.status === 'SOLD' ? { ...row, status: 'ACTIVE' } : row
    case 'TicketAdmitted':
      return { ...row, status: 'CHECKED_IN', admissions: admittedAgain(row.admissions, fact.data) }
    case 'TicketRefunded':
      return { ...row, status: 'REFUNDED' }
    default:
      return row
  }
}

const reserved = (
  { data, metadata, position }: Extract<Known, { type: 'TicketReserved' }>,
  key: Pick<TicketRow, 'tenant' | 'ticket_id'>,
): TicketRow => ({
  ...key,
  event_id: data.eventId,
  venue_id: data.venueId,
  type_id: data.typeId,
  slot: data.slot,
  edition: data.edition,
  order_id: data.orderId,
  price: data.price.amount,
  currency: data.price.currency,
  status: 'RESERVED',
  reserved_at: metadata.at,
  payer_id: null,
  holder_id: null,
  first_holder_id: null,
  generation: null,
  zone: null,
  valid_dates: null,
  sold_at: null,
  admissions: null,
  copy: null,
  unsettled: false,
  appeared: position,
})

/** Offline scans are heard of late, and not in the order in which they happened. */
const admittedAgain = (
  before: Admissions | null,
  { happenedAt, deviceName, entrance }: Extract<Known, { type: 'TicketAdmitted' }>['data'],
): Admissions => {
  if (!before) return { count: 1, firstAt: happenedAt, lastAt: happenedAt, deviceName, entrance }
  const count = before.count + 1
  if (happenedAt >= before.lastAt) return { ...before, count, lastAt: happenedAt, deviceName, entrance }
  return { ...before, count, firstAt: happenedAt < before.firstAt ? happenedAt : before.firstAt }
}

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
    type === 'EventDrafted' ? [{ tenant, event_id: idOf(stream) }] : [],
  evolve: (row, { type, data }, key) =>
    type === 'EventDrafted'
      ? {
          ...{ ...key, name: data.name, starts_at: data.startsAt, ends_at: data.endsAt },
          ...{ time_zone: data.timeZone, chain: data.chain },
        }
      : row,
}

const ticketTypes: Rows<'ticket_type', 'tenant' | 'event_id' | 'type_id'> = {
  table: 'ticket_type',
  key: ['tenant', 'event_id', 'type_id'],
  keysOf: ({ type, data, stream, metadata: { tenant } }) =>
    type === 'EventTicketTypeSet' ? [{ tenant, event_id: idOf(stream), type_id: data.typeId }] : [],
  evolve: (row, { type, data }, key) =>
    type === 'EventTicketTypeSet' ? { ...key, name: data.name, zone: data.zone } : row,
}

/** Everybody's tickets, with what a list of them shows. */
export const tickets: ReadModel<Known, TicketsTables> = {
  name: 'tickets',
  version: 2,
  create: async (tx) => {
    await sql`create table ticket (
      tenant text, ticket_id uuid, event_id uuid not null, venue_id uuid not null, type_id uuid not null,
      slot text not null, edition int not null, order_id uuid not null, price bigint not null, currency text not null,
      status text not null, reserved_at text not null, payer_id uuid, holder_id uuid, first_holder_id uuid,
      generation int, zone text, valid_dates jsonb, sold_at text, admissions jsonb,
      copy jsonb, unsettled boolean not null,
      appeared text collate "C" not null, primary key (tenant, ticket_id))`.execute(tx)
    await sql`create index on ticket (tenant, holder_id, appeared)`.execute(tx)
    await sql`create index on ticket (tenant, order_id)`.execute(tx)
    await sql`create index on ticket (tenant, ticket_id) where unsettled`.execute(tx)
    await sql`create table open_order (
      tenant text, order_id uuid, payer_id uuid not null, primary key (tenant, order_id))`.execute(tx)
    await sql`create index on open_order (tenant, payer_id)`.execute(tx)
    await sql`create table event (
      tenant text, event_id uuid, name text not null, starts_at text not null, ends_at text not null,
      time_zone text not null, chain text not null, primary key (tenant, event_id))`.execute(tx)
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
