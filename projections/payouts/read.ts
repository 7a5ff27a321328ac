import { sql } from 'kysely'
import type { CreditStatus } from '../../domain/account/credit.ts'
import type { PayoutMethod } from '../../domain/account/facts.ts'
import type { Position } from '../../domain/fact.ts'
import type { Reading } from '../reading.ts'
import { type CreditRow, payouts } from './model.ts'

/** Where a credit is on hold until the seller tells, or mends, an account. */
const isMended = sql<boolean>`
  credit.failed_at is null or credit.retry_at <= now.at or credit.credit #>> '{failed,destinationId}' is distinct from seller.destination_id::text`

/** What is to be done with the provider by now, those first that wait longest. */
export const duePayouts = async (
  { everyTenant }: Reading,
  now: string,
  limit: number,
): Promise<{ tenant: string; sellerId: string; orderId: string }[]> =>
  everyTenant(payouts)
    .selectFrom('credit')
    .innerJoin(sql<{ at: string }>`(select ${now}::text as at)`.as('now'), (join) => join.onTrue())
    .leftJoin('event', (join) =>
      join.onRef('event.tenant', '=', 'credit.tenant').onRef('event.event_id', '=', 'credit.event_id'),
    )
    .leftJoin('seller', (join) =>
      join
        .onRef('seller.tenant', '=', 'credit.tenant')
        .onRef('seller.seller_id', '=', 'credit.seller_id')
        .onRef('seller.method', '=', 'credit.method'),
    )
    .select(['credit.tenant', 'credit.seller_id as sellerId', 'credit.order_id as orderId'])
    .where('credit.act', 'is not', null)
    .where(
      sql<boolean>`(credit.act <> 'pay' or (coalesce(credit.payable_from, event.ends_at) <= now.at and (${isMended})))`,
    )
    .orderBy('credit.position')
    .limit(limit)
    .execute()

type Wanted = {
  readonly tenant: string
  /** Undefined: everybody's. */
  readonly sellerId: string | undefined
  readonly status: CreditStatus | undefined
  /** Position of the last one seen. */
  readonly before: Position | undefined
  readonly limit: number
}

/** A credit, and when its event ends. */
export type SellerCredit = CreditRow & { readonly ends_at: string | null }

/** Sellers' credits, the newest first. */
export const creditsOf = (
  { tables }: Reading,
  { tenant, sellerId, status, before, limit }: Wanted,
): Promise<SellerCredit[]> =>
  tables(payouts, tenant)
    .selectFrom('credit')
    .leftJoin('event', (join) =>
      join.onRef('event.tenant', '=', 'credit.tenant').onRef('event.event_id', '=', 'credit.event_id'),
    )
    .selectAll('credit')
    .select('event.ends_at')
    .where('credit.tenant', '=', tenant)
    .$if(sellerId !== undefined, (query) => query.where('credit.seller_id', '=', sellerId!))
    .$if(status !== undefined, (query) => query.where('credit.status', '=', status!))
    .$if(before !== undefined, (query) => query.where('credit.position', '<', before!))
    .orderBy('credit.position', 'desc')
    .limit(limit)
    .execute()

/** By what ids the vault keeps where a seller's payouts go: one for each way to pay that they told of. */
export const destinationsOf = async (
  { tables }: Reading,
  tenant: string,
  sellerId: string,
): Promise<{ readonly [M in PayoutMethod]?: string }> => {
  const rows = await tables(payouts, tenant)
    .selectFrom('seller')
    .select(['method', 'destination_id'])
    .where((eb) => eb.and({ tenant, seller_id: sellerId }))
    .execute()
  return Object.fromEntries(rows.map(({ method, destination_id }) => [method, destination_id]))
}
