import type { Position } from '../../domain/fact.ts'
import type { Reading } from '../reading.ts'
import { type OrderRow, orders } from './model.ts'

type Wanted = {
  readonly tenant: string
  readonly payerId: string | undefined
  readonly eventId: string | undefined
  /** Undefined: at all of the tenant's. */
  readonly venues: readonly string[] | undefined
  /** The last one seen. */
  readonly before: Position | undefined
  readonly limit: number
}

/** The newest first. */
export const ordersOf = async (
  { tables }: Reading,
  { tenant, payerId, eventId, venues, before, limit }: Wanted,
): Promise<OrderRow[]> => {
  if (venues?.length === 0) return []
  return tables(orders, tenant)
    .selectFrom('orders')
    .selectAll()
    .where('tenant', '=', tenant)
    .$if(payerId !== undefined, (query) => query.where('payer_id', '=', payerId!))
    .$if(eventId !== undefined, (query) => query.where('event_id', '=', eventId!))
    .$if(venues !== undefined, (query) => query.where('venue_id', 'in', venues!))
    .$if(before !== undefined, (query) => query.where('appeared', '<', before!))
    .orderBy('appeared', 'desc')
    .limit(limit)
    .execute()
}
