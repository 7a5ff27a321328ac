import { sql } from 'kysely'
import { idOf } from '../../domain/fact.ts'
import type { Known } from '../../domain/registry.ts'
import { minutes, plus } from '../../domain/time.ts'
import { type Fold, foldInto, isFirst } from '../fold.ts'
import type { ReadModel } from '../read-model.ts'

export type DueTables = {
  due: {
    tenant: string
    order_id: string
    /** Somebody else should have moved it by then: a process may have died on the way. */
    due_at: string
    expires_at: string
  }
}

const PATIENCE = minutes(1)

const openOrders: Fold<Known, 'due', DueTables['due'], 'tenant' | 'order_id'> = {
  table: 'due',
  key: ['tenant', 'order_id'],
  begins: isFirst,
  keysOf: ({ stream, metadata }) =>
    stream.startsWith('order-') ? [{ tenant: metadata.tenant, order_id: idOf(stream) }] : [],
  evolve: (row, { type, data, metadata }, key) => {
    const due_at = plus(metadata.at, PATIENCE)
    switch (type) {
      case 'OrderPlaced':
        return { ...key, due_at, expires_at: data.expiresAt }
      case 'OrderConfirmed':
      case 'OrderCancelled':
      case 'OrderRefunded':
        return undefined
      default:
        return row && { ...row, due_at }
    }
  },
}

/** Orders that have not ended, and when to look at them again. */
export const due: ReadModel<Known, DueTables> = {
  name: 'due',
  version: 1,
  create: async (tx) => {
    await sql`create table due (
      tenant text, order_id uuid, due_at text not null, expires_at text not null, primary key (tenant, order_id))`.execute(
      tx,
    )
    await sql`create index on due ((least(due_at, expires_at)))`.execute(tx)
  },
  apply: (batch, facts) => foldInto(batch, openOrders, facts),
}
