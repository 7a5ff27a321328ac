import { sql } from 'kysely'
import type { Reading } from '../reading.ts'
import { sales } from './model.ts'

/** Minor units, of what was sold and not refunded. Gross is what the buyers paid: prices, and the fees and taxes on top. */
export type Revenue = { sold: number; refunded: number; gross: number; price: number; fees: number; taxes: number }

export type SalesOfADay = { typeId: string; name: string; currency: string; day: string } & Revenue

/** By ticket type and by the day on which they were sold, as the clocks at the event show it. */
export const salesOf = ({ tables }: Reading, tenant: string, eventId: string): Promise<SalesOfADay[]> => {
  const kept = (column: string) => sql<number>`coalesce(sum(${sql.ref(column)}) filter (where not is_refunded), 0)`
  return tables(sales, tenant)
    .selectFrom('sale as s')
    .innerJoin('event as e', (join) => join.onRef('e.tenant', '=', 's.tenant').onRef('e.event_id', '=', 's.event_id'))
    .innerJoin('ticket_type as y', (join) =>
      join
        .onRef('y.tenant', '=', 's.tenant')
        .onRef('y.event_id', '=', 's.event_id')
        .onRef('y.type_id', '=', 's.type_id'),
    )
    .where('s.tenant', '=', tenant)
    .where('s.event_id', '=', eventId)
    .select([
      's.type_id as typeId',
      'y.name',
      's.currency',
      sql<string>`to_char(s.sold_at::timestamptz at time zone e.time_zone, 'YYYY-MM-DD')`.as('day'),
      sql<number>`count(*) filter (where not is_refunded)`.as('sold'),
      sql<number>`count(*) filter (where is_refunded)`.as('refunded'),
      kept('s.gross').as('gross'),
      kept('s.price').as('price'),
      kept('s.fees').as('fees'),
      kept('s.taxes').as('taxes'),
    ])
    .groupBy(['s.type_id', 'y.name', 's.currency', 'day'])
    .orderBy('day')
    .orderBy('y.name')
    .orderBy('s.type_id')
    .execute()
}
