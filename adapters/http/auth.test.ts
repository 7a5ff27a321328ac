import { describe, expect, it } from 'vitest'
import { bearer, order, world } from './server.world.ts'

describe('who may ask', () => {
  it('is decided before the body is read: without a token a bad body is 401', async () => {
    const { server } = await world()
    for (const payload of ['{', '{"lines":0}', JSON.stringify(order)]) {
      const headers = { 'content-type': 'application/json' }
      const answer = await server.inject({ method: 'POST', url: '/orders/e1', headers, payload })
      expect(answer.json()).toMatchObject({ status: 401, code: 'unauthenticated' })
      expect(answer.headers['www-authenticate']).toBe('Bearer')
    }
  })

  it.each(['Bearer forged', 'Bearer', 'Basic YW5uOnB3', 'Bearer a b', 'bearer acme.ann.attendee.more'])(
    'is nobody with "%s"',
    async (authorization) => {
      const { server } = await world()
      const answer = await server.inject({ url: '/orders', headers: { authorization } })
      expect(answer.statusCode).toBe(401)
      expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
    },
  )

  it('is someone whose role has the action, in whatever case the scheme is written', async () => {
    const { server } = await world()
    const authorization = 'bearer acme.ann.attendee'
    expect((await server.inject({ url: '/orders', headers: { authorization } })).statusCode).toBe(200)
  })

  it('is not a role without the action, whatever the body', async () => {
    const { server } = await world()
    const answer = await server.inject({ method: 'POST', url: '/orders/e1', headers: bearer('auditor'), payload: {} })
    expect(answer.json()).toMatchObject({ status: 403, code: 'forbidden' })
  })

  it('is staff only at the venues of their token, and an organizer at all of the tenant', async () => {
    const { server } = await world()
    const scans = (venue: string, role: 'venue_staff' | 'organizer') =>
      server.inject({ url: `/venues/${venue}/scans`, headers: bearer(role) })
    expect((await scans('arena', 'venue_staff')).statusCode).toBe(200)
    expect((await scans('club', 'venue_staff')).json()).toMatchObject({ status: 403, code: 'wrong_venue' })
    expect((await scans('club', 'organizer')).statusCode).toBe(200)
  })

  it('is everyone on a public route, a forged token included', async () => {
    const { server } = await world()
    const headers = { authorization: 'Bearer forged' }
    expect((await server.inject({ url: '/prices', headers })).statusCode).toBe(200)
  })

  it('is nobody to rely on where a webhook comes in: its handler finds no caller', async () => {
    const { server } = await world()
    expect((await server.inject({ method: 'POST', url: '/hooks/bank', headers: bearer('attendee') })).statusCode).toBe(
      500,
    )
  })

  it('is said by every route, or the server does not start', async () => {
    const { server } = await world()
    expect(() => server.get('/forgotten', async () => 'open to all')).toThrow('GET /forgotten declares no action')
  })
})
