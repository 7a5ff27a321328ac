import { type Kysely, sql } from 'kysely'
import type { Touched } from '../../domain/order/facts.ts'
import { poolSlot } from '../../domain/slot.ts'
import { plus } from '../../domain/time.ts'
import type { Reading } from '../reading.ts'
import { type AvailabilityTables, availability } from './model.ts'

/** At every moment available + reserved + sold = capacity. */
export type Counts = { capacity: number; available: number; reserved: number; sold: number }

export type Availability = {
  pools: ({ pool: string } & Counts)[]
  /** Types may share slots, so they do not add up to their pool. */
  types: ({ typeId: string; name: string; pool: string } & Counts)[]
}

/** Empty for an event that is unknown or has no pool. */
export const availabilityOf = async ({ tables }: Reading, tenant: string, eventId: string): Promise<Availability> => {
  const db = tables(availability, tenant)
  const table = (name: keyof AvailabilityTables) => db.selectFrom(name).selectAll()
  // One statement, so that all counts are of one moment. What lies outside a type's slots is counted, for it is mostly less.
  const { rows } = await sql<{ type_id: string | null; name: string; pool: string } & Omit<Counts, 'available'>>`
    with range as (
      select pool, null::uuid as type_id, '' as name, 1 as first, null::int as last, p.size, p.reserved, p.sold
      from ${table('pool')} p where tenant = ${tenant} and event_id = ${eventId}
      union all
      select pool, t.type_id, t.name, t.from_slot, t.to_slot, p.size, p.reserved, p.sold
      from ${table('sale_type')} t join ${table('pool')} p using (tenant, event_id, pool)
      where tenant = ${tenant} and event_id = ${eventId}
    )
    select range.pool, type_id, name, coalesce(last, size) - first + 1 as capacity,
      range.reserved - outside.reserved as reserved, range.sold - outside.sold as sold
    from range cross join lateral (
      select count(*) filter (where status = 'reserved') as reserved, count(*) filter (where status = 'sold') as sold
      from (
        select status from ${table('slot')} s
        where first > 1 and s.tenant = ${tenant} and s.event_id = ${eventId} and s.pool = range.pool and number < first
        union all
        select status from ${table('slot')} s
        where last < size and s.tenant = ${tenant} and s.event_id = ${eventId} and s.pool = range.pool and number > last
      ) s
    ) outside
    order by range.pool, first, type_id`.execute(db)
  const counted = rows.map(({ capacity, reserved, sold, ...range }) => ({
    ...range,
    counts: { capacity, available: capacity - reserved - sold, reserved, sold },
  }))
  return {
    pools: counted.flatMap(({ type_id, pool, counts }) => (type_id ? [] : [{ pool, ...counts }])),
    types: counted.flatMap(({ type_id, name, pool, counts }) =>
      type_id ? [{ typeId: type_id, name, pool, ...counts }] : [],
    ),
  }
}

/** The slots of a pool from one number to another, both included. */
export type Range = {
  readonly tenant: string
  readonly eventId: string
  readonly pool: string
  readonly from: number
  readonly to: number
}

/** How many numbers are looked at in one go. */
const STRIDE = 50_000

/** The first free slots of a range, ascending. Fewer than the limit: there are no more. */
export const freeSlots = async ({ tables }: Reading, range: Range, limit: number): Promise<Touched[]> => {
  const db = tables(availability, range.tenant)
  const free: number[] = []
  for (let from = range.from; from <= range.to && free.length < limit; from += STRIDE) {
    const to = Math.min(from + STRIDE - 1, range.to)
    const taken = await takenNumbers(db, { ...range, from, to })
    for (let number = from; number <= to && free.length < limit; number++) if (!taken.has(number)) free.push(number)
  }
  if (free.length === 0) return []
  const editions = await nextEditions(db, range, free[0]!, free.at(-1)!)
  return free.map((number) => ({ slot: poolSlot(range.pool, number), edition: editions.get(number) ?? 1 }))
}

