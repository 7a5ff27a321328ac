import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { SlotRange } from '../../commands/slot-pool.ts'
import type { Touched } from '../../domain/order/facts.ts'
import { poolSlot } from '../../domain/slot.ts'
import { connectRedis } from './redis.ts'
import { answering, hasRedis, redisServer } from './redis.world.ts'
import { redisSlotPool } from './redis-slot-pool.ts'

describe.skipIf(!hasRedis)('a sale over two processes, where Redis', () => {
  let server: Awaited<ReturnType<typeof redisServer>>
  let operator: Redis
  beforeAll(async () => {
    server = await redisServer()
    operator = new Redis(server.url)
    operator.on('error', () => {})
  })
  afterAll(async () => {
    operator.disconnect()
    await server.stop()
  })

  /** Sells to many buyers at once, where the ledger alone decides and the view knows at once what it decided. */
  const sale = (size: number, url = server.url) => {
    const warnings: string[] = []
    const range: SlotRange = { tenant: 'acme', eventId: randomUUID(), pool: 'GA', from: 1, to: size }
    const sold = new Set<string>()
    const seen = { refused: 0, longest: 0 }
    const free = async (_: SlotRange, limit: number): Promise<Touched[]> => {
      const slots = Array.from({ length: size }, (_, i) => poolSlot('GA', i + 1)).filter((slot) => !sold.has(slot))
      await setTimeout(2)
      return slots.slice(0, limit).map((slot) => ({ slot, edition: 1 }))
    }
    const connections = [1, 2].map(() => connectRedis({ url, warn: (message) => warnings.push(message) }))
    onTestFinished(() => connections.forEach((redis) => void redis.close()))
    const processes = connections.map((redis) => redisSlotPool({ redis, free, sleep: (ms) => setTimeout(ms / 10) }))

    /** What the slot's own stream says. */
    const isSold = ({ slot, edition }: Touched): boolean => {
      const isGood = !sold.has(slot) && edition === 1
      if (isGood) sold.add(slot)
      else seen.refused++
      return isGood
    }

    const buy = async (process: number): Promise<Touched | undefined> => {
      const pool = processes[process]!
      for (;;) {
        const began = performance.now()
        const [slot] = await pool.take(range, 1, [])
        seen.longest = Math.max(seen.longest, performance.now() - began)
        if (!slot) return undefined
        await setTimeout(2)
        const done = isSold(slot)
        pool.tried(range, slot)
        if (done) return slot
      }
    }

    /** Until every buyer was told that it is sold out; once `when` are sold, something happens. */
    const sellOut = async (when: number, happens: () => unknown) => {
      let happened: unknown
      const buyer = async (process: number) => {
        while (await buy(process)) if (sold.size >= when) happened ??= happens() ?? true
        // Nobody is told so a ticket too early.
        expect(sold.size).toBe(size)
      }
      await Promise.all(Array.from({ length: 16 }, (_, i) => buyer(i % 2)))
      await happened
    }
    const up = () => Promise.all(connections.map(answering))
    return { range, warnings, sold, seen, buy, sellOut, up }
  }

  it('is well, sells every ticket at the first try', async () => {
    const { sellOut, up, seen, warnings } = sale(600)
    await up()
    await sellOut(600, () => {})
    expect(seen.refused).toBe(0)
    expect(warnings).toEqual([])
  })

  it('was never there', async () => {
    const { sellOut, seen } = sale(200, 'redis://127.0.0.1:1')
    await sellOut(200, () => {})
    expect(seen.longest).toBeLessThan(2_000)
  })

  it('is emptied again and again', async () => {
    const { sellOut, up, seen } = sale(600)
    await up()
    await sellOut(100, async () => {
      for (let times = 0; times < 5; times++) {
        await operator.flushall()
        await setTimeout(10)
      }
    })
    expect(seen.refused).toBeLessThan(100)
  })

  it('is killed, and back with nothing', async () => {
    const { sellOut, up, seen, warnings, sold } = sale(2_000)
    await up()
    await sellOut(300, async () => {
      await server.kill()
      const soldBy = sold.size
      await server.restart()
      await up()
      expect(sold.size).toBeGreaterThan(soldBy)
    })
    expect(seen.longest).toBeLessThan(2_000)
    expect(seen.refused).toBeLessThan(500)
    expect(warnings.map((warning) => warning.split(' (')[0]).toSorted()).toEqual([
      'Redis is back',
      'Redis is back',
      'Redis is out of reach',
      'Redis is out of reach',
    ])
  })

  it('answers nothing for a while, which costs a quarter of a second once', async () => {
    const { sellOut, up, buy, seen, warnings } = sale(600)
    await up()
    server.freeze()
    onTestFinished(() => void server.thaw())
    await Promise.all([buy(0), buy(1)])
    expect(seen.longest).toBeGreaterThan(200)
    expect(seen.longest).toBeLessThan(2_000)
    const began = performance.now()
    for (let times = 0; times < 20; times++) await buy(times % 2)
    expect(performance.now() - began).toBeLessThan(2_000)
    await sellOut(300, () => {
      server.thaw()
      return up()
    })
    expect(warnings.filter((warning) => warning.includes('no answer within 250 ms'))).toHaveLength(2)
  })

  it('is back as it was, after a sale without it, and suggests nothing that was sold meanwhile', async () => {
    const { range, sold, buy, up, seen } = sale(300)
    await up()
    await buy(0)
    server.freeze()
    onTestFinished(() => void server.thaw())
    for (let times = 0; times < 250; times++) await buy(times % 2)
    server.thaw()
    await up()
    seen.refused = 0
    for (let times = 0; times < 10; times++) await buy(times % 2)
    expect(sold.size).toBe(261)
    expect(seen.refused).toBe(0)
    expect(await operator.zcard(keysOf(range).free)).toBeGreaterThan(0)
  })

  it.each<[string, (key: string) => Promise<unknown>]>([
    ['a text', (key) => operator.set(key, 'mine')],
    ['a list', (key) => operator.rpush(key, '1/1', '2/1')],
    ['a hash', (key) => operator.hset(key, '1/1', 'mine')],
    ['a set', (key) => operator.sadd(key, '1/1')],
    ['what is no slot', (key) => operator.zadd(key, 5, 'mine', 6, '', 7, '7', 8, '8/1/1', 9, '9/x')],
    ['slots that were never on sale', (key) => operator.zadd(key, 5, '9999/1', 6, '0/1', 7, '101/1')],
    ['editions that were never opened', (key) => operator.zadd(key, 5, '5/99', 6, '6/0', 7, '7/2')],
    ['slots as tried until the end of time', (key) => operator.zadd(key, ...all(100, Number.POSITIVE_INFINITY))],
    ['all slots as free', (key) => operator.zadd(key, ...all(100, 50))],
  ])('holds %s under its keys', async (_, poison) => {
    const { range, buy, sellOut, up, sold, seen } = sale(100)
    await up()
    for (let times = 0; times < 50; times++) await buy(times % 2)
    for (const key of Object.values(keysOf(range))) {
      await operator.del(key)
      await poison(key)
    }
    await sellOut(100, () => {})
    expect(sold).toEqual(new Set(Array.from({ length: 100 }, (_, i) => poolSlot('GA', i + 1))))
    expect(seen.refused).toBeLessThan(100)
  })
})

const all = (size: number, score: number) =>
  Array.from({ length: size }, (_, i) => [score, `${i + 1}/1`]).flat() as [number, string]

const keysOf = ({ tenant, eventId, pool, from, to }: SlotRange) => {
  const name = `counterfoil:slots:{${JSON.stringify([tenant, eventId, pool])}}`
  return { free: `${name}:free`, tried: `${name}:tried`, reading: `${name}:reading:${from}-${to}` }
}
