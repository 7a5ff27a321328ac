import { describe, expect, it } from 'vitest'
import { gateWorld } from '../../commands/gate.world.ts'

const box = async () => {
  const world = await gateWorld()
  const event = await world.draft('Summer Night')
  const ann = await world.token('attendee', 'ann')
  return {
    ...world,
    event,
    qr: (ticketId: string, bearer = ann, accept?: string) =>
      world.call('GET', `/tickets/${ticketId}/qr`, bearer, accept ? { accept } : {}),
  }
}

describe('the code of my ticket', () => {
  it('F20.2 is fresh, says when it ends, is drawn, and lets me in', async () => {
    const { qr, buy, event, registerDevice, scan } = await box()
    const { ticketId } = await buy(event)
    const { status, body, headers } = await qr(ticketId)
    expect(status).toBe(200)
    expect(headers['cache-control']).toBe('no-store')
    expect(body).toMatchObject({ expiresAt: '2030-06-01T17:30:40.000Z', ttlSeconds: 30 })
    expect(
      Buffer.from((body.png as string).replace('data:image/png;base64,', ''), 'base64')
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG')
    expect((await scan(await registerDevice('gate-1'), body.code)).body.verdict).toBe('allow')
  })

  it.each([
    ['image/png', 'image/png'],
    ['image/avif, image/png;q=0.9, */*', 'image/png'],
    ['text/plain', 'text/plain'],
    ['application/json, text/plain, */*', 'application/json'],
    ['text/html', 'application/json'],
  ])('F20.2 is answered to Accept: %s as %s', async (accept, type) => {
    const { qr, buy, event } = await box()
    const { ticketId } = await buy(event)
    const { headers, text } = await qr(ticketId, undefined, accept)
    expect(headers['content-type']).toContain(type)
    if (type === 'image/png') expect(text).toContain('PNG')
    if (type === 'text/plain') expect(text.split(':')[0]).toBe(ticketId)
  })

  it('F20.8 F20.6 is the same within its interval with what is left of it, and another one after it', async () => {
    const { qr, buy, event, pass } = await box()
    const { ticketId } = await buy(event)
    const first = (await qr(ticketId)).body
    pass(29)
    expect((await qr(ticketId)).body).toEqual({ ...first, ttlSeconds: 1 })
    pass(1)
    const next = (await qr(ticketId)).body
    expect(next.code).not.toBe(first.code)
    expect(next.ttlSeconds).toBe(30)
  })

  it('F20.2 F20.11 is mine alone: to anybody else, staff and admins too, there is no such ticket', async () => {
    const { qr, buy, event, token } = await box()
    const { ticketId } = await buy(event)
    await qr(ticketId)
    const strangers = [
      await token('attendee', 'bob'),
      await token('admin', 'root'),
      await token('venue_staff', 'kim'),
      await token('attendee', 'ann', { tenant: 'other' }),
    ]
    for (const stranger of strangers)
      expect(await qr(ticketId, stranger)).toMatchObject({ status: 404, body: { code: 'NotFound' } })
    expect(await qr(event.eventId)).toMatchObject({ status: 404, body: { code: 'NotFound' } })
  })

  it('F20.11 F20.4 is nothing for devices, services, or who has no token', async () => {
    const { qr, buy, event, token, registerDevice } = await box()
    const { ticketId } = await buy(event)
    expect((await qr(ticketId, await registerDevice('gate-1'))).status).toBe(403)
    expect((await qr(ticketId, await token('service', 'ann'))).status).toBe(403)
    expect((await qr(ticketId, 'nobody')).status).toBe(401)
  })

  it.each([
    ['reserved', 'is RESERVED.'],
    ['sold', 'is SOLD.'],
    ['refunded', 'is REFUNDED.'],
  ])('F20.10 is not given while the ticket is %s, and the status says why', async (status, detail) => {
    const { qr, buy, event, token } = await box()
    const ticket = await buy(event, { until: status === 'refunded' ? 'confirmed' : status })
    if (status === 'refunded') await ticket.refund()
    const answer = await qr(ticket.ticketId)
    expect(answer.status).toBe(409)
    expect(answer.body.detail).toContain(`Ticket ${ticket.ticketId} ${detail}`)
    expect((await qr(ticket.ticketId, await token('attendee', 'bob'))).status).toBe(404)
  })

  it('F20.10 is given as soon as the order is confirmed, and no longer once the money went back', async () => {
    const { qr, buy, event } = await box()
    const ticket = await buy(event, { until: 'sold' })
    expect((await qr(ticket.ticketId)).status).toBe(409)
    await ticket.confirm()
    expect((await qr(ticket.ticketId)).status).toBe(200)
    await ticket.refund()
    expect((await qr(ticket.ticketId)).status).toBe(409)
  })
})
