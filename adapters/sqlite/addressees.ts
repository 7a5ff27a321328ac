import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { Addressees } from '../../domain/vault.ts'
import { addresseePlace, KEY_BYTES, seal, unseal } from '../keys/sealed.ts'
import { emptyLog } from './open.ts'

export const ADDRESSEES_SCHEMA = `
  create table if not exists addressee (offer_id text primary key, key blob not null, sealed blob not null) strict`

export const sqliteAddressees = (db: DatabaseSync): Addressees => {
  const write = db.prepare(`
    insert into addressee (offer_id, key, sealed) values (?, ?, ?)
    on conflict do update set key = excluded.key, sealed = excluded.sealed`)
  const read = db.prepare('select key, sealed from addressee where offer_id = ?')
  const remove = db.prepare('delete from addressee where offer_id = ?')

  return {
    save: async (offerId, email) => {
      const key = randomBytes(KEY_BYTES)
      write.run(offerId, key, seal(key, addresseePlace(offerId), email))
    },
    find: async (offerId) => {
      const row = read.get(offerId) as { key: Uint8Array; sealed: Uint8Array } | undefined
      return row && unseal<string>(row.key, addresseePlace(offerId), row.sealed)
    },
    forget: async (offerId) => {
      remove.run(offerId)
      // The write-ahead log still holds the key as it was once written.
      if (!emptyLog(db))
        throw new Error(`the addressee of offer ${offerId} is deleted, but a reader keeps it in the log: forget again`)
    },
  }
}
