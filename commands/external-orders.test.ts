import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Ledger } from '../domain/ledger.ts'
import { payment } from '../domain/payment.ts'
import { load } from '../domain/stream.ts'
import { cancelOrder, confirmExternal, type TakenPayment } from './external-orders.ts'
import type { Context } from './handle.ts'
import { stepIdOf } from './ids.ts'
import { EVENT, orderWorld, TYPE } from './order-process.world.ts'
import { type Deps, placeOrder } from './ordering.ts'

const ORDER = '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1c01'
const SHOP = '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1c02'

const contextOf = (operation: string): Context => ({
  commandId: stepIdOf(ORDER, operation),
  correlationId: ORDER,
  tenant: 'acme',
  actor: { id: SHOP, role: 'service' },
  request: operation,
})

const invoice = (reference: string): TakenPayment => ({ reference, amount: 10_000, currency: 'EUR' })

/** An order for two tickets that a shop has placed and not paid yet. */
const reserved = async (options: Parameters<typeof orderWorld>[0] = {}) => {
  const w = await orderWorld(options)
  const items = [{ typeId: TYPE, quantity: 2 }]
  await placeOrder(w.deps, ORDER, { kind: 'external', eventId: EVENT, payerId: SHOP, items }, contextOf('reserve'))
  const paid = async () => {
    const { state } = await load({ ledger: w.deps.ledger }, payment, stepIdOf(ORDER, 'payment/1'))
    const refunded = state.status === 'new' ? 0 : [...state.refunds.values()].reduce((sum, amount) => sum + amount, 0)
    return state.status === 'captured' ? state.requested.amount.amount - refunded : 0
  }
  const confirm = (deps: Deps = w.deps, reference = 'inv-1') =>
    confirmExternal(deps, ORDER, invoice(reference), contextOf(`confirm ${reference}`))
  const cancel = () => cancelOrder(w.deps, ORDER, contextOf('cancel'))
  return { ...w, paid, confirm, cancel }
}

/** The ledger, where something else happens just before a payment is first recorded. */
const interrupted = (ledger: Ledger, meanwhile: () => Promise<unknown>): Ledger => {
  let isOver = false
  return {
    ...ledger,
    append: async (stream, expected, facts) => {
      if (stream.startsWith('payment-') && !isOver) {
        isOver = true
        await meanwhile()
      }
      return ledger.append(stream, expected, facts)
    },
  }
}

describe('an order that a service placed', () => {
  it('F07.5 takes no payment once it is cancelled, though it was open when the payment came', async () => {
    const { deps, cancel, confirm, paid, orderOf } = await reserved()
    expect(await confirm({ ...deps, ledger: interrupted(deps.ledger, cancel) })).toMatchObject({
      refused: 'ReservationLapsed',
    })
    expect(await orderOf(ORDER)).toMatchObject({ status: 'cancelled' })
    expect(await paid()).toBe(0)
  })

  it('F07.5 takes no payment once it has lapsed, though it had not when the payment came', async () => {
    const { deps, confirm, paid, pass, settle } = await reserved()
    const lapse = async () => {
      pass(30 * 60)
      await settle(ORDER)
    }
    expect(await confirm({ ...deps, ledger: interrupted(deps.ledger, lapse) })).toMatchObject({
      refused: 'ReservationLapsed',
    })
    expect(await paid()).toBe(0)
  })

  it('F07.5 is paid once, under one reference, or the books owe it all back: however its commands interleave', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.boolean(), async (s, isCancelled) => {
        const { cancel, confirm, paid, orderOf, settle } = await s.waitFor(
          reserved({ tick: s.scheduleFunction(async () => {}) }),
        )
        await s.waitFor(
          Promise.all([confirm(), confirm(undefined, 'inv-2'), confirm(), isCancelled ? cancel() : undefined]),
        )
        await s.waitFor(settle(ORDER))
        const state = await s.waitFor(orderOf(ORDER))
        expect(await s.waitFor(paid())).toBe(state.status === 'confirmed' ? 10_000 : 0)
        seen.add(state.status)
      }),
      { numRuns: 300, seed: 1 },
    )
    expect([...seen].toSorted()).toEqual(['cancelled', 'confirmed'])
  })
})
