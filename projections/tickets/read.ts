import { type Kysely, sql } from 'kysely'
import type { Position } from '../../domain/fact.ts'
import type { Reading } from '../reading.ts'
import { type HeldStatus, type TicketRow, type TicketsTables, tickets } from './model.ts'

/** A ticket with the names of what it is for. */
export type ListedTicket = TicketRow & {
  event_name: string
  starts_at: string
  ends_at: string
  time_zone: string
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
    .select(['e.name as event_name', 'e.starts_at', 'e.ends_at', 'e.time_zone', 'y.name as type_name'])
    .select(sql<string>`coalesce(t.zone, y.zone)`.as('zone'))
