import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { KEY_BYTES } from '../keys/sealed.ts'
import { transaction } from './open.ts'

/** Writes what is sealed under a person's own key, which is made on first use, in one transaction. */
export type UnderKeyOf = (personId: string, write: (key: Uint8Array) => void) => void

export const underKeyOf = (db: DatabaseSync): UnderKeyOf => {
  const make = db.prepare('insert into person_key (person_id, key) values (?, ?) on conflict do nothing')
  const read = db.prepare('select key from person_key where person_id = ?')
  return (personId, write) =>
    transaction(db, () => {
      make.run(personId, randomBytes(KEY_BYTES))
      write(read.get(personId)!.key as Uint8Array)
    })
}
