import { sql } from 'kysely'
import type { Recorded } from '../domain/fact.ts'
import { type Fold, foldInto } from './fold.ts'
import type { ReadModel } from './read-model.ts'

export type Tally = { tenant: string; stream: string; total: number; last: string }
export type TallyTables = { tally: Tally }

const totals: Fold<Recorded, 'tally', Tally, 'tenant' | 'stream'> = {
  table: 'tally',
  key: ['tenant', 'stream'],
  keysOf: ({ stream, metadata }) => (stream.startsWith('gate-') ? [] : [{ tenant: metadata.tenant, stream }]),
  evolve: (row, fact, key) => ({ ...key, total: (row?.total ?? 0) + 1, last: fact.id }),
}

/** How many facts each stream has. Those of gates concern it not. */
export const tally: ReadModel<Recorded, TallyTables> = {
  name: 'tally',
  version: 1,
  create: async (tx) => {
    await sql`create table tally (
      tenant text, stream text, total int not null, last text not null, primary key (tenant, stream))`.execute(tx)
  },
  apply: (batch, facts) => foldInto(batch, totals, facts),
}
