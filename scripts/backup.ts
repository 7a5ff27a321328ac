import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'

// npm run backup -- --to <folder>
// Copies the embedded databases as they are at one moment each. Works while the server runs. PostgreSQL has tools of its own.

// The ledger before the vault: a secret is made before the fact that relies on it, so the later copy of the vault holds
// the secret of every fact in the copied ledger. The other way round, a QR code could be left without its secret.
// The bank last, for the same reason: it knows every payment that the ledger speaks of.
const FILES = ['ledger.db', 'vault.db', 'sandbox-bank.db']

/** Throws, and leaves nothing behind under the copy's name, unless the copy is whole and on disk. */
const copy = (from: string, to: string): void => {
  const part = `${to}.part`
  rmSync(part, { force: true })
  using source = new DatabaseSync(from, { timeout: 5_000, readOnly: true })
  source.prepare('vacuum into ?').run(part)
  verify(part)
  const file = openSync(part, 'r+')
  fsyncSync(file)
  closeSync(file)
  renameSync(part, to)
}

const verify = (path: string): void => {
  using db = new DatabaseSync(path, { readOnly: true })
  const [row] = db.prepare('pragma integrity_check').all() as [{ integrity_check: string }]
  if (row.integrity_check !== 'ok') throw new Error(`the copy ${path} is broken: ${row.integrity_check}`)
}

const backUp = (from: string, to: string): void => {
  const found = FILES.filter((name) => existsSync(join(from, name)))
  if (found.length === 0) throw new Error(`there is nothing to back up in ${from}: set DATA_DIR to the server's folder`)
  const taken = FILES.find((name) => existsSync(join(to, name)))
  if (taken) throw new Error(`${join(to, taken)} is there already, and no backup is overwritten: name another folder`)

  // The copy of the vault is as secret as the vault.
  process.umask(0o077)
  mkdirSync(to, { recursive: true })
  for (const name of found) {
    try {
      copy(join(from, name), join(to, name))
    } catch (cause) {
      throw new Error(`${join(from, name)} cannot be backed up: ${(cause as Error).message}`, { cause })
    }
    console.log(`${join(to, name)}  ${statSync(join(to, name)).size.toLocaleString('en')} bytes`)
  }
}

try {
  const { to } = parseArgs({ options: { to: { type: 'string' } } }).values
  if (!to) throw new Error('where to? Add --to <folder>')
  if (process.env.DATABASE_URL)
    throw new Error(
      'with DATABASE_URL the data is in PostgreSQL, and this copies files only: back up the ledger first (EventStoreDB, or pg_dump --schema=ledger), then the vault (pg_dump --schema=vault)',
    )
  backUp(process.env.DATA_DIR ?? './data', to)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
