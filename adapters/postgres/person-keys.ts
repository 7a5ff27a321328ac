import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { KEY_BYTES } from '../keys/sealed.ts'

/** Writes what is sealed under a person's own key, which is made on first use, in one transaction. */
export const underKeyOf = async (
  pool: pg.Pool,
  personId: string,
  write: (key: Uint8Array, client: pg.PoolClient) => Promise<void>,
): Promise<void> => {
  const client = await pool.connect()
  try {
    await client.query('begin')
    // The update changes nothing, and keeps the key from being erased before this is committed.
    const { rows } = await client.query<{ key: Uint8Array }>(
      `insert into vault.person_key (person_id, key) values ($1, $2)
       on conflict (person_id) do update set person_id = excluded.person_id returning key`,
      [personId, randomBytes(KEY_BYTES)],
    )
    await write(rows[0]!.key, client)
    await client.query('commit')
    client.release()
  } catch (error) {
    // Closed, which rolls back.
    client.release(true)
    throw error
  }
}
