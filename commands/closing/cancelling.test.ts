import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../adapters/memory-ledger.ts'
import { sum } from '../../domain/money.ts'
import type { Card, PaymentRef } from '../payments.ts'
import { closingWorld } from './closing.world.ts'

const types = (facts: readonly { type: string }[]) => facts.map(({ type }) => type)

describe('an event that is cancelled', () => {
  it('F12.11 leads every ticket to CANCELLED, with all of its money back, once', async () => {
    const w = await closingWorld()
    const [ann, bob] = [await w.buy('ann', 3), await w.buy('bob', 1)]
    for (const id of [ann, bob]) expect(await w.settle(id)).toBe('confirmed')
    await w.cancelEvent()
    await w.sweep()
    for (const ticketId of w.ticketIds())
      expect(await w.stateOf(ticketId)).toMatchObject({ status: 'closed', closedAs: 'cancelled', refunds: [{}] })
    expect(await w.payBack()).toEqual(Array(4).fill('done'))
    const facts = w.log.length
    await w.sweep()
    expect(await w.payBack()).toEqual(Array(4).fill('done'))
    expect(w.log).toHaveLength(facts)
    for (const id of [ann, bob]) expect(await w.kept(id)).toBe(0)
  })

  it('F12.11 gives up an order that is being paid for, before it is charged', async () => {
    const w = await closingWorld()
    const ann = await w.buy('ann', 4)
    await w.cancelEvent()
    expect(await w.settle(ann)).toBe('cancelled')
    expect(await w.orderOf(ann)).toMatchObject({ reason: 'event_cancelled' })
    expect(types(w.log)).not.toContain('PaymentCaptured')
    expect(await w.kept(ann)).toBe(0)
  })

  it('F12.11 sells what was charged in that very moment, and closes it in the next run', async () => {
    const w = await closingWorld()
    const ann = await w.buy('ann', 2)
    const { capture } = w.payments
    Object.assign(w.payments, {
      capture: async (asked: PaymentRef) => {
        const answer = await capture(asked)
        await w.cancelEvent()
        await w.sweep()
        return answer
      },
    })
    expect(await w.settle(ann)).toBe('confirmed')
    await w.sweep()
    expect(await w.payBack()).toEqual(['done', 'done'])
    expect(await w.kept(ann)).toBe(0)
  })

  it('sells nothing any more, and leaves the tickets of what was not cancelled alone', async () => {
    const w = await closingWorld()
    await w.settle(await w.buy('ann', 1))
    await w.sweep()
    expect(await w.stateOf(w.ticketIds()[0]!)).toMatchObject({ status: 'held' })
    await w.cancelEvent()
    expect((await w.place('bob', 1)).placing).toEqual({ refused: 'EventIsCancelled' })
  })
})

it('F12.9 tells a ticket of an event that is moved twice its newest time again where a worker was late with the older one', async () => {
  const w = await closingWorld()
  await w.settle(await w.buy('ann', 1))
  const [ticketId] = w.ticketIds()
  const june = ['2031-06-01T19:00:00.000Z', '2031-06-01T23:00:00.000Z'] as const
  const july = ['2031-07-01T19:00:00.000Z', '2031-07-01T23:00:00.000Z'] as const
  for (const [startsAt, endsAt] of [june, july]) await w.reschedule(startsAt, endsAt)
  await w.followReschedules()
  await w.tellLate(ticketId!, ...june)
  for (const _ of ['once', 'again']) await w.followReschedules()
  expect(await w.stateOf(ticketId!)).toMatchObject({ rescheduled: { startsAt: july[0] } })
  expect(types(w.log).filter((type) => type === 'TicketRescheduled')).toHaveLength(3)
})

