import { describe, expect, it } from 'vitest'
import type { ResaleRules } from '../event/rules.ts'
import { idFor, specOf } from '../spec.ts'
import type { TicketFact } from './facts.ts'
import { capOf, type MarketCommand } from './market.ts'
import {
  ann,
  bob,
  cem,
  claimedUntil,
  claimOrderId,
  closings,
  fact,
  held,
  listed,
  listingId,
  locked,
  NOW,
  orderId,
  price,
  reserved,
  resold,
  rules,
  sold,
  transferred,
  typeId,
} from './moves.world.ts'
import { ticket } from './ticket.ts'

const LATER = '2030-06-01T18:00:00.000Z'
const claimed = claimedUntil(LATER)
const [next, other] = [idFor('next'), idFor('other')]

const eur = (amount: number) => ({ amount, currency: 'EUR' })
const list = (amount: number, asked: Partial<ResaleRules> = {}): MarketCommand => ({
  type: 'ListTicket',
  ...{ listingId, by: ann, price: eur(amount), rules: { ...rules, ...asked } },
})
const delist = (by = ann): MarketCommand => ({ type: 'DelistTicket', listingId, by })
const claim = (asked: Partial<Extract<MarketCommand, { type: 'ClaimTicket' }>> = {}): MarketCommand => ({
  type: 'ClaimTicket',
  ...{ orderId: claimOrderId, listingId, buyerId: bob, price, expiresAt: LATER },
  ...asked,
})
const extend = (orderId: string, expiresAt: string): MarketCommand => ({ type: 'ExtendClaim', orderId, expiresAt })
const release = (orderId: string): MarketCommand => ({ type: 'ReleaseClaim', orderId })
const resell = (orderId: string): MarketCommand => ({ type: 'ResellTicket', orderId })

const listedAt = (amount: number): TicketFact =>
  fact('TicketListed', { typeId, listingId, sellerId: ann, price: eur(amount) })
const withdrawn = fact('TicketDelisted', { listingId, reason: 'withdrawn' })
const released = (reason: 'order_ended' | 'taken_over' | 'locked'): TicketFact =>
  fact('TicketClaimReleased', { orderId: claimOrderId, reason })

describe('a listing', () => {
  it('F11.2 offers the ticket at a price', () => held().when(list(4_000)).then(listedAt(4_000)))

  it('F11.2 may change its price, and changes nothing at the same one', () => {
    held(listedAt(4_000)).when(list(4_500)).then(listedAt(4_500))
    held(listedAt(4_000)).when(list(4_000)).thenNothing()
  })

  it('F11.2 that was withdrawn or is another’s does not come back by another price', () => {
    const reprice = (amount: number): MarketCommand => ({ ...list(amount), type: 'RepriceListing' }) as MarketCommand
    held(listedAt(4_000)).when(reprice(4_500)).then(listedAt(4_500))
    held(listedAt(4_000)).when(reprice(4_000)).thenNothing()
    held(listedAt(4_000)).when(reprice(0)).thenRefused('PriceNotPositive')
    held(listed, claimed).when(reprice(4_500)).thenRefused('TicketIsClaimed')
    held(listed, withdrawn).when(reprice(4_500)).thenRefused('ListingGone')
    held(listed, claimed, resold(NOW)).when(reprice(4_500)).thenRefused('ListingGone')
    held()
      .when({ ...reprice(4_500), listingId: other } as MarketCommand)
      .thenRefused('ListingGone')
  })

  it('is refused to another than the holder, and beside another listing', () => {
    held()
      .when({ ...list(4_000), by: bob } as MarketCommand)
      .thenRefused('NotTheHolder')
    held(listed)
      .when({ ...list(4_000), listingId: other } as MarketCommand)
      .thenRefused('TicketIsListed')
  })

  it('F11.7 is refused a price of nothing, or less', () => {
    held().when(list(0)).thenRefused('PriceNotPositive')
    held().when(list(-1)).thenRefused('PriceNotPositive')
    held().when(list(1)).then(listedAt(1))
  })

  it('F11.7 is refused a price above the cap, by a part of what was paid or by an amount', () => {
    const most = { cap: { basisPoints: 11_000 } }
    held().when(list(5_500, most)).then(listedAt(5_500))
    held().when(list(5_501, most)).thenRefused('PriceAboveCap')
    held()
      .when(list(3_001, { cap: { amount: 3_000 } }))
      .thenRefused('PriceAboveCap')
  })

  it('F11.7 is capped by what its holder paid, not by what the first one did', () => {
    const paid = [orderId, claimOrderId].map((orderId, i) => ({ orderId, payerId: ann, price: eur(5_000 + i * 1_000) }))
    expect(capOf({ ...rules, cap: { basisPoints: 10_000 } }, { paid })).toBe(6_000)
    expect(capOf(rules, { paid })).toBe(null)
  })

  it('is refused in another currency than the ticket was paid in', () =>
    held()
      .when({ ...list(4_000), price: { amount: 4_000, currency: 'JPY' } } as MarketCommand)
      .thenRefused('WrongCurrency'))

  it('is refused where the event allows no resale', () =>
    held()
      .when(list(4_000, { allowed: false }))
      .thenRefused('ResaleForbidden'))

  it('F13.8 stands open to a ticket that is non-transferable, for that stops transfers alone', () =>
    specOf(ticket)(reserved, sold({ transferable: false }))
      .when(list(4_000), NOW)
      .then(listedAt(4_000)))

  it('F11.2 is withdrawn by its holder, once, and by nobody else', () => {
    held(listed).when(delist()).then(withdrawn)
    held(listed, withdrawn).when(delist()).thenNothing()
    held(listed).when(delist(bob)).thenRefused('NotTheHolder')
  })

  it('can be neither withdrawn nor changed while somebody is paying for it', () => {
    held(listed, claimed).when(delist()).thenRefused('TicketIsClaimed')
    held(listed, claimed).when(list(4_000)).thenRefused('TicketIsClaimed')
  })
})

