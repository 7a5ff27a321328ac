import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openDataFolder } from './data-folder.ts'

const parent = async () => {
  const made = await mkdtemp(join(tmpdir(), 'data-'))
  onTestFinished(() => rm(made, { recursive: true }))
  return made
}

const opened = (path: string) => {
  const folder = openDataFolder(path)
  onTestFinished(folder.close)
  return folder
}

const program = `
  import { openDataFolder } from ${JSON.stringify(new URL('./data-folder.ts', import.meta.url))}
  // Kept, or it would be collected, and its lock let go.
  try { globalThis.folder = openDataFolder(process.argv[1]); console.log('mine') }
  catch (error) { console.log(error.message); process.exit() }
  setInterval(() => {}, 1_000)`
const args = (path: string) => ['--input-type=module', '-e', program, path]

it('makes the folder for its owner alone, and says where files go', async () => {
  const path = join(await parent(), 'deep', 'data')
  expect(opened(path).path('ledger.db')).toBe(join(path, 'ledger.db'))
  expect((await stat(path)).mode & 0o777).toBe(0o700)
})

it('is for one at a time, within a process too', async () => {
  const path = join(await parent(), 'data')
  const first = opened(path)
  expect(() => openDataFolder(path)).toThrow(
    /^another Counterfoil runs on this data folder .*: stop it, or set DATA_DIR .*$/,
  )
  first.close()
  openDataFolder(path).close()
})

it('is refused to a second process, until the first one is killed', async () => {
  const path = join(await parent(), 'data')
  const holder = spawn(process.execPath, args(path), { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void holder.kill('SIGKILL'))
  const [said] = await once(holder.stdout, 'data')
  expect(String(said)).toBe('mine\n')
  expect(() => openDataFolder(path)).toThrow('another Counterfoil runs on this data folder')
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  openDataFolder(path).close()
})

it('says so when the path is a file, or lies under one', async () => {
  const file = join(await parent(), 'file')
  await writeFile(file, '')
  for (const path of [file, join(file, 'data')])
    expect(() => openDataFolder(path)).toThrow(/^the data folder .*file.* is a file, or lies under one: .*$/)
})

it('says so when the folder cannot be written', async () => {
  const path = await parent()
  await chmod(path, 0o555)
  // Root may write everywhere, so let nobody try.
  const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {}
  const { stdout } = spawnSync(process.execPath, args(path), { ...nobody, encoding: 'utf8' })
  expect(stdout).toMatch(/^the data folder .* cannot be written \(EACCES\): .*\n$/)
})

it('says so when the lock file is something else', async () => {
  const path = await parent()
  await writeFile(join(path, 'lock.db'), 'not a database, but long enough to be read as the header of one'.repeat(20))
  expect(() => openDataFolder(path)).toThrow(/lock\.db cannot be locked \(file is not a database\): delete it/)
})
