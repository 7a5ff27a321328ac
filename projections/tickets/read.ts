import { type Kysely, sql } from 'kysely'
import type { ChainMode } from '../../domain/event/facts.ts'
import type { Position } from '../../domain/fact.ts'
import type { Reading } from '../reading.ts'
import type { CopyColumn } from './copy-column.ts'
import { HELD, REPORTED_AT, type TicketsTables, tickets } from './model.ts'
import type { HeldStatus, TicketRow } from './ticket-row.ts'

/** A ticket with the names of what it is for. */
export type ListedTicket = TicketRow & {
  event_name: string
  starts_at: string
  ends_at: string
  time_zone: string
  chain: ChainMode
  type_name: string
  /** The type's, until it is sold. */
  zone: string
}

type Wanted = {
  readonly tenant: string
  readonly personId: string
  readonly eventId: string | undefined
  /** None of them: no ticket has such a status. */
  readonly statuses: readonly HeldStatus[] | undefined
  /** The last one seen. */
  readonly before: Position | undefined
  readonly limit: number
}

/** A person's tickets, the newest first: those held, and those reserved for them by orders that have not ended. */
export const ticketsOf = async (
  { tables }: Reading,
  { tenant, personId, eventId, statuses, before, limit }: Wanted,
): Promise<ListedTicket[]> => {
  if (statuses?.length === 0) return []
  // Read before the tickets: what is sold in between is then found as held.
  const db = tables(tickets, tenant)
  const orders = await openOrdersOf(db, tenant, personId)
  return listed(db)
    .where('t.tenant', '=', tenant)
    .where((eb) =>
      eb.or([
        eb('t.holder_id', '=', personId),
        ...(orders.length > 0 ? [eb.and([eb('t.order_id', 'in', orders), eb('t.holder_id', 'is', null)])] : []),
      ]),
    )
    .$if(eventId !== undefined, (query) => query.where('t.event_id', '=', eventId!))
    .$if(statuses !== undefined, (query) => query.where('t.status', 'in', statuses!))
    .$if(before !== undefined, (query) => query.where('t.appeared', '<', before!))
    .orderBy('t.appeared', 'desc')
    .limit(limit)
    .execute()
}

/** A ticket, and who may call it theirs: its holder or, until it is sold, whoever pays. */
export const ticketOf = async (
  { tables }: Reading,
  tenant: string,
  ticketId: string,
): Promise<{ ticket: ListedTicket; ownerId: string | null } | undefined> => {
  const row = await listed(tables(tickets, tenant))
    .leftJoin('open_order as o', (join) =>
      join.onRef('o.tenant', '=', 't.tenant').onRef('o.order_id', '=', 't.order_id'),
    )
    .select('o.payer_id as reserved_for')
    .where('t.tenant', '=', tenant)
    .where('t.ticket_id', '=', ticketId)
    .executeTakeFirst()
  if (!row) return undefined
  const { reserved_for, ...ticket } = row
  return { ticket, ownerId: ticket.holder_id ?? reserved_for }
}

/** Those of these tickets that there are, in no order. */
export const ticketsIn = async (
  { tables }: Reading,
  tenant: string,
  ticketIds: readonly string[],
): Promise<ListedTicket[]> =>
  ticketIds.length === 0
    ? []
    : listed(tables(tickets, tenant)).where('t.tenant', '=', tenant).where('t.ticket_id', 'in', ticketIds).execute()

/** Tickets whose copy on chain is behind or in trouble, by id. */
export const unsettledOf = async (
  { tables }: Reading,
  wanted: { tenant: string; eventId: string | undefined; after: string | undefined; limit: number },
): Promise<(Pick<TicketRow, 'ticket_id' | 'event_id'> & { copy: CopyColumn })[]> => {
  const { tenant, eventId, after, limit } = wanted
  return tables(tickets, tenant)
    .selectFrom('ticket as t')
    .innerJoin('event as e', (join) => join.onRef('e.tenant', '=', 't.tenant').onRef('e.event_id', '=', 't.event_id'))
    .select(['t.ticket_id', 't.event_id', 't.copy'])
    .where('t.tenant', '=', tenant)
    .where('t.unsettled', '=', true)
    .where('e.chain', '<>', 'off')
    .$if(eventId !== undefined, (query) => query.where('t.event_id', '=', eventId!))
    .$if(after !== undefined, (query) => query.where('t.ticket_id', '>', after!))
    .orderBy('t.ticket_id')
    .limit(limit)
    .$narrowType<{ copy: CopyColumn }>()
    .execute()
}

