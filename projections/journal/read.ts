import { sql } from 'kysely'
import type { Position } from '../../domain/fact.ts'
import type { Reading } from '../reading.ts'
import { journal, type PostingRow } from './model.ts'

/** Minor units. */
type Sum = { currency: string; amount: number }

/** What a venue is owed, by currency: the sum of its postings, their signs turned round. */
export const balanceOf = ({ tables }: Reading, tenant: string, venueId: string): Promise<Sum[]> =>
  tables(journal, tenant)
    .selectFrom('posting')
    .select(['currency', sql<number>`-sum(amount)`.as('amount')])
    .where((eb) => eb.and({ tenant, venue_id: venueId }))
    .groupBy('currency')
    .orderBy('currency')
    .execute()

/** What a seller is owed, by currency: less than nothing where they have yet to give back. */
export const owedToSeller = ({ tables }: Reading, tenant: string, sellerId: string): Promise<Sum[]> =>
  tables(journal, tenant)
    .selectFrom('posting')
    .select(['currency', sql<number>`-sum(amount)`.as('amount')])
    .where('tenant', '=', tenant)
    .where('account', '=', `seller:${sellerId}`)
    // As the index says it.
    .where(sql<boolean>`account like 'seller:%'`)
    .groupBy('currency')
    .orderBy('currency')
    .execute()

type Wanted = {
  readonly tenant: string
  readonly venueId: string
  /** Position and line of the last one seen. */
  readonly before: readonly [Position, number] | undefined
  readonly limit: number
}

/** A venue's postings, the newest first; plus is what the venue is owed. */
export const postingsOf = ({ tables }: Reading, { tenant, venueId, before, limit }: Wanted): Promise<PostingRow[]> =>
  tables(journal, tenant)
    .selectFrom('posting')
    .selectAll()
    .select(sql<number>`-amount`.as('amount'))
    .where((eb) => eb.and({ tenant, venue_id: venueId }))
    .$if(before !== undefined, (query) =>
      query.where(sql<boolean>`(position, line) < (${before![0]}, ${before![1]}::int)`),
    )
    .orderBy('position', 'desc')
    .orderBy('line', 'desc')
    .limit(limit)
    .execute()

/** What was paid for an event's confirmed orders, and who gets it. */
export type Settlement = {
  currency: string
  gross: number
  fees: number
  taxes: number
  venueNet: number
  sellers: number
}

export const settlementOf = ({ tables }: Reading, tenant: string, eventId: string): Promise<Settlement[]> => {
  const owed = (account: string) => sql<number>`coalesce(-sum(amount) filter (where account = ${account}), 0)`
  return (
    tables(journal, tenant)
      .selectFrom('posting')
      .select([
        'currency',
        sql<number>`-sum(amount)`.as('gross'),
        owed('platform').as('fees'),
        owed('tax').as('taxes'),
        sql<number>`coalesce(-sum(amount) filter (where venue_id is not null), 0)`.as('venueNet'),
        sql<number>`coalesce(-sum(amount) filter (where account like 'seller:%'), 0)`.as('sellers'),
      ])
      .where((eb) => eb.and({ tenant, event_id: eventId }))
      // What was sold and refunded: what sellers were paid out of it, and payers took back, is no part of it.
      .where('fact', 'in', ['OrderConfirmed', 'PaymentRefunded'])
      .where((eb) =>
        eb.or([
          eb('account', 'in', ['platform', 'tax']),
          eb('account', 'like', 'seller:%'),
          eb('venue_id', 'is not', null),
        ]),
      )
      .groupBy('currency')
      .orderBy('currency')
      .execute()
  )
}
