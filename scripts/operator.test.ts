import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { personIdOf } from '../adapters/keys/person-id.ts'
import { embeddedIssuer, tokenVerifier } from '../adapters/keys/tokens.ts'
import { openDataFolder } from '../adapters/sqlite/data-folder.ts'
import { sqliteVault } from '../adapters/sqlite/vault.ts'

const folder = async () => {
  const made = await mkdtemp(join(tmpdir(), 'operator-'))
  onTestFinished(() => rm(made, { recursive: true }))
  return made
}

/** What a server holds open while it runs. */
const running = async () => {
  const data = openDataFolder(join(await folder(), 'data'))
  onTestFinished(data.close)
  const vault = sqliteVault(data.path('vault.db'))
  onTestFinished(() => vault.close())
  const ledger = new DatabaseSync(data.path('ledger.db'))
  onTestFinished(() => ledger[Symbol.dispose]())
  ledger.exec(`pragma journal_mode = wal; create table fact (position integer primary key, data text)`)
  ledger.exec(`insert into fact (data) values ('one'), ('two')`)
  return { path: data.path('.'), vault, ledger }
}

const run = (script: string, dataDir: string, ...args: string[]) => runWith({ DATA_DIR: dataDir }, script, ...args)

const runWith = (env: Record<string, string>, script: string, ...args: string[]) => {
  const file = new URL(script, import.meta.url).pathname
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe('npm run token', () => {
  const venue = '0190a3c1-0000-7000-8000-000000000001'

  it('gives a token that the running server takes, and says whose it is', async () => {
    const { path, vault } = await running()
    const args = ['--role', 'box_office', '--person', 'ann', '--tenant', 'acme', '--venue', venue, '--expires', '30m']
    const { status, stdout, stderr } = run('token.ts', path, ...args)
    const issuer = await embeddedIssuer(vault)
    const personId = personIdOf(issuer.issuer, 'ann')
    expect(status).toBe(0)
    expect(stderr).toBe(`person ${personId}, box_office in acme\n`)
    const claims = await tokenVerifier(issuer)(stdout.trim())
    expect(claims).toMatchObject({ personId, role: 'box_office', tenant: 'acme', venues: [venue] })
    expect(Math.abs(claims!.exp - Date.now() / 1_000 - 1_800)).toBeLessThan(30)
  })

  it('is for the tenant demo and half a day, unless told otherwise', async () => {
    const { path, vault } = await running()
    const { stdout } = run('token.ts', path, '--role', 'attendee', '--person', 'ann')
    const claims = await tokenVerifier(await embeddedIssuer(vault))(stdout.trim())
    expect(claims).toMatchObject({ tenant: 'demo', venues: [] })
    expect(Math.abs(claims!.exp - Date.now() / 1_000 - 43_200)).toBeLessThan(30)
  })

  it.each([
    [['--role', 'god', '--person', 'ann'], /^--role: .*"attendee"/],
    [['--role', 'attendee'], /^--person: /],
    [['--role', 'attendee', '--person', 'ann', '--tenant', 'A corp'], /^--tenant: is 1 to 32 small letters/],
    [['--role', 'attendee', '--person', 'ann', '--venue', 'hall'], /^--venue: /],
    [['--role', 'attendee', '--person', 'ann', '--expires', 'soon'], /^--expires: is a number and s, m, h or d/],
    [['--role', 'box_office', '--person', 'ann'], /^--role: box_office holds at venues only/],
    [['--rule', 'attendee'], /--rule/],
  ])('refuses %j in one line', async (args, line) => {
    const { path } = await running()
    const { status, stdout, stderr } = run('token.ts', path, ...args)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(line)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  it('gives none where the tokens of another issuer are believed', async () => {
    const { path } = await running()
    const keys = 'https://login.example.com/jwks.json'
    const env = { DATA_DIR: path, TOKEN_ISSUER: 'https://login.example.com', TOKEN_KEYS_URL: keys }
    const { status, stdout, stderr } = runWith(env, 'token.ts', '--role', 'attendee', '--person', 'ann')
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/^the server believes https:\/\/login\.example\.com alone: get a token there.*\n$/)
  })

  it('makes no vault of its own where there is none', async () => {
    const empty = await folder()
    const { status, stderr } = run('token.ts', empty, '--role', 'attendee', '--person', 'ann')
    expect(status).toBe(1)
    expect(stderr).toMatch(/^there is no vault at .*: start the server once/)
    expect(await readdir(empty)).toEqual([])
  })
})

describe('npm run backup', () => {
  it('copies ledger and vault of a running server, so that both can be opened', async () => {
    const { path, vault, ledger } = await running()
    const secrets = await vault.eventSecrets.of('e1')
    ledger.exec('begin immediate')
    const to = join(await folder(), 'monday')
    const { status, stdout, stderr } = run('backup.ts', path, '--to', to)
    ledger.exec('rollback')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(await readdir(to)).toEqual(['ledger.db', 'vault.db'])
    const lines = stdout.trim().split('\n')
    expect(lines).toHaveLength(2)
    for (const [i, name] of ['ledger.db', 'vault.db'].entries()) {
      const { size, mode } = await stat(join(to, name))
      expect(lines[i]).toBe(`${join(to, name)}  ${size.toLocaleString('en')} bytes`)
      expect(mode & 0o777).toBe(0o600)
    }

    const copy = new DatabaseSync(join(to, 'ledger.db'))
    onTestFinished(() => copy.close())
    expect(copy.prepare('select data from fact order by position').all()).toMatchObject([
      { data: 'one' },
      { data: 'two' },
    ])
    const restored = sqliteVault(join(to, 'vault.db'))
    onTestFinished(() => restored.close())
    expect(await restored.eventSecrets.of('e1')).toEqual(secrets)
  })

  it('copies nothing where the data is in PostgreSQL, and names the tool that does', async () => {
    const { path } = await running()
    const to = join(await folder(), 'monday')
    const env = { DATA_DIR: path, DATABASE_URL: 'postgres://counterfoil:secret@127.0.0.1:1/none' }
    const { status, stdout, stderr } = runWith(env, 'backup.ts', '--to', to)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/^with DATABASE_URL .* the ledger first .*, then the vault .*\n$/)
    expect(existsSync(to)).toBe(false)
  })

  it('copies a server that is stopped', async () => {
    const { path, vault, ledger } = await running()
    await vault.close()
    ledger.close()
    const to = await folder()
    expect(run('backup.ts', path, '--to', to).status).toBe(0)
    expect(await readdir(to)).toEqual(['ledger.db', 'vault.db'])
  })

  it('overwrites nothing', async () => {
    const { path } = await running()
    const to = await folder()
    await writeFile(join(to, 'vault.db'), 'of yesterday')
    const { status, stderr } = run('backup.ts', path, '--to', to)
    expect(status).toBe(1)
    expect(stderr).toMatch(/^.*vault\.db is there already, and no backup is overwritten: .*\n$/)
    expect(await readdir(to)).toEqual(['vault.db'])
  })

  it('leaves no copy of a file that is broken, and says which', async () => {
    const broken = await folder()
    await writeFile(join(broken, 'ledger.db'), 'not a database, but long enough to be read as one'.repeat(99))
    const to = await folder()
    const { status, stderr } = run('backup.ts', broken, '--to', to)
    expect(status).toBe(1)
    expect(stderr).toMatch(/^.*ledger\.db.*file is not a database.*\n$/)
    expect(existsSync(join(to, 'ledger.db'))).toBe(false)
  })

  it('says so when there is nothing to copy, or nowhere to', async () => {
    const { path } = await running()
    expect(run('backup.ts', path)).toMatchObject({ status: 1, stderr: 'where to? Add --to <folder>\n' })
    expect(run('backup.ts', await folder(), '--to', await folder()).stderr).toMatch(
      /^there is nothing to back up in .*\n$/,
    )
  })
})
