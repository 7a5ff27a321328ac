import { describe, expect, it } from 'vitest'
import { idFor, specOf } from '../spec.ts'
import type { ClosingCommand } from './closing.ts'
import { type Refund, RevokeReason } from './facts.ts'
import {
  admitted,
  claimed,
  claimOrderId,
  closings,
  fact,
  held,
  listed,
  listingId,
  locked,
  NOW,
  offered,
  offerId,
  orderId,
  price,
  refundOf,
  reported,
  reserved,
  resold,
  sold,
  transferred,
  typeId,
} from './moves.world.ts'
import { ticket } from './ticket.ts'

const refund = (...refunds: Refund[]): ClosingCommand => ({ type: 'RefundTicket', refunds })
const cancel = (...refunds: Refund[]): ClosingCommand => ({ type: 'CancelTicket', refunds })
const revoke: ClosingCommand = { type: 'RevokeTicket', reason: 'fraud' }
const expire: ClosingCommand = { type: 'ExpireTicket' }

/** Of the sale by which Bob has it. */
const resaleRefund: Refund = {
  ...refundOf,
  ...{ refundId: idFor('second'), orderId: claimOrderId, paymentId: idFor('pay2') },
}

describe('a refund', () => {
  it('F12.2 closes the ticket, and says what goes back of its sale', () =>
    held().when(refund(refundOf)).then(closings.refunded))

  it('happens once', () => held(closings.refunded).when(refund(refundOf)).thenNothing())

  it('undoes every sale of a ticket that was sold on', () =>
    held(listed, claimed, resold(NOW))
      .when(refund(refundOf, resaleRefund))
      .then(fact('TicketRefunded', { typeId, orderId, price, refunds: [refundOf, resaleRefund] })))

  it('is refused where it was reckoned before the ticket was sold on', () => {
    held(listed, claimed, resold(NOW)).when(refund(refundOf)).thenRefused('TicketMoved')
    held(listed, claimed, resold(NOW)).when(refund(resaleRefund, refundOf)).thenRefused('TicketMoved')
    held().when(refund()).thenRefused('TicketMoved')
    held().when(refund(refundOf, resaleRefund)).thenRefused('TicketMoved')
  })

  it('minds no gift, for that changed nothing of what was paid', () =>
    held(transferred(NOW)).when(refund(refundOf)).then(closings.refunded))

  it('F13.5 is refused of a ticket that is locked, admitted or being bought', () => {
    held(locked).when(refund(refundOf)).thenRefused('TicketIsLocked')
    held(admitted).when(refund(refundOf)).thenRefused('TicketIsAdmitted')
    held(listed, claimed).when(refund(refundOf)).thenRefused('TicketIsClaimed')
  })

  it('ends an offer', () =>
    held(offered)
      .when(refund(refundOf))
      .then(fact('TicketOfferClosed', { offerId, reason: 'closed' }), closings.refunded))
})

describe('a ticket that is revoked', () => {
  it.each(RevokeReason.options)('F12.2 is closed without money, for a reason: %s', (reason) =>
    held().when({ type: 'RevokeTicket', reason }).then(fact('TicketRevoked', { typeId, reason })),
  )

  it('is revoked once, and a refunded one not at all', () => {
    held(closings.revoked).when(revoke).thenNothing()
    held(closings.refunded).when(revoke).thenRefused('TicketClosed')
  })

  it('may be locked or reported, but not admitted', () => {
    held(locked, reported('stolen')).when(revoke).then(closings.revoked)
    held(admitted).when(revoke).thenRefused('TicketIsAdmitted')
  })
})

describe('a ticket whose event is cancelled', () => {
  it('F12.11 is closed and paid back, once', () => {
    held().when(cancel(refundOf)).then(closings.cancelled)
    held(closings.cancelled).when(cancel(refundOf)).thenNothing()
  })

  it('F12.11 is so whatever stood in the way of a refund', () => {
    held(locked, admitted, reported('lost')).when(cancel(refundOf)).then(closings.cancelled)
    held(listed, claimed)
      .when(cancel(refundOf))
      .then(
        fact('TicketClaimReleased', { orderId: claimOrderId, reason: 'closed' }),
        fact('TicketDelisted', { listingId, reason: 'closed' }),
        closings.cancelled,
      )
  })

  it('that was closed before stays closed as it was', () => {
    for (const closing of Object.values(closings)) held(closing).when(cancel(refundOf)).thenNothing()
  })

  it('is refused where it was reckoned before the ticket was sold on', () =>
    held(listed, claimed, resold(NOW)).when(cancel(refundOf)).thenRefused('TicketMoved'))

  it('F12.11 of an order that was just selling is sold to it all the same: the money goes back by the closing alone', () =>
    held(closings.cancelled)
      .when({
        type: 'SellTicket',
        ...{ orderId, payerId: idFor('ann'), holderId: idFor('ann'), price, zone: 'GA', validDates: null },
        ...{ delivery: 'digital', transferable: true },
      })
      .thenNothing())
})

