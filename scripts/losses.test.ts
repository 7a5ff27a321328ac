import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Role } from '../domain/roles.ts'
import type { Client } from './client.ts'
import type { Page } from './counterfoil.world.ts'
import { type DeskWorld, deskWorld, refusalOf, type TicketSeen } from './desk.world.ts'

type Reported = Pick<TicketSeen, 'ticketId' | 'report' | 'lastReport'>
type Checked = Reported & { identity: object | null }
type Reissued = { ticketId: string; reissueId: string; reason: string; generation: number; revokedGeneration: number }
type Queued = { ticketId: string; holderId: string; kind: string; reportedAt: string; identityCheck: object | null }
type Reissue = { reissueId: string; generation: number; reissuedBy: string | null; identityCheck: object | null }

let w: DeskWorld
beforeAll(async () => {
  w = await deskWorld()
})
afterAll(() => w.close())

const report = (holder: Client, ticketId: string, kind = 'lost') =>
  holder.call<Reported>('POST', `/tickets/${ticketId}/report`, { kind })
const withdraw = (holder: Client, ticketId: string) => holder.call<Reported>('DELETE', `/tickets/${ticketId}/report`)
const check = (ticketId: string, outcome = 'matched') =>
  w.ada.call<Checked>('POST', `/admin/tickets/${ticketId}/identity-check`, { document: 'passport', outcome })
const reissue = (ticketId: string, key: string = crypto.randomUUID()) =>
  w.ada.call<Reissued>('POST', `/admin/tickets/${ticketId}/reissue`, undefined, { 'idempotency-key': key })
const reject = (ticketId: string) => w.ada.call<Reported>('POST', `/admin/tickets/${ticketId}/report/reject`)

const queue = async (staff: Client, position: string | null, query = '') =>
  (await staff.call<Page<Queued>>('GET', `/admin/reports?minPosition=${position ?? ''}${query}`)).body

