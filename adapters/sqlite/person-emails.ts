import type { DatabaseSync } from 'node:sqlite'
import { EMAIL_HASHES, emailHash, emailIn, type SealedProfile } from '../keys/email-hashes.ts'
import { transaction } from './open.ts'

/** Who told which address, by its hash. */
type PersonEmails = {
  /** Replaces what was told before, also by nothing. */
  readonly keep: (personId: string, hash: Uint8Array | null) => void
  readonly peopleWith: (hash: Uint8Array) => readonly string[]
}

const TABLE = `
  create table person_email (
    person_id text primary key references person_key on delete cascade, email_hash blob not null
  ) strict;
  create index person_email_hash on person_email (email_hash)`

/** Makes the table in a file that has none yet, out of the profiles in it. */
export const makePersonEmails = (db: DatabaseSync, keyOf: (purpose: string) => Uint8Array): void => {
  const there = () => db.prepare("select 1 from sqlite_schema where name = 'person_email'").get() !== undefined
  if (there()) return
  transaction(db, () => {
    // Another process may have been faster.
    if (there()) return
    db.exec(TABLE)
    const read = db.prepare('select person_id as personId, key, sealed from person join person_key using (person_id)')
    const { keep } = personEmails(db)
    for (const profile of read.all() as SealedProfile[]) {
      const email = emailIn(profile)
      if (email !== null) keep(profile.personId, emailHash(keyOf(EMAIL_HASHES), email))
    }
  })
}

export const personEmails = (db: DatabaseSync): PersonEmails => {
  const write = db.prepare(`
    insert into person_email (person_id, email_hash) values (?, ?)
    on conflict do update set email_hash = excluded.email_hash`)
  const remove = db.prepare('delete from person_email where person_id = ?')
  const read = db.prepare('select person_id as id from person_email where email_hash = ? order by person_id')

  return {
    keep: (personId, hash) => {
      if (hash === null) remove.run(personId)
      else write.run(personId, hash)
    },
    peopleWith: (hash) => read.all(hash).map(({ id }) => id as string),
  }
}
