import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../adapters/memory-ledger.ts'
import type { Recorded } from '../domain/fact.ts'
import { pump } from './order-process.ts'
import { orderWorld } from './order-process.world.ts'
import { type Card, type PaymentRef, type PaymentRequest, Unchargeable } from './payments.ts'

describe('an order', () => {
  it('F07.1 is confirmed once every ticket is sold', async () => {
    const w = await orderWorld()
    const id = await w.buy('ann', 4)
    expect(await w.settle(id)).toBe('confirmed')
    expect(await w.kept(id)).toBe(20_000)
  })

  it('waits for its payer, and goes no further by itself', async () => {
    const w = await orderWorld()
    const { orderId } = await w.place('ann', 2)
    expect(await w.settle(orderId)).toBe('authorising')
    expect(types(w.log)).not.toContain('TicketSold')
  })

  it('F07.11 F04.11 gives its tickets back at once when the card is declined, and nothing is charged', async () => {
    const w = await orderWorld()
    const ann = await w.buy('ann', 4, 'declined')
    expect(await w.settle(ann)).toBe('cancelled')
    expect(await w.kept(ann)).toBe(0)
    expect(await w.settle(await w.buy('bob', 4))).toBe('confirmed')
  })

  it('gives its tickets back at once when the provider does not charge its total, and says so again when asked again', async () => {
    const w = await orderWorld({ price: 30 })
    const { request } = w.payments
    Object.assign(w.payments, {
      request: async (asked: PaymentRequest) => {
        if (asked.amount.amount < 50) throw new Unchargeable('below 50 cents')
        return request(asked)
      },
    })
    const { orderId, placing } = await w.place('ann', 1)
    expect(placing).toMatchObject({
      refused: 'NotChargeable',
      order: { status: 'cancelled', reason: 'not_chargeable' },
    })
    expect((await w.place('ann', 1)).placing).toEqual(placing)
    expect(await w.settle(orderId)).toBe('cancelled')
    expect(types(await w.ticketFacts(1))).toEqual(['TicketReserved', 'TicketReservationReleased'])
    expect(await w.settle(await w.buy('bob', 4))).toBe('confirmed')
  })

  it('F07.12 gives its tickets back when the capture is refused', async () => {
    const w = await orderWorld()
    expect(await w.settle(await w.buy('ann', 4, 'capture_refused'))).toBe('cancelled')
    expect(await w.settle(await w.buy('bob', 4))).toBe('confirmed')
  })

  it('F07.18 hears of a payment whose webhook was lost', async () => {
    const w = await orderWorld()
    expect(await w.settle(await w.buy('ann', 1, 'webhook_lost'))).toBe('confirmed')
  })

  it('F07.18 hears of a payment whose webhook was lost when its client asks again, though its time is over by then', async () => {
    const w = await orderWorld()
    await w.buy('ann', 1, 'webhook_lost')
    w.pass(31 * 60)
    expect((await w.place('ann', 1)).placing).toMatchObject({ placed: { status: 'confirmed' } })
  })

  it('F04.1 lapses after 30 minutes, and its tickets are free again', async () => {
    const w = await orderWorld()
    const { orderId } = await w.place('ann', 4)
    w.pass(30 * 60 - 1)
    expect(await w.settle(orderId)).toBe('authorising')
    w.pass(1)
    expect(await w.settle(orderId)).toBe('cancelled')
    expect(await w.orderOf(orderId)).toMatchObject({ reason: 'lapsed' })
    expect(await w.settle(await w.buy('bob', 4))).toBe('confirmed')
  })

  it('extends its leases before money moves when too little is left of them', async () => {
    const w = await orderWorld()
    const { orderId } = await w.place('ann', 1)
    w.pass(25 * 60)
    await w.enterCard(orderId, 'good')
    expect(await w.settle(orderId)).toBe('confirmed')
    expect(types(await w.ticketFacts(1))).toEqual(['TicketReserved', 'TicketReservationExtended', 'TicketSold'])
  })

  it('tries other slots when those suggested are taken, and lets go of none that it sold', async () => {
    const w = await orderWorld({ blind: [true] })
    await w.settle(await w.buy('ann', 1))
    const bob = await w.buy('bob', 1)
    expect(await w.settle(bob)).toBe('confirmed')
    const cyd = await w.buy('cyd', 2)
    expect(await w.settle(cyd)).toBe('confirmed')
    expect(types(w.log).filter((type) => type === 'TicketSold')).toHaveLength(4)
  })

  it('is refused with nothing recorded when the event is sold out', async () => {
    const w = await orderWorld({ size: 1 })
    await w.settle(await w.buy('ann', 1))
    const before = w.log.length
    expect((await w.place('bob', 1)).placing).toEqual({ refused: 'SoldOut' })
    expect(w.log).toHaveLength(before)
  })

  it('is refused with nothing recorded beyond what one person may have, also over several orders', async () => {
    const w = await orderWorld({ maxPerPerson: 2 })
    expect(await w.settle(await w.buy('ann', 2))).toBe('confirmed')
    expect((await w.place('ann', 1)).placing).toEqual({ refused: 'KeyReused' })
    expect((await w.place('bob', 3)).placing).toEqual({ refused: 'LimitReached' })
  })

  it('of nothing to pay is confirmed without a payment', async () => {
    const w = await orderWorld({ price: 0 })
    const { orderId, placing } = await w.place('ann', 2)
    expect(placing).toMatchObject({ placed: { status: 'confirmed' } })
    expect(types(await w.orderFacts(orderId))).toEqual(['OrderPlaced', 'OrderTicketsReserved', 'OrderConfirmed'])
  })

  it('F04.12 gives everything back when a ticket is lost after the money has moved', async () => {
    const w = await orderWorld()
    const ann = await w.buy('ann', 2)
    const capture = w.payments.capture
    Object.assign(w.payments, {
      capture: async (asked: PaymentRef) => {
        const answer = await capture(asked)
        Object.assign(w.payments, { capture })
        w.pass(3_600)
        // Takes over one of the two, whose leases are long over.
        await w.settle(await w.buy('bob', 3))
        return answer
      },
    })
    expect(await w.settle(ann)).toBe('refunded')
    expect(await w.kept(ann)).toBe(0)
  })

  it('F07.12 pays back what a straggler captured for an order already given up', async () => {
    const w = await orderWorld()
    const ann = await w.buy('ann', 4)
    const capture = w.payments.capture
    Object.assign(w.payments, {
      capture: async (asked: PaymentRef) => {
        const answer = await capture(asked)
        Object.assign(w.payments, { capture })
        w.pass(3_600)
        await w.settle(await w.buy('bob', 4))
        expect(await w.settle(ann)).toBe('cancelled')
        return answer // and only now does the straggler hear of it
      },
    })
    expect(await w.settle(ann)).toBe('cancelled')
    expect(await w.kept(ann)).toBe(0)
  })

  it('F07.17 is the same order when asked for again with its key', async () => {
    const w = await orderWorld()
    const first = await w.place('ann', 2)
    const again = await w.place('ann', 2)
    expect(again).toEqual(first)
    expect(types(w.log).filter((type) => type === 'OrderPlaced')).toHaveLength(1)
  })
})