describe('a ticket that its holder reports', () => {
  it('F14.2 lost shows so, waits for staff with who holds it and since when, and still opens the gate', async () => {
    const { gate, holder, ticketId, venueId, eventId } = await w.evening('ann lost')
    const { body, position } = await report(holder, ticketId)
    expect(body).toMatchObject({ ticketId, report: { kind: 'lost' }, lastReport: null })
    expect((await w.viewOf(holder, ticketId, position)).report).toEqual(body.report)
    const kim = await w.as('venue_staff', 'kim', { venues: [venueId] })
    const holderId = await w.personIdOf(holder)
    expect((await queue(kim, position)).items).toEqual([
      { ticketId, eventId, venueId, slot: expect.any(String), holderId, ...body.report, identityCheck: null },
    ])
    expect(await w.scan(gate, await w.codeOf(holder, ticketId))).toMatchObject({ verdict: 'allow' })
  })

  it('F14.2 F15.15 F20.10 stolen has no code, and is denied as stolen until it is found again', async () => {
    const { gate, holder, ticketId, venueId } = await w.evening('ann robbed')
    const code = await w.codeOf(holder, ticketId)
    await report(holder, ticketId, 'stolen')
    const denied = { verdict: 'deny', reason: 'reported_stolen', explanation: expect.stringContaining('stolen') }
    expect(await w.scan(gate, code)).toMatchObject(denied)
    const kim = await w.as('venue_staff', 'kim', { venues: [venueId] })
    expect((await kim.call('POST', '/tickets/validate-qr', { code })).body).toMatchObject(denied)
    const refused = await refusalOf(w.codeOf(holder, ticketId))
    expect(refused).toMatchObject({ status: 409, code: 'TicketIsReported' })
    expect(refused?.message).toContain(`Ticket ${ticketId} was reported stolen.`)
    const { body } = await withdraw(holder, ticketId)
    expect(body).toMatchObject({ report: null, lastReport: { kind: 'stolen', outcome: 'withdrawn' } })
    expect((await withdraw(holder, ticketId)).body).toEqual(body)
    expect(await w.scan(gate, await w.codeOf(holder, ticketId))).toMatchObject({ verdict: 'allow' })
  })

  it('F14.10 does not pile up: reported again it is one report, and theft takes the place of loss', async () => {
    const { holder, ticketId } = await w.evening('ann again')
    const first = (await report(holder, ticketId)).body
    expect((await report(holder, ticketId)).body).toEqual(first)
    const stolen = (await report(holder, ticketId, 'stolen')).body
    expect(stolen.report?.kind).toBe('stolen')
    expect((await report(holder, ticketId)).body).toEqual(stolen)
    const { position } = await report(holder, ticketId, 'stolen')
    const olga = await w.as('organizer', 'olga')
    const mine = (await queue(olga, position)).items.filter((one) => one.ticketId === ticketId)
    expect(mine).toMatchObject([{ kind: 'stolen' }])
  })

  it('F14.2 is neither offered nor listed any more, and is not again while that stands', async () => {
    const { holder, ids } = await w.evening('ann exposed', 2)
    const [offered, listed] = ids as [string, string]
    await w.offer(holder, offered)
    await w.list(holder, listed)
    for (const ticketId of ids) {
      const { position } = await report(holder, ticketId)
      expect(await w.viewOf(holder, ticketId, position)).toMatchObject({ offer: null, listing: null })
      await expect(w.offer(holder, ticketId)).rejects.toThrow('TicketIsReported')
      await expect(w.list(holder, ticketId)).rejects.toThrow('TicketIsReported')
    }
  })

  it('F14.2 is reported by its holder alone: to anybody else there is no such ticket', async () => {
    const { ticketId, venueId } = await w.evening('ann alone')
    const bob = await w.as('attendee', 'bob')
    const kim = await w.as('box_office', 'kim', { venues: [venueId] })
    for (const somebody of [bob, kim, w.ada])
      for (const call of [() => report(somebody, ticketId), () => withdraw(somebody, ticketId)])
        expect(await refusalOf(call())).toMatchObject({ status: 404, code: 'NotTheHolder' })
    expect(await refusalOf(report(bob, crypto.randomUUID()))).toMatchObject({ status: 404 })
  })

  it('F14.10 that staff do not believe shows its holder so, and may be reported anew', async () => {
    const { holder, ticketId } = await w.evening('ann doubted')
    await report(holder, ticketId, 'stolen')
    const { body, position } = await reject(ticketId)
    expect(body).toMatchObject({ report: null, lastReport: { kind: 'stolen', outcome: 'rejected' } })
    expect((await w.viewOf(holder, ticketId, position)).lastReport).toEqual(body.lastReport)
    expect((await queue(w.ada, position)).items.map((one) => one.ticketId)).not.toContain(ticketId)
    expect((await reject(ticketId)).body).toEqual(body)
    expect((await report(holder, ticketId)).body).toMatchObject({
      report: { kind: 'lost' },
      lastReport: body.lastReport,
    })
  })
})

describe('the queue of reports', () => {
  it('F14.2 is limited to the venues of staff that are bound to some, and turned page by page, the oldest first', async () => {
    const { holder, ids, venueId } = await w.evening('ann queued', 3)
    const elsewhere = await w.evening('ann elsewhere')
    await report(elsewhere.holder, elsewhere.ticketId)
    let position: string | null = null
    for (const ticketId of ids) ({ position } = await report(holder, ticketId))
    const kim = await w.as('box_office', 'kim', { venues: [venueId] })
    const first = await queue(kim, position, '&limit=2')
    const second = await queue(kim, position, `&limit=2&cursor=${first.nextCursor}`)
    const seen = [...first.items, ...second.items]
    expect(seen.map(({ ticketId }) => ticketId).toSorted()).toEqual(ids.toSorted())
    const times = seen.map(({ reportedAt }) => reportedAt)
    expect(times).toEqual(times.toSorted())
    expect(second.nextCursor).toBeNull()
    const stranger = await w.as('venue_staff', 'lee', { venues: [crypto.randomUUID()] })
    expect((await queue(stranger, position)).items).toEqual([])
    const rita = await w.as('admin', 'rita', { tenant: 'rival' })
    expect((await queue(rita, position)).items).toEqual([])
  })

  it.each<[Role]>([['attendee'], ['auditor'], ['service']])('is none of the role %s', async (role) => {
    const somebody = await w.as(role, 'somebody')
    expect(await refusalOf(queue(somebody, null))).toMatchObject({ status: 403 })
  })
})

