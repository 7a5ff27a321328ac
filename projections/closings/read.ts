import { sql } from 'kysely'
import type { Reading } from '../reading.ts'
import { closings, type EventCount } from './model.ts'

export const countOf = async (
  { tables }: Reading,
  tenant: string,
  eventId: string,
): Promise<Omit<EventCount, 'tenant' | 'event_id'>> => {
  const found = await tables(closings, tenant)
    .selectFrom('event')
    .select(['sold', 'refunded', 'revoked', 'cancelled', 'expired', 'used'])
    .where((eb) => eb.and({ tenant, event_id: eventId }))
    .executeTakeFirst()
  return found ?? { sold: 0, refunded: 0, revoked: 0, cancelled: 0, expired: 0, used: 0 }
}

/** How many refunds there are, and how much they are together, in minor units. */
export type Tally = { count: number; amount: number }

/** Of one currency: what is still to go back, what went back, and what went back in another way. */
export type RefundsOfEvent = { currency: string; open: Tally; paid: Tally; otherwise: Tally }

export const refundsOf = async ({ tables }: Reading, tenant: string, eventId: string): Promise<RefundsOfEvent[]> => {
  const such = (condition: string) => {
    const only = sql.raw(condition)
    return {
      count: sql<number>`count(*) filter (where ${only})`,
      amount: sql<number>`coalesce(sum(r.amount) filter (where ${only}), 0)`,
    }
  }
  const open = such('r.paid_at is null and p.back is null')
  const paid = such('r.paid_at is not null')
  const otherwise = such('r.paid_at is null and p.back is not null')
  const rows = await tables(closings, tenant)
    .selectFrom('refund as r')
    .leftJoin('payment as p', (join) =>
      join.onRef('p.tenant', '=', 'r.tenant').onRef('p.payment_id', '=', 'r.payment_id'),
    )
    .select([
      'r.currency',
      open.count.as('openCount'),
      open.amount.as('openAmount'),
      paid.count.as('paidCount'),
      paid.amount.as('paidAmount'),
      otherwise.count.as('otherCount'),
      otherwise.amount.as('otherAmount'),
    ])
    .where('r.tenant', '=', tenant)
    .where('r.event_id', '=', eventId)
    .groupBy('r.currency')
    .orderBy('r.currency')
    .execute()
  return rows.map(({ currency, ...of }) => ({
    currency,
    open: { count: of.openCount, amount: of.openAmount },
    paid: { count: of.paidCount, amount: of.paidAmount },
    otherwise: { count: of.otherCount, amount: of.otherAmount },
  }))
}
