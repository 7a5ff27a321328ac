import { sql } from 'kysely'
import type pg from 'pg'
import type { Wallets } from '../../domain/vault.ts'
import { seal, unseal, walletPlace } from '../keys/sealed.ts'
import { underKeyOf } from './person-keys.ts'

export const WALLETS = sql`
  create table vault.wallet (
    person_id text primary key references vault.person_key on delete cascade, sealed bytea not null
  )`

export const postgresWallets = (pool: pg.Pool): Wallets => ({
  save: (personId, address) =>
    underKeyOf(pool, personId, async (key, client) => {
      await client.query(
        `insert into vault.wallet (person_id, sealed) values ($1, $2)
         on conflict (person_id) do update set sealed = excluded.sealed`,
        [personId, seal(key, walletPlace(personId), address)],
      )
    }),
  find: async (personIds) => {
    const { rows } = await pool.query<{ id: string; key: Uint8Array; sealed: Uint8Array }>(
      `select person_id as id, key, sealed from vault.wallet join vault.person_key using (person_id)
       where person_id = any($1)`,
      [personIds],
    )
    return new Map(rows.map(({ id, key, sealed }) => [id, unseal<string>(key, walletPlace(id), sealed)]))
  },
  remove: async (personId) => {
    await pool.query('delete from vault.wallet where person_id = $1', [personId])
  },
})
