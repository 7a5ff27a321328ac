import { describe, expect, it } from 'vitest'
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