describe('the money of a closed ticket', () => {
  it('waits until its order has come to its end, for one that fails gives back all of it itself', async () => {
    const w = await closingWorld()
    const ann = await w.buy('ann', 2)
    const { ledger } = w.deps
    // The process dies once both tickets are sold.
    const dying = {
      ...ledger,
      append: async (...args: Parameters<typeof ledger.append>) => {
        if (args[2].some(({ type }) => type === 'OrderConfirmed')) throw new Error('killed')
        return ledger.append(...args)
      },
    }
    Object.assign(w.deps, { ledger: dying })
    await expect(w.settle(ann)).rejects.toThrow('killed')
    await w.refund(w.ticketIds()[0]!)
    expect(await w.payBack()).toEqual([{ failed: expect.stringContaining('has not come to its end yet') }])
    Object.assign(w.deps, { ledger })
    expect(await w.settle(ann)).toBe('confirmed')
    expect(await w.payBack()).toEqual(['done'])
    expect(await w.kept(ann)).toBe(5_000)
  })

  it('waits while its payment is disputed; lost, its bank has taken it, and won, it goes back', async () => {
    for (const outcome of ['won', 'lost'] as const) {
      const w = await closingWorld()
      const ann = await w.buy('ann', 1, 'disputed')
      await w.settle(ann)
      w.pass(1)
      const paymentId = w.log.find(({ type }) => type === 'PaymentCaptured')!.stream.slice('payment-'.length)
      await w.look(paymentId)
      await w.refund(w.ticketIds()[0]!)
      expect(await w.payBack()).toEqual([{ failed: expect.stringContaining('is disputed') }])
      expect(await w.kept(ann)).toBe(5_000)
      await w.bank.settleDispute(paymentId, outcome)
      await w.look(paymentId)
      expect(await w.payBack()).toEqual(['done'])
      expect(await w.kept(ann)).toBe(outcome === 'won' ? 0 : 5_000)
    }
  })

  it('is recorded once though the process dies between the bank and the books, and never exceeds what was paid', async () => {
    const w = await closingWorld()
    const ann = await w.buy('ann', 2)
    await w.settle(ann)
    for (const ticketId of w.ticketIds()) await w.refund(ticketId)
    const { refund } = w.payments
    Object.assign(w.payments, {
      refund: async (...args: Parameters<typeof refund>) => {
        await refund(...args)
        throw new Error('killed')
      },
    })
    expect(await w.payBack()).toEqual([{ failed: 'killed' }, { failed: 'killed' }])
    expect(await w.kept(ann)).toBe(0)
    Object.assign(w.payments, { refund })
    expect(await w.payBack()).toEqual(['done', 'done'])
    expect(await w.kept(ann)).toBe(0)
    expect(types(w.log).filter((type) => type === 'PaymentRefunded')).toHaveLength(2)
  })

  it('is nothing for a ticket that was free', async () => {
    const w = await closingWorld({ price: 0 })
    await w.settle(await w.buy('ann', 1))
    const [ticketId] = w.ticketIds()
    await w.refund(ticketId!)
    expect(await w.stateOf(ticketId!)).toMatchObject({ refunds: [{ paymentId: null, amount: { amount: 0 } }] })
    expect(await w.payBack()).toEqual([])
  })
})

describe('orders, refunds and the cancellation in a race, over a network that fails', () => {
  const FAULTS: Fault[] = ['none', 'conflict', 'lost-request', 'lost-reply', 'late']
  const CARDS: Card[] = ['good', 'good', 'good', 'declined']
  const orders = fc.array(
    fc.record({ quantity: fc.integer({ min: 1, max: 3 }), card: fc.constantFrom(...CARDS), comesAfter: fc.nat(30) }),
    { minLength: 1, maxLength: 4 },
  )

  it('F12.11 F00.7 leave every ticket closed and every buyer paid back what they paid, never more', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        orders,
        fc.array(fc.constantFrom(...FAULTS), { maxLength: 40 }),
        fc.array(fc.constantFrom(...Array<number>(9).fill(0), 300, 2_000), { minLength: 50, maxLength: 200 }),
        fc.nat(60),
        async (s, orders, faults, delays, cancelledAfter) => {
          const w = await closingWorld({ tick: s.scheduleFunction(async () => {}), faults, delays, size: 6 })
          const buying = orders.map(async ({ quantity, card, comesAfter }, i) => {
            for (let n = 0; n < comesAfter; n++) await w.deps.sleep(0)
            const id = await w.buy(`buyer${i}`, quantity, card)
            await w.settle(id)
            return id
          })
          const cancelling = async () => {
            for (let n = 0; n < cancelledAfter; n++) await w.deps.sleep(0)
            // Staff give one back just then.
            const [first] = w.ticketIds()
            if (first && (await w.stateOf(first)).status === 'held') await w.refund(first)
            await w.cancelEvent()
            await Promise.all([w.sweep(), w.sweep(), w.payBack().catch(() => [])])
          }
          const [ids] = await s.waitFor(Promise.all([Promise.all(buying), cancelling()]))
          await s.waitAll()
          for (const id of ids) await s.waitFor(w.settle(id))
          for (let run = 0; run < 10; run++) {
            await s.waitFor(w.sweep())
            await s.waitFor(w.payBack().catch(() => []))
          }
          expect((await s.waitFor(w.payBack())).filter((acted) => acted !== 'done')).toEqual([])

          for (const ticketId of w.ticketIds()) expect((await s.waitFor(w.stateOf(ticketId))).status).not.toBe('held')
          for (const id of ids) {
            const status = (await s.waitFor(w.orderOf(id))).status
            seen.add(status)
            if (status !== 'new') expect(await s.waitFor(w.kept(id))).toBe(0)
          }
          const moved = (type: string) =>
            sum(w.log.filter((fact) => fact.type === type).map(({ data }) => (data as Money).amount.amount))
          expect(moved('PaymentRefunded')).toBe(moved('PaymentCaptured'))
          for (const { type, data } of w.log) seen.add((data as { reason?: string }).reason ?? type)
        },
      ),
      { seed: 20_300_101, numRuns: 400 },
    )
    // Or the schedules were too tame to prove anything.
    for (const rare of ['confirmed', 'event_cancelled', 'TicketCancelled', 'TicketRefunded'])
      expect(seen).toContain(rare)
  }, 120_000)
})

type Money = { amount: { amount: number } }
