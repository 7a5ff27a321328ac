import { expect, it, onTestFinished } from 'vitest'
import { postgresServer } from '../adapters/postgres/server.world.ts'
import { wholeWorld } from './counterfoil.world.ts'

it('while PostgreSQL is away everybody is asked to come back, and health says why; afterwards all is well by itself', async () => {
  const server = await postgresServer()
  onTestFinished(server.stop)
  const w = await wholeWorld({ databaseUrl: await server.database() })
  onTestFinished(w.close)
  const { eventId, typeId } = await w.onSale({ size: 5 })
  const authorization = `Bearer ${await w.token('attendee', 'ann')}`
  const ask = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: object) => {
    const headers = { authorization, 'idempotency-key': path, ...(body && { 'content-type': 'application/json' }) }
    const response = await fetch(`${w.url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.json() }
  }
  const everything = () =>
    Promise.all([
      ask('GET', `/api/v1/events/${eventId}/availability`),
      ask('GET', '/api/v1/orders'),
      ask('GET', '/api/v1/me'),
      ask('PUT', '/api/v1/me', { name: 'Ann', email: null }),
      ask('POST', '/api/v1/orders', { eventId, items: [{ typeId, quantity: 1 }] }),
    ])

  await server.kill()
  for (const answer of await everything())
    expect(answer).toMatchObject({ status: 503, retryAfter: '1', body: { code: 'unavailable' } })
  expect(await ask('GET', '/health')).toMatchObject({
    status: 503,
    body: {
      ready: false,
      readModels: { catalogue: { failure: expect.stringContaining('ECONNREFUSED') } },
      mail: { failure: expect.stringContaining('ECONNREFUSED') },
    },
  })

  await server.restart()
  await expect.poll(async () => (await ask('GET', '/health')).status, { timeout: 10_000 }).toBe(200)
  // What the read models lose in a crash, they catch up with.
  await expect
    .poll(async () => (await everything()).map(({ status }) => status), { timeout: 10_000 })
    .toEqual([200, 200, 200, 200, 201])
})
