import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { addresseesContract } from './addressees.contract.ts'
import { intentsContract } from './intents.contract.ts'
import { payoutAccountsContract } from './payout-accounts.contract.ts'
import { signedTransactionsContract } from './signed-transactions.contract.ts'
import { sqliteVault } from './sqlite/vault.ts'
import { vaultContract } from './vault.contract.ts'
import { walletsContract } from './wallets.contract.ts'

const folder = async () => {
  const made = await mkdtemp(join(tmpdir(), 'vault-'))
  onTestFinished(() => rm(made, { recursive: true }))
  return made
}

const fresh = async () => {
  const path = join(await folder(), 'vault.db')
  return async () => sqliteVault(path)
}

vaultContract('in a SQLite file', fresh)
intentsContract('in a SQLite file', fresh)
walletsContract('in a SQLite file', fresh)
payoutAccountsContract('in a SQLite file', fresh)
signedTransactionsContract('in a SQLite file', fresh)
addresseesContract('in a SQLite file', fresh)

describe('the file of a vault', () => {
  const filled = async () => {
    const path = join(await folder(), 'vault.db')
    const vault = sqliteVault(path)
    onTestFinished(() => vault.close())
    const id = randomUUID()
    await vault.people.save(id, { name: 'Ann Bøe', email: 'ann@example.org' })
    await vault.wallets.save(id, '4Nd1mYQFLnMJ5p9eVRBdJ8uXW3PbZ5nJ5yZ9tqk3b1aA')
    await vault.addressees.save('offer', 'ben@example.org')
    return { path, vault, id }
  }

  /** The file and what SQLite keeps beside it. */
  const onDisk = async (path: string) => {
    const names = (await readdir(join(path, '..'))).map((name) => join(path, '..', name))
    return Buffer.concat(await Promise.all(names.map((name) => readFile(name))))
  }

  const sql = (path: string) => {
    const db = new DatabaseSync(path, { timeout: 5_000 })
    onTestFinished(() => db.close())
    return db
  }

  it('holds neither name, e-mail nor wallet in clear, and is for its owner alone', async () => {
    const { path, id } = await filled()
    const bytes = await onDisk(path)
    expect(bytes.includes(id)).toBe(true)
    expect(bytes.includes('Ann')).toBe(false)
    expect(bytes.includes('example.org')).toBe(false)
    expect(bytes.includes('4Nd1mYQF')).toBe(false)
    for (const suffix of ['', '-wal', '-shm']) expect((await stat(path + suffix)).mode & 0o777).toBe(0o600)
  })

  it('holds no payout account in clear, and nothing of an erased person’s', async () => {
    const { path, vault, id } = await filled()
    await vault.payoutAccounts.save(id, randomUUID(), 'acct_1Nv0FGQ9RKHgCVdK')
    const { sealed } = sql(path).prepare('select sealed from payout_account').get() as { sealed: Uint8Array }
    const before = await onDisk(path)
    expect([before.includes('acct_1Nv0'), before.includes(Buffer.from(sealed))]).toEqual([false, true])
    await vault.people.erase(id)
    expect((await onDisk(path)).includes(Buffer.from(sealed))).toBe(false)
  })

  it('holds nothing of an erased person, neither their key nor what it opens', async () => {
    const { path, vault, id } = await filled()
    const row = sql(path).prepare(
      'select key, person.sealed, wallet.sealed as wallet, email_hash as email from person join wallet using (person_id) join person_email using (person_id) join person_key using (person_id)',
    )
    const kept = Object.values(row.get()!).map((value) => Buffer.from(value as Uint8Array))
    expect(kept).toHaveLength(4)
    const before = await onDisk(path)
    for (const there of kept) expect(before.includes(there)).toBe(true)
    await vault.people.erase(id)
    const bytes = await onDisk(path)
    for (const gone of [...kept, Buffer.from(id)]) expect(bytes.includes(gone)).toBe(false)
  })

  it('holds nothing of a forgotten addressee, neither their key nor what it opens', async () => {
    const { path, vault } = await filled()
    const kept = Object.values(sql(path).prepare('select key, sealed from addressee').get()!)
    await vault.addressees.forget('offer')
    const bytes = await onDisk(path)
    for (const gone of kept) expect(bytes.includes(Buffer.from(gone as Uint8Array))).toBe(false)
  })

  it('of before people could be found by their addresses finds them once it is opened', async () => {
    const { path, vault, id } = await filled()
    await vault.people.save('silent', { name: 'Sil', email: null })
    await vault.people.save('moved', { name: 'Mo', email: 'ann@example.org' })
    const db = sql(path)
    db.exec("update person set sealed = zeroblob(64) where person_id = 'moved'; drop table person_email")
    await vault.close()
    for (const _ of ['first', 'again']) {
      const newer = sqliteVault(path)
      onTestFinished(() => newer.close())
      expect(await newer.people.withEmail('ANN@example.org')).toEqual([id])
    }
  })

  it('says so when a reader keeps an erased or forgotten key in the log', async () => {
    const path = join(await folder(), 'vault.db')
    const vault = sqliteVault(path)
    onTestFinished(() => vault.close())
    await vault.people.save('a', { name: 'Ann', email: null })
    const reader = sql(path)
    reader.exec('begin; select * from person_key')
    await expect(vault.people.erase('a')).rejects.toThrow('erase again')
    expect(await vault.people.find('a')).toBeUndefined()
    reader.exec('commit')
    await vault.people.erase('a')
    await vault.addressees.save('offer', 'ann@example.org')
    reader.exec('begin; select * from addressee')
    await expect(vault.addressees.forget('offer')).rejects.toThrow('forget again')
    expect(await vault.addressees.find('offer')).toBeUndefined()
    reader.exec('commit')
    await vault.addressees.forget('offer')
  })

  it('gives a person who comes back another key', async () => {
    const { path, vault, id } = await filled()
    const keyOf = sql(path).prepare('select key from person_key where person_id = ?')
    const before = keyOf.get(id)
    await vault.people.erase(id)
    await vault.people.save(id, { name: 'Ann', email: null })
    expect(keyOf.get(id)).not.toEqual(before)
  })

  it('opens for nobody when a row is moved to another person or offer', async () => {
    const { path, vault, id } = await filled()
    const db = sql(path)
    db.exec("pragma foreign_keys = off; update addressee set offer_id = 'other'")
    for (const table of ['person', 'wallet', 'person_key'])
      db.prepare(`update ${table} set person_id = 'eve' where person_id = ?`).run(id)
    await expect(vault.people.find('eve')).rejects.toThrow()
    await expect(vault.wallets.find(['eve'])).rejects.toThrow()
    await expect(vault.addressees.find('other')).rejects.toThrow()
  })

  it('shows a secret that was added elsewhere within a minute, newest first', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const { path, vault } = await filled()
    const [first] = await vault.eventSecrets.of('e1')
    sql(path)
      .prepare('insert into event_secret (event_id, key_id, secret) values (?, ?, ?)')
      .run('e1', 'newer', new Uint8Array(32))
    vi.advanceTimersByTime(60_000)
    expect((await vault.eventSecrets.of('e1')).map(({ keyId }) => keyId)).toEqual(['newer', first.keyId])
  })

  it('gives two processes that come at once the same secrets', async () => {
    const path = join(await folder(), 'vault.db')
    const program = `
      import { sqliteVault } from ${JSON.stringify(new URL('./sqlite/vault.ts', import.meta.url))}
      const vault = sqliteVault(process.argv[1])
      const made = []
      for (let n = 0; n < 50; n++) made.push(await vault.eventSecrets.of('event' + n), await vault.keyFor('purpose' + n))
      console.log(JSON.stringify(made))`
    const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, path])
    const [one, other] = await Promise.all([run(), run()])
    expect(JSON.parse(one.stdout)).toHaveLength(100)
    expect(one.stdout).toBe(other.stdout)
  })

  it('is named, in one line, when it is no vault or cannot be there', async () => {
    const path = join(await folder(), 'vault.db')
    await writeFile(path, 'not a database, but long enough to be read as the header of one'.repeat(20))
    expect(() => sqliteVault(path)).toThrow(/^the vault .*vault\.db cannot be opened: file is not a database.*$/)
    expect(() => sqliteVault(`${path}/vault.db`)).toThrow(/^the vault .* cannot be opened: .*$/)
  })
})
