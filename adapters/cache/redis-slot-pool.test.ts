import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe } from 'vitest'
import { connectRedis, type SharedRedis } from './redis.ts'
import { answering, hasRedis, redisServer } from './redis.world.ts'
import { redisSlotPool } from './redis-slot-pool.ts'
import { slotPoolContract } from './slot-pool.contract.ts'

/** On one Redis, the same for one process and for two. */
const onRedis = (start: () => Promise<{ url: string; stop: () => Promise<void> }>) => {
  const connections: SharedRedis[] = []
  let stop: () => Promise<void>
  beforeAll(async () => {
    const server = await start()
    stop = server.stop
    // The keys expire by themselves.
    const options = { url: server.url, prefix: `counterfoil-test-${randomUUID()}:`, warn: () => {} }
    connections.push(connectRedis(options), connectRedis(options))
    await Promise.all(connections.map(answering))
  })
  afterAll(async () => {
    for (const redis of connections) redis.close()
    await stop()
  })

  describe.each([
    ['one process', 1],
    ['two processes', 2],
  ])('and %s', (_, count) => {
    slotPoolContract('the slot pool', (options) => ({
      processes: connections.slice(0, count).map((redis) => redisSlotPool({ redis, ...options })),
      settled: async () => void (await Promise.all(connections.map(answering))),
    }))
  })
}

describe.skipIf(!hasRedis)('with a Redis of its own', () => onRedis(redisServer))

const url = process.env.REDIS_URL
describe.skipIf(!url)('with the Redis of REDIS_URL', () => onRedis(async () => ({ url: url!, stop: async () => {} })))
