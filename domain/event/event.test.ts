import { describe, it } from 'vitest'
import { idFor, specOf } from '../spec.ts'
import { type EventCommand, event } from './event.ts'
import type { EventDetails, EventFact, TicketType } from './facts.ts'

const given = specOf(event)

const details: EventDetails = {
  venueId: idFor('venue'),
  name: 'The Night of the Counterfoil',
  type: 'single',
  startsAt: '2030-06-01T18:00:00.000Z',
  endsAt: '2030-06-01T22:00:00.000Z',
  timeZone: 'Europe/Berlin',
  currency: 'EUR',
  zones: ['GA', 'VIP', 'BACKSTAGE'],
  chain: 'token',
}
const regular: TicketType = {
  typeId: idFor('type'),
  name: 'Regular',
  pool: 'GA',
  from: 1,
  to: null,
  price: 5_000,
  taxes: [{ name: 'VAT', basisPoints: 1_900, inclusive: true }],
  zone: 'GA',
  validDates: null,
  maxPerOrder: 8,
  maxPerPerson: null,
  onSaleFrom: null,
  onSaleUntil: null,
  transferable: true,
}

const drafted: EventFact = { type: 'EventDrafted', data: details }
const sized = (size: number): EventFact => ({ type: 'EventPoolSized', data: { pool: 'GA', size } })
const typeSet = (type: Partial<TicketType> = {}): EventFact => ({
  type: 'EventTicketTypeSet',
  data: { ...regular, ...type },
})
const entranceSet = (zone: string): EventFact => ({ type: 'EventEntranceSet', data: { name: 'North', zone } })
const published: EventFact = { type: 'EventPublished', data: {} }
const opened: EventFact = { type: 'EventSalesOpened', data: {} }
const closed: EventFact = { type: 'EventSalesClosed', data: {} }

const draft = (changed: Partial<EventDetails> = {}): EventCommand => ({
  type: 'DraftEvent',
  details: { ...details, ...changed },
})
const size = (size: number): EventCommand => ({ type: 'SizePool', pool: 'GA', size })
const setType = (changed: Partial<TicketType> = {}): EventCommand => ({
  type: 'SetTicketType',
  ticketType: { ...regular, ...changed },
})
const setEntrance = (zone: string): EventCommand => ({ type: 'SetEntrance', name: 'North', zone })
const publish: EventCommand = { type: 'PublishEvent' }
const open: EventCommand = { type: 'OpenSales' }
const close: EventCommand = { type: 'CloseSales' }

describe('an event', () => {
  it('is drafted', () => given().when(draft()).then(drafted))

  it('is drafted once', () => given(drafted).when(draft()).thenNothing())

  it('is not drafted again with other details', () =>
    given(drafted)
      .when(draft({ name: 'Another night' }))
      .thenRefused('EventAlreadyDrafted'))

  it('does not end before it starts, nor at that very moment', () => {
    given()
      .when(draft({ endsAt: '2030-06-01T17:00:00.000Z' }))
      .thenRefused('EventEndsBeforeItStarts')
    given()
      .when(draft({ endsAt: details.startsAt }))
      .thenRefused('EventEndsBeforeItStarts')
  })

  it('that nobody drafted takes no command', () => {
    for (const command of [size(100), setType(), setEntrance('VIP'), publish, open, close])
      given().when(command).thenRefused('EventNotFound')
  })
})

describe('a pool', () => {
  it('gets its size', () => given(drafted).when(size(100)).then(sized(100)))

  it('keeps the size that it has', () => given(drafted, sized(100)).when(size(100)).thenNothing())

  it('grows, also while sales run', () =>
    given(drafted, sized(100), typeSet(), published, opened).when(size(150)).then(sized(150)))

  it('never shrinks', () => given(drafted, sized(100)).when(size(99)).thenRefused('PoolCannotShrink'))
})

describe('a ticket type', () => {
  const pooled = given(drafted, sized(100))

  it('draws from a pool', () => pooled.when(setType()).then(typeSet()))

  it('that is set as it is changes nothing', () => given(drafted, sized(100), typeSet()).when(setType()).thenNothing())

  it('may change its price', () =>
    given(drafted, sized(100), typeSet())
      .when(setType({ price: 6_000 }))
      .then(typeSet({ price: 6_000 })))

  it('needs a pool', () => given(drafted).when(setType()).thenRefused('PoolNotFound'))

  it('may draw from the first hundred alone: an early bird', () =>
    given(drafted, sized(500))
      .when(setType({ from: 1, to: 100 }))
      .then(typeSet({ from: 1, to: 100 })))

  it.each([
    ['begins after it', { from: 101 }],
    ['ends after it', { to: 101 }],
    ['ends before it begins', { from: 50, to: 49 }],
  ])('is refused a range of the pool that %s', (_, range) => pooled.when(setType(range)).thenRefused('SlotBeyondPool'))

  it('may be a range of one', () => pooled.when(setType({ from: 100, to: 100 })).then(typeSet({ from: 100, to: 100 })))

  it('needs a zone of the event', () => pooled.when(setType({ zone: 'MOSHPIT' })).thenRefused('ZoneNotFound'))

  it('needs a sale that ends after it starts', () => {
    const from = '2030-05-01T00:00:00.000Z'
    pooled.when(setType({ onSaleFrom: from, onSaleUntil: from })).thenRefused('SaleWindowEmpty')
    pooled
      .when(setType({ onSaleFrom: from, onSaleUntil: details.startsAt }))
      .then(typeSet({ onSaleFrom: from, onSaleUntil: details.startsAt }))
  })
})

describe('an entrance (F18.6)', () => {
  it('leads into a zone', () => given(drafted).when(setEntrance('VIP')).then(entranceSet('VIP')))

  it('that leads there already is left alone', () =>
    given(drafted, entranceSet('VIP')).when(setEntrance('VIP')).thenNothing())

  it('may lead elsewhere from now on', () =>
    given(drafted, entranceSet('VIP')).when(setEntrance('GA')).then(entranceSet('GA')))

  it('leads into no zone that the event does not have', () =>
    given(drafted).when(setEntrance('MOSHPIT')).thenRefused('ZoneNotFound'))
})

describe('publishing and selling', () => {
  const ready = [drafted, sized(100), typeSet()]

  it('publishes an event that has something to sell', () =>
    given(...ready)
      .when(publish)
      .then(published))

  it('publishes it once', () =>
    given(...ready, published)
      .when(publish)
      .thenNothing())

  it('publishes nothing that has nothing to sell', () =>
    given(drafted, sized(100)).when(publish).thenRefused('NothingToSell'))

  it('opens sales, once', () => {
    given(...ready, published)
      .when(open)
      .then(opened)
    given(...ready, published, opened)
      .when(open)
      .thenNothing()
  })

  it('opens no sales of a draft', () =>
    given(...ready)
      .when(open)
      .thenRefused('EventNotPublished'))

  it('opens no sales of what is over', () =>
    given(...ready, published)
      .when(open, details.endsAt)
      .thenRefused('EventOver'))

  it('closes sales, once, and opens them again', () => {
    given(...ready, published, opened)
      .when(close)
      .then(closed)
    given(...ready, published, opened, closed)
      .when(close)
      .thenNothing()
    given(...ready, published, opened, closed)
      .when(open)
      .then(opened)
  })
})
