import { describe, it } from 'vitest'
import { idFor, specOf } from '../spec.ts'
import { LockReason } from './facts.ts'
import {
  claimed,
  claimOrderId,
  closings,
  fact,
  held,
  listed,
  listingId,
  locked,
  lockId,
  NOW,
  offered,
  offerId,
  orderId,
  refundOf,
  reserved,
  resold,
  transferred,
} from './moves.world.ts'
import { ticket } from './ticket.ts'

const second = idFor('second')
const lock = (id = lockId) => ({ type: 'LockTicket', lockId: id, reason: 'dispute' }) as const
const unlock = (id: string | null = lockId) => ({ type: 'UnlockTicket', lockId: id }) as const

const alsoLocked = fact('TicketLocked', { lockId: second, reason: 'legal_hold' })
const unlocked = (id = lockId) => fact('TicketUnlocked', { lockId: id })

describe('a lock', () => {
  it.each(LockReason.options)('F13.3 is set for its reason: %s', (reason) =>
    held().when({ type: 'LockTicket', lockId, reason }).then(fact('TicketLocked', { lockId, reason })),
  )

  it('F13.2 is set once and lifted once', () => {
    held(locked).when(lock()).thenNothing()
    held(locked).when(unlock()).then(unlocked())
    held(locked, unlocked()).when(unlock()).thenNothing()
  })

  it('does not close again once it was lifted, for a late report of what it was set for', () =>
    held(locked, unlocked()).when(lock()).thenNothing())

  it('F13.9 outlives another that ends', () => {
    const disputed = fact('TicketLocked', { lockId, reason: 'chargeback_pending' })
    held(disputed, alsoLocked).when(unlock()).then(unlocked())
    held(disputed, alsoLocked, unlocked())
      .when({ type: 'RefundTicket', refunds: [refundOf] })
      .thenRefused('TicketIsLocked')
    held(disputed, unlocked())
      .when({ type: 'RefundTicket', refunds: [refundOf] })
      .then(closings.refunded)
  })

  it('is lifted with all others where nobody says which', () =>
    held(locked, alsoLocked).when(unlock(null)).then(unlocked(), unlocked(second)))

  it('F13.6 is lifted with those of its reason', () =>
    held(locked, alsoLocked).when({ type: 'UnlockTicket', lockId: null, reason: 'legal_hold' }).then(unlocked(second)))

  it('F13.9 of a sale is set while that is the newest, given away or not, and refused once the ticket was sold on', () => {
    const command = { ...lock(), soldBy: orderId }
    held().when(command).then(locked)
    held(transferred(NOW)).when(command).then(locked)
    held(listed, claimed, resold(NOW)).when(command).thenRefused('TicketMoved')
    const lift = { ...unlock(null), soldBy: orderId }
    held(locked).when(lift).then(unlocked())
    held(listed, claimed, resold(NOW), locked).when(lift).thenRefused('TicketMoved')
  })

  it('F13.10 wins over an offer, a listing and a purchase under way, and each is told why it ended', () => {
    held(offered)
      .when(lock())
      .then(fact('TicketOfferClosed', { offerId, reason: 'locked' }), locked)
    held(listed, claimed)
      .when(lock())
      .then(
        fact('TicketClaimReleased', { orderId: claimOrderId, reason: 'locked' }),
        fact('TicketDelisted', { listingId, reason: 'locked' }),
        locked,
      )
  })

  it('stays with the ticket when it is closed, and is no matter any more', () => {
    held(locked, closings.cancelled).when(unlock()).thenNothing()
    held(closings.cancelled).when(lock()).thenRefused('TicketClosed')
  })

  it('is refused for a ticket that nobody holds', () => {
    specOf(ticket)(reserved).when(lock(), NOW).thenRefused('TicketNotHeld')
    specOf(ticket)(reserved).when(unlock(), NOW).thenRefused('TicketNotHeld')
  })
})
