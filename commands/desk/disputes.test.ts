import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { memoryLedger } from '../../adapters/memory-ledger.ts'
import { type Recorded, streamOf } from '../../domain/fact.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { type AnyFact, known, versionOf } from '../../domain/registry.ts'
import { load } from '../../domain/stream.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { stepIdOf, ticketIdOf } from '../ids.ts'
import { disputes } from './disputes.ts'

const NOW = '2030-06-01T12:00:00.000Z'
const DISPUTE = 'dp_1'

/** An order of two tickets that its payer has paid for, and somebody who follows what is disputed. */
const world = async ({ isConfirmed = true } = {}) => {
  const log: Recorded[] = []
  const ledger = memoryLedger({ log })
  const put = async (category: string, id: string, fact: AnyFact) => {
    const stream = streamOf(category, id)
    const meta = { $correlationId: id, $causationId: randomUUID(), tenant: 'acme', at: NOW, request: '' }
    const metadata = { ...meta, actor: { id: 'test', role: 'process' as const }, v: versionOf(fact.type) }
    await ledger.append(stream, 'any', [{ id: randomUUID(), type: fact.type, data: fact.data, metadata }])
  }
  const [eventId, venueId, typeId, payerId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
  const [orderId, paymentId] = [randomUUID(), randomUUID()]
  const slots = ['pool:GA:1', 'pool:GA:2']
  const ids = slots.map((slot) => ticketIdOf(eventId, slot, 1))
  const price = { amount: 2_500, currency: 'EUR' }
  const about = { zone: 'GA', validDates: null, transferable: true }
  const each = {
    kind: 'ticket' as const,
    typeId,
    edition: 1,
    holderId: payerId,
    price: 2_500,
    fees: [],
    taxes: [],
    ...about,
  }
  const of = { eventId, venueId, payerId, currency: 'EUR', total: 5_000 }
  await put('order', orderId, {
    type: 'OrderPlaced',
    data: {
      ...{ ...of, kind: 'purchase', lines: slots.map((slot) => ({ ...each, slot })), limits: [], delivery: 'digital' },
      ...{ terms: 0, expiresAt: NOW, payments: [{ paymentId, amount: 5_000 }] },
    },
  })
  const amount = { amount: 5_000, currency: 'EUR' }
  const requested = { orderId, eventId, payerId, amount, provider: 'sandbox', reference: null }
  await put('payment', paymentId, { type: 'PaymentRequested', data: requested })
  await put('payment', paymentId, { type: 'PaymentCaptured', data: { orderId, amount } })
  for (const [i, id] of ids.entries()) {
    const slot = { eventId, venueId, typeId, orderId, price }
    const reserved = { ...slot, slot: slots[i]!, edition: 1, expiresAt: NOW }
    await put('ticket', id, { type: 'TicketReserved', data: reserved })
    const sale = { ...slot, payerId, holderId: payerId, generation: 1, delivery: 'digital' as const, ...about }
    await put('ticket', id, { type: 'TicketSold', data: sale })
  }
  const confirm = () => put('order', orderId, { type: 'OrderConfirmed', data: { ...of, ticketIds: ids, shares: [] } })
  if (isConfirmed) await confirm()

  const dispute = () =>
    put('payment', paymentId, { type: 'PaymentDisputed', data: { orderId, disputeId: DISPUTE, reason: 'fraudulent' } })
  const end = (won: boolean) =>
    put('payment', paymentId, { type: 'PaymentDisputeClosed', data: { orderId, disputeId: DISPUTE, won } })
  const deps = (through: Ledger = ledger) => ({ ledger: through, now: () => NOW, sleep: async () => {} })
  /** Acts on everything that was ever disputed here, the first one first. */
  const follow = async (through?: Ledger) => {
    const reactor = disputes(deps(through))
    const wanted = log
      .map(known)
      .flatMap((fact) => (reactor.wants[fact.type] as undefined | ((f: object) => object[]))?.(fact) ?? [])
    const acted = []
    for (const data of wanted) {
      const intent = { id: randomUUID(), data } as Parameters<typeof reactor.act>[0][number]
      acted.push(...(await reactor.act([intent], new AbortController().signal)))
    }
    return acted
  }
  const locksOf = async (id: string) => {
    const { state } = await load({ ledger }, ticket, id)
    return state.status === 'held' ? state.locks : state.status
  }
  return { log, ledger, put, eventId, orderId, paymentId, ids, price, confirm, dispute, end, follow, locksOf }
}

describe('a payment that is disputed', () => {
  it('F13.9 locks every ticket that it paid for, with a lock that follows from the dispute, and once', async () => {
    const w = await world()
    await w.dispute()
    expect(await w.follow()).toEqual(['done'])
    const lock = { lockId: stepIdOf(w.paymentId, DISPUTE), reason: 'chargeback_pending' }
    for (const id of w.ids) expect(await w.locksOf(id)).toEqual([lock])
    const before = w.log.length
    await w.follow()
    expect(w.log).toHaveLength(before)
  })

  it('F13.9 lifts that lock alone once it is won, and keeps it once it is lost', async () => {
    for (const won of [true, false]) {
      const w = await world()
      const hold = { lockId: randomUUID(), reason: 'legal_hold' as const }
      await w.put('ticket', w.ids[0]!, { type: 'TicketLocked', data: { eventId: w.eventId, ...hold } })
      await w.dispute()
      await w.follow()
      await w.end(won)
      await w.follow()
      const lock = { lockId: stepIdOf(w.paymentId, DISPUTE), reason: 'chargeback_pending' }
      expect(await w.locksOf(w.ids[0]!)).toEqual(won ? [hold] : [hold, lock])
      expect(await w.locksOf(w.ids[1]!)).toEqual(won ? [] : [lock])
    }
  })

  it('F13.9 locks nothing where it was won before anybody looked, and all of it where it was lost', async () => {
    for (const won of [true, false]) {
      const w = await world()
      await w.dispute()
      await w.end(won)
      expect(await w.follow()).toEqual(['done', 'done'])
      for (const id of w.ids) expect(await w.locksOf(id)).toHaveLength(won ? 0 : 1)
    }
  })

  it('F13.9 leaves no lock behind where it is won at the moment at which it locks', async () => {
    const w = await world()
    await w.dispute()
    let isFirst = true
    const late: Ledger = {
      ...w.ledger,
      append: async (...asked) => {
        if (isFirst) {
          isFirst = false
          await w.end(true)
          await w.follow()
        }
        return w.ledger.append(...asked)
      },
    }
    await w.follow(late)
    for (const id of w.ids) expect(await w.locksOf(id)).toEqual([])
    expect(w.log.map(({ type }) => type)).toContain('TicketLocked')
  })

  it('F13.9 leaves alone what its payer has resold since, and what is closed', async () => {
    const w = await world()
    const [resold, closed] = w.ids as [string, string]
    const sold = { eventId: w.eventId, from: randomUUID(), to: randomUUID(), generation: 2, movedAt: NOW }
    const sale = { ...sold, listingId: randomUUID(), orderId: randomUUID(), price: w.price }
    await w.put('ticket', resold, { type: 'TicketResold', data: sale })
    const revoked = { eventId: w.eventId, typeId: randomUUID(), reason: 'fraud' as const }
    await w.put('ticket', closed, { type: 'TicketRevoked', data: revoked })
    await w.dispute()
    expect(await w.follow()).toEqual(['done'])
    expect(await w.locksOf(resold)).toEqual([])
    expect(await w.locksOf(closed)).toBe('closed')
  })

  it('F13.9 is looked at again later where its tickets are not sold yet', async () => {
    const w = await world({ isConfirmed: false })
    await w.dispute()
    expect(await w.follow()).toEqual([{ failed: expect.stringContaining(w.orderId) }])
    await w.confirm()
    expect(await w.follow()).toEqual(['done'])
    for (const id of w.ids) expect(await w.locksOf(id)).toHaveLength(1)
  })
})
