import { sql } from 'kysely'
import { idOf } from '../../domain/fact.ts'
import type { Known } from '../../domain/registry.ts'
import { placeOf } from '../../domain/slot.ts'
import type { Batch } from '../batch.ts'
import { type Fold, foldInto, isFirst } from '../fold.ts'
import type { ReadModel } from '../read-model.ts'

/** One edition of a slot that somebody has touched. All others are free. */
export type SlotRow = {
  tenant: string
  ticket_id: string
  event_id: string
  pool: string
  number: number
  edition: number
  /** `closed` is for good: the slot is free as its next edition. */
  status: 'free' | 'reserved' | 'sold' | 'closed'
  order_id: string
  type_id: string
  reserved_at: string
  expires_at: string
}

export type AvailabilityTables = {
  slot: SlotRow
  /** Counted here, for a look at what is left must not take longer the more is sold. */
  pool: { tenant: string; event_id: string; pool: string; size: number; reserved: number; sold: number }
  /** The slots of a pool that a ticket type draws from; `to_slot` null: as far as the pool reaches. */
  sale_type: {
    tenant: string
    event_id: string
    type_id: string
    name: string
    pool: string
    from_slot: number
    to_slot: number | null
  }
  /** Kept here too, so that orphans are found at one position. */
  orders: { tenant: string; order_id: string; status: 'open' | 'failed' | 'confirmed' }
}

type Rows<T extends keyof AvailabilityTables, Key extends keyof AvailabilityTables[T] & string> = Fold<
  Known,
  T,
  AvailabilityTables[T],
  Key
>

const slots: Rows<'slot', 'tenant' | 'ticket_id'> = {
  table: 'slot',
  key: ['tenant', 'ticket_id'],
  begins: isFirst,
  keysOf: (fact) => {
    switch (fact.type) {
      case 'TicketReserved':
      case 'TicketReservationExtended':
      case 'TicketReservationReleased':
      case 'TicketSold':
      case 'TicketRefunded':
      case 'TicketRevoked':
      case 'TicketCancelled':
        return [{ tenant: fact.metadata.tenant, ticket_id: idOf(fact.stream) }]
      default:
        return []
    }
  },
  evolve: (row, fact, key) => {
    if (fact.type === 'TicketReserved') {
      const { eventId, slot, edition, orderId, typeId, expiresAt } = fact.data
      return {
        ...key,
        event_id: eventId,
        ...placeOf(slot),
        edition,
        status: 'reserved',
        order_id: orderId,
        type_id: typeId,
        reserved_at: fact.metadata.at,
        expires_at: expiresAt,
      }
    }
    if (!row) return row
    switch (fact.type) {
      case 'TicketReservationExtended':
        return { ...row, expires_at: fact.data.expiresAt }
      case 'TicketReservationReleased':
        return { ...row, status: 'free' }
      case 'TicketSold':
        return { ...row, status: 'sold' }
      case 'TicketRefunded':
      case 'TicketRevoked':
      case 'TicketCancelled':
        return { ...row, status: 'closed' }
      default:
        return row
    }
  },
}

type PoolRow = AvailabilityTables['pool']
type PoolKey = Pick<PoolRow, 'tenant' | 'event_id' | 'pool'>

const pools = (places: ReadonlyMap<string, PoolKey>): Rows<'pool', keyof PoolKey> => ({
  table: 'pool',
  key: ['tenant', 'event_id', 'pool'],
  keysOf: (fact) => {
    if (fact.type === 'EventPoolSized')
      return [{ tenant: fact.metadata.tenant, event_id: idOf(fact.stream), pool: fact.data.pool }]
    const place = movesCounts(fact) ? places.get(idOf(fact.stream)) : undefined
    return place ? [place] : []
  },
  evolve: (row, { type, data }, key) => {
    if (type === 'EventPoolSized') return { reserved: 0, sold: 0, ...row, ...key, size: data.size }
    if (!row) return row
    // Reserved is only what was free, sold only what was reserved, closed only what was sold: the tickets see to that.
    switch (type) {
      case 'TicketReserved':
        return { ...row, reserved: row.reserved + 1 }
      case 'TicketReservationReleased':
        return { ...row, reserved: row.reserved - 1 }
      case 'TicketSold':
        return { ...row, reserved: row.reserved - 1, sold: row.sold + 1 }
      case 'TicketRefunded':
      case 'TicketRevoked':
      case 'TicketCancelled':
        return { ...row, sold: row.sold - 1 }
      default:
        return row
    }
  },
})

