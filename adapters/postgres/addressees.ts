import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type pg from 'pg'
import type { Addressees } from '../../domain/vault.ts'
import { addresseePlace, KEY_BYTES, seal, unseal } from '../keys/sealed.ts'

export const ADDRESSEES = sql`
  create table vault.addressee (offer_id text primary key, key bytea not null, sealed bytea not null)`

export const postgresAddressees = (pool: pg.Pool): Addressees => ({
  save: async (offerId, email) => {
    const key = randomBytes(KEY_BYTES)
    await pool.query(
      `insert into vault.addressee (offer_id, key, sealed) values ($1, $2, $3)
       on conflict (offer_id) do update set key = excluded.key, sealed = excluded.sealed`,
      [offerId, key, seal(key, addresseePlace(offerId), email)],
    )
  },
  find: async (offerId) => {
    const text = 'select key, sealed from vault.addressee where offer_id = $1'
    const { rows } = await pool.query<{ key: Uint8Array; sealed: Uint8Array }>(text, [offerId])
    return rows[0] && unseal<string>(rows[0].key, addresseePlace(offerId), rows[0].sealed)
  },
  forget: async (offerId) => {
    await pool.query('delete from vault.addressee where offer_id = $1', [offerId])
  },
})
