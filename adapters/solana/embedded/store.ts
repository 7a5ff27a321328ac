import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { closeSqlite, openSqlite, transaction } from '../../sqlite/open.ts'
import type { Genesis } from './blocks.ts'
import type { Account } from './engine.ts'

/** A transaction that was carried out, as it is kept. */
export type Sent = {
  readonly signature: Uint8Array
  /** In milliseconds. */
  readonly at: number
  readonly slot: number
  readonly bytes: Uint8Array
  /** As JSON; null where it did what it was to do. */
  readonly error: string | null
  readonly fee: number
  readonly units: number
  /** What else became of it, for whoever looks. Packed, since logs are long and much alike. */
  readonly detail: Uint8Array
}

export type Filter = { readonly size: number } | { readonly offset: number; readonly bytes: Uint8Array }

/** A part of the data. */
export type Slice = { readonly offset: number; readonly length: number }

/** An account with the asked part of its data. */
export type Part = Account & {
  /** Of its data as a whole. */
  readonly size: bigint
}

export type Store = ReturnType<typeof store>

// Of the two indexes by content the first is for whoever reads ticket accounts page by page (a byte of the seed at 72, the event at 8), the second for wallets, which look for their tokens (the owner at 32). Queries must spell the expressions alike.
const SCHEMA = `
  begin immediate;
  create table if not exists genesis (
    only_one integer primary key check (only_one = 1), created_at integer not null, seed blob not null
  ) strict;
  create table if not exists account (
    address blob not null unique, owner blob not null, lamports integer not null, data blob not null
  ) strict;
  create index if not exists account_by_content on account (owner, substr(data, 73, 1), substr(data, 9, 32));
  create index if not exists account_by_wallet on account (owner, substr(data, 33, 32));
  create table if not exists sent (
    signature blob not null unique, at integer not null, slot integer not null, bytes blob not null, error text,
    fee integer not null, units integer not null, detail blob not null
  ) strict;
  create table if not exists mention (
    address blob not null, number integer not null, primary key (address, number)
  ) strict, without rowid;
  commit`

/** Which of the transactions that name an address are asked for: those between these two, neither of them among them. */
export type Between = { readonly before: Uint8Array | undefined; readonly until: Uint8Array | undefined }

/**
 * Everything the embedded chain knows: one file, which several processes may open. What a process has answered outlives the process. After a
 * power cut the last moments may be missing, which is no loss: the ledger has them, and whoever reconciles brings them back.
 */
export const store = (path: string, now: () => number) => {
  const db = openSqlite(path, { what: 'the embedded chain', synchronous: 'normal', schema: SCHEMA })
  const prepareAccounts = (sql: string) => {
    const statement = db.prepare(sql)
    // Lamports pass 2^53.
    statement.setReadBigInts(true)
    return statement
  }
  const find = prepareAccounts('select address, owner, lamports, data from account where address = ?')
  const remove = db.prepare('delete from account where address = ?')
  const write = db.prepare(`
    insert into account (address, owner, lamports, data) values (?, ?, ?, ?)
    on conflict do update set owner = excluded.owner, lamports = excluded.lamports, data = excluded.data`)
  const sent = db.prepare('select * from sent where signature = ?')
  const record = db.prepare(`
    insert into sent (signature, at, slot, bytes, error, fee, units, detail)
    values (:signature, :at, :slot, :bytes, :error, :fee, :units, :detail)`)
  const mention = db.prepare('insert into mention (address, number) values (?, ?) on conflict do nothing')
  const numberOf = db.prepare('select rowid as number from sent where signature = ?')
  const naming = db.prepare(`
    select sent.* from mention join sent on sent.rowid = mention.number
    where address = :address and number < :before and number > :until and at <= :at
    order by number desc limit :limit`)

  let isTogether = false
  let hasBegun = false
  const within = <T>(change: () => T): T => {
    if (!hasBegun) db.exec('begin immediate')
    hasBegun = true
    // A disk that is full undoes those before as well: none may follow as if they had been kept.
    if (!db.isTransaction) throw new Error('the file could not be written')
    db.exec('savepoint change')
    try {
      return change()
    } catch (error) {
      if (db.isTransaction) db.exec('rollback to change')
      throw error
    } finally {
      if (db.isTransaction) db.exec('release change')
    }
  }

  return {
    genesis: genesisOf(db, now),
    /** Writes all changes in it at once, which takes a fraction of the time. Throws where they could not all be written. */
    together: <T>(work: () => T): T => {
      isTogether = true
      hasBegun = false
      try {
        const result = work()
        if (hasBegun) db.exec('commit')
        return result
      } finally {
        isTogether = false
        if (db.isTransaction) db.exec('rollback')
      }
    },
    atomically: <T>(change: () => T): T => (isTogether ? within(change) : transaction(db, change)),
    /** Lets several looks see one state, whatever other processes write meanwhile. */
    atOneMoment: <T>(look: () => T): T => {
      if (db.isTransaction) return look()
      db.exec('begin')
      try {
        return look()
      } finally {
        db.exec('commit')
      }
    },
    find: (address: Uint8Array) => find.get(address) as Account | undefined,
    put: ({ address, owner, lamports, data }: Account): void => {
      if (lamports === 0n) remove.run(address)
      else write.run(address, owner, lamports, data)
    },
    /** All accounts of a program that pass the filters, in no order. */
    ofProgram: (program: Uint8Array, filters: readonly Filter[], slice: Slice | undefined): Part[] => {
      const conditions = ['owner = ?', ...filters.map(conditionOf)].join(' and ')
      const part = slice ? substring(slice.offset, slice.length) : 'data'
      const text = `select address, owner, lamports, length(data) as size, ${part} as data from account where ${conditions}`
      const values = filters.map((filter) => ('size' in filter ? filter.size : filter.bytes))
      return prepareAccounts(text).all(program, ...values) as unknown as Part[]
    },
    sent: (signature: Uint8Array) => sent.get(signature) as Sent | undefined,
    /** With all addresses that it names. */
    record: (transaction: Sent, addresses: readonly Uint8Array[]): void => {
      const { lastInsertRowid } = record.run(transaction)
      for (const address of addresses) mention.run(address, lastInsertRowid)
    },
    /** The newest first, none younger than `at`. Undefined where one that it is to be between was never sent. */
    naming: (address: Uint8Array, { before, until }: Between, at: number, limit: number): Sent[] | undefined => {
      const [newest, oldest] = [before && numberOf.get(before), until && numberOf.get(until)]
      if ((before && !newest) || (until && !oldest)) return undefined
      const bounds = { before: newest?.number ?? Number.MAX_SAFE_INTEGER, until: oldest?.number ?? 0 }
      return naming.all({ address, ...bounds, at, limit }) as Sent[]
    },
    close: () => closeSqlite(db),
  }
}

/** The first process makes it. */
const genesisOf = (db: DatabaseSync, now: () => number): Genesis => {
  db.prepare('insert into genesis (only_one, created_at, seed) values (1, ?, ?) on conflict do nothing').run(
    now(),
    randomBytes(32),
  )
  return db.prepare('select created_at as createdAt, seed from genesis').get() as Genesis
}

const conditionOf = (filter: Filter): string =>
  'size' in filter ? 'length(data) = ?' : `${substring(filter.offset, filter.bytes.length)} = ?`

const substring = (offset: number, length: number): string => `substr(data, ${offset + 1}, ${length})`
