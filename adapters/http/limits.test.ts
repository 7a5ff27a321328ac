import fastify from 'fastify'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { connectRedis } from '../cache/redis.ts'
import { answering, hasRedis, redisServer } from '../cache/redis.world.ts'
import { answeringErrors } from './errors.ts'
import { rateLimits } from './limits.ts'
import { bearer, world } from './server.world.ts'

describe('the rate limit', () => {
  const limited = () => world({ rateLimit: { perMinute: 2 } })

  it('counts each caller alone', async () => {
    const { server } = await limited()
    const ask = (person: string) => server.inject({ url: '/orders', headers: bearer('attendee', person) })
    const codes = []
    for (const person of ['ann', 'ann', 'ann', 'bob']) codes.push((await ask(person)).statusCode)
    expect(codes).toEqual([200, 200, 429, 200])
  })

  it('says when to come back', async () => {
    const { server } = await limited()
    const ask = () => server.inject({ url: '/orders', headers: bearer('attendee') })
    await ask()
    await ask()
    const answer = await ask()
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(answer.json()).toMatchObject({ status: 429, code: 'rate_limited' })
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  })

  it('stops those who guess tokens, by address', async () => {
    const { server } = await limited()
    const guess = (n: number, remoteAddress: string) =>
      server.inject({ url: '/orders', headers: { authorization: `Bearer guess${n}` }, remoteAddress })
    const codes = []
    for (const n of [1, 2, 3]) codes.push((await guess(n, '203.0.113.7')).statusCode)
    codes.push((await guess(4, '203.0.113.8')).statusCode)
    expect(codes).toEqual([401, 401, 429, 401])
  })

  it('takes the addresses of one IPv6 network for one', async () => {
    const { server } = await limited()
    const codes = []
    for (const n of [1, 2, 3]) {
      codes.push((await server.inject({ url: '/prices', remoteAddress: `2001:db8::${n}` })).statusCode)
    }
    expect(codes).toEqual([200, 200, 429])
  })

  it.each(['/health', '/metrics', '/docs/json', '/docs/'])('leaves %s alone', async (url) => {
    const { server } = await limited()
    for (let n = 0; n < 4; n++) expect((await server.inject({ url })).statusCode).toBe(200)
  })

  it('can be another one for a route, or none', async () => {
    const { server } = await limited()
    const bounded = { config: { action: 'public', rateLimit: { max: 1 } } } as const
    const free = { config: { action: 'public', rateLimit: false } } as const
    server.get('/bounded', bounded, async () => 'one a minute')
    server.get('/free', free, async () => 'as often as you like')
    const codesOf = async (url: string) => {
      const codes = []
      for (let n = 0; n < 3; n++) codes.push((await server.inject({ url })).statusCode)
      return codes
    }
    expect(await codesOf('/bounded')).toEqual([200, 429, 429])
    expect(await codesOf('/free')).toEqual([200, 200, 200])
  })
})

describe.skipIf(!hasRedis)('the rate limit of two servers on one Redis', () => {
  let redis: Awaited<ReturnType<typeof redisServer>>
  beforeEach(async () => {
    redis = await redisServer()
  })
  afterEach(() => redis.stop())

  /** With three requests a minute, and one to /scan. */
  const server = async () => {
    const connection = connectRedis({ url: redis.url, warn: () => {} })
    onTestFinished(connection.close)
    await answering(connection)
    const server = fastify()
    server.setErrorHandler(answeringErrors(() => {}))
    await rateLimits(server, 3, connection)
    server.get('/', { config: { action: 'public' } }, async () => 'as you please')
    server.get('/scan', { config: { action: 'public', rateLimit: { max: 1 } } }, async () => 'come in')
    const ask = async (url: string, remoteAddress: string) => {
      const { statusCode, headers } = await server.inject({ url, remoteAddress })
      return statusCode === 429 ? `429 for ${Number(headers['retry-after']) > 0 ? 'a while' : 'ever'}` : statusCode
    }
    return { ask, back: () => answering(connection) }
  }

  const inTurn = async (
    asks: readonly ((url: string, address: string) => Promise<unknown>)[],
    url = '/',
    by = '::1',
  ) => {
    const codes = []
    for (const ask of asks) codes.push(await ask(url, by))
    return codes
  }

  it('is one limit, by caller and by route', async () => {
    const [a, b] = [(await server()).ask, (await server()).ask]
    expect(await inTurn([a, b, a, b, a])).toEqual([200, 200, 200, '429 for a while', '429 for a while'])
    expect(await inTurn([b, a], '/', '203.0.113.7')).toEqual([200, 200])
    expect(await inTurn([a, b], '/scan')).toEqual([200, '429 for a while'])
  })

  it('is one of each server while Redis is gone, and one again after that', async () => {
    const [a, b] = [await server(), await server()]
    await a.ask('/', '::1')
    await redis.kill()
    expect(await inTurn([a.ask, a.ask, a.ask, a.ask, b.ask])).toEqual([200, 200, 200, '429 for a while', 200])
    await redis.restart()
    await Promise.all([a.back(), b.back()])
    expect(await inTurn([a.ask, b.ask, a.ask, b.ask])).toEqual([200, 200, 200, '429 for a while'])
  })

  it('holds nobody up while Redis answers nothing', async () => {
    const { ask } = await server()
    redis.freeze()
    const began = performance.now()
    expect(await Promise.all(Array.from({ length: 50 }, (_, i) => ask('/', `203.0.113.${i}`)))).toEqual(
      Array(50).fill(200),
    )
    expect(performance.now() - began).toBeLessThan(2_000)
    const then = performance.now()
    expect(await inTurn(Array(50).fill(ask), '/', '203.0.113.0')).toContain(200)
    expect(performance.now() - then).toBeLessThan(2_000)
  })

  it.each<[string, (operator: Redis, key: string) => Promise<unknown>]>([
    ['no number', (operator, key) => operator.set(key, 'mine')],
    ['no text', (operator, key) => operator.rpush(key, 'mine')],
    ['without an end', (operator, key) => operator.set(key, 1_000_000)],
    ['for a year', (operator, key) => operator.set(key, 1_000_000, 'EX', 31_536_000)],
  ])('begins again where a count is %s', async (_, poison) => {
    const { ask } = await server()
    const operator = new Redis(redis.url)
    onTestFinished(() => operator.disconnect())
    await poison(operator, 'counterfoil:limits:203.0.113.7')
    expect(await inTurn(Array(4).fill(ask), '/', '203.0.113.7')).toEqual([200, 200, 200, '429 for a while'])
    expect(await operator.pttl('counterfoil:limits:203.0.113.7')).toBeGreaterThan(50_000)
  })
})
