import type { DatabaseSync } from 'node:sqlite'
import type { Wallets } from '../../domain/vault.ts'
import { seal, unseal, walletPlace } from '../keys/sealed.ts'
import type { UnderKeyOf } from './person-keys.ts'

export const WALLETS_SCHEMA = `
  create table if not exists wallet (
    person_id text primary key references person_key on delete cascade, sealed blob not null
  ) strict`

export const sqliteWallets = (db: DatabaseSync, underKey: UnderKeyOf): Wallets => {
  const write = db.prepare(
    'insert into wallet (person_id, sealed) values (?, ?) on conflict do update set sealed = excluded.sealed',
  )
  const read = db.prepare(`
    select person_id as id, key, sealed from wallet join person_key using (person_id)
    where person_id in (select value from json_each(?))`)
  const remove = db.prepare('delete from wallet where person_id = ?')

  type Row = { id: string; key: Uint8Array; sealed: Uint8Array }

  return {
    save: async (personId, address) =>
      underKey(personId, (key) => {
        write.run(personId, seal(key, walletPlace(personId), address))
      }),
    find: async (personIds) => {
      const rows = read.all(JSON.stringify(personIds)) as Row[]
      return new Map(rows.map(({ id, key, sealed }) => [id, unseal<string>(key, walletPlace(id), sealed)]))
    },
    remove: async (personId) => {
      remove.run(personId)
    },
  }
}
