import { type Decision, refuse, type Timed } from '../decider.ts'
import type { ResaleRules } from '../event/rules.ts'
import { type Money, share } from '../money.ts'
import { plus } from '../time.ts'
import type { TicketFact } from './facts.ts'
import { type MoveRefusal, obstacleTo } from './moves.ts'
import { GRACE_SECONDS } from './sale.ts'
import type { Held, Ticket } from './state.ts'

export type MarketCommand =
  /** The amount may be any integer, for what is no price is refused by name. */
  | { type: 'ListTicket'; listingId: string; by: string; price: Money; rules: ResaleRules }
  /** A listing that stands, at another price. */
  | { type: 'RepriceListing'; listingId: string; by: string; price: Money; rules: ResaleRules }
  | { type: 'DelistTicket'; listingId: string; by: string }
  /** `price`: what the buyer saw. */
  | { type: 'ClaimTicket'; orderId: string; listingId: string; buyerId: string; price: Money; expiresAt: string }
  | { type: 'ExtendClaim'; orderId: string; expiresAt: string }
  | { type: 'ReleaseClaim'; orderId: string }
  | { type: 'ResellTicket'; orderId: string }

export type MarketRefusal =
  | MoveRefusal
  | 'NotTheHolder'
  | 'TicketClosed'
  | 'ResaleForbidden'
  | 'PriceNotPositive'
  | 'PriceAboveCap'
  | 'WrongCurrency'
  | 'ListingGone'
  | 'PriceChanged'
  | 'SelfPurchase'
  | 'ClaimLost'

type Decide<C extends MarketCommand['type']> = (
  command: Timed<Extract<MarketCommand, { type: C }>>,
  ticket: Ticket,
) => Decision<TicketFact, MarketRefusal>

export const list: Decide<'ListTicket'> = ({ listingId, by, price, rules }, t) => {
  if (t.status !== 'held') return refuse(t.status === 'closed' ? 'TicketClosed' : 'NotTheHolder')
  if (t.holderId !== by) return refuse('NotTheHolder')
  const obstacle = obstacleTo('list', t)
  if (obstacle) return refuse(obstacle)
  if (t.listing && t.listing.listingId !== listingId) return refuse('TicketIsListed')
  const objection = priced(price, rules, t)
  if (objection) return refuse(objection)
  if (t.listing?.price.amount === price.amount) return []
  const { eventId, typeId } = t.sale
  return [{ type: 'TicketListed', data: { eventId, typeId, listingId, sellerId: by, price } }]
}

/** One that was withdrawn meanwhile does not come back by it. */
export const reprice: Decide<'RepriceListing'> = (command, t) => {
  if (t.status !== 'held' || t.listing?.listingId !== command.listingId) return refuse('ListingGone')
  return list({ ...command, type: 'ListTicket' }, t)
}

export const delist: Decide<'DelistTicket'> = ({ listingId, by }, t) => {
  if (t.status !== 'held' || t.listing?.listingId !== listingId) return []
  if (t.holderId !== by) return refuse('NotTheHolder')
  const obstacle = obstacleTo('delist', t)
  if (obstacle) return refuse(obstacle)
  return [{ type: 'TicketDelisted', data: { eventId: t.sale.eventId, listingId, reason: 'withdrawn' } }]
}

export const claim: Decide<'ClaimTicket'> = ({ type: _, at, ...wanted }, t) => {
  const { orderId, listingId, buyerId, price, expiresAt } = wanted
  if (t.status !== 'held') return refuse(t.status === 'closed' ? 'TicketClosed' : 'ListingGone')
  if (t.claim?.orderId === orderId || t.paid.some((sale) => sale.orderId === orderId)) return []
  if (t.listing?.listingId !== listingId) return refuse('ListingGone')
  if (t.holderId === buyerId) return refuse('SelfPurchase')
  const { eventId } = t.sale
  const obstacle = obstacleTo('claim', t)
  if (obstacle) return refuse(obstacle)
  if (t.listing.price.amount !== price.amount || t.listing.price.currency !== price.currency)
    return refuse('PriceChanged')
  const claimed: TicketFact = {
    type: 'TicketClaimed',
    data: { eventId, listingId, orderId, buyerId, price, expiresAt },
  }
  if (!t.claim) return [claimed]
  if (at < plus(t.claim.expiresAt, GRACE_SECONDS)) return refuse('TicketIsClaimed')
  return [{ type: 'TicketClaimReleased', data: { eventId, orderId: t.claim.orderId, reason: 'taken_over' } }, claimed]
}

export const extendClaim: Decide<'ExtendClaim'> = ({ orderId, expiresAt }, t) => {
  if (t.status !== 'held' || t.claim?.orderId !== orderId) return refuse('ClaimLost')
  if (t.claim.expiresAt >= expiresAt) return []
  return [{ type: 'TicketClaimExtended', data: { eventId: t.sale.eventId, orderId, expiresAt } }]
}

/** Another's claim is none of the caller's: nothing to do, and nothing wrong. */
export const releaseClaim: Decide<'ReleaseClaim'> = ({ orderId }, t) => {
  if (t.status !== 'held' || t.claim?.orderId !== orderId) return []
  return [{ type: 'TicketClaimReleased', data: { eventId: t.sale.eventId, orderId, reason: 'order_ended' } }]
}

/** To the order that holds the claim, at the price that it claimed it for. */
export const resell: Decide<'ResellTicket'> = ({ at, orderId }, t) => {
  // Whatever befell the ticket since: that order bought it, and money for a ticket that closed goes back by its closing.
  if ('paid' in t && t.paid.some((sale) => sale.orderId === orderId)) return []
  if (t.status !== 'held' || t.claim?.orderId !== orderId) return refuse('ClaimLost')
  const obstacle = obstacleTo('resell', t)
  if (obstacle) return refuse(obstacle)
  const { listingId, buyerId, price } = t.claim
  const { eventId } = t.sale
  const generation = t.generation + 1
  return [
    {
      type: 'TicketResold',
      data: { eventId, from: t.holderId, to: buyerId, generation, movedAt: at, listingId, orderId, price },
    },
  ]
}

/** The most that a ticket may be listed at, in minor units; null for no limit. */
export const capOf = ({ cap }: ResaleRules, { paid }: Pick<Held, 'paid'>): number | null => {
  if (cap === null) return null
  return 'amount' in cap ? cap.amount : share(paid.at(-1)!.price.amount, cap.basisPoints)
}

const priced = ({ amount, currency }: Money, rules: ResaleRules, t: Held): MarketRefusal | null => {
  if (!rules.allowed) return 'ResaleForbidden'
  if (amount <= 0) return 'PriceNotPositive'
  if (currency !== t.sale.price.currency) return 'WrongCurrency'
  const cap = capOf(rules, t)
  return cap !== null && amount > cap ? 'PriceAboveCap' : null
}
