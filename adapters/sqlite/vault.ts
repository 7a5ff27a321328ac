import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { DeviceCredentials, EventSecret, EventSecrets, People, Profile, Vault } from '../../domain/vault.ts'
import { EMAIL_HASHES, emailHash } from '../keys/email-hashes.ts'
import { rememberedSecrets, type Secrets } from '../keys/event-secrets.ts'
import { KEY_BYTES, seal, unseal } from '../keys/sealed.ts'
import { ADDRESSEES_SCHEMA, sqliteAddressees } from './addressees.ts'
import { INTENTS_SCHEMA, sqliteIntents } from './intents.ts'
import { closeSqlite, emptyLog, openSqlite } from './open.ts'
import { PAYOUT_ACCOUNTS_SCHEMA, sqlitePayoutAccounts } from './payout-accounts.ts'
import { makePersonEmails, personEmails } from './person-emails.ts'
import { type UnderKeyOf, underKeyOf } from './person-keys.ts'
import { SIGNED_TRANSACTIONS_SCHEMA, sqliteSignedTransactions } from './signed-transactions.ts'
import { sqliteWallets, WALLETS_SCHEMA } from './wallets.ts'
import { sqliteWorkerReports, WORKERS_SCHEMA } from './worker-reports.ts'

// secure_delete overwrites what is deleted, or an erased person's key would stay in the file's free pages.
// The number of an event secret is a column, since VACUUM, which backups use, may renumber rows without one.
const SCHEMA = `
  pragma secure_delete = on;
  create table if not exists person_key (person_id text primary key, key blob not null) strict;
  create table if not exists person (
    person_id text primary key references person_key on delete cascade, sealed blob not null
  ) strict;
  create table if not exists event_secret (
    number integer primary key, event_id text not null, key_id text not null, secret blob not null,
    unique (event_id, key_id)
  ) strict;
  create table if not exists device_credential (
    device_id text primary key, tenant text not null, secret_hash blob not null
  ) strict;
  create table if not exists purpose_key (purpose text primary key, key blob not null) strict`

/** The embedded vault: one file, which several processes may open. Throws one line that names a file it cannot use. */
export const sqliteVault = (path: string): Vault => {
  const db = openSqlite(path, {
    what: 'the vault',
    synchronous: 'full',
    schema: [
      SCHEMA,
      INTENTS_SCHEMA,
      WORKERS_SCHEMA,
      WALLETS_SCHEMA,
      SIGNED_TRANSACTIONS_SCHEMA,
      ADDRESSEES_SCHEMA,
      PAYOUT_ACCOUNTS_SCHEMA,
    ].join(';'),
    migrate: (opened) => makePersonEmails(opened, purposeKeys(opened)),
  })
  const underKey = underKeyOf(db)
  const keyOf = purposeKeys(db)
  return {
    people: people(db, underKey, keyOf),
    addressees: sqliteAddressees(db),
    wallets: sqliteWallets(db, underKey),
    payoutAccounts: sqlitePayoutAccounts(db, underKey),
    signedTransactions: sqliteSignedTransactions(db),
    eventSecrets: eventSecrets(db),
    deviceCredentials: deviceCredentials(db),
    intents: sqliteIntents(db),
    workers: sqliteWorkerReports(db),
    keyFor: async (purpose) => keyOf(purpose),
    close: async () => closeSqlite(db),
  }
}

type KeyOf = (purpose: string) => Uint8Array

const people = (db: DatabaseSync, underKey: UnderKeyOf, keyOf: KeyOf): People => {
  const emails = personEmails(db)
  const hashOf = (email: string) => emailHash(keyOf(EMAIL_HASHES), email)
  const write = db.prepare(
    'insert into person (person_id, sealed) values (?, ?) on conflict do update set sealed = excluded.sealed',
  )
  const read = db.prepare('select key, sealed from person join person_key using (person_id) where person_id = ?')
  const forget = db.prepare('delete from person_key where person_id = ?')

  return {
    save: async (personId, profile) => {
      // Outside: a key that is made is remembered, even where what it was made for is rolled back.
      const hash = profile.email === null ? null : hashOf(profile.email)
      underKey(personId, (key) => {
        write.run(personId, seal(key, personId, profile))
        emails.keep(personId, hash)
      })
    },
    find: async (personId) => {
      const row = read.get(personId) as { key: Uint8Array; sealed: Uint8Array } | undefined
      return row && unseal<Profile>(row.key, personId, row.sealed)
    },
    withEmail: async (email) => emails.peopleWith(hashOf(email)),
    erase: async (personId) => {
      forget.run(personId)
      // The write-ahead log still holds the key as it was once written.
      if (!emptyLog(db))
        throw new Error(`the key of person ${personId} is deleted, but a reader keeps it in the log: erase again`)
    },
  }
}

const eventSecrets = (db: DatabaseSync): EventSecrets => {
  const read = db.prepare('select key_id as keyId, secret from event_secret where event_id = ? order by number desc')
  // One statement, which takes the write lock before it looks: of two processes, one makes the secret.
  const makeFirst = db.prepare(`
    insert into event_secret (event_id, key_id, secret)
    select :eventId, :keyId, :secret where not exists (select 1 from event_secret where event_id = :eventId)`)

  const stored = (eventId: string): Secrets | undefined => {
    const [first, ...older] = read.all(eventId) as EventSecret[]
    return first && [first, ...older]
  }
  const made = (eventId: string): Secrets => {
    makeFirst.run({ eventId, keyId: randomBytes(8).toString('hex'), secret: randomBytes(KEY_BYTES) })
    return stored(eventId)!
  }

  return rememberedSecrets(async (eventId) => stored(eventId) ?? made(eventId))
}

const deviceCredentials = (db: DatabaseSync): DeviceCredentials => {
  const write = db.prepare(`
    insert into device_credential (device_id, tenant, secret_hash) values (?, ?, ?)
    on conflict do update set tenant = excluded.tenant, secret_hash = excluded.secret_hash`)
  const read = db.prepare('select tenant, secret_hash as secretHash from device_credential where device_id = ?')

  return {
    save: async (tenant, deviceId, secretHash) => {
      write.run(deviceId, tenant, secretHash)
    },
    find: async (deviceId) => read.get(deviceId) as Awaited<ReturnType<DeviceCredentials['find']>>,
  }
}

const purposeKeys = (db: DatabaseSync): KeyOf => {
  const make = db.prepare('insert into purpose_key (purpose, key) values (?, ?) on conflict do nothing')
  const read = db.prepare('select key from purpose_key where purpose = ?')
  // Never changed once made, so never stale; purposes are few.
  const known = new Map<string, Uint8Array>()

  return (purpose) => {
    const cached = known.get(purpose)
    if (cached) return cached
    make.run(purpose, randomBytes(KEY_BYTES))
    const { key } = read.get(purpose) as { key: Uint8Array }
    known.set(purpose, key)
    return key
  }
}