const movesCounts = ({ type }: Known): boolean =>
  type === 'TicketReserved' ||
  type === 'TicketReservationReleased' ||
  type === 'TicketSold' ||
  type === 'TicketRefunded' ||
  type === 'TicketRevoked' ||
  type === 'TicketCancelled'

/** The pool of each ticket in a batch. Their slots are there by then, and none ever moves to another pool. */
const placesIn = async (batch: Batch, facts: readonly Known[]): Promise<ReadonlyMap<string, PoolKey>> => {
  const moved = facts.filter(movesCounts)
  const keys = moved.map(({ stream, metadata }) => ({ tenant: metadata.tenant, ticket_id: idOf(stream) }))
  const rows = await batch.load<SlotRow>('slot', ['tenant', 'ticket_id'], keys)
  return new Map(rows.map(({ ticket_id, tenant, event_id, pool }) => [ticket_id, { tenant, event_id, pool }]))
}

const types: Rows<'sale_type', 'tenant' | 'event_id' | 'type_id'> = {
  table: 'sale_type',
  key: ['tenant', 'event_id', 'type_id'],
  keysOf: ({ type, data, stream, metadata }) =>
    type === 'EventTicketTypeSet' ? [{ tenant: metadata.tenant, event_id: idOf(stream), type_id: data.typeId }] : [],
  evolve: (row, { type, data }, key) =>
    type === 'EventTicketTypeSet'
      ? { ...key, name: data.name, pool: data.pool, from_slot: data.from, to_slot: data.to }
      : row,
}

const orders: Rows<'orders', 'tenant' | 'order_id'> = {
  table: 'orders',
  key: ['tenant', 'order_id'],
  begins: isFirst,
  keysOf: ({ type, stream, metadata }) => {
    switch (type) {
      case 'OrderPlaced':
      case 'OrderConfirmed':
      case 'OrderCancelled':
      case 'OrderRefunded':
        return [{ tenant: metadata.tenant, order_id: idOf(stream) }]
      default:
        return []
    }
  },
  evolve: (row, { type }, key) => {
    switch (type) {
      case 'OrderPlaced':
        return { ...key, status: 'open' }
      case 'OrderConfirmed':
        return { ...key, status: 'confirmed' }
      case 'OrderCancelled':
      case 'OrderRefunded':
        return { ...key, status: 'failed' }
      default:
        return row
    }
  },
}

/** Which slots are free, reserved or sold, and for whom. */
export const availability: ReadModel<Known, AvailabilityTables> = {
  name: 'availability',
  version: 2,
  create: async (tx) => {
    await sql`create table slot (
      tenant text, ticket_id uuid, event_id uuid not null, pool text not null, number int not null,
      edition int not null, status text not null, order_id uuid not null, type_id uuid not null,
      reserved_at text not null, expires_at text not null, primary key (tenant, ticket_id))`.execute(tx)
    await sql`create unique index on slot (tenant, event_id, pool, number, edition) include (status)`.execute(tx)
    await sql`create index on slot (expires_at) where status = 'reserved'`.execute(tx)
    await sql`create table pool (
      tenant text, event_id uuid, pool text, size int not null, reserved int not null, sold int not null,
      primary key (tenant, event_id, pool))`.execute(tx)
    await sql`create table sale_type (
      tenant text, event_id uuid, type_id uuid, name text not null, pool text not null,
      from_slot int not null, to_slot int, primary key (tenant, event_id, type_id))`.execute(tx)
    await sql`create table orders (
      tenant text, order_id uuid, status text not null, primary key (tenant, order_id))`.execute(tx)
  },
  apply: async (batch, facts) => {
    await foldInto(batch, types, facts)
    await foldInto(batch, orders, facts)
    await foldInto(batch, slots, facts)
    await foldInto(batch, pools(await placesIn(batch, facts)), facts)
  },
}
