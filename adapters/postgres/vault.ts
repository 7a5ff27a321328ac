import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type pg from 'pg'
import type { DeviceCredentials, EventSecret, EventSecrets, People, Profile, Vault } from '../../domain/vault.ts'
import { EMAIL_HASHES, emailHash } from '../keys/email-hashes.ts'
import { rememberedSecrets } from '../keys/event-secrets.ts'
import { KEY_BYTES, seal, unseal } from '../keys/sealed.ts'
import { ADDRESSEES, postgresAddressees } from './addressees.ts'
import { INTENTS, postgresIntents } from './intents.ts'
import { type Migrations, migrate } from './migrate.ts'
import { PAYOUT_ACCOUNTS, postgresPayoutAccounts } from './payout-accounts.ts'
import { keepEmailHash, makePersonEmails, peopleWithEmailHash } from './person-emails.ts'
import { underKeyOf } from './person-keys.ts'
import { postgresPool } from './pool.ts'
import { postgresSignedTransactions, SIGNED_TRANSACTIONS } from './signed-transactions.ts'
import { postgresWallets, WALLETS } from './wallets.ts'
import { postgresWorkerReports, WORKERS } from './worker-reports.ts'

const SCHEMA = sql`
  create table vault.person_key (person_id text primary key, key bytea not null);
  create table vault.person (
    person_id text primary key references vault.person_key on delete cascade, sealed bytea not null
  );
  create table vault.event_secret (
    event_id text, number integer, key_id text not null, secret bytea not null, primary key (event_id, number)
  );
  create table vault.device_credential (device_id text primary key, tenant text not null, secret_hash bytea not null);
  create table vault.purpose_key (purpose text primary key, key bytea not null)`

const MIGRATIONS: Migrations = {
  '001-vault': { up: async (db) => void (await SCHEMA.execute(db)) },
  '002-intents': { up: async (db) => void (await INTENTS.execute(db)) },
  '003-workers': { up: async (db) => void (await WORKERS.execute(db)) },
  '004-wallets': { up: async (db) => void (await WALLETS.execute(db)) },
  '005-signed-transactions': { up: async (db) => void (await SIGNED_TRANSACTIONS.execute(db)) },
  '006-person-emails': { up: makePersonEmails },
  '007-addressees': { up: async (db) => void (await ADDRESSEES.execute(db)) },
  '008-payout-accounts': { up: async (db) => void (await PAYOUT_ACCOUNTS.execute(db)) },
}

const CONNECTIONS = 4

/** Of a statement, in milliseconds. */
const PATIENCE = 5_000

/**
 * The vault that several processes share, in the schema `vault`. Whoever is erased or forgotten is gone for every reader at once.
 * Their key, and the keyed hash of their address, are overwritten on the server's disk by and by: they may be in the tables' files
 * until a vacuum and later rows have used their place, in the write-ahead log until that is recycled, in replicas' and archived logs
 * and in backups until they are thrown away.
 * Throws one line if the server cannot be reached, or its tables cannot be made.
 */
export const postgresVault = async ({ url }: { readonly url: string }): Promise<Vault> => {
  await migrate(url, 'vault', MIGRATIONS)
  const settings = { synchronous_commit: 'on' }
  const pool = postgresPool({ url, name: 'vault', size: CONNECTIONS, settings, timeoutMs: PATIENCE })
  const keyOf = keyFor(pool)
  return {
    people: people(pool, keyOf),
    addressees: postgresAddressees(pool),
    wallets: postgresWallets(pool),
    payoutAccounts: postgresPayoutAccounts(pool),
    signedTransactions: postgresSignedTransactions(pool),
    eventSecrets: eventSecrets(pool),
    deviceCredentials: deviceCredentials(pool),
    intents: postgresIntents(pool),
    workers: postgresWorkerReports(pool),
    keyFor: keyOf,
    close: async () => {
      if (!pool.ending) await pool.end()
    },
  }
}

const people = (pool: pg.Pool, keyOf: Vault['keyFor']): People => ({
  save: async (personId, profile) => {
    const hash = profile.email === null ? null : emailHash(await keyOf(EMAIL_HASHES), profile.email)
    await underKeyOf(pool, personId, async (key, client) => {
      await client.query(
        `insert into vault.person (person_id, sealed) values ($1, $2)
         on conflict (person_id) do update set sealed = excluded.sealed`,
        [personId, seal(key, personId, profile)],
      )
      await keepEmailHash(client, personId, hash)
    })
  },
  find: async (personId) => {
    const { rows } = await pool.query<{ key: Uint8Array; sealed: Uint8Array }>(
      'select key, sealed from vault.person join vault.person_key using (person_id) where person_id = $1',
      [personId],
    )
    return rows[0] && unseal<Profile>(rows[0].key, personId, rows[0].sealed)
  },
  withEmail: async (email) => peopleWithEmailHash(pool, emailHash(await keyOf(EMAIL_HASHES), email)),
  erase: async (personId) => {
    await pool.query('delete from vault.person_key where person_id = $1', [personId])
  },
})

const eventSecrets = (pool: pg.Pool): EventSecrets => {
  const stored = async (eventId: string): Promise<EventSecret[]> => {
    const text = 'select key_id as "keyId", secret from vault.event_secret where event_id = $1 order by number desc'
    return (await pool.query<EventSecret>(text, [eventId])).rows
  }

  return rememberedSecrets(async (eventId) => {
    const [first, ...older] = await stored(eventId)
    if (first) return [first, ...older]
    // The first has number 1: of two processes, one makes it.
    const text = `insert into vault.event_secret (event_id, number, key_id, secret) values ($1, 1, $2, $3) on conflict do nothing`
    await pool.query(text, [eventId, randomBytes(8).toString('hex'), randomBytes(KEY_BYTES)])
    const [made] = await stored(eventId)
    return [made!]
  })
}

const deviceCredentials = (pool: pg.Pool): DeviceCredentials => ({
  save: async (tenant, deviceId, secretHash) => {
    await pool.query(
      `insert into vault.device_credential (device_id, tenant, secret_hash) values ($1, $2, $3)
       on conflict (device_id) do update set tenant = excluded.tenant, secret_hash = excluded.secret_hash`,
      [deviceId, tenant, secretHash],
    )
  },
  find: async (deviceId) => {
    const text = 'select tenant, secret_hash as "secretHash" from vault.device_credential where device_id = $1'
    return (await pool.query<{ tenant: string; secretHash: Uint8Array }>(text, [deviceId])).rows[0]
  },
})

const keyFor = (pool: pg.Pool): Vault['keyFor'] => {
  // Never changed once made, so never stale; purposes are few.
  const known = new Map<string, Uint8Array>()

  return async (purpose) => {
    const cached = known.get(purpose)
    if (cached) return cached
    await pool.query('insert into vault.purpose_key (purpose, key) values ($1, $2) on conflict do nothing', [
      purpose,
      randomBytes(KEY_BYTES),
    ])
    const { rows } = await pool.query<{ key: Uint8Array }>('select key from vault.purpose_key where purpose = $1', [
      purpose,
    ])
    known.set(purpose, rows[0]!.key)
    return rows[0]!.key
  }
}
