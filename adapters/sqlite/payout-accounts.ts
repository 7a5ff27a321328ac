import type { DatabaseSync } from 'node:sqlite'
import type { PayoutAccounts } from '../../domain/vault.ts'
import { payoutAccountPlace, seal, unseal } from '../keys/sealed.ts'
import type { UnderKeyOf } from './person-keys.ts'

export const PAYOUT_ACCOUNTS_SCHEMA = `
  create table if not exists payout_account (
    person_id text references person_key on delete cascade, id text, sealed blob not null, primary key (person_id, id)
  ) strict`

export const sqlitePayoutAccounts = (db: DatabaseSync, underKey: UnderKeyOf): PayoutAccounts => {
  const write = db.prepare('insert into payout_account (person_id, id, sealed) values (?, ?, ?) on conflict do nothing')
  const read = db.prepare(
    'select key, sealed from payout_account join person_key using (person_id) where person_id = ? and id = ?',
  )
  return {
    save: async (personId, id, account) =>
      underKey(personId, (key) => {
        write.run(personId, id, seal(key, payoutAccountPlace(personId, id), account))
      }),
    find: async (personId, id) => {
      const row = read.get(personId, id) as { key: Uint8Array; sealed: Uint8Array } | undefined
      return row && unseal<string>(row.key, payoutAccountPlace(personId, id), row.sealed)
    },
  }
}
