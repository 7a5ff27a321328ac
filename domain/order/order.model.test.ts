import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { isRefused } from '../decider.ts'
import { asRead, idFor } from '../spec.ts'
import type { OrderFact, Placed } from './facts.ts'
import { type Order, type OrderCommand, order, type Stage } from './order.ts'

/** Only the status, and what leads out of it. `GiveUp` counts where it names that very status. */
type Model = { status: Order['status'] }

const paths: Record<Order['status'], Partial<Record<OrderCommand['type'], Order['status']>>> = {
  new: {},
  limiting: { RecordLimitClaimed: 'reserving', CancelOrder: 'reverting', GiveUp: 'reverting' },
  reserving: { RecordTicketsReserved: 'authorising', CancelOrder: 'reverting', GiveUp: 'reverting' },
  authorising: { RecordPaymentAuthorised: 'capturing', CancelOrder: 'reverting', GiveUp: 'reverting' },
  capturing: { RecordPaymentCaptured: 'selling', CancelOrder: 'reverting', GiveUp: 'reverting' },
  selling: { ConfirmOrder: 'confirmed', GiveUp: 'refunding' },
  reverting: { RecordCancelled: 'cancelled' },
  refunding: { RecordRefunded: 'refunded' },
  confirmed: {},
  cancelled: {},
  refunded: {},
}

const after = (status: Order['status'], c: OrderCommand): Order['status'] => {
  if (status === 'new' && c.type === 'PlaceOrder') return c.placed.limits.length > 0 ? 'limiting' : 'reserving'
  if (c.type === 'GiveUp' && c.during !== status) return status
  return paths[status][c.type] ?? status
}

const paymentId = idFor('pay')
const line = {
  kind: 'ticket',
  typeId: idFor('type'),
  slot: 'pool:GA:1',
  edition: 1,
  holderId: idFor('ann'),
  price: 5_000,
  fees: [],
  taxes: [],
  zone: 'GA',
  validDates: null,
} as const
const placing = (limited: boolean): Placed => ({
  kind: 'purchase',
  eventId: idFor('event'),
  venueId: idFor('venue'),
  payerId: idFor('ann'),
  currency: 'EUR',
  lines: [line],
  total: 5_000,
  payments: [{ paymentId, amount: 5_000 }],
  limits: limited ? [{ quotaId: idFor('quota'), amount: 1, limit: 2 }] : [],
  delivery: 'digital',
  expiresAt: '2030-01-01T10:30:00.000Z',
})

const command: fc.Arbitrary<OrderCommand> = fc.oneof(
  fc.boolean().map((limited) => ({ type: 'PlaceOrder', placed: placing(limited) }) as const),
  fc.constantFrom(
    { type: 'RecordLimitClaimed' } as const,
    { type: 'RecordTicketsReserved' } as const,
    { type: 'RecordPaymentAuthorised', paymentId } as const,
    { type: 'RecordPaymentCaptured', paymentId } as const,
    { type: 'ConfirmOrder', ticketIds: [idFor('t1')] } as const,
    { type: 'CancelOrder' } as const,
    { type: 'RecordCancelled' } as const,
    { type: 'RecordRefunded' } as const,
  ),
  fc
    .constantFrom<Stage>('limiting', 'reserving', 'authorising', 'capturing', 'selling')
    .map((during) => ({ type: 'GiveUp', during, reason: 'lapsed' }) as const),
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })).map(([from, to]) => {
    const instead = { slot: `pool:GA:${from}`, edition: 1 }
    return { type: 'SuggestSlots' as const, slots: [{ line: 0, slot: `pool:GA:${to}`, edition: 1, instead }] }
  }),
)

type Real = { state: Order; facts: OrderFact[] }

const step = (c: OrderCommand): fc.Command<Model, Real> => ({
  check: () => true,
  run: (model, real) => {
    model.status = after(model.status, c)
    const decision = order.decide({ ...c, at: '2030-01-01T10:00:00.000Z' }, real.state)
    const facts = isRefused(decision) ? [] : decision
    expect(facts.map(asRead)).toEqual(facts)
    real.facts.push(...facts)
    real.state = facts.reduce(order.evolve, real.state)
    expect(real.state.status).toBe(model.status)
  },
  toString: () => JSON.stringify(c),
})

const story = (facts: readonly OrderFact[]) => facts.map((fact) => fact.type.replace('Order', '')).join(' ')

const begun = 'Placed( LimitClaimed)?( SlotsSuggested)*'
const given_up = '( RevertStarted( Cancelled)?)?'
const paid = ' TicketsReserved PaymentAuthorised PaymentCaptured( Confirmed| RefundRequested( Refunded)?)?'
/** Once paid: confirmed or refunded. Until then: cancelled at most. */
const LEGAL = new RegExp(`^(${begun}( TicketsReserved( PaymentAuthorised)?)?${given_up}|${begun}${paid})?$`)

it('an order ends once, its facts spell a legal path, and no slot that it tried is forgotten', () => {
  const ends = new Set<Order['status']>()
  // Placed first more often than not, or most runs would end before they began.
  const runs = fc.commands([command.map(step)], { maxCommands: 60, size: 'max' })
  fc.assert(
    fc.property(runs, (commands) => {
      const real: Real = { state: order.initial, facts: [] }
      fc.modelRun(() => ({ model: { status: 'new' }, real }), commands)
      expect(story(real.facts)).toMatch(LEGAL)
      expect(known(real.state)).toEqual(tried(real.facts))
      ends.add(real.state.status)
    }),
    { numRuns: 1_000 },
  )
  expect([...ends].filter((end) => ['cancelled', 'confirmed', 'refunded'].includes(end)).toSorted()).toEqual([
    'cancelled',
    'confirmed',
    'refunded',
  ])
})

const tried = (facts: readonly OrderFact[]) =>
  facts.flatMap(({ type, data }) => {
    if (type === 'OrderPlaced') return data.lines.map(({ slot }) => slot)
    return type === 'OrderSlotsSuggested' ? data.slots.map(({ slot }) => slot) : []
  })

const known = (o: Order) =>
  o.status === 'new' ? [] : [...o.discarded, ...o.placed.lines].map(({ slot }) => slot)
