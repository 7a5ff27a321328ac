import { describe, expect, it } from 'vitest'
import { poolSlot } from '../domain/slot.ts'
import { load } from '../domain/stream.ts'
import { ticket } from '../domain/ticket/ticket.ts'
import { plus } from '../domain/time.ts'
import { handle } from './handle.ts'
import { stepIdOf, ticketIdOf } from './ids.ts'
import { EVENT, orderWorld, TYPE } from './order-process.world.ts'
import { expireReservations, type Orphan, releaseOrphans } from './reservations.ts'

const TICKET = ticketIdOf(EVENT, poolSlot('GA', 1), 1)

/** The read models say what a test has them say: they may be wrong, and the streams decide. */
const world = async () => {
  const w = await orderWorld()
  const orphans: Orphan[] = []
  const due: string[] = []
  const overdue = {
    orders: async () => due.map((orderId) => ({ tenant: 'acme', orderId })),
    orphans: async () => orphans,
  }
  const suspect = (orderId: string): Orphan => {
    const at = w.deps.now()
    const orphan: Orphan = {
      tenant: 'acme',
      ticketId: TICKET,
      eventId: EVENT,
      slot: poolSlot('GA', 1),
      orderId,
      reservedAt: at,
      expiresAt: plus(at, 1_800),
      reason: 'no_order',
    }
    orphans.push(orphan)
    return orphan
  }
  const reserveFor = async (orderId: string) => {
    const at = w.deps.now()
    const lease = { eventId: EVENT, venueId: EVENT, typeId: TYPE, slot: poolSlot('GA', 1), edition: 1, orderId }
    const price = { amount: 5_000, currency: 'EUR' }
    const command = { type: 'ReserveTicket', ...lease, price, expiresAt: plus(at, 1_800) } as const
    const context = { commandId: stepIdOf(orderId, 'straggler'), correlationId: orderId, tenant: 'acme', request: '' }
    await handle(w.deps, ticket, TICKET, command, { ...context, actor: { id: 'order-process', role: 'process' } })
  }
  const stateOf = async () => (await load(w.deps, ticket, TICKET)).state
  return { ...w, deps: { ...w.deps, overdue }, orphans, due, suspect, reserveFor, stateOf }
}

const NOBODY = '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1a09'

describe('the worker that looks at orders that stand still', () => {
  it('F04.2 has an order whose lease is over give its tickets back, once', async () => {
    const w = await world()
    const { orderId } = await w.place('ann', 2)
    w.due.push(orderId)
    expect(await expireReservations(w.deps)).toEqual({ looked: 1, ended: 0 })
    w.pass(1_800)
    expect(await expireReservations(w.deps)).toEqual({ looked: 1, ended: 1 })
    const recorded = w.log.length
    await expireReservations(w.deps)
    expect(w.log).toHaveLength(recorded)
  })

  it('F07.18 takes an order on whose webhook was lost', async () => {
    const w = await world()
    const orderId = await w.buy('ann', 1, 'webhook_lost')
    w.due.push(orderId)
    expect(await expireReservations(w.deps)).toEqual({ looked: 1, ended: 1 })
    expect((await w.orderOf(orderId)).status).toBe('confirmed')
  })

  it('looks at the orders of one tenant when that is asked for', async () => {
    const w = await world()
    const { orderId } = await w.place('ann', 2)
    w.due.push(orderId)
    expect(await expireReservations(w.deps, 'rival')).toEqual({ looked: 0, ended: 0 })
  })
})

describe('the worker that releases orphans', () => {
  it('F04.6 releases what was reserved for an order that does not exist, as no_order', async () => {
    const w = await world()
    await w.reserveFor(NOBODY)
    const orphan = w.suspect(NOBODY)
    expect(await releaseOrphans(w.deps)).toEqual({ released: [orphan] })
    expect(await w.stateOf()).toEqual({ status: 'available' })
    expect(w.log.at(-1)).toMatchObject({ type: 'TicketReservationReleased', data: { reason: 'no_order' } })
  })

  it('F04.6 releases what a straggler reserved for an order that has failed, as order_failed', async () => {
    const w = await world()
    const orderId = await w.buy('ann', 4, 'declined')
    await w.settle(orderId)
    await w.reserveFor(orderId)
    w.suspect(orderId)
    expect((await releaseOrphans(w.deps)).released).toMatchObject([{ reason: 'order_failed' }])
    expect(await w.stateOf()).toEqual({ status: 'available' })
  })

  it('F04.6 wakes an order whose lease is over, which gives its tickets back by itself', async () => {
    const w = await world()
    const { orderId } = await w.place('ann', 1)
    w.suspect(orderId)
    w.pass(1_800 + 60)
    expect(await releaseOrphans(w.deps)).toEqual({ released: [] })
    expect((await w.orderOf(orderId)).status).toBe('cancelled')
    expect(await w.stateOf()).toEqual({ status: 'available' })
  })

  it('F04.6 releases what a confirmed order left behind when its lease is over, as should_be_expired', async () => {
    const w = await world()
    const elsewhere = await world()
    const orderId = await w.buy('ann', 1)
    await w.settle(orderId)
    // Another slot than the one that it was sold.
    const left = ticketIdOf(EVENT, poolSlot('GA', 2), 1)
    const sold = (await w.ticketFacts(1))[0]!
    await w.deps.ledger.append(`ticket-${left}`, 'none', [{ ...sold, id: NOBODY }])
    w.orphans.push({ ...elsewhere.suspect(orderId), ticketId: left })
    expect(await releaseOrphans(w.deps)).toEqual({ released: [] })
    w.pass(1_800 + 60)
    expect((await releaseOrphans(w.deps)).released).toMatchObject([{ ticketId: left, reason: 'should_be_expired' }])
  })

  it('leaves alone what is being paid for, whatever the view says', async () => {
    const w = await world()
    const { orderId } = await w.place('ann', 1)
    w.suspect(orderId)
    expect(await releaseOrphans(w.deps)).toEqual({ released: [] })
    expect(await w.stateOf()).toMatchObject({ status: 'reserved' })
  })

  it('F04.10 releases once, however often it is told', async () => {
    const w = await world()
    await w.reserveFor(NOBODY)
    w.suspect(NOBODY)
    w.suspect(NOBODY)
    await Promise.all([releaseOrphans(w.deps), releaseOrphans(w.deps)])
    expect(w.log.filter(({ type }) => type === 'TicketReservationReleased')).toHaveLength(1)
  })
})
