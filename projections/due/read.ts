import { sql } from 'kysely'
import type { Reading } from '../reading.ts'
import { due } from './model.ts'

/** Orders that stood still for a minute or whose time is over, those first that wait longest. */
export const dueOrders = (
  { everyTenant }: Reading,
  now: string,
  limit: number,
): Promise<{ tenant: string; orderId: string }[]> => {
  const since = sql<string>`least(due_at, expires_at)`
  return everyTenant(due)
    .selectFrom('due')
    .select(['tenant', 'order_id as orderId'])
    .where(since, '<=', now)
    .orderBy(since)
    .limit(limit)
    .execute()
}
