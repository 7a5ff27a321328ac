import { sql } from 'kysely'
import { idOf, type Position } from '../../domain/fact.ts'
import type { AnyFact, Known } from '../../domain/registry.ts'
import type { Batch } from '../batch.ts'
import { type Fold, foldInto, isFirst } from '../fold.ts'
import type { ReadModel } from '../read-model.ts'
import { type Movement, movementOf, type Paid } from './movement.ts'

/** One entry of what a fact moved. The entries of a fact add up to zero, and so do those of an order on its own account once it has ended. */
export type PostingRow = {
  tenant: string
  fact_id: string
  line: number
  fact: AnyFact['type']
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

type PaymentRow = Paid & { readonly tenant: string; readonly payment_id: string }

export type JournalTables = { posting: PostingRow; payment: PaymentRow }

const payments: Fold<Known, 'payment', PaymentRow, 'tenant' | 'payment_id'> = {
  table: 'payment',
  key: ['tenant', 'payment_id'],
  begins: isFirst,
  keysOf: (fact) => (isOfMoney(fact) ? [keyOf(fact)] : []),
  evolve: (row, { type, data }, key) => {
    if (type === 'PaymentRequested') {
      const { eventId: event_id, provider, amount } = data
      return { ...key, event_id, provider, currency: amount.currency, kept: 0, disputes_lost: 0 }
    }
    if (!row) return undefined
    switch (type) {
      case 'PaymentCaptured':
        return { ...row, kept: row.kept + data.amount.amount }
      case 'PaymentRefunded':
        return { ...row, kept: row.kept - data.amount.amount }
      case 'PaymentDisputeClosed':
        return data.won ? row : { ...row, disputes_lost: row.disputes_lost + 1 }
      default:
        return row
    }
  },
}

const isOfMoney = ({ type }: Known): boolean =>
  type === 'PaymentRequested' ||
  type === 'PaymentCaptured' ||
  type === 'PaymentRefunded' ||
  type === 'PaymentDisputeClosed'

const keyOf = ({ stream, metadata }: Known) => ({ tenant: metadata.tenant, payment_id: idOf(stream) })

const postings = (
  movedBy: (fact: Known) => Movement | undefined,
): Fold<Known, 'posting', PostingRow, 'tenant' | 'fact_id' | 'line'> => ({
  table: 'posting',
  key: ['tenant', 'fact_id', 'line'],
  begins: () => true,
  keysOf: (fact) => {
    const entries = movedBy(fact)?.entries ?? []
    return entries.map((_, line) => ({ tenant: fact.metadata.tenant, fact_id: fact.id, line }))
  },
  evolve: (_, fact, key) => {
    const { entries, ...movement } = movedBy(fact)!
    const entry = entries[key.line]!
    const venue_id = venueOf(entry.account)
    const { at } = fact.metadata
    return { ...key, fact: fact.type, ...movement, ...entry, venue_id, at, position: fact.position }
  },
})

/** As `sharesOf` names the account of a venue. */
const venueOf = (account: string): string | null => /^venue:(.+)$/.exec(account)?.[1] ?? null

/** Of each fact that money moved in, its payment after it: the same, however the facts are cut into batches. To be asked before they are folded. */
const paymentsAfter = async (batch: Batch, facts: readonly Known[]): Promise<ReadonlyMap<string, PaymentRow>> => {
  const moving = facts.filter(isOfMoney)
  const old = moving.filter(({ type }) => type !== 'PaymentRequested').map(keyOf)
  const rows = await batch.load<PaymentRow>('payment', payments.key, old)
  const now = new Map<string, PaymentRow | undefined>(rows.map((row) => [row.payment_id, row]))
  const after = new Map<string, PaymentRow>()
  for (const fact of moving) {
    const key = keyOf(fact)
    const row = payments.evolve(now.get(key.payment_id), fact, key)
    now.set(key.payment_id, row)
    if (row) after.set(fact.id, row)
  }
  return after
}

/** Every cent, and whose it is. */
export const journal: ReadModel<Known, JournalTables> = {
  name: 'journal',
  version: 2,
  create: async (tx) => {
    await sql`create table payment (
      tenant text, payment_id uuid, event_id uuid not null, provider text not null, currency text not null,
      kept bigint not null, disputes_lost int not null, primary key (tenant, payment_id))`.execute(tx)
    await sql`create table posting (
      tenant text, fact_id uuid, line int, fact text not null, account text not null, order_id uuid not null,
      event_id uuid not null, venue_id uuid, amount bigint not null, currency text not null, at text not null,
      position text collate "C" not null, primary key (tenant, fact_id, line))`.execute(tx)
    await sql`create index on posting (tenant, venue_id, position) where venue_id is not null`.execute(tx)
    await sql`create index on posting (tenant, event_id, account)`.execute(tx)
    await sql`create index on posting (tenant, account) where account like 'seller:%'`.execute(tx)
  },
  apply: async (batch, facts) => {
    const after = await paymentsAfter(batch, facts)
    await foldInto(batch, payments, facts)
    await foldInto(batch, postings(movementOf(({ id }) => after.get(id))), facts)
  },
}
