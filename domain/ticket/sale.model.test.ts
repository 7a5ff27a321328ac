import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { isRefused } from '../decider.ts'
import { asRead, idFor } from '../spec.ts'
import { plus } from '../time.ts'
import type { TicketFact } from './facts.ts'
import type { SaleCommand } from './sale.ts'
import type { Ticket } from './state.ts'
import { ticket } from './ticket.ts'

/** Who has the ticket, and until when: all that an outsider has to know. */
type Model = { now: number; status: Ticket['status']; order: string; until: number }

const LEASE = 1_800
const GRACE = 60

const rules: Record<string, (m: Model, order: string) => Partial<Model>> = {
  reserve: (m, order) => {
    const lapsed = m.status === 'reserved' && m.order !== order && m.now >= m.until + GRACE
    return m.status === 'available' || lapsed ? { status: 'reserved', order, until: m.now + LEASE } : {}
  },
  extend: (m, order) =>
    m.status === 'reserved' && m.order === order ? { until: Math.max(m.until, m.now + LEASE) } : {},
  release: (m, order) => (m.status === 'reserved' && m.order === order ? { status: 'available' } : {}),
  sell: (m, order) => (m.status === 'reserved' && m.order === order ? { status: 'held' } : {}),
  refund: (m, order) => (m.status === 'held' && m.order === order ? { status: 'closed' } : {}),
}

const START = '2030-01-01T10:00:00.000Z'
const ids = { eventId: idFor('event'), venueId: idFor('venue'), typeId: idFor('type') }
const price = { amount: 5_000, currency: 'EUR' }

const command = (name: string, orderId: string, expiresAt: string): SaleCommand => {
  switch (name) {
    case 'reserve':
      return { type: 'ReserveTicket', ...ids, slot: 'pool:GA:7', edition: 1, orderId, price, expiresAt }
    case 'extend':
      return { type: 'ExtendReservation', orderId, expiresAt }
    case 'release':
      return { type: 'ReleaseReservation', orderId, reason: 'order_ended' }
    case 'sell': {
      const who = { payerId: orderId, holderId: orderId, zone: 'GA', validDates: null }
      return { type: 'SellTicket', orderId, price, ...who, delivery: 'digital', transferable: true }
    }
    default:
      return { type: 'UndoSale', orderId }
  }
}

type Real = { state: Ticket; facts: TicketFact[] }

const step = ([name, letter, pause]: [string, string, number]): fc.Command<Model, Real> => ({
  check: () => true,
  run: (model, real) => {
    model.now += pause
    Object.assign(model, rules[name]!(model, idFor(letter)))
    const at = plus(START, model.now)
    const decision = ticket.decide({ ...command(name, idFor(letter), plus(at, LEASE)), at }, real.state)
    const facts = isRefused(decision) ? [] : decision
    expect(facts.map(asRead)).toEqual(facts)
    real.facts.push(...facts)
    real.state = facts.reduce(ticket.evolve, real.state)
    expect(seen(real.state)).toEqual(expected(model))
  },
  toString: () => `${name} ${letter} after ${pause} s`,
})

const seen = (t: Ticket) => {
  switch (t.status) {
    case 'available':
      return ['available']
    case 'reserved':
      return ['reserved', t.lease.orderId, t.lease.expiresAt]
    case 'held':
    case 'closed':
      return [t.status, t.sale.orderId, t.sale.holderId]
  }
}

const expected = ({ status, order, until }: Model) => {
  if (status === 'available') return ['available']
  return [status, order, status === 'reserved' ? plus(START, until) : order]
}

const steps = fc
  .tuple(
    fc.constantFrom(...Object.keys(rules)),
    fc.constantFrom('A', 'B', 'C'),
    fc.oneof(fc.constantFrom(0, GRACE - 1, GRACE, LEASE, LEASE + GRACE), fc.nat(4_000)),
  )
  .map(step)

/** `R` reserved, `E` extended, `L` released, `S` sold, `F` refunded, each with its order's letter. */
const letters: { readonly [T in TicketFact['type']]?: string } = {
  TicketReserved: 'R',
  TicketReservationExtended: 'E',
  TicketReservationReleased: 'L',
  TicketSold: 'S',
  TicketRefunded: 'F',
}
const spell = (facts: readonly TicketFact[]) =>
  facts.map(({ type, data }) => (letters[type] ?? '?') + ('orderId' in data ? data.orderId.slice(-1) : '?')).join(' ')

/** Reservations that come to nothing, then perhaps one that does: sold to the order that reserved it, once, and closed for good. */
const LEGAL = /^(R(\d)( E\2)* L\2 ?)*(R(\d)( E\5)*( S\5( F\5)?)?)?$/

it('a ticket has at most one holder, is sold only to the order that reserved it, and once closed stays closed', () => {
  const told = new Set<string>()
  fc.assert(
    fc.property(fc.commands([steps], { maxCommands: 40 }), (commands) => {
      const real: Real = { state: ticket.initial, facts: [] }
      const model: Model = { now: 0, status: 'available', order: '', until: 0 }
      fc.modelRun(() => ({ model, real }), commands)
      const story = spell(real.facts)
      expect(story).toMatch(LEGAL)
      for (const letter of story.replace(/[\d ]/g, '')) told.add(letter)
    }),
    { numRuns: 500 },
  )
  // Or the runs would prove nothing of what they never reached.
  expect([...told].toSorted().join('')).toBe('EFLRS')
})