describe('a ticket that is reissued', () => {
  const reissued = async (subject: string) => {
    const evening = await w.evening(subject)
    const { holder, ticketId } = evening
    const before = { code: await w.codeOf(holder, ticketId), view: await w.viewOf(holder, ticketId, null) }
    await report(holder, ticketId, 'stolen')
    await check(ticketId)
    return { ...evening, before, answer: await reissue(ticketId) }
  }

  it.each<[Role]>([['attendee'], ['box_office'], ['venue_staff'], ['organizer'], ['auditor'], ['service']])(
    'F14.1 is so by admins alone, as are the steps to it: %s is told 403',
    async (role) => {
      const { ticketId, venueId } = await w.evening('ann protected')
      const somebody = await w.as(role, 'kim', { venues: [venueId] })
      const steps = {
        'identity-check': { document: 'passport', outcome: 'matched' },
        'report/reject': undefined,
        reissue: undefined,
      }
      for (const [step, body] of Object.entries(steps))
        expect(await refusalOf(somebody.call('POST', `/admin/tickets/${ticketId}/${step}`, body))).toMatchObject({
          status: 403,
        })
    },
  )

  it('F14.1 F14.4 answers which credential lives and which was revoked as a duplicate, and never the code', async () => {
    const { ticketId, before, answer } = await reissued('ann answered')
    expect(answer.body).toEqual({
      ...{ ticketId, reissueId: expect.any(String), reason: 'DUPLICATE_TICKET' },
      ...{ generation: before.view.generation + 1, revokedGeneration: before.view.generation },
      reissuedAt: expect.any(String),
    })
  })

  it('F14.1 is so once under one key', async () => {
    const { ticketId, holder } = await w.evening('ann once')
    await check(ticketId)
    const first = await reissue(ticketId, 'reissue-1')
    expect((await reissue(ticketId, 'reissue-1')).body).toEqual(first.body)
    expect(await refusalOf(reissue(ticketId))).toMatchObject({ code: 'IdentityNotChecked' })
    expect((await w.viewOf(holder, ticketId, first.position)).generation).toBe(first.body.generation)
  })

  it('F14.3 is so only after an identity check that matched, which says by which document, by whom and when', async () => {
    const { holder, ticketId } = await w.evening('ann checked')
    await report(holder, ticketId)
    const unchecked = await refusalOf(reissue(ticketId))
    expect(unchecked).toMatchObject({ status: 409, code: 'IdentityNotChecked' })
    expect(unchecked?.message).toContain(`Ticket ${ticketId} is held by somebody whose identity nobody has checked.`)
    await check(ticketId, 'differed')
    const differed = await refusalOf(reissue(ticketId))
    expect(differed?.message).toContain('whose document differed')
    const { body, position } = await check(ticketId)
    const checkedBy = await w.personIdOf(w.ada)
    const identity = { document: 'passport', outcome: 'matched', checkedBy, checkedAt: expect.any(String) }
    expect(body).toMatchObject({ ticketId, report: { kind: 'lost' }, identity })
    const queued = (await queue(w.ada, position)).items.find((one) => one.ticketId === ticketId)
    expect(queued?.identityCheck).toEqual(identity)
    expect((await reissue(ticketId)).status).toBe(200)
  })

  it('F14.6 F15.15 is denied by its old code, as reissued, and admitted by its new one', async () => {
    const { gate, holder, ticketId, before } = await reissued('ann renewed')
    const denied = await w.scan(gate, before.code)
    expect(denied).toMatchObject({ verdict: 'deny', reason: 'reissued_code' })
    expect(denied.explanation).toContain('reissued')
    const fresh = await w.codeOf(holder, ticketId)
    expect(fresh).not.toBe(before.code)
    expect(await w.scan(gate, fresh)).toMatchObject({ verdict: 'allow', reason: null })
  })

  it('F14.5 F14.7 is the same ticket of the same order in the same place, and takes no other off sale', async () => {
    const evening = await w.evening('ann the same')
    const { olga, holder, ticketId, eventId } = evening
    type Availability = { types: { capacity: number; available: number; sold: number }[] }
    const availability = async (position: string | null) =>
      (await olga.call<Availability>('GET', `/events/${eventId}/availability?minPosition=${position ?? ''}`)).body.types
    const [before, view] = [await availability(null), await w.viewOf(holder, ticketId, null)]
    await report(holder, ticketId)
    await check(ticketId)
    const { position } = await reissue(ticketId)
    const { ticketId: id, orderId, slot, typeId, holderId, status } = view
    const same = { ticketId: id, orderId, slot, typeId, holderId, status }
    const after = await w.viewOf(holder, ticketId, position)
    expect(after).toMatchObject({ ...same, generation: view.generation + 1, report: null })
    expect(await availability(position)).toEqual(before)
    const mine = await holder.call<Page<object>>('GET', `/tickets?eventId=${eventId}&minPosition=${position}`)
    expect(mine.body.items).toHaveLength(1)
  })

  it('F14.9 F14.10 tells its holder the outcome, and lists each reissue: when, why, which, and to staff by whom', async () => {
    const { holder, ticketId, venueId, answer } = await reissued('ann listed')
    const { lastReport } = await w.viewOf(holder, ticketId, answer.position)
    expect(lastReport).toMatchObject({ kind: 'stolen', outcome: 'reissued', endedAt: expect.any(String) })
    await check(ticketId)
    const second = await reissue(ticketId)
    const listFor = async (who: Client) =>
      (await who.call<Page<Reissue>>('GET', `/tickets/${ticketId}/reissues?minPosition=${second.position}`)).body.items
    const { reissuedAt, ...about } = answer.body as Reissued & { reissuedAt: string }
    const { ticketId: _, ...told } = about
    const own = await listFor(holder)
    expect(own).toEqual([
      { ...told, reissuedAt, reported: 'stolen', reissuedBy: null, identityCheck: null },
      expect.objectContaining({
        reissueId: second.body.reissueId,
        generation: 3,
        revokedGeneration: 2,
        reported: null,
      }),
    ])
    const kim = await w.as('box_office', 'kim', { venues: [venueId] })
    const checkedBy = await w.personIdOf(w.ada)
    const identityCheck = { document: 'passport', outcome: 'matched', checkedBy, checkedAt: expect.any(String) }
    for (const one of await listFor(kim)) expect(one).toMatchObject({ reissuedBy: checkedBy, identityCheck })
    for (const who of [
      await w.as('attendee', 'bob'),
      await w.as('box_office', 'lee', { venues: [crypto.randomUUID()] }),
    ])
      expect(await refusalOf(listFor(who))).toMatchObject({ status: 404, code: 'NotFound' })
  })

  it('F14.11 is not once it was admitted, refunded, revoked or has expired, and the answer says so', async () => {
    const { gate, holder, ids } = await w.evening('ann too late', 4)
    const [admitted, refunded, revoked, expired] = ids as [string, string, string, string]
    for (const ticketId of ids) await check(ticketId)
    await w.scan(gate, await w.codeOf(holder, admitted))
    const { orderId } = await w.viewOf(holder, refunded, null)
    const amount = { amount: 2_500, currency: 'EUR' }
    const refund = { refundId: crypto.randomUUID(), orderId, paymentId: null, amount, shares: [] }
    await w.move(refunded, { type: 'RefundTicket', refunds: [refund] })
    await w.move(revoked, { type: 'RevokeTicket', reason: 'fraud' })
    await w.move(expired, { type: 'ExpireTicket' })
    const no = await Promise.all(ids.map((ticketId) => refusalOf(reissue(ticketId))))
    expect(no.map((one) => one?.code)).toEqual(['TicketIsAdmitted', 'TicketClosed', 'TicketClosed', 'TicketClosed'])
    expect(no[0]?.message).toContain(`Ticket ${admitted} was admitted at`)
    expect(no.slice(1).map((one) => /is (\w+)\./.exec(one!.message)?.[1])).toEqual(['refunded', 'revoked', 'expired'])
  })

  it('is not there where it is another tenant’s', async () => {
    const { ticketId } = await w.evening('ann ours')
    const rita = await w.as('admin', 'rita', { tenant: 'rival' })
    for (const [step, body] of [
      ['identity-check', { document: 'passport', outcome: 'matched' }],
      ['report/reject'],
      ['reissue'],
    ] as const)
      expect(await refusalOf(rita.call('POST', `/admin/tickets/${ticketId}/${step}`, body))).toMatchObject({
        status: 404,
        code: 'NotFound',
      })
  })
})
