import { randomBytes } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type pg from 'pg'
import { EMAIL_HASHES, emailHash, emailIn, type SealedProfile } from '../keys/email-hashes.ts'
import { KEY_BYTES } from '../keys/sealed.ts'

const TABLE = sql`
  create table vault.person_email (
    person_id text primary key references vault.person_key on delete cascade, email_hash bytea not null
  );
  create index person_email_hash on vault.person_email (email_hash)`

/** Profiles that are read at once. */
const BATCH = 1_000

/** Makes the table, out of the profiles that are there. */
export const makePersonEmails = async (db: Kysely<unknown>): Promise<void> => {
  await TABLE.execute(db)
  await sql`
    insert into vault.purpose_key (purpose, key) values (${EMAIL_HASHES}, ${randomBytes(KEY_BYTES)})
    on conflict do nothing`.execute(db)
  const made = await sql<{ key: Uint8Array }>`
    select key from vault.purpose_key where purpose = ${EMAIL_HASHES}`.execute(db)

  const after = (personId: string) =>
    sql<SealedProfile>`
      select person_id as "personId", key, sealed from vault.person join vault.person_key using (person_id)
      where person_id > ${personId} order by person_id limit ${BATCH}`.execute(db)

  let { rows } = await after('')
  while (rows.length > 0) {
    const told = rows.flatMap((profile) => {
      const email = emailIn(profile)
      return email === null ? [] : [{ id: profile.personId, hash: emailHash(made.rows[0]!.key, email) }]
    })
    const [ids, hashes] = [told.map(({ id }) => id), told.map(({ hash }) => hash)]
    await sql`
      insert into vault.person_email (person_id, email_hash)
      select * from unnest(${ids}::text[], ${hashes}::bytea[])`.execute(db)
    rows = (await after(rows.at(-1)!.personId)).rows
  }
}

/** Replaces what the person told before, also by nothing. */
export const keepEmailHash = async (
  client: pg.PoolClient,
  personId: string,
  hash: Uint8Array | null,
): Promise<void> => {
  if (hash === null) await client.query('delete from vault.person_email where person_id = $1', [personId])
  else
    await client.query(
      `insert into vault.person_email (person_id, email_hash) values ($1, $2)
       on conflict (person_id) do update set email_hash = excluded.email_hash`,
      [personId, hash],
    )
}

export const peopleWithEmailHash = async (pool: pg.Pool, hash: Uint8Array): Promise<readonly string[]> => {
  const text = 'select person_id as id from vault.person_email where email_hash = $1 order by person_id collate "C"'
  return (await pool.query<{ id: string }>(text, [hash])).rows.map(({ id }) => id)
}