/** As one text, for a row each costs five times as much. */
const takenNumbers = async (
  db: Kysely<AvailabilityTables>,
  { tenant, eventId, pool, from, to }: Range,
): Promise<ReadonlySet<number>> => {
  const { numbers } = await db
    .selectFrom('slot')
    .select(sql<string | null>`string_agg(number::text, ',')`.as('numbers'))
    .where((eb) => eb.and({ tenant, event_id: eventId, pool }))
    .where('number', '>=', from)
    .where('number', '<=', to)
    .where('status', 'in', ['reserved', 'sold'])
    .executeTakeFirstOrThrow()
  return new Set(numbers?.split(',').map(Number))
}

/** Of the slots that were touched before and are free again. */
const nextEditions = async (
  db: Kysely<AvailabilityTables>,
  { tenant, eventId, pool }: Range,
  from: number,
  to: number,
): Promise<ReadonlyMap<number, number>> => {
  const found = await db
    .selectFrom('slot')
    .select(['number', sql<number>`max(case status when 'closed' then edition + 1 else edition end)`.as('edition')])
    .where((eb) => eb.and({ tenant, event_id: eventId, pool }))
    .where('number', '>=', from)
    .where('number', '<=', to)
    .where('status', 'in', ['free', 'closed'])
    .groupBy('number')
    .execute()
  return new Map(found.map(({ number, edition }) => [number, edition]))
}

export type Orphan = {
  tenant: string
  ticketId: string
  eventId: string
  slot: string
  orderId: string
  reservedAt: string
  expiresAt: string
  reason: 'no_order' | 'order_failed' | 'should_be_expired'
}

/** Reservations, of all tenants, that no order will ever use. `grace` in seconds: what is younger may still be on its way. */
export const orphans = async (
  { everyTenant }: Reading,
  { now, grace }: { now: string; grace: number },
): Promise<Orphan[]> => {
  const before = plus(now, -grace)
  const reason = sql<Orphan['reason'] | null>`case
    when o.status is null and s.reserved_at < ${before} then 'no_order'
    when o.status = 'failed' then 'order_failed'
    when s.expires_at < ${before} then 'should_be_expired' end`
  const found = await everyTenant(availability)
    .selectFrom('slot as s')
    .leftJoin('orders as o', (join) => join.onRef('o.tenant', '=', 's.tenant').onRef('o.order_id', '=', 's.order_id'))
    .selectAll('s')
    .select(reason.as('reason'))
    .where('s.status', '=', 'reserved')
    .where(reason, 'is not', null)
    .orderBy('s.expires_at')
    .execute()
  return found.map(({ tenant, ticket_id, event_id, pool, number, order_id, reserved_at, expires_at, reason }) => ({
    tenant,
    ticketId: ticket_id,
    eventId: event_id,
    slot: poolSlot(pool, number),
    orderId: order_id,
    reservedAt: reserved_at,
    expiresAt: expires_at,
    reason: reason!,
  }))
}

/** Every slot of an event that was ever touched, as its newest edition, to compare with the ledger. */
export const newestSlots = async ({ tables }: Reading, tenant: string, eventId: string) => {
  const found = await tables(availability, tenant)
    .selectFrom('slot')
    .distinctOn(['pool', 'number'])
    .select(['pool', 'number', 'edition', 'status', 'order_id'])
    .where((eb) => eb.and({ tenant, event_id: eventId }))
    .orderBy('pool')
    .orderBy('number')
    .orderBy('edition', 'desc')
    .execute()
  return found.map(({ pool, number, edition, status, order_id }) => ({
    slot: poolSlot(pool, number),
    edition,
    status,
    orderId: status === 'free' ? null : order_id,
  }))
}

/** How many pools show less than none, free or taken. Anything but 0 is a bug of ours. */
export const negatives = async ({ everyTenant }: Reading): Promise<number> => {
  const { count } = await everyTenant(availability)
    .selectFrom('pool')
    .select(sql<number>`count(*)`.as('count'))
    .where(sql<boolean>`reserved < 0 or sold < 0 or reserved + sold > size`)
    .executeTakeFirstOrThrow()
  return count
}
