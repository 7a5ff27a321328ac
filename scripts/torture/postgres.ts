import { Redis } from 'ioredis'
import { startCluster } from '../cluster/cluster.ts'
import { LIMITS, mismatchesOn, runScript, type Setup } from './setup.ts'

/** The production set-up without its provider of payments: two of each process on PostgreSQL and Redis. */
export const postgresSetup = async (folder: string, died: (process: string, how: string) => void): Promise<Setup> => {
  const counts = { projections: 2, commands: 2, queries: 2 }
  const cluster = await startCluster({ folder, counts, settings: LIMITS, died })
  const { env, database, redis, own, redisUrl, urlsOf, stop } = cluster

  const script = (name: string, ...args: string[]) => runScript(name, args, env)

  return {
    folder,
    commandUrls: urlsOf('commands'),
    queryUrls: urlsOf('queries'),
    processes: { ...Object.fromEntries([...own.keys()].map((name) => [name, 4])), redis: 2, postgres: 3 },
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
    mismatches: () => mismatchesOn(env),
    stop,
  }
}
