import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refusals } from '../domain/refusals.ts'
import type { Role } from '../domain/roles.ts'
import type { Page } from './counterfoil.world.ts'
import { type DeskWorld, deskWorld, refusalOf, type TicketSeen } from './desk.world.ts'

type Locked = Pick<TicketSeen, 'ticketId' | 'lockedAt' | 'lockedBy' | 'lockReason' | 'locks'>
type Result = { ticketId: string; outcome: string; code: string | null; detail: string | null }

let w: DeskWorld
beforeAll(async () => {
  w = await deskWorld()
})
afterAll(() => w.close())

const lock = (ticketId: string, reason = 'admin_request', key: string = crypto.randomUUID()) =>
  w.ada.call<Locked>('POST', `/admin/tickets/${ticketId}/lock`, { reason }, { 'idempotency-key': key })

const unlock = (ticketId: string, lockId?: string) =>
  w.ada.call<Locked>('DELETE', `/admin/tickets/${ticketId}/lock${lockId ? `?lockId=${lockId}` : ''}`)

const others: [Role][] = [['attendee'], ['box_office'], ['venue_staff'], ['organizer'], ['auditor'], ['service']]

describe('a ticket that is locked', () => {
  it('F13.1 F13.4 shows since when, by whom and why, and nothing of it before or after', async () => {
    const { holder, ticketId } = await w.evening('ann shown')
    const nothing = { lockedAt: null, lockedBy: null, lockReason: null, locks: [] }
    expect(await w.viewOf(holder, ticketId, null)).toMatchObject(nothing)
    const { body, position } = await lock(ticketId, 'legal_hold')
    const lockedBy = await w.personIdOf(w.ada)
    expect(body).toMatchObject({ ticketId, lockReason: 'legal_hold', lockedBy, lockedAt: expect.any(String) })
    const { lockedAt, locks } = body
    const seen = { lockedAt, lockedBy, lockReason: 'legal_hold', locks }
    expect(await w.viewOf(holder, ticketId, position)).toMatchObject(seen)
    const lifted = await unlock(ticketId)
    expect(lifted.body).toEqual({ ticketId, ...nothing })
    expect(await w.viewOf(holder, ticketId, lifted.position)).toMatchObject(nothing)
  })

  it('F13.1 is locked once, however often that is asked under one key, and again under another', async () => {
    const { ticketId } = await w.evening('ann keyed')
    const first = await lock(ticketId, 'legal_hold', 'lock-1')
    expect((await lock(ticketId, 'legal_hold', 'lock-1')).body).toEqual(first.body)
    expect((await lock(ticketId, 'dispute', 'lock-2')).body.locks.map(({ reason }) => reason)).toEqual([
      'legal_hold',
      'dispute',
    ])
  })

  it('F13.1 is one that somebody holds: of one that is only reserved, that is told', async () => {
    const { holder, eventId, typeId } = await w.evening('ann reserving')
    const { position } = await holder.call('POST', '/orders', { eventId, items: [{ typeId, quantity: 1 }] })
    const [reserved] = (await holder.call<Page<TicketSeen>>('GET', `/tickets?status=RESERVED&minPosition=${position}`))
      .body.items
    const { ticketId } = reserved!
    expect(await refusalOf(lock(ticketId))).toMatchObject({
      ...{ status: 409, code: 'TicketNotHeld', message: expect.stringContaining(`Ticket ${ticketId} is reserved.`) },
    })
  })

  it.each(others)('F13.1 is locked and unlocked by admins alone: %s is told 403', async (role) => {
    const { ticketId, venueId } = await w.evening('ann guarded')
    const somebody = await w.as(role, 'kim', { venues: [venueId] })
    const path = `/admin/tickets/${ticketId}/lock`
    const refused = await Promise.all(
      [
        somebody.call('POST', path, { reason: 'legal_hold' }),
        somebody.call('DELETE', path),
        somebody.call('POST', '/admin/tickets/locks', { ticketIds: [ticketId], reason: 'legal_hold' }),
        somebody.call('POST', '/admin/tickets/locks/lift', { ticketIds: [ticketId] }),
      ].map(refusalOf),
    )
    expect(refused.map((one) => one?.status)).toEqual([403, 403, 403, 403])
  })

  it('F13.2 is unlocked once: repeated, that changes nothing', async () => {
    const { holder, ticketId } = await w.evening('ann unlocked')
    const { position } = await lock(ticketId)
    const first = await unlock(ticketId)
    const again = await unlock(ticketId)
    expect(first.position! > position!).toBe(true)
    expect(again).toMatchObject({ status: 200, body: first.body, position: first.position })
    const { history } = await w.viewOf(holder, ticketId, again.position)
    expect(history.map(({ type }) => type).slice(-2)).toEqual(['TicketLocked', 'TicketUnlocked'])
  })

  it('F13.2 is unlocked lock by lock, or of all of them at once', async () => {
    const { ticketId } = await w.evening('ann stacked')
    await lock(ticketId, 'legal_hold')
    await lock(ticketId, 'dispute')
    const { locks } = (await lock(ticketId, 'event_policy')).body
    const left = (await unlock(ticketId, locks[1]!.lockId)).body
    expect(left.locks.map(({ reason }) => reason)).toEqual(['legal_hold', 'event_policy'])
    expect(left.lockReason).toBe('event_policy')
    expect((await unlock(ticketId)).body.locks).toEqual([])
  })

  it('F13.3 is locked for one of six reasons; for any other the answer names them', async () => {
    const { ticketId } = await w.evening('ann reasoned')
    const reasons = [
      'fraud_investigation',
      'chargeback_pending',
      'dispute',
      'admin_request',
      'event_policy',
      'legal_hold',
    ]
    for (const reason of reasons) expect((await lock(ticketId, reason)).body.lockReason).toBe(reason)
    const refused = await fetch(`${w.url}/api/v1/admin/tickets/${ticketId}/lock`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await w.token('admin', 'ada')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'a whim' }),
    })
    expect(refused.status).toBe(400)
    const { errors } = (await refused.json()) as { errors: [{ field: string; message: string }] }
    const [{ field, message }] = errors
    expect(field).toBe('reason')
    for (const reason of reasons) expect(message).toContain(reason)
  })

  it('F13.5 F15.15 F20.10 has no code and is denied as locked at the gate and where staff look, until it is unlocked', async () => {
    const { gate, holder, ticketId, venueId } = await w.evening('ann denied')
    const code = await w.codeOf(holder, ticketId)
    await lock(ticketId, 'fraud_investigation')
    const denied = { verdict: 'deny', reason: 'locked', explanation: expect.stringContaining('information desk') }
    expect(await w.scan(gate, code)).toMatchObject(denied)
    const kim = await w.as('venue_staff', 'kim', { venues: [venueId] })
    expect((await kim.call('POST', '/tickets/validate-qr', { code })).body).toMatchObject(denied)
    const refused = await refusalOf(w.codeOf(holder, ticketId))
    expect(refused).toMatchObject({ status: 409, code: 'TicketIsLocked' })
    expect(refused?.message).toContain(`Ticket ${ticketId} is locked: fraud_investigation.`)
    await unlock(ticketId)
    expect(await w.scan(gate, await w.codeOf(holder, ticketId))).toMatchObject({ verdict: 'allow' })
  })

  it('F13.5 is neither offered nor listed nor refunded nor reissued, and says why', async () => {
    const { holder, ticketId } = await w.evening('ann held back')
    const { orderId } = await w.viewOf(holder, ticketId, null)
    await lock(ticketId)
    const amount = { amount: 2_500, currency: 'EUR' }
    const refund = { refundId: crypto.randomUUID(), orderId, paymentId: null, amount, shares: [] }
    await expect(w.move(ticketId, { type: 'RefundTicket', refunds: [refund] })).rejects.toThrow('TicketIsLocked')
    await expect(w.offer(holder, ticketId)).rejects.toThrow('TicketIsLocked')
    await expect(w.list(holder, ticketId)).rejects.toThrow('TicketIsLocked')
    const check = { document: 'passport', outcome: 'matched' }
    await w.ada.call('POST', `/admin/tickets/${ticketId}/identity-check`, check)
    const refused = await refusalOf(w.ada.call('POST', `/admin/tickets/${ticketId}/reissue`))
    expect(refused).toMatchObject({ status: 409, code: 'TicketIsLocked' })
    expect(refused?.message).toContain(`Ticket ${ticketId} is locked: admin_request.`)
  })

  it('F13.10 is offered no more, nor listed, nor kept for a buyer who is paying', async () => {
    const { holder, ids } = await w.evening('ann in flight', 3)
    const [offered, listed, claimed] = ids as [string, string, string]
    await w.offer(holder, offered)
    await w.list(holder, listed)
    await w.claim(claimed, await w.list(holder, claimed))
    const ends = []
    for (const ticketId of [offered, listed, claimed]) {
      const { position } = await lock(ticketId)
      const { offer, listing, history } = await w.viewOf(holder, ticketId, position)
      expect({ offer, listing }).toEqual({ offer: null, listing: null })
      const types = history.map(({ type }) => type)
      ends.push(types.slice(types.indexOf('TicketSold') + 1))
    }
    expect(ends).toEqual([
      ['TicketOffered', 'TicketOfferClosed', 'TicketLocked'],
      ['TicketListed', 'TicketDelisted', 'TicketLocked'],
      ['TicketListed', 'TicketClaimed', 'TicketClaimReleased', 'TicketDelisted', 'TicketLocked'],
    ])
  })

  it('F13.8 is another matter than one that may not be given away: that can be sold on, reported and admitted', async () => {
    const bound = await w.evening('ann bound', 2, { type: { transferable: false } })
    const free = await w.evening('ann free')
    const isTransferable = async ({ holder, ticketId }: typeof free) =>
      (await holder.call<{ isTransferable: boolean }>('GET', `/tickets/${ticketId}`)).body.isTransferable
    expect([await isTransferable(free), await isTransferable(bound)]).toEqual([true, false])
    const [first, second] = bound.ids as [string, string]
    await expect(w.offer(bound.holder, first)).rejects.toThrow('TicketNotTransferable')
    expect(refusals.TicketNotTransferable.title).toBe('This ticket is non-transferable')
    await w.list(bound.holder, first)
    await bound.holder.call('POST', `/tickets/${second}/report`, { kind: 'lost' })
    expect(await w.scan(bound.gate, await w.codeOf(bound.holder, second))).toMatchObject({ verdict: 'allow' })
  })

  it('is not there at all where it is another tenant’s, or nobody’s', async () => {
    const { ticketId } = await w.evening('ann apart')
    const rita = await w.as('admin', 'rita', { tenant: 'rival' })
    const path = `/admin/tickets/${ticketId}/lock`
    expect(await refusalOf(rita.call('POST', path, { reason: 'legal_hold' }))).toMatchObject({ status: 404 })
    expect(await refusalOf(rita.call('DELETE', path))).toMatchObject({ status: 404 })
    expect(await refusalOf(lock(crypto.randomUUID()))).toMatchObject({ status: 404, code: 'NotFound' })
  })
})

