import { sql } from 'kysely'
import { idOf, type Position } from '../../domain/fact.ts'
import type { Known } from '../../domain/registry.ts'
import type { Batch } from '../batch.ts'
import { type Fold, foldInto, isFirst } from '../fold.ts'
import type { ReadModel } from '../read-model.ts'

/**
 * Double entry. Plus is a debit: money that `processor` (or `external`) holds for us. Minus is a credit: what we owe to an order,
 * a venue, the platform or the tax office. The postings of a fact add up to zero, and so do those of an order on its own account
 * once it has ended.
 */
export type PostingRow = {
  tenant: string
  fact_id: string
  line: number
  account: string
  order_id: string
  event_id: string
  /** Null but on a venue's own account. */
  venue_id: string | null
  /** Minor units. */
  amount: number
  currency: string
  at: string
  position: Position
}

type PaymentRow = { tenant: string; payment_id: string; event_id: string; provider: string }

export type JournalTables = { posting: PostingRow; payment: PaymentRow }

const payments: Fold<Known, 'payment', PaymentRow, 'tenant' | 'payment_id'> = {
  table: 'payment',
  key: ['tenant', 'payment_id'],
  begins: isFirst,
  keysOf: ({ type, stream, metadata }) =>
    type === 'PaymentRequested' ? [{ tenant: metadata.tenant, payment_id: idOf(stream) }] : [],
  evolve: (row, { type, data }, key) =>
    type === 'PaymentRequested' ? { ...key, event_id: data.eventId, provider: data.provider } : row,
}

type Entry = Pick<PostingRow, 'account' | 'amount'>

/** What a fact moves, in one currency. */
type Movement = { order_id: string; event_id: string; currency: string; entries: readonly Entry[] }

const postings = (
  movementOf: (fact: Known) => Movement | undefined,
): Fold<Known, 'posting', PostingRow, 'tenant' | 'fact_id' | 'line'> => ({
  table: 'posting',
  key: ['tenant', 'fact_id', 'line'],
  begins: () => true,
  keysOf: (fact) => {
    const entries = movementOf(fact)?.entries ?? []
    return entries.map((_, line) => ({ tenant: fact.metadata.tenant, fact_id: fact.id, line }))
  },
  evolve: (_, fact, key) => {
    const { entries, ...movement } = movementOf(fact)!
    const entry = entries[key.line]!
    const venue_id = venueOf(entry.account)
    return { ...key, ...movement, ...entry, venue_id, at: fact.metadata.at, position: fact.position }
  },
})

export const movementIn =
  (known: ReadonlyMap<string, PaymentRow>) =>
  ({ type, data, stream }: Known): Movement | undefined => {
    switch (type) {
      case 'OrderConfirmed': {
        const shares = data.shares.map(({ account, amount }) => ({ account, amount: -amount }))
        const entries = [{ account: orderAccount(idOf(stream)), amount: data.total }, ...shares]
        return movement(idOf(stream), data.eventId, data.currency, entries)
      }
      case 'PaymentCaptured':
      case 'PaymentRefunded': {
        const payment = known.get(idOf(stream))
        if (!payment) throw new Error(`${type} of ${stream}, which was never requested: read its stream`)
        const { event_id, provider } = payment
        const { amount, currency } = data.amount
        const taken = type === 'PaymentCaptured' ? amount : -amount
        return movement(data.orderId, event_id, currency, [
          { account: provider === 'external' ? 'external' : 'processor', amount: taken },
          { account: orderAccount(data.orderId), amount: -taken },
        ])
      }
      default:
        return undefined
    }
  }

const movement = (order_id: string, event_id: string, currency: string, entries: readonly Entry[]): Movement => ({
  order_id,
  event_id,
  currency,
  entries: entries.filter(({ amount }) => amount !== 0),
})

/** As `sharesOf` names the account of a venue. */
const venueOf = (account: string): string | null => /^venue:(.+)$/.exec(account)?.[1] ?? null

const orderAccount = (orderId: string): string => `order:${orderId}`

/** Of the payments that money moved in. Their requests come before, so that they are here whatever the batch. */
const paymentsIn = async (batch: Batch, facts: readonly Known[]): Promise<ReadonlyMap<string, PaymentRow>> => {
  const moved = facts.filter(({ type }) => type === 'PaymentCaptured' || type === 'PaymentRefunded')
  const keys = moved.map(({ stream, metadata }) => ({ tenant: metadata.tenant, payment_id: idOf(stream) }))
  const rows = await batch.load<PaymentRow>('payment', ['tenant', 'payment_id'], keys)
  return new Map(rows.map((row) => [row.payment_id, row]))
}

/** Every cent, and whose it is. */
export const journal: ReadModel<Known, JournalTables> = {
  name: 'journal',
  version: 1,
  create: async (tx) => {
    await sql`create table payment (
      tenant text, payment_id uuid, event_id uuid not null, provider text not null,
      primary key (tenant, payment_id))`.execute(tx)
    await sql`create table posting (
      tenant text, fact_id uuid, line int, account text not null, order_id uuid not null, event_id uuid not null,
      venue_id uuid, amount bigint not null, currency text not null, at text not null, position text collate "C" not null,
      primary key (tenant, fact_id, line))`.execute(tx)
    await sql`create index on posting (tenant, venue_id, position) where venue_id is not null`.execute(tx)
    await sql`create index on posting (tenant, event_id, account)`.execute(tx)
  },
  apply: async (batch, facts) => {
    await foldInto(batch, payments, facts)
    await foldInto(batch, postings(movementIn(await paymentsIn(batch, facts))), facts)
  },
}
