import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { DEFAULT_RULES } from '../../domain/event/rules.ts'
import { order } from '../../domain/order/order.ts'
import { load } from '../../domain/stream.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { plus } from '../../domain/time.ts'
import { type Context, handle } from '../handle.ts'
import { stepIdOf, ticketIdOf } from '../ids.ts'
import { pump } from '../order-process.ts'
import { EVENT, orderWorld } from '../order-process.world.ts'

const contextOf = (actorId: string): Context => ({
  ...{ commandId: randomUUID(), correlationId: EVENT, tenant: 'acme', request: '' },
  actor: { id: actorId, role: 'process' },
})

/** A buyer who is about to pay for what somebody has listed. */
const buying = async () => {
  const w = await orderWorld()
  const bought = await w.orderOf(await settled(w, await w.buy('ann', 1)))
  if (bought.status === 'new') throw new Error('nothing was bought')
  const { placed } = bought
  const [line] = placed.lines
  const sellerId = placed.payerId
  const ticketId = ticketIdOf(EVENT, line!.slot, line!.edition)
  const listingId = randomUUID()
  const price = { amount: 6_000, currency: 'EUR' }
  const list = { type: 'ListTicket', listingId, by: sellerId, price, rules: DEFAULT_RULES.resale } as const
  await handle(w.deps, ticket, ticketId, list, contextOf(sellerId))

  const orderId = randomUUID()
  const payerId = randomUUID()
  const resale = { listingId, sellerId, shares: [{ account: `seller:${sellerId}`, amount: 6_000 }] }
  const wanted = { ...line!, kind: 'resale' as const, holderId: payerId, price: 6_000, fees: [], taxes: [], resale }
  const payments = [{ paymentId: stepIdOf(orderId, 'payment/1'), amount: 6_000 }]
  const about = { kind: 'resale' as const, payerId, lines: [wanted], total: 6_000, payments, limits: [] }
  const command = { type: 'PlaceOrder' as const, placed: { ...placed, ...about, expiresAt: plus(w.deps.now(), 1_800) } }
  await handle(w.deps, order, orderId, command, contextOf(payerId))
  await pump(w.deps, orderId)
  const lock = () => {
    const command = { type: 'LockTicket', lockId: randomUUID(), reason: 'legal_hold' } as const
    return handle(w.deps, ticket, ticketId, command, contextOf('desk'))
  }
  const holder = async () => {
    const { state } = await load(w.deps, ticket, ticketId)
    return state.status === 'held' ? state.holderId : state.status
  }
  return { ...w, orderId, sellerId, lock, holder }
}

const settled = async (w: Awaited<ReturnType<typeof orderWorld>>, orderId: string): Promise<string> => {
  await w.settle(orderId)
  return orderId
}

describe('a listed ticket that is locked while somebody buys it', () => {
  it('F13.10 stays its seller’s, and the buyer is not charged, though they have entered their card', async () => {
    const w = await buying()
    await w.enterCard(w.orderId, 'good')
    await w.lock()
    expect(await w.settle(w.orderId)).toBe('cancelled')
    expect(await w.kept(w.orderId)).toBe(0)
    const facts = (await w.orderFacts(w.orderId)).map(({ type }) => type)
    expect(facts).not.toContain('OrderPaymentCaptured')
    expect(await w.holder()).toBe(w.sellerId)
  })

  it('F13.10 gives its buyer all of the money back where it is locked after they were charged', async () => {
    const w = await buying()
    await w.enterCard(w.orderId, 'good')
    const { capture } = w.payments
    Object.assign(w.payments, {
      capture: async (...asked: Parameters<typeof capture>) => {
        const answer = await capture(...asked)
        await w.lock()
        return answer
      },
    })
    expect(await w.settle(w.orderId)).toBe('refunded')
    expect(await w.kept(w.orderId)).toBe(0)
    expect(await w.holder()).toBe(w.sellerId)
  })
})