export type ReportedTicket = Pick<TicketRow, 'ticket_id' | 'event_id' | 'venue_id' | 'slot' | 'identity'> & {
  report: NonNullable<TicketRow['report']>
  holder_id: string
}

/** Held tickets that were reported lost or stolen, the longest waiting first. */
export const reportedTickets = async (
  { tables }: Reading,
  wanted: {
    tenant: string
    /** Undefined: at all of them. */
    venues: readonly string[] | undefined
    /** The last one seen: when it was reported, and its id. */
    after: readonly [string, string] | undefined
    limit: number
  },
): Promise<ReportedTicket[]> => {
  const { tenant, venues, after, limit } = wanted
  if (venues?.length === 0) return []
  return tables(tickets, tenant)
    .selectFrom('ticket')
    .select(['ticket_id', 'event_id', 'venue_id', 'slot', 'holder_id', 'report', 'identity'])
    .where('tenant', '=', tenant)
    .where('report', 'is not', null)
    .where(HELD)
    .$if(venues !== undefined, (query) => query.where('venue_id', 'in', venues!))
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(${REPORTED_AT}, ticket_id) > (${after![0]}, ${after![1]}::uuid)`),
    )
    .orderBy(REPORTED_AT)
    .orderBy('ticket_id')
    .limit(limit)
    .$narrowType<{ report: NonNullable<TicketRow['report']>; holder_id: string }>()
    .execute()
}

/** The ids of an event's tickets that somebody holds, in order. */
export const heldAt = async (
  { tables }: Reading,
  wanted: { tenant: string; eventId: string; after: string | undefined; limit: number },
): Promise<string[]> => {
  const { tenant, eventId, after, limit } = wanted
  const rows = await tables(tickets, tenant)
    .selectFrom('ticket')
    .select('ticket_id')
    .where((eb) => eb.and({ tenant, event_id: eventId }))
    .where(HELD)
    .$if(after !== undefined, (query) => query.where('ticket_id', '>', after!))
    .orderBy('ticket_id')
    .limit(limit)
    .execute()
  return rows.map(({ ticket_id }) => ticket_id)
}

/** All that a person holds, in every tenant. */
export const heldBy = async (
  { everyTenant }: Reading,
  personId: string,
): Promise<{ tenant: string; ticketId: string }[]> => {
  const db = everyTenant(tickets)
  // Tenants are few, and tickets are found by tenant and holder.
  const tenants = await db.selectFrom('event').select('tenant').distinct().execute()
  const held = await Promise.all(
    tenants.map(({ tenant }) =>
      db
        .selectFrom('ticket')
        .select(['tenant', 'ticket_id as ticketId'])
        .where((eb) => eb.and({ tenant, holder_id: personId }))
        .execute(),
    ),
  )
  return held.flat()
}

/** Whether a person holds any ticket of a tenant, or once did and it was closed. */
export const isHolder = async ({ tables }: Reading, tenant: string, personId: string): Promise<boolean> => {
  const held = await tables(tickets, tenant)
    .selectFrom('ticket')
    .select('ticket_id')
    .where((eb) => eb.and({ tenant, holder_id: personId }))
    .limit(1)
    .executeTakeFirst()
  return held !== undefined
}

const openOrdersOf = async (db: Kysely<TicketsTables>, tenant: string, payerId: string): Promise<string[]> => {
  const found = await db
    .selectFrom('open_order')
    .select('order_id')
    .where((eb) => eb.and({ tenant, payer_id: payerId }))
    .execute()
  return found.map(({ order_id }) => order_id)
}

const listed = (db: Kysely<TicketsTables>) =>
  db
    .selectFrom('ticket as t')
    .innerJoin('event as e', (join) => join.onRef('e.tenant', '=', 't.tenant').onRef('e.event_id', '=', 't.event_id'))
    .innerJoin('ticket_type as y', (join) =>
      join
        .onRef('y.tenant', '=', 't.tenant')
        .onRef('y.event_id', '=', 't.event_id')
        .onRef('y.type_id', '=', 't.type_id'),
    )
    .selectAll('t')
    .select(['e.name as event_name', 'e.starts_at', 'e.ends_at', 'e.time_zone', 'e.chain', 'y.name as type_name'])
    .select(sql<string>`coalesce(t.zone, y.zone)`.as('zone'))
