import { sql } from 'kysely'
import {
  type Act,
  type Credit,
  type CreditStatus,
  evolveCredit,
  nextOf,
  statusOf,
} from '../../domain/account/credit.ts'
import type { PayoutMethod } from '../../domain/account/facts.ts'
import { idOf, type Position } from '../../domain/fact.ts'
import type { Known } from '../../domain/registry.ts'
import { days, plus } from '../../domain/time.ts'
import { type Fold, foldInto, isFirst } from '../fold.ts'
import type { ReadModel } from '../read-model.ts'

/** A seller's share of one resale. */
export type CreditRow = {
  tenant: string
  order_id: string
  seller_id: string
  event_id: string
  credited_at: string
  /** Where it was credited among all. */
  position: Position
  status: CreditStatus
  /** What is to be done with the provider; null where nothing is. */
  act: Act['act'] | null
  method: PayoutMethod
  payable_from: string | null
  paid_at: string | null
  failed_at: string | null
  /** When one that failed is tried again, whatever the seller tells; null for the want of an account. */
  retry_at: string | null
  /** As its account knows it. */
  credit: Credit
}

type SellerRow = { tenant: string; seller_id: string; method: PayoutMethod; destination_id: string }

type EventRow = { tenant: string; event_id: string; ends_at: string }

export type PayoutTables = { credit: CreditRow; seller: SellerRow; event: EventRow }

/** The seller may mend an account without telling us. */
const RETRY_AFTER = days(1)

const credits: Fold<Known, 'credit', CreditRow, 'tenant' | 'order_id' | 'seller_id'> = {
  table: 'credit',
  key: ['tenant', 'order_id', 'seller_id'],
  begins: ({ type }) => type === 'AccountCredited',
  keysOf: ({ type, stream, data, metadata: { tenant } }) => {
    if (!stream.startsWith('account-') || type === 'AccountDestinationTold') return []
    const { orderId, sellerId } = data as { orderId: string; sellerId: string }
    return [{ tenant, order_id: orderId, seller_id: sellerId }]
  },
  evolve: (row, fact, key) => {
    const { type, data, metadata, position } = fact
    switch (type) {
      case 'AccountCredited': {
        const begun = { ...key, event_id: data.eventId, credited_at: metadata.at, position }
        const open = {
          method: data.method,
          paid_at: null,
          failed_at: null,
          retry_at: null,
          payable_from: data.payableFrom,
        }
        return as(evolveCredit(undefined, fact)!, { ...begun, ...open })
      }
      case 'AccountDebited':
      case 'PayoutWithheld':
      case 'PayoutReleased':
      case 'PayoutReversed':
      case 'PayoutReversalRefused':
        return row && as(evolveCredit(row.credit, fact)!, row)
      case 'PayoutStarted':
        return row && as(evolveCredit(row.credit, fact)!, { ...row, failed_at: null, retry_at: null })
      case 'PayoutMade':
        return row && as(evolveCredit(row.credit, fact)!, { ...row, paid_at: metadata.at })
      case 'PayoutFailed': {
        const retry_at = data.reason === 'no_account' ? null : plus(metadata.at, RETRY_AFTER)
        return row && as(evolveCredit(row.credit, fact)!, { ...row, failed_at: metadata.at, retry_at })
      }
      default:
        return row
    }
  },
}

const as = (credit: Credit, row: Omit<CreditRow, 'status' | 'act' | 'credit'>): CreditRow => ({
  ...row,
  status: statusOf(credit),
  act: nextOf(credit)?.act ?? null,
  credit,
})

const sellers: Fold<Known, 'seller', SellerRow, 'tenant' | 'seller_id' | 'method'> = {
  table: 'seller',
  key: ['tenant', 'seller_id', 'method'],
  keysOf: ({ type, data, metadata: { tenant } }) =>
    type === 'AccountDestinationTold' ? [{ tenant, seller_id: data.sellerId, method: data.method }] : [],
  evolve: (row, { type, data }, key) =>
    type === 'AccountDestinationTold' ? { ...key, destination_id: data.destinationId } : row,
}

const events: Fold<Known, 'event', EventRow, 'tenant' | 'event_id'> = {
  table: 'event',
  key: ['tenant', 'event_id'],
  begins: isFirst,
  keysOf: ({ type, stream, metadata: { tenant } }) =>
    type === 'EventDrafted' || type === 'EventRescheduled' ? [{ tenant, event_id: idOf(stream) }] : [],
  evolve: (row, { type, data }, key) =>
    type === 'EventDrafted' || type === 'EventRescheduled' ? { ...key, ends_at: data.endsAt } : row,
}

/** What sellers are owed and were paid, and what is to be done about it. */
export const payouts: ReadModel<Known, PayoutTables> = {
  name: 'payouts',
  version: 1,
  create: async (tx) => {
    await sql`create table event (
      tenant text, event_id uuid, ends_at text not null, primary key (tenant, event_id))`.execute(tx)
    await sql`create table seller (
      tenant text, seller_id uuid, method text, destination_id uuid not null, primary key (tenant, seller_id, method))`.execute(
      tx,
    )
    await sql`create table credit (
      tenant text, order_id uuid, seller_id uuid, event_id uuid not null, credited_at text not null,
      position text collate "C" not null, status text not null, act text, method text not null, payable_from text, paid_at text,
      failed_at text, retry_at text, credit jsonb not null, primary key (tenant, order_id, seller_id))`.execute(tx)
    await sql`create index on credit (tenant, seller_id, position)`.execute(tx)
    await sql`create index on credit (tenant, position)`.execute(tx)
    await sql`create index on credit (act) where act is not null`.execute(tx)
  },
  apply: async (batch, facts) => {
    await foldInto(batch, events, facts)
    await foldInto(batch, sellers, facts)
    await foldInto(batch, credits, facts)
  },
}