describe('many tickets at once', () => {
  const lockMany = async (body: object, key: string = crypto.randomUUID()) =>
    (await w.ada.call<Page<Result>>('POST', '/admin/tickets/locks', body, { 'idempotency-key': key })).body
  const liftMany = async (body: object) =>
    (await w.ada.call<Page<Result>>('POST', '/admin/tickets/locks/lift', body)).body
  const outcomes = ({ items }: Page<Result>) => items.map(({ outcome }) => outcome)

  it('F13.6 are locked by a list, with a result for each; another tenant’s is not found and keeps none waiting', async () => {
    const { ids } = await w.evening('ann listed', 3)
    const theirs = await theirTicket()
    const named = [ids[0]!, theirs, crypto.randomUUID(), ids[1]!, ids[2]!]
    const locked = await lockMany({ ticketIds: named, reason: 'event_policy' })
    expect(locked.items.map(({ ticketId }) => ticketId)).toEqual(named)
    expect(outcomes(locked)).toEqual(['locked', 'refused', 'refused', 'locked', 'locked'])
    const nowhere = { code: 'NotFound', detail: expect.stringContaining('There is no such thing here') }
    expect(locked.items.slice(1, 3)).toMatchObject([nowhere, nowhere])
    expect(outcomes(await liftMany({ ticketIds: named }))).toEqual(['lifted', 'refused', 'refused', 'lifted', 'lifted'])
    expect(outcomes(await liftMany({ ticketIds: ids }))).toEqual(['already', 'already', 'already'])
  })

  it('F13.6 are locked once by one call, however often it is repeated', async () => {
    const { ids } = await w.evening('ann repeated', 2)
    const body = { ticketIds: ids, reason: 'legal_hold' }
    expect(outcomes(await lockMany(body, 'bulk-1'))).toEqual(['locked', 'locked'])
    const again = await lockMany(body, 'bulk-1')
    expect(outcomes(again)).toEqual(['already', 'already'])
    expect((await w.viewOf(w.ada, ids[0]!, again.asOf)).locks).toHaveLength(1)
  })

  it('F13.6 are those of an order, but for one that was resold since', async () => {
    const { holder, ids } = await w.evening('ann ordered', 2)
    const { orderId } = await w.viewOf(holder, ids[0]!, null)
    const listingId = await w.list(holder, ids[1]!)
    const sale = crypto.randomUUID()
    const price = { amount: 3_000, currency: 'EUR' }
    const buying = {
      orderId: sale,
      listingId,
      buyerId: crypto.randomUUID(),
      price,
      expiresAt: '2100-01-01T00:00:00.000Z',
    }
    await w.move(ids[1]!, { type: 'ClaimTicket', ...buying })
    await w.move(ids[1]!, { type: 'ResellTicket', orderId: sale })
    const { items } = await lockMany({ orderId, reason: 'fraud_investigation' })
    const byTicket = new Map(items.map(({ ticketId, outcome, code }) => [ticketId, [outcome, code]]))
    expect(byTicket.get(ids[0]!)).toEqual(['locked', null])
    expect(byTicket.get(ids[1]!)).toEqual(['refused', 'TicketMoved'])
    await lock(ids[1]!, 'dispute')
    const lifted = await liftMany({ orderId })
    expect(outcomes(lifted).toSorted()).toEqual(['lifted', 'refused'])
    expect((await w.viewOf(w.ada, ids[1]!, lifted.asOf)).lockReason).toBe('dispute')
    expect(await refusalOf(lockMany({ orderId: crypto.randomUUID(), reason: 'dispute' }))).toMatchObject({
      code: 'OrderNotFound',
    })
  })

  it('F13.6 are those of an event, page by page, and lifted again by their reason alone', async () => {
    const { eventId, ids } = await w.evening('ann at large', 5)
    await lock(ids[0]!, 'legal_hold')
    const seen: string[] = []
    let cursor: string | null | undefined
    let calls = 0
    do {
      const page = await lockMany({ eventId, reason: 'event_policy', limit: 2, ...(cursor && { cursor }) }, 'paged')
      seen.push(...page.items.map(({ ticketId, outcome }) => `${ticketId} ${outcome}`))
      cursor = page.nextCursor
      calls++
    } while (cursor !== null)
    expect(calls).toBe(3)
    expect(seen.toSorted()).toEqual(ids.map((id) => `${id} locked`).toSorted())
    const lifted = await liftMany({ eventId, reason: 'event_policy' })
    expect(outcomes(lifted)).toEqual(Array(5).fill('lifted'))
    expect((await w.viewOf(w.ada, ids[0]!, lifted.asOf)).locks.map(({ reason }) => reason)).toEqual(['legal_hold'])
    const event = crypto.randomUUID()
    expect(await refusalOf(lockMany({ eventId: event, reason: 'dispute' }))).toMatchObject({ code: 'EventNotFound' })
  })

  it('F13.6 are named in one way, and no more than a thousand at once', async () => {
    const { eventId, ids } = await w.evening('ann misnamed')
    const tooMany = Array.from({ length: 1_001 }, () => crypto.randomUUID())
    for (const named of [{}, { ticketIds: [] }, { eventId, ticketIds: ids }, { ticketIds: tooMany }])
      expect(await refusalOf(lockMany({ ...named, reason: 'dispute' }))).toMatchObject({ status: 400 })
  })

  /** A ticket of the tenant rival. */
  const theirTicket = async (): Promise<string> => {
    const known = { tenant: 'rival' }
    const olga = await w.as('organizer', 'olga', known)
    const at = async (path: string, body?: object) => (await olga.call<Record<string, string>>('POST', path, body)).body
    const { venueId } = await at('/venues', { name: 'Theirs', timeZone: 'Europe/Amsterdam' })
    const hour = (n: number) => new Date(Date.now() + n * 3_600_000).toISOString()
    const about = { venueId, name: 'Theirs', startsAt: hour(1), endsAt: hour(2), timeZone: 'Europe/Amsterdam' }
    const { eventId } = await at('/events', { ...about, currency: 'EUR' })
    await olga.call('PUT', `/events/${eventId}/pools/GA`, { size: 1 })
    const type = { name: 'Standing', pool: 'GA', priceCents: 1_000, zone: 'GA' }
    const { typeId } = await at(`/events/${eventId}/ticket-types`, type)
    await at(`/events/${eventId}/publish`)
    await at(`/events/${eventId}/sales/open`)
    const [ticket] = await w.buyTickets(await w.as('attendee', 'rudi', known), eventId!, typeId!)
    return ticket!.ticketId
  }
})
