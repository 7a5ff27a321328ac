import { sql } from 'kysely'
import type { Reading } from '../reading.ts'
import { HELD, tickets } from './model.ts'

/** What befell an event, so that something is to be done with each ticket that is still held. */
export type Occasion = 'cancelled' | 'over' | 'rescheduled'

type Which = {
  readonly occasion: Occasion
  /** Events that ended by then are over. */
  readonly overBy: string
}

/** Events with tickets that are left to be dealt with, as many as limited: of one tenant, or of all. */
export const eventsLeft = (
  { everyTenant }: Reading,
  { tenant, occasion, overBy, limit }: Which & { tenant: string | undefined; limit: number },
): Promise<{ tenant: string; eventId: string }[]> =>
  everyTenant(tickets)
    .selectFrom('event as e')
    .select(['e.tenant', 'e.event_id as eventId'])
    .$if(tenant !== undefined, (query) => query.where('e.tenant', '=', tenant!))
    .where(befell(occasion, overBy))
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('ticket as t')
          .select('t.ticket_id')
          .whereRef('t.tenant', '=', 'e.tenant')
          .whereRef('t.event_id', '=', 'e.event_id')
          .where(HELD)
          .where(isLeft(occasion)),
      ),
    )
    .limit(limit)
    .execute()

/** The tickets of an event that are left, by id. */
export const ticketsLeft = async (
  { tables }: Reading,
  { tenant, eventId, occasion, after, limit }: Pick<Which, 'occasion'> & Page,
): Promise<string[]> => {
  const found = await tables(tickets, tenant)
    .selectFrom('ticket as t')
    .innerJoin('event as e', (join) => join.onRef('e.tenant', '=', 't.tenant').onRef('e.event_id', '=', 't.event_id'))
    .select('t.ticket_id')
    .where('t.tenant', '=', tenant)
    .where('t.event_id', '=', eventId)
    .where(HELD)
    .where(isLeft(occasion))
    .$if(after !== undefined, (query) => query.where('t.ticket_id', '>', after!))
    .orderBy('t.ticket_id')
    .limit(limit)
    .execute()
  return found.map(({ ticket_id }) => ticket_id)
}

type Page = { tenant: string; eventId: string; after: string | undefined; limit: number }

const befell = (occasion: Occasion, overBy: string) => {
  switch (occasion) {
    case 'cancelled':
      return sql<boolean>`e.cancelled`
    case 'over':
      return sql<boolean>`not e.cancelled and e.ends_at <= ${overBy}`
    case 'rescheduled':
      return sql<boolean>`not e.cancelled and e.rescheduled_at is not null`
  }
}

/** Who chose a ticket after its event was moved knows when it is. */
const isLeft = (occasion: Occasion) =>
  occasion === 'rescheduled'
    ? sql<boolean>`t.reserved_at < e.rescheduled_at and t.told_of is distinct from e.starts_at || '/' || e.ends_at`
    : sql<boolean>`true`
