import type { DatabaseSync } from 'node:sqlite'
import { type Position, type Recorded, START } from '../../domain/fact.ts'
import { Conflict, type Expected, type Ledger, Unavailable } from '../../domain/ledger.ts'
import { numberOf, positionOf } from '../counted-positions.ts'
import { type FactRow, recorded, textOf } from '../fact-row.ts'
import { makeNews, type News, tail } from '../tail.ts'
import { openSqlite } from './open.ts'

const SCHEMA_VERSION = 1

// A fact's position is its rowid: one more than the highest, so without gaps while nothing is ever deleted.
// The transaction makes a file that may only be read fail here, not at the first append.
const SCHEMA = `
  begin immediate;
  create table if not exists fact (
    position integer primary key,
    stream text not null, revision integer not null,
    id text not null, type text not null, data text not null, metadata text not null,
    unique (stream, revision)
  ) strict;
  commit`

const COLUMNS = 'position, stream, revision, id, type, data, metadata'

/** Keeps the wait of the first in a batch short. */
const MAX_BATCH = 512

/** How long a fact of another process may go unnoticed, in milliseconds. */
const LOOK_EVERY = 50

type Waiting = {
  readonly stream: string
  readonly expected: Expected
  readonly rows: readonly (readonly [id: string, type: string, data: string, metadata: string])[]
  readonly resolve: (position: Position) => void
  readonly reject: (error: Error) => void
}

/**
 * The embedded ledger: one file, one writer, one fsync for all the appends that wait in the same turn.
 * Other processes may use the file at the same time. Throws if it cannot be opened, or is not a ledger that this version knows.
 */
export const sqliteLedger = (path: string): Ledger => {
  const db = open(path)
  const prepare = (text: string) => {
    const statement = db.prepare(text)
    // Rows as arrays are read twice as fast as rows as objects.
    statement.setReturnArrays(true)
    return statement
  }
  const begin = prepare('begin immediate')
  const commit = prepare('commit')
  const insert = prepare('insert into fact (stream, revision, id, type, data, metadata) values (?, ?, ?, ?, ?, ?)')
  const revisionOf = prepare('select max(revision) from fact where stream = ?')
  const newest = prepare('select max(position) from fact')
  const ofStream = prepare(`select ${COLUMNS} from fact where stream = ? and revision > ? order by revision`)
  const ofAll = prepare(`select ${COLUMNS} from fact where position > ? order by position limit ?`)

  const waiting: Waiting[] = []
  const news = makeNews()
  const closed = new AbortController()
  const watch = setInterval(lookAround(db, news), LOOK_EVERY).unref()

  const flush = () => {
    const batch = waiting.splice(0, MAX_BATCH)
    if (batch.length === 0) return
    for (const answer of record(batch)) answer()
    news.emit('appended')
    if (waiting.length > 0) setImmediate(flush)
  }

  /** Returns the answers to give, once what they say is durable. */
  const record = (batch: readonly Waiting[]): (() => void)[] => {
    try {
      begin.run()
      const answers = batch.map(write)
      commit.run()
      return answers
    } catch (cause) {
      if (db.isTransaction) db.exec('rollback')
      const why = `the ledger ${path} cannot be written (${(cause as Error).message}): see to its disk, its rights, its lock`
      const error = new Unavailable(why, { cause })
      return batch.map((append) => () => append.reject(error))
    }
  }

  /** Each sees what those before it in the batch have written, so appends to one stream may share a batch. */
  const write = ({ stream, expected, rows, resolve, reject }: Waiting): (() => void) => {
    const [head] = revisionOf.get(stream) as unknown as [number | null]
    if (expected !== 'any' && expected !== (head ?? 'none'))
      return () => reject(new Conflict(`${stream} is at ${head ?? 'none'}, not at ${expected}`))
    let revision = head ?? -1
    let position = 0
    for (const row of rows) position = Number(insert.run(stream, ++revision, ...row).lastInsertRowid)
    return () => resolve(positionOf(position))
  }

  const page = (after: Position, limit: number) =>
    (ofAll.all(numberOf(after), limit) as unknown as FactRow[]).map(recorded)

  // Followers move in step, so what one has read and decoded is handed to the next. A page never goes stale, it may only be short.
  let latest = { after: START, limit: 0, facts: [] as readonly Recorded[] }
  const shared = (after: Position, limit: number) => {
    if (latest.facts.length === 0 || latest.after !== after || latest.limit !== limit)
      latest = { after, limit, facts: page(after, limit) }
    return latest.facts
  }

  return {
    append: (stream, expected, facts) =>
      new Promise((resolve, reject) => {
        if (!db.isOpen) throw new Error(`the ledger ${path} is closed: open it again before appending to ${stream}`)
        if (facts.length === 0)
          throw new Error(`there is no fact to append to ${stream}: record something or do not append`)
        // Whatever JSON cannot hold must fail here, alone, not in a batch with others.
        const rows = facts.map(({ id, type, data, metadata }) => [id, type, textOf(data), textOf(metadata)] as const)
        if (waiting.push({ stream, expected, rows, resolve, reject }) === 1) setImmediate(flush)
      }),
    read: async (stream, after = -1) => (ofStream.all(stream, after) as unknown as FactRow[]).map(recorded),
    readAll: async (after, limit) => page(after, limit),
    tail: (after, limit, signal) =>
      tail({ page: (at) => shared(at, limit), news, after, signal: AbortSignal.any([signal, closed.signal]) }),
    head: async () => {
      const [position] = newest.get() as unknown as [number | null]
      return positionOf(position ?? 0)
    },
    close: async () => {
      if (!db.isOpen) return
      while (waiting.length > 0) flush()
      closed.abort()
      clearInterval(watch)
      db.close()
    },
  }
}

const open = (path: string): DatabaseSync => {
  const db = openSqlite(path, { what: 'the ledger', synchronous: 'full', schema: SCHEMA })
  const { user_version: version } = db.prepare('pragma user_version').get() as { user_version: number }
  if (version > SCHEMA_VERSION) {
    db.close()
    throw new Error(
      `the ledger ${path} has schema ${version}, this Counterfoil knows up to ${SCHEMA_VERSION}: start the newer one that wrote it`,
    )
  }
  if (version < SCHEMA_VERSION) db.exec(`pragma user_version = ${SCHEMA_VERSION}`)
  return db
}

/** Passes on what other processes have committed: theirs change the file's data version, our own do not. */
const lookAround = (db: DatabaseSync, news: News): (() => void) => {
  const statement = db.prepare('pragma data_version')
  const version = () => (statement.get() as { data_version: number }).data_version
  let seen = version()
  return () => {
    const now = version()
    if (now !== seen) news.emit('appended')
    seen = now
  }
}
