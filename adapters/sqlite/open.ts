import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

type Settings = {
  /** What an operator calls the file: `the vault`. */
  readonly what: string
  /** `full` for what may not be lost, `normal` where the last moments before a power cut may. */
  readonly synchronous: 'full' | 'normal'
  readonly schema: string
  /** What an older file lacks, and no statement alone can add. */
  readonly migrate?: (db: DatabaseSync) => void
}

/** How long one process waits for another that writes. It waits with all it does. */
const LOCK_WAIT_MS = 5_000

/** Opens a file in WAL mode, made on first use and readable by its owner alone. Throws one line that names the file. */
export const openSqlite = (path: string, { what, synchronous, schema, migrate }: Settings): DatabaseSync => {
  let db: DatabaseSync | undefined
  try {
    makePrivate(path)
    db = new DatabaseSync(path, { timeout: LOCK_WAIT_MS })
    db.exec(`pragma journal_mode = wal; pragma synchronous = ${synchronous}; ${schema}`)
    migrate?.(db)
    return db
  } catch (cause) {
    db?.close()
    const why = (cause as Error).message
    throw new Error(`${what} ${path} cannot be opened: ${why}. Check the path, or restore the file from a backup`, {
      cause,
    })
  }
}

/** May be called twice. */
export const closeSqlite = (db: DatabaseSync): void => {
  if (db.isOpen) db.close()
}

/** False while another process reads. Waits for it only briefly, since this process stands still meanwhile. */
export const emptyLog = (db: DatabaseSync): boolean => {
  db.exec('pragma busy_timeout = 250')
  try {
    return db.prepare('pragma wal_checkpoint(truncate)').get()!.busy === 0
  } finally {
    db.exec(`pragma busy_timeout = ${LOCK_WAIT_MS}`)
  }
}

/** Everything in `change`, or nothing. */
export const transaction = <T>(db: DatabaseSync, change: () => T): T => {
  db.exec('begin immediate')
  try {
    const result = change()
    db.exec('commit')
    return result
  } catch (error) {
    if (db.isTransaction) db.exec('rollback')
    throw error
  }
}

const makePrivate = (path: string): void => {
  // Never on a file that exists: closing it would drop the locks that this process holds on it through SQLite.
  if (path !== ':memory:' && !existsSync(path)) closeSync(openSync(path, 'a', 0o600))
}
