import { termsNow } from '../../domain/event/event.ts'
import { mayTrade } from '../../domain/event/selling.ts'
import type { Line, PayMethod, Placed } from '../../domain/order/facts.ts'
import type { Order } from '../../domain/order/order.ts'
import { resaleShares } from '../../domain/order/splitting.ts'
import type { Refusal } from '../../domain/refusals.ts'
import { load } from '../../domain/stream.ts'
import { claim } from '../../domain/ticket/market.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { minutes, plus } from '../../domain/time.ts'
import { DEFAULT_ROYALTY, venue } from '../../domain/venue.ts'
import type { Context } from '../handle.ts'
import { pump } from '../order-process.ts'
import { answer, type Deps, type NotPlaced, type Placing, paymentsOf, placeOnce, recordPlaced } from '../ordering.ts'
import type { Asked, KnownListing } from './listing.ts'
import { type TradeRefusal, whyNot } from './refusing.ts'
import { type Traded, tradedOf } from './traded.ts'

export type Purchase = {
  readonly listing: KnownListing
  readonly buyerId: string
  /** What the buyer saw. */
  readonly price: Asked
  /** By card, where none is named. */
  readonly method?: PayMethod
}

/**
 * Places an order for a listed ticket, which claims it, and runs the order as far as it gets without its payer. Asked again with the same
 * context, it answers the same order. What can be refused beforehand is, with nothing recorded; who loses the race for it is not charged.
 */
export const buyListing = async (
  deps: Deps,
  orderId: string,
  purchase: Purchase,
  context: Context,
): Promise<Placing> => {
  const no = await placeOnce(deps, orderId, context, () => placeNew(deps, orderId, purchase, context))
  if (no) return no
  const state = await pump(deps, orderId)
  const lost = await lostTo(deps, orderId, purchase, state)
  return lost && state.status !== 'new' ? { refused: lost, order: state } : answer(state)
}

const placeNew = async (
  deps: Deps,
  orderId: string,
  { listing, buyerId, price: { amount, currency }, method }: Purchase,
  context: Context,
): Promise<NotPlaced | undefined> => {
  const traded = await tradedOf(deps, listing.ticketId, context.tenant)
  if (!traded) return { refused: 'ListingNotFound' }
  const price = { amount, currency: currency ?? traded.event.details.currency }
  const refuse = (refused: TradeRefusal): NotPlaced => ({ refused, detail: whyNot(refused, traded, price) })
  const allowed = mayTrade(traded.event, deps.now())
  if (allowed !== 'yes') return refuse(allowed)
  if (price.currency !== traded.event.details.currency) return refuse('WrongCurrency')
  const expiresAt = plus(deps.now(), minutes(deps.reservationMinutes))
  const wanted = { type: 'ClaimTicket', orderId, listingId: listing.listingId, buyerId, price, expiresAt } as const
  const decision = claim({ ...wanted, at: deps.now() }, traded.ticket)
  if ('refused' in decision) return refuse(decision.refused)
  if (!traded.rules.allowed) return refuse('ResaleForbidden')

  const { venueId } = traded.event.details
  const known = await load(deps, venue, venueId)
  const royalty = known.state.status === 'unknown' ? DEFAULT_ROYALTY : known.state.royalty
  const line = resaleLine(traded, { ...listing, buyerId, price: amount, venueId, royalty })
  return recordPlaced(deps, orderId, placedOrder(orderId, traded, line, { expiresAt, method }), context)
}

type Sale = Pick<KnownListing, 'listingId' | 'sellerId'> & {
  readonly buyerId: string
  readonly price: number
  readonly venueId: string
  readonly royalty: number
}

/** The same ticket as it was bought, at the seller's price; fees and taxes are in what the parties get of it. */
const resaleLine = (
  { line: bought, rules }: Traded,
  { listingId, sellerId, buyerId, price, venueId, royalty }: Sale,
): Line => {
  const { typeId, slot, edition, zone, validDates, transferable } = bought
  const shares = resaleShares(price, { venueId, sellerId, royalty, platform: rules.platformBasisPoints })
  return {
    ...{ kind: 'resale', typeId, slot, edition, holderId: buyerId, price, fees: [], taxes: [] },
    ...{ zone, validDates, transferable, resale: { listingId, sellerId, shares } },
  }
}

const placedOrder = (
  orderId: string,
  { event, ticket }: Traded,
  line: Line,
  { expiresAt, method }: { readonly expiresAt: string; readonly method: PayMethod | undefined },
): Placed => ({
  kind: 'resale',
  eventId: ticket.sale.eventId,
  venueId: event.details.venueId,
  payerId: line.holderId,
  currency: event.details.currency,
  lines: [line],
  total: line.price,
  payments: paymentsOf(orderId, line.price, method),
  limits: [],
  delivery: 'digital',
  terms: termsNow(event),
  expiresAt,
})

/** Why an order has no ticket that another buyer, its seller or a lock took from it; undefined where it ended for another reason, or did not. */
const lostTo = async (
  deps: Deps,
  orderId: string,
  { listing: { listingId, ticketId }, buyerId }: Purchase,
  order: Order,
): Promise<Refusal | undefined> => {
  if (order.status === 'new' || order.status === 'confirmed') return undefined
  if (order.reason === 'reservation_lost') return 'ClaimLost'
  if (order.reason !== 'tickets_taken') return undefined
  const { total, currency, expiresAt } = order.placed
  const price = { amount: total, currency }
  const { state } = await load(deps, ticket, ticketId)
  const wanted = { type: 'ClaimTicket', orderId, listingId, buyerId, price, expiresAt } as const
  const decision = claim({ ...wanted, at: deps.now() }, state)
  // Whoever had it may have let go of it since.
  return 'refused' in decision ? decision.refused : 'ClaimLost'
}
