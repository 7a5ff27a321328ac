import { sql } from 'kysely'
import type pg from 'pg'
import type { PayoutAccounts } from '../../domain/vault.ts'
import { payoutAccountPlace, seal, unseal } from '../keys/sealed.ts'
import { underKeyOf } from './person-keys.ts'

export const PAYOUT_ACCOUNTS = sql`
  create table vault.payout_account (
    person_id text references vault.person_key on delete cascade, id text, sealed bytea not null,
    primary key (person_id, id)
  )`

export const postgresPayoutAccounts = (pool: pg.Pool): PayoutAccounts => ({
  save: (personId, id, account) =>
    underKeyOf(pool, personId, async (key, client) => {
      await client.query(
        'insert into vault.payout_account (person_id, id, sealed) values ($1, $2, $3) on conflict do nothing',
        [personId, id, seal(key, payoutAccountPlace(personId, id), account)],
      )
    }),
  find: async (personId, id) => {
    const { rows } = await pool.query<{ key: Uint8Array; sealed: Uint8Array }>(
      `select key, sealed from vault.payout_account join vault.person_key using (person_id)
       where person_id = $1 and id = $2`,
      [personId, id],
    )
    return rows[0] && unseal<string>(rows[0].key, payoutAccountPlace(personId, id), rows[0].sealed)
  },
})