describe('a claim on a listed ticket', () => {
  it('F11.1 is its buyer’s order’s, at the price that they saw', () => held(listed).when(claim()).then(claimed))

  it('is made once, also when the ticket is sold to the order since', () => {
    held(listed, claimed).when(claim()).thenNothing()
    held(listed, claimed, resold(NOW)).when(claim()).thenNothing()
  })

  it('F11.6 is refused to a second buyer', () =>
    held(listed, claimed)
      .when(claim({ orderId: next, buyerId: cem }))
      .thenRefused('TicketIsClaimed'))

  it('F11.7 is refused at another price than the one that it is listed at', () => {
    held(listed)
      .when(claim({ price: eur(4_999) }))
      .thenRefused('PriceChanged')
    held(listed)
      .when(claim({ price: { ...price, currency: 'USD' } }))
      .thenRefused('PriceChanged')
  })

  it('F11.8 is refused to the seller', () =>
    held(listed)
      .when(claim({ buyerId: ann }))
      .thenRefused('SelfPurchase'))

  it('is refused where the listing is gone, or was never there', () => {
    held(listed, withdrawn).when(claim()).thenRefused('ListingGone')
    held().when(claim()).thenRefused('ListingGone')
    held(listed, claimed, resold(NOW))
      .when(claim({ orderId: next, buyerId: cem }))
      .thenRefused('ListingGone')
  })

  it('passes to another order a minute after its end, and both facts say so', () => {
    const late = claim({ orderId: next, buyerId: cem })
    held(listed, claimed).when(late, '2030-06-01T18:00:59.999Z').thenRefused('TicketIsClaimed')
    held(listed, claimed)
      .when(late, '2030-06-01T18:01:00.000Z')
      .then(
        released('taken_over'),
        fact('TicketClaimed', { listingId, orderId: next, buyerId: cem, price, expiresAt: LATER }),
      )
  })

  it('is kept longer for an order that is about to pay, and never shorter', () => {
    const until = '2030-06-01T18:10:00.000Z'
    const extended = fact('TicketClaimExtended', { orderId: claimOrderId, expiresAt: until })
    held(listed, claimed).when(extend(claimOrderId, until)).then(extended)
    held(listed, claimed).when(extend(claimOrderId, NOW)).thenNothing()
    held(listed, claimed, extended)
      .when(claim({ orderId: next, buyerId: cem }), '2030-06-01T18:10:59.999Z')
      .thenRefused('TicketIsClaimed')
  })

  it('cannot be kept by an order that has lost it', () => {
    held(listed, claimed, released('locked')).when(extend(claimOrderId, LATER)).thenRefused('ClaimLost')
    held(listed, claimed).when(extend(next, LATER)).thenRefused('ClaimLost')
  })

  it('F11.17 is released by its order alone, and the listing stays open', () => {
    held(listed, claimed).when(release(claimOrderId)).then(released('order_ended'))
    held(listed, claimed).when(release(next)).thenNothing()
    held(listed, claimed, released('order_ended')).when(release(claimOrderId)).thenNothing()
    held(listed, claimed, released('order_ended'))
      .when(claim({ orderId: next, buyerId: cem }))
      .then(fact('TicketClaimed', { listingId, orderId: next, buyerId: cem, price, expiresAt: LATER }))
  })
})

describe('a resale', () => {
  it('F11.1 F11.14 makes the buyer the holder, and kills the code of the seller in the same fact', () =>
    held(listed, claimed).when(resell(claimOrderId)).then(resold(NOW)))

  it('happens once, also when the ticket has moved on since', () => {
    held(listed, claimed, resold(NOW)).when(resell(claimOrderId)).thenNothing()
    held(listed, claimed, resold(NOW), transferred(NOW, { from: bob, to: cem, generation: 3 }))
      .when(resell(claimOrderId))
      .thenNothing()
  })

  it('is done for the claim that it had, when the ticket was sold to it and is closed since', () =>
    held(listed, claimed, resold(NOW), closings.cancelled).when(resell(claimOrderId)).thenNothing())

  it('is refused to an order without the claim', () => {
    held(listed).when(resell(claimOrderId)).thenRefused('ClaimLost')
    held(listed, claimed).when(resell(next)).thenRefused('ClaimLost')
  })

  it('F13.10 is refused when a lock came first: the claim went with it', () => {
    const gone = fact('TicketDelisted', { listingId, reason: 'locked' })
    held(listed, claimed, released('locked'), gone, locked).when(resell(claimOrderId)).thenRefused('ClaimLost')
  })

  it('is at the price of the claim, and what the buyer paid is what a later cap goes by', () => {
    const past = [reserved, sold(), listedAt(6_000)]
    const claim = fact('TicketClaimed', {
      ...{ listingId, orderId: claimOrderId, buyerId: bob, price: eur(6_000), expiresAt: LATER },
    })
    const state = [...past, claim].reduce(ticket.evolve, ticket.initial)
    const facts = ticket.decide({ type: 'ResellTicket', orderId: claimOrderId, at: NOW }, state) as TicketFact[]
    expect(facts.reduce(ticket.evolve, state)).toMatchObject({
      paid: [
        { orderId, price: eur(5_000) },
        { orderId: claimOrderId, payerId: bob, price: eur(6_000) },
      ],
      ...{ holderId: bob, generation: 2, listing: null, claim: null },
    })
  })
})