describe('a ticket whose event is over', () => {
  it('F12.6 expires where nobody was let in with it', () => held().when(expire).then(closings.expired))

  it('F12.7 is used where somebody was', () => held(admitted).when(expire).then(closings.used))

  it('does so once, and not when it was closed before', () => {
    for (const closing of Object.values(closings)) held(closing).when(expire).thenNothing()
  })

  it('F12.6 expires locked and reported too, and leaves the market', () => {
    held(locked, reported('lost')).when(expire).then(closings.expired)
    held(listed)
      .when(expire)
      .then(fact('TicketDelisted', { listingId, reason: 'closed' }), closings.expired)
  })

  it('waits for a buyer who is paying', () => held(listed, claimed).when(expire).thenRefused('TicketIsClaimed'))

  it('is none that was never sold', () => specOf(ticket)(reserved).when(expire, NOW).thenRefused('TicketNotHeld'))
})

describe('a ticket whose event is moved', () => {
  const july: ClosingCommand = {
    type: 'RescheduleTicket',
    ...{ startsAt: '2030-07-01T18:00:00.000Z', endsAt: '2030-07-01T22:00:00.000Z', days: new Map() },
  }
  const rescheduled = fact('TicketRescheduled', {
    ...{ startsAt: '2030-07-01T18:00:00.000Z', endsAt: '2030-07-01T22:00:00.000Z', validDates: null },
  })

  it('F12.9 is told so, once for each time', () => {
    held().when(july).then(rescheduled)
    held(rescheduled).when(july).thenNothing()
    held(rescheduled)
      .when({ ...july, endsAt: '2030-07-01T23:00:00.000Z' } as ClosingCommand)
      .then(
        fact('TicketRescheduled', {
          ...{ startsAt: '2030-07-01T18:00:00.000Z', endsAt: '2030-07-01T23:00:00.000Z', validDates: null },
        }),
      )
  })

  it('F12.9 admits on the days that its type admits on by then, or on its own where that has none', () => {
    const forDays = (...validDates: string[]) => sold({ validDates })
    const times = { startsAt: '2030-07-01T18:00:00.000Z', endsAt: '2030-07-01T22:00:00.000Z' }
    const given = specOf(ticket)(reserved, forDays('2030-06-01'))
    const days = new Map([[typeId, ['2030-07-01']]])
    given
      .when({ type: 'RescheduleTicket', ...times, days }, NOW)
      .then(fact('TicketRescheduled', { ...times, validDates: ['2030-07-01'] }))
    given.when(july, NOW).then(fact('TicketRescheduled', { ...times, validDates: ['2030-06-01'] }))
    const state = [reserved, forDays('2030-06-01'), fact('TicketRescheduled', { ...times, validDates: ['2030-07-01'] })]
    expect(state.reduce(ticket.evolve, ticket.initial)).toMatchObject({ sale: { validDates: ['2030-07-01'] } })
  })

  it('keeps what it is: offered, listed and locked', () => {
    for (const past of [[offered], [listed, claimed], [locked]])
      held(...past)
        .when(july)
        .then(rescheduled)
  })

  it('is not told so once it is closed, nor before it is sold', () => {
    held(closings.refunded).when(july).thenNothing()
    specOf(ticket)(reserved).when(july, NOW).thenRefused('TicketNotHeld')
  })
})

describe('a sale that is undone', () => {
  it('ends what its payer did with the ticket in that moment', () =>
    specOf(ticket)(reserved, sold(), listed, claimed)
      .when({ type: 'UndoSale', orderId }, NOW)
      .then(
        fact('TicketClaimReleased', { orderId: claimOrderId, reason: 'closed' }),
        fact('TicketDelisted', { listingId, reason: 'closed' }),
        fact('TicketRefunded', { typeId, orderId, price, refunds: [] }),
      ))
})
