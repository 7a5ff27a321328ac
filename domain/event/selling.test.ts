import { describe, expect, it } from 'vitest'
import { idFor } from '../spec.ts'
import { type Drafted, event } from './event.ts'
import type { EventFact, TicketType } from './facts.ts'
import { mayOrder, rangeOf } from './selling.ts'

const [regular, early] = [idFor('type'), idFor('early')]
const noon = '2030-05-15T12:00:00.000Z'

const type: TicketType = {
  typeId: regular,
  name: 'Regular',
  pool: 'GA',
  from: 101,
  to: null,
  price: 5_000,
  taxes: [],
  zone: 'GA',
  validDates: null,
  maxPerOrder: 8,
  maxPerPerson: null,
  onSaleFrom: null,
  onSaleUntil: null,
  transferable: true,
}
const earlyBird: TicketType = {
  ...type,
  typeId: early,
  from: 1,
  to: 100,
  onSaleFrom: '2030-05-01T00:00:00.000Z',
  onSaleUntil: '2030-06-01T00:00:00.000Z',
}

const draft: EventFact[] = [
  {
    type: 'EventDrafted',
    data: {
      venueId: idFor('venue'),
      name: 'The Night of the Counterfoil',
      type: 'single',
      startsAt: '2030-06-30T18:00:00.000Z',
      endsAt: '2030-06-30T22:00:00.000Z',
      timeZone: 'Europe/Berlin',
      currency: 'EUR',
      zones: ['GA'],
      chain: 'token',
    },
  },
  { type: 'EventPoolSized', data: { pool: 'GA', size: 500 } },
  { type: 'EventTicketTypeSet', data: type },
  { type: 'EventTicketTypeSet', data: earlyBird },
]
const published: EventFact = { type: 'EventPublished', data: {} }
const opened: EventFact = { type: 'EventSalesOpened', data: {} }
const closed: EventFact = { type: 'EventSalesClosed', data: {} }

const eventOf = (...facts: EventFact[]) => facts.reduce(event.evolve, event.initial)
const onSale = eventOf(...draft, published, opened)
const wish = (quantity: number, typeId = regular) => ({ typeId, quantity })

describe('an event sells', () => {
  it('while its sales are open', () => expect(mayOrder(onSale, [wish(2)], noon)).toBe('yes'))

  it.each([
    ['that does not exist', event.initial],
    ['that nobody published', eventOf(...draft)],
    ['whose sales are not open yet', eventOf(...draft, published)],
    ['whose sales are closed', eventOf(...draft, published, opened, closed)],
  ])('nothing %s', (_, state) =>
    expect(mayOrder(state, [wish(1)], noon)).toBe(state.status === 'unknown' ? 'EventNotFound' : 'SalesNotOpen'),
  )

  it('nothing from its end on', () => {
    expect(mayOrder(onSale, [wish(1)], '2030-06-30T21:59:59.999Z')).toBe('yes')
    expect(mayOrder(onSale, [wish(1)], '2030-06-30T22:00:00.000Z')).toBe('EventOver')
  })

  it('nothing that it does not have', () =>
    expect(mayOrder(onSale, [wish(1), wish(1, idFor('other'))], noon)).toBe('TicketTypeNotFound'))
})

describe('a ticket type is sold', () => {
  it.each([
    ['2030-04-30T23:59:59.999Z', 'NotYetOnSale'],
    ['2030-05-01T00:00:00.000Z', 'yes'],
    ['2030-05-31T23:59:59.999Z', 'yes'],
    ['2030-06-01T00:00:00.000Z', 'NoLongerOnSale'],
  ])('from the start of its sale until its end: at %s the answer is %s', (at, answer) =>
    expect(mayOrder(onSale, [wish(1, early)], at)).toBe(answer),
  )

  it('in no larger number than one order may have of it', () => {
    expect(mayOrder(onSale, [wish(8)], noon)).toBe('yes')
    expect(mayOrder(onSale, [wish(9)], noon)).toBe('TooManyInOrder')
  })

  it('in no larger number either where a request names it twice', () =>
    expect(mayOrder(onSale, [wish(5), wish(1, early), wish(4)], noon)).toBe('TooManyInOrder'))

  it('beside another, each up to its own limit', () =>
    expect(mayOrder(onSale, [wish(8), wish(8, early)], noon)).toBe('yes'))
})

it('an order has at most 50 tickets, of whatever types', () => {
  const types = Array.from({ length: 7 }, (_, i) => ({ ...type, typeId: idFor(`t${i}`) }))
  const set = types.map((data): EventFact => ({ type: 'EventTicketTypeSet', data }))
  const many = eventOf(...draft, ...set, published, opened)
  const eights = types.map(({ typeId }) => wish(8, typeId))
  expect(mayOrder(many, eights.slice(0, 6), noon)).toBe('yes')
  expect(mayOrder(many, [...eights.slice(0, 6), wish(2)], noon)).toBe('yes')
  expect(mayOrder(many, [...eights.slice(0, 6), wish(3)], noon)).toBe('TooManyInOrder')
})

describe('the places that a type draws from', () => {
  it('are its own range of the pool', () => expect(rangeOf(onSale as Drafted, earlyBird)).toEqual({ from: 1, to: 100 }))

  it('reach as far as the pool where they have no end, also once it has grown', () => {
    expect(rangeOf(onSale as Drafted, type)).toEqual({ from: 101, to: 500 })
    const grown = event.evolve(onSale, { type: 'EventPoolSized', data: { pool: 'GA', size: 800 } })
    expect(rangeOf(grown as Drafted, type)).toEqual({ from: 101, to: 800 })
  })
})
