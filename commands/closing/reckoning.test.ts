import { describe, expect, it } from 'vitest'
import type { RefundRules } from '../../domain/event/rules.ts'
import { sum } from '../../domain/money.ts'
import { closingWorld } from './closing.world.ts'

/** €50.00, €1.50 that the buyer pays and €0.80 that the venue pays. */
const FEES = [
  { code: 'booking_fee', flat: [{ amount: 150, currency: 'EUR' }], basisPoints: 0, paidBy: 'buyer' as const },
  { code: 'service', flat: [{ amount: 80, currency: 'EUR' }], basisPoints: 0, paidBy: 'venue' as const },
]

const boughtIn = async (w: Awaited<ReturnType<typeof closingWorld>>, name = 'ann') => {
  const orderId = await w.buy(name, 1)
  expect(await w.settle(orderId)).toBe('confirmed')
  return { orderId, ticketId: w.ticketIds().at(-1)! }
}

const rules = (feesRefunded: boolean, rescheduleDays: number | null = null): RefundRules => ({
  feesRefunded,
  rescheduleDays,
})

const amountsOf = async (w: Awaited<ReturnType<typeof closingWorld>>, ticketId: string) => {
  const state = await w.stateOf(ticketId)
  return state.status === 'closed' ? state.refunds.map(({ amount }) => amount.amount) : undefined
}

describe('what a ticket gives back', () => {
  it('F00.7 is without the fees where its terms say nothing of them, and the platform gives back nothing', async () => {
    const w = await closingWorld()
    await w.setFees(FEES)
    const { orderId, ticketId } = await boughtIn(w)
    await w.refund(ticketId)
    expect(await w.stateOf(ticketId)).toMatchObject({
      refunds: [
        { orderId, amount: { amount: 5_000, currency: 'EUR' }, shares: [{ account: w.venueAccount, amount: 5_000 }] },
      ],
    })
    expect(await w.payBack()).toEqual(['done'])
    expect(await w.kept(orderId)).toBe(150)
  })

  it('F00.7 is with the fees where the terms that it was sold under say so, or those of now', async () => {
    for (const [then, now] of [
      [true, false],
      [false, true],
    ] as const) {
      const w = await closingWorld()
      await w.setFees(FEES)
      await w.setRefundRules(rules(then))
      const { orderId, ticketId } = await boughtIn(w)
      await w.setRefundRules(rules(now))
      await w.refund(ticketId)
      expect(await amountsOf(w, ticketId)).toEqual([5_150])
      expect(await w.payBack()).toEqual(['done'])
      expect(await w.kept(orderId)).toBe(0)
    }
  })

  it('F12.9 is with the fees for as many days after its event was moved as its rules grant, and then not', async () => {
    const w = await closingWorld()
    await w.setFees(FEES)
    await w.setRefundRules(rules(false, 14))
    const [early, late] = [await boughtIn(w, 'ann'), await boughtIn(w, 'bob')]
    await w.reschedule('2031-07-01T19:00:00.000Z', '2031-07-01T23:00:00.000Z')
    w.pass(14 * 86_400 - 1)
    await w.refund(early.ticketId)
    w.pass(1)
    await w.refund(late.ticketId)
    expect(await amountsOf(w, early.ticketId)).toEqual([5_150])
    expect(await amountsOf(w, late.ticketId)).toEqual([5_000])
  })

  it('F12.11 is with the fees where its event is cancelled, whatever the terms say', async () => {
    const w = await closingWorld()
    await w.setFees(FEES)
    const { ticketId } = await boughtIn(w)
    await w.cancelEvent()
    await w.sweep()
    expect(await amountsOf(w, ticketId)).toEqual([5_150])
  })

  it('that was sold on, pays each payer back what they paid, and takes the seller’s share back', async () => {
    const w = await closingWorld()
    await w.setFees(FEES)
    const { orderId, ticketId } = await boughtIn(w)
    const resale = await w.sellOn(ticketId, 'bob', 6_000)
    await w.refund(ticketId)
    expect(await w.stateOf(ticketId)).toMatchObject({
      closedAs: 'refunded',
      refunds: [
        { orderId, amount: { amount: 5_000 } },
        { orderId: resale.orderId, paymentId: resale.paymentId, amount: { amount: 6_000 }, shares: resale.shares },
      ],
    })
    expect(await w.payBack()).toEqual(['done', 'done'])
    expect(await w.kept(orderId)).toBe(150)
    expect(await w.kept(resale.orderId)).toBe(0)
    const back = w.log.filter(({ type }) => type === 'PaymentRefunded').map(({ data }) => data as Back)
    for (const { amount, shares } of back) expect(sum(shares.map((share) => share.amount))).toBe(amount.amount)
    expect(back.flatMap(({ shares }) => shares)).toContainEqual(resale.shares.at(-1))
  })

  it('is reckoned anew where it is sold on in that very moment', async () => {
    const w = await closingWorld()
    const { ticketId } = await boughtIn(w)
    const { ledger } = w.deps
    let isFirst = true
    Object.assign(w.deps, {
      ledger: {
        ...ledger,
        append: async (...args: Parameters<typeof ledger.append>) => {
          if (isFirst && args[2].some(({ type }) => type === 'TicketRefunded')) {
            isFirst = false
            Object.assign(w.deps, { ledger })
            await w.sellOn(ticketId, 'bob', 6_000)
          }
          return ledger.append(...args)
        },
      },
    })
    expect(await w.refund(ticketId)).toMatchObject({ done: true })
    expect(await amountsOf(w, ticketId)).toEqual([5_000, 6_000])
  })
})

type Back = { amount: { amount: number }; shares: { account: string; amount: number }[] }
