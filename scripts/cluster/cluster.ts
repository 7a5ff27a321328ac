import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../adapters/free-port.world.ts'
import { type PostgresServer, postgresServer } from '../../adapters/postgres/server.world.ts'
import type { Side } from '../sides.ts'
import { type Process, processOf } from './processes.ts'

/** Processes of Counterfoil, one side each, and the PostgreSQL and Redis that they share. */
export type Cluster = {
  /** What a script needs to work on the same parts. */
  readonly env: Readonly<Record<string, string>>
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly database: PostgresServer
  readonly redis: Process
  /** Counterfoil's own, by names such as commands-1. */
  readonly own: ReadonlyMap<string, Process>
  readonly urlsOf: (side: Side) => readonly string[]
  /** Ends everything; the folder stays, with what each process said. */
  readonly stop: () => Promise<void>
}

type Options = {
  readonly folder: string
  /** How many processes of each side. */
  readonly counts: Readonly<Record<Side, number>>
  readonly settings: Readonly<Record<string, string>>
  /** Called when a process ends and nobody killed it. */
  readonly died: (process: string, how: string) => void
}

/** The first to start makes the tables. */
const STARTING_ORDER = ['projections', 'commands', 'queries'] as const

/** The production set-up without its provider of payments, on free ports. Throws if any of it does not start, once the rest is ended. */
export const startCluster = async ({ folder, counts, settings, died }: Options): Promise<Cluster> => {
  const database = await postgresServer({ durable: true })
  const own = new Map<string, Process & { readonly side: Side; readonly url: string }>()
  const redisPort = await freePort()
  const redis = processOf({
    name: 'redis',
    command: 'redis-server',
    args: ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
    env: {},
    ready: /Ready to accept connections/,
    log: join(folder, 'redis.log'),
    died: (how) => died('redis', how),
  })
  const stop = async () => {
    await Promise.all([...own.values()].map(({ kill }) => kill('SIGTERM')))
    await redis.kill('SIGTERM')
    await database.stop()
  }
  try {
    const [databaseUrl, redisUrl] = [await database.database(), `redis://127.0.0.1:${redisPort}`]
    const data = join(folder, 'data')
    await mkdir(data)
    const env = { ...settings, HOST: '127.0.0.1', DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, DATA_DIR: data }
    await redis.start()
    for (const side of STARTING_ORDER)
      for (let number = 1; number <= counts[side]; number++) {
        const name = `${side}-${number}`
        const port = await freePort()
        const process_ = processOf({
          name,
          command: process.execPath,
          args: ['scripts/start.ts', side],
          env: { ...env, PORT: String(port) },
          ready: / is ready/,
          log: join(folder, `${name}.log`),
          died: (how) => died(name, how),
        })
        own.set(name, { ...process_, side, url: `http://127.0.0.1:${port}` })
        await process_.start()
      }
    const urlsOf = (wanted: Side) => [...own.values()].filter(({ side }) => side === wanted).map(({ url }) => url)
    return { env, databaseUrl, redisUrl, database, redis, own, urlsOf, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