const SEEDED = { seed: 20_300_101 }
const FAULTS: Fault[] = ['none', 'conflict', 'lost-request', 'lost-reply', 'late']
const faults = fc.array(fc.constantFrom(...FAULTS), { maxLength: 40 })

describe('orders in a race, over a network that fails', () => {
  it(
    'F04.4 of two for the last four slots exactly one is confirmed',
    () =>
      fc.assert(
        fc.asyncProperty(fc.scheduler(), faults, fc.boolean(), async (s, faults, cached) => {
          const w = await orderWorld({ tick: s.scheduleFunction(async () => {}), faults, cached })
          const ends = await s.waitFor(Promise.all(['ann', 'bob'].map(async (name) => w.settle(await w.buy(name, 4)))))
          // `new`: refused before anything was recorded.
          expect(ends.filter((end) => end === 'confirmed')).toHaveLength(1)
          expect(ends.filter((end) => end === 'cancelled' || end === 'new')).toHaveLength(1)
        }),
        { ...SEEDED, numRuns: 1_000 },
      ),
    60_000,
  )

  it(
    'records each step once though pumped twice at once',
    () =>
      fc.assert(
        fc.asyncProperty(fc.scheduler(), faults, fc.boolean(), async (s, faults, cached) => {
          const w = await orderWorld({ tick: s.scheduleFunction(async () => {}), faults, cached })
          const id = await s.waitFor(w.buy('ann', 4))
          expect(await s.waitFor(Promise.all([w.settle(id), w.settle(id)]))).toEqual(['confirmed', 'confirmed'])
          await s.waitAll()
          expect(types(await w.orderFacts(id))).toEqual([
            'OrderPlaced',
            'OrderTicketsReserved',
            'OrderPaymentAuthorised',
            'OrderPaymentCaptured',
            'OrderConfirmed',
          ])
          for (const number of [1, 2, 3, 4])
            expect(types(await w.ticketFacts(number))).toEqual(['TicketReserved', 'TicketSold'])
        }),
        { ...SEEDED, numRuns: 500 },
      ),
    60_000,
  )

  const CARDS: Card[] = ['good', 'good', 'good', 'declined', 'capture_refused']
  const orders = fc.array(
    fc.record({
      quantity: fc.integer({ min: 1, max: 4 }),
      card: fc.constantFrom(...CARDS),
      stragglers: fc.nat(2),
      comesAfter: fc.nat(40),
    }),
    { minLength: 2, maxLength: 5 },
  )
  const delays = fc.array(fc.constantFrom(...Array<number>(9).fill(0), 60, 300, 2_000), {
    minLength: 100,
    maxLength: 300,
  })
  const blind = fc.array(fc.boolean(), { maxLength: 6 })

  it('F07.12 F04.4 sells a slot once, an order whole or not at all, and keeps no money without tickets', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        orders,
        faults,
        delays,
        blind,
        fc.boolean(),
        async (s, orders, faults, delays, blind, cached) => {
          const w = await orderWorld({ tick: s.scheduleFunction(async () => {}), faults, delays, blind, cached })
          const ids = await s.waitFor(
            Promise.all(
              orders.map(async ({ quantity, card, stragglers, comesAfter }, i) => {
                for (let n = 0; n < comesAfter; n++) await w.deps.sleep(0)
                const id = await w.buy(`buyer${i}`, quantity, card)
                for (let n = 0; n < stragglers; n++) void w.worker(id)
                await w.settle(id)
                return id
              }),
            ),
          )
          await s.waitAll() // what the stragglers and the late messages still do
          for (const id of ids) await s.waitFor(w.settle(id))

          for (const facts of w.tickets())
            expect(types(facts).filter((type) => type === 'TicketSold').length).toBeLessThanOrEqual(1)
          for (const id of ids) {
            const state = await w.orderOf(id)
            const confirmed = state.status === 'confirmed'
            const quantity = state.status === 'new' ? 0 : state.placed.lines.length
            expect(w.tickets().filter((facts) => isHeldBy(facts, id))).toHaveLength(confirmed ? quantity : 0)
            expect(await w.kept(id)).toBe(confirmed ? 5_000 * quantity : 0)
          }
          expect(w.capturedTooLate).toEqual([])
          for (const { type, data } of w.log) seen.add((data as { reason?: string }).reason ?? type)
        },
      ),
      { ...SEEDED, numRuns: 1_500 },
    )

    // Or the schedules were too tame to prove anything.
    for (const rare of ['tickets_taken', 'payment_declined', 'capture_refused', 'reservation_lost', 'lapsed'])
      expect(seen).toContain(rare)
    for (const rare of ['TicketReservationExtended', 'OrderSlotSuggested']) expect(seen).toContain(rare)
  }, 180_000)
})

it('a pump of an order that nobody placed finds nothing to do', async () => {
  const w = await orderWorld()
  expect(await pump(w.deps, '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1a09')).toEqual({ status: 'new' })
})

const types = (facts: readonly { type: string }[]) => facts.map((fact) => fact.type)

const isHeldBy = (facts: readonly Recorded[], orderId: string): boolean => {
  const last = facts.at(-1)!
  return last.type === 'TicketSold' && (last.data as { orderId: string }).orderId === orderId
}
