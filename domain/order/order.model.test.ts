import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { isRefused } from '../decider.ts'
import { asRead, idFor } from '../spec.ts'
import { type Line, type OrderFact, orderFacts, type Placed } from './facts.ts'
import { type Order, type OrderCommand, order } from './order.ts'

/** Only the status, and what leads out of it; a free order skips its payment. `GiveUp` counts where it names that very status. */
type Model = { status: Order['status']; free: boolean }

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

const after = ({ status, free }: Model, c: OrderCommand): Model => {
  if (status === 'new' && c.type === 'PlaceOrder')
    return { status: c.placed.limits.length > 0 ? 'limiting' : 'reserving', free: c.placed.total === 0 }
  if (free && status === 'reserving' && c.type === 'RecordTicketsReserved') return { status: 'selling', free }
  if (c.type === 'GiveUp' && c.during !== status) return { status, free }
  return { status: paths[status][c.type] ?? status, free }
}

const paymentId = idFor('pay')
const line: Line = {
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
  transferable: true,
}
const placed = (limited: boolean, free: boolean): Placed => ({
  kind: 'purchase',
  eventId: idFor('event'),
  venueId: idFor('venue'),
  payerId: idFor('ann'),
  currency: 'EUR',
  lines: [{ ...line, price: free ? 0 : 5_000 }],
  total: free ? 0 : 5_000,
  payments: free ? [] : [{ paymentId, amount: 5_000 }],
  limits: limited ? [{ quotaId: idFor('quota'), amount: 1, limit: 2 }] : [],
  delivery: 'digital',
  terms: 0,
  expiresAt: '2030-01-01T10:30:00.000Z',
})

const progress = fc.constantFrom<OrderCommand[]>(
  { type: 'RecordLimitClaimed' },
  { type: 'RecordTicketsReserved' },
  { type: 'RecordPaymentAuthorised', paymentId },
  { type: 'RecordPaymentCaptured', paymentId },
  { type: 'ConfirmOrder', ticketIds: [idFor('t1')] },
  { type: 'RecordCancelled' },
  { type: 'RecordRefunded' },
)
const suggestion = fc.tuple(fc.nat(3), fc.nat(3)).map(([from, to]): OrderCommand => {
  const instead = { slot: `pool:GA:${from + 1}`, edition: 1 }
  return { type: 'SuggestSlot', line: 0, slot: `pool:GA:${to + 1}`, edition: 1, instead }
})
const trouble = fc.constantFrom<OrderCommand[]>(
  { type: 'CancelOrder' },
  { type: 'GiveUp', during: 'limiting', reason: 'limit_reached' },
  { type: 'GiveUp', during: 'reserving', reason: 'tickets_taken' },
  { type: 'GiveUp', during: 'authorising', reason: 'payment_declined' },
  { type: 'GiveUp', during: 'capturing', reason: 'capture_refused' },
  { type: 'GiveUp', during: 'selling', reason: 'reservation_lost' },
)
const placing = fc
  .tuple(fc.boolean(), fc.boolean())
  .map(([limited, free]): OrderCommand => ({ type: 'PlaceOrder', placed: placed(limited, free) }))

/** Trouble is rare, or no order would ever get far. */
const command = fc.oneof(
  { weight: 12, arbitrary: progress },
  { weight: 4, arbitrary: suggestion },
  { weight: 2, arbitrary: placing },
  { weight: 1, arbitrary: trouble },
)

type Real = { state: Order; facts: OrderFact[] }

const step = (c: OrderCommand): fc.Command<Model, Real> => ({
  check: () => true,
  run: (model, real) => {
    Object.assign(model, after(model, c))
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

const PLACED = 'Placed( LimitClaimed)?( SlotSuggested)*'
const GIVEN_UP = '( RevertStarted( Cancelled)?)?'
const SELLING = ' TicketsReserved( PaymentAuthorised PaymentCaptured)?'
/** Until it is paid an order is cancelled at most; from then on it is confirmed or refunded. */
const LEGAL = new RegExp(
  `^(${PLACED}( TicketsReserved( PaymentAuthorised)?)?${GIVEN_UP}|${PLACED}${SELLING}( Confirmed| RefundRequested( Refunded)?)?)?$`,
)

it('an order ends once, its facts spell a legal path, and no slot that it tried is forgotten', () => {
  const told = new Set<string>()
  fc.assert(
    fc.property(fc.commands([command.map(step)], { maxCommands: 60, size: 'max' }), (commands) => {
      const real: Real = { state: order.initial, facts: [] }
      const model: Model = { status: 'new', free: false }
      fc.modelRun(() => ({ model, real }), commands)
      expect(story(real.facts)).toMatch(LEGAL)
      expect(known(real.state)).toEqual(tried(real.facts))
      for (const { type } of real.facts) told.add(type)
    }),
    { numRuns: 1_000 },
  )
  // Or the runs would prove nothing of what they never reached.
  expect([...told].toSorted()).toEqual(Object.keys(orderFacts).toSorted())
})

const tried = (facts: readonly OrderFact[]) =>
  facts.flatMap(({ type, data }) => {
    if (type === 'OrderPlaced') return data.lines.map(({ slot }) => slot)
    return type === 'OrderSlotSuggested' ? [data.slot] : []
  })

const known = (o: Order) => (o.status === 'new' ? [] : [...o.discarded, ...o.placed.lines].map(({ slot }) => slot))
