import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { postgresServer } from '../../adapters/postgres/server.world.ts'
import { freePort, type Process, processOf } from './processes.ts'
import { LIMITS, type Setup } from './setup.ts'

const ROOT = new URL('../../', import.meta.url).pathname

/** The production set-up without its provider of payments: two of each process on PostgreSQL and Redis. */
export const postgresSetup = async (folder: string, died: (process: string, how: string) => void): Promise<Setup> => {
  const database = await postgresServer({ durable: true })
  const redisPort = await freePort()
  const redisUrl = `redis://127.0.0.1:${redisPort}`
  const data = join(folder, 'data')
  await mkdir(data)
  const env = { ...LIMITS, DATABASE_URL: await database.database(), REDIS_URL: redisUrl, DATA_DIR: data }

  const redis = processOf({
    name: 'redis',
    command: 'redis-server',
    args: ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
    env: {},
    ready: /Ready to accept connections/,
    log: join(folder, 'redis.log'),
    died: (how) => died('redis', how),
  })
  await redis.start()

  const own = new Map<string, Process & { readonly url: string }>()
  for (const kind of ['projections', 'commands', 'queries'])
    for (const number of [1, 2]) {
      const name = `${kind}-${number}`
      const port = await freePort()
      const process_ = processOf({
        name,
        command: process.execPath,
        args: ['scripts/start.ts', kind],
        env: { ...env, PORT: String(port) },
        ready: / is ready/,
        log: join(folder, `${name}.log`),
        died: (how) => died(name, how),
      })
      own.set(name, { ...process_, url: `http://127.0.0.1:${port}` })
    }
  // The first makes the tables.
  for (const { start } of own.values()) await start()

  const script = async (name: string, ...args: string[]): Promise<string> => {
    const run = promisify(execFile)(process.execPath, [`scripts/${name}.ts`, ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env },
    })
    return (await run).stdout.trim()
  }
  const urlsOf = (kind: string) => [...own].filter(([name]) => name.startsWith(kind)).map(([, { url }]) => url)
  return {
    folder,
    commandUrls: urlsOf('commands'),
    queryUrls: urlsOf('queries'),
    processes: { ...Object.fromEntries([...own.keys()].map((name) => [name, 4])), redis: 2, postgres: 1 },
    kill: async (name, signal) => {
      if (name === 'postgres') await database.kill()
      else await (own.get(name) ?? redis).kill(signal)
    },
    restart: async (name) => {
      if (name === 'postgres') await database.restart()
      else await (own.get(name) ?? redis).start()
    },
    emptyRedis: async () => {
      const client = new Redis(redisUrl, { lazyConnect: true })
      client.on('error', () => {})
      await client.flushall().finally(() => client.disconnect())
    },
    tokenOf: (role, subject) => script('token', '--role', role, '--person', subject),
    rebuild: async () => {
      await script('rebuild', 'all')
      await script('promote', 'all')
    },
    stop: async () => {
      await Promise.all([...own.values()].map(({ kill }) => kill('SIGTERM')))
      await redis.kill('SIGTERM')
      await database.stop()
    },
  }
}
