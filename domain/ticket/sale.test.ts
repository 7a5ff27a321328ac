import { describe, it } from 'vitest'
import { idFor, specOf } from '../spec.ts'
import type { ReleaseReason, TicketFact } from './facts.ts'
import { ticket } from './ticket.ts'

const given = specOf(ticket)

const [A, B, ann] = [idFor('A'), idFor('B'), idFor('ann')]
const [eventId, venueId, typeId] = [idFor('event'), idFor('venue'), idFor('type')]
const price = { amount: 5_000, currency: 'EUR' }

const lease = (orderId: string) => ({
  eventId,
  venueId,
  typeId,
  slot: 'pool:GA:7',
  edition: 1,
  orderId,
  price,
  expiresAt: '2030-01-01T10:30:00.000Z',
})
const sale = (orderId: string) => ({
  orderId,
  payerId: ann,
  holderId: ann,
  price,
  zone: 'GA',
  validDates: null,
  delivery: 'digital' as const,
  transferable: true,
})

const reserve = (orderId: string) => ({ type: 'ReserveTicket', ...lease(orderId) }) as const
const extend = (orderId: string, expiresAt: string) => ({ type: 'ExtendReservation', orderId, expiresAt }) as const
const release = (orderId: string, reason: ReleaseReason = 'order_ended') =>
  ({ type: 'ReleaseReservation', orderId, reason }) as const
const sell = (orderId: string) => ({ type: 'SellTicket', ...sale(orderId) }) as const
const refund = (orderId: string) => ({ type: 'UndoSale', orderId }) as const

const reserved = (orderId: string): TicketFact => ({ type: 'TicketReserved', data: lease(orderId) })
const extended = (orderId: string, expiresAt: string): TicketFact => ({
  type: 'TicketReservationExtended',
  data: { eventId, orderId, expiresAt },
})
const released = (orderId: string, reason: ReleaseReason = 'order_ended'): TicketFact => ({
  type: 'TicketReservationReleased',
  data: { eventId, orderId, reason },
})
const sold = (orderId: string): TicketFact => ({
  type: 'TicketSold',
  data: { eventId, venueId, typeId, ...sale(orderId), generation: 1 },
})
const refunded = (orderId: string): TicketFact => ({
  type: 'TicketRefunded',
  data: { eventId, typeId, orderId, price, refunds: [] },
})

describe('a ticket on sale', () => {
  it('is reserved for the first order that asks', () => given().when(reserve(A)).then(reserved(A)))

  it('is reserved once, however often its order asks', () => given(reserved(A)).when(reserve(A)).thenNothing())

  it('is refused to a second order while the first holds it (F04.4)', () =>
    given(reserved(A)).when(reserve(B)).thenRefused('TicketTaken'))

  it('is still refused in the minute after the lease has ended, for clocks differ', () =>
    given(reserved(A)).when(reserve(B), '2030-01-01T10:30:59.999Z').thenRefused('TicketTaken'))

  it('passes to a second order a minute after the lease has ended, and both facts say so', () =>
    given(reserved(A)).when(reserve(B), '2030-01-01T10:31:00.000Z').then(released(A, 'taken_over'), reserved(B)))

  it('is reserved anew once it was released (F04.3)', () =>
    given(reserved(A), released(A)).when(reserve(B)).then(reserved(B)))
})

describe('a lease', () => {
  const later = '2030-01-01T10:40:00.000Z'

  it('is kept longer for an order that is about to pay (F04.12)', () =>
    given(reserved(A)).when(extend(A, later)).then(extended(A, later)))

  it('is kept even after its end, as long as nobody else came', () =>
    given(reserved(A)).when(extend(A, later), '2030-01-01T10:35:00.000Z').then(extended(A, later)))

  it('needs no extension that would end sooner', () =>
    given(reserved(A)).when(extend(A, '2030-01-01T10:20:00.000Z')).thenNothing())

  it('protects its ticket for as long as it was extended', () =>
    given(reserved(A), extended(A, later)).when(reserve(B), '2030-01-01T10:40:59.999Z').thenRefused('TicketTaken'))

  it('cannot be kept by an order that has lost it', () =>
    given(reserved(A), released(A), reserved(B)).when(extend(A, later)).thenRefused('ReservationLost'))
})

describe('a reservation', () => {
  it('is released with its reason', () => given(reserved(A)).when(release(A, 'no_order')).then(released(A, 'no_order')))

  it('is released once (F04.5)', () => given(reserved(A), released(A)).when(release(A)).thenNothing())

  it('is released by nobody but its order (F07.6)', () => given(reserved(A)).when(release(B)).thenNothing())

  it('cannot be released any more once its ticket is sold', () =>
    given(reserved(A), sold(A)).when(release(A)).thenNothing())
})

describe('a sale', () => {
  it('is to the order that reserved the ticket, with its first credential', () =>
    given(reserved(A)).when(sell(A)).then(sold(A)))

  it('happens once', () => given(reserved(A), sold(A)).when(sell(A)).thenNothing())

  it('is refused to an order that never reserved', () => given().when(sell(A)).thenRefused('ReservationLost'))

  it('is refused to an order whose reservation was released (F07.5)', () =>
    given(reserved(A), released(A)).when(sell(A)).thenRefused('ReservationLost'))

  it('is refused to an order whose lapsed reservation another took over (F07.5)', () =>
    given(reserved(A), released(A, 'taken_over'), reserved(B)).when(sell(A)).thenRefused('ReservationLost'))

  it('is refused to a second order', () => given(reserved(A), sold(A)).when(sell(B)).thenRefused('ReservationLost'))

  it('takes event, type and venue from the reservation, whatever the order says later', () =>
    given({ type: 'TicketReserved', data: { ...lease(A), typeId: idFor('vip') } })
      .when(sell(A))
      .then({ ...sold(A), data: { ...sold(A).data, typeId: idFor('vip') } } as TicketFact))

  it('leaves nothing to reserve for others, however late they ask', () =>
    given(reserved(A), sold(A)).when(reserve(B), '2031-01-01T10:00:00.000Z').thenRefused('TicketTaken'))

  it('makes a straggling reservation of its own order harmless', () =>
    given(reserved(A), sold(A)).when(reserve(A)).thenNothing())
})

describe('a refund', () => {
  it('closes a ticket at the price that was paid', () => given(reserved(A), sold(A)).when(refund(A)).then(refunded(A)))

  it('closes it once', () => given(reserved(A), sold(A), refunded(A)).when(refund(A)).thenNothing())

  it('is refused for a ticket that is only reserved', () =>
    given(reserved(A)).when(refund(A)).thenRefused('TicketNotHeld'))

  it('is refused to another order', () => given(reserved(A), sold(A)).when(refund(B)).thenRefused('TicketNotHeld'))

  it('closes it for good: neither reserved, extended nor sold again (F12.3)', () => {
    const closed = given(reserved(A), sold(A), refunded(A))
    closed.when(reserve(B)).thenRefused('TicketClosed')
    closed.when(extend(A, '2030-01-01T10:40:00.000Z')).thenRefused('ReservationLost')
    closed.when(sell(A)).thenNothing()
    closed.when(sell(B)).thenRefused('ReservationLost')
    closed.when(release(A)).thenNothing()
  })
})
