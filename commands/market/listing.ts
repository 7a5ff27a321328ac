import { mayTrade, type TradingRefusal } from '../../domain/event/selling.ts'
import type { Position } from '../../domain/fact.ts'
import type { Money } from '../../domain/money.ts'
import { load } from '../../domain/stream.ts'
import type { MarketCommand, MarketRefusal } from '../../domain/ticket/market.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { type Context, type Deps, handle, type Outcome } from '../handle.ts'
import { stepIdOf } from '../ids.ts'
import type { NotPlaced } from '../ordering.ts'
import { whyNot } from './refusing.ts'
import { type Traded, tradedOf } from './traded.ts'

/** Which ticket a listing is of, and whose it is: what never changes of it. */
export type KnownListing = {
  readonly listingId: string
  readonly ticketId: string
  readonly eventId: string
  readonly sellerId: string
}

/** A price as it was asked for: any integer, in the ticket's own currency unless one is named. */
export type Asked = { readonly amount: number; readonly currency?: string | undefined }

/** `price`: null where it stands no more. */
export type Listed = KnownListing & { readonly price: Money | null; readonly position: Position }

/** Its holder puts a ticket up for sale. Asked again with the same context, it answers the same listing. */
export const listTicket = (deps: Deps, ticketId: string, price: Asked, context: Context): Promise<Listed | NotPlaced> =>
  putUp(deps, { type: 'ListTicket', listingId: listingIdOf(context), ticketId }, price, context)

/** What a request to list is answered with. Of whatever ticket: a key that comes again for another one is found by it. */
export const listingIdOf = ({ commandId }: Pick<Context, 'commandId'>): string => stepIdOf(commandId, 'listing')

/** The seller asks another price. */
export const repriceListing = (
  deps: Deps,
  { listingId, ticketId }: KnownListing,
  price: Asked,
  context: Context,
): Promise<Listed | NotPlaced> => putUp(deps, { type: 'RepriceListing', listingId, ticketId }, price, context)

type PutUp = { readonly type: 'ListTicket' | 'RepriceListing'; readonly listingId: string; readonly ticketId: string }

const putUp = async (
  deps: Deps,
  { type, listingId, ticketId }: PutUp,
  { amount, currency }: Asked,
  context: Context,
): Promise<Listed | NotPlaced> => {
  const by = context.actor.id
  const traded = await tradedOf(deps, ticketId, context.tenant)
  if (!traded) return { refused: 'NotTheHolder' }
  const price = { amount, currency: currency ?? traded.ticket.sale.price.currency }
  const { eventId } = traded.ticket.sale
  if (!traded.commands.has(context.commandId)) {
    // Nobody learns that there is a ticket which is not theirs.
    if (traded.ticket.holderId !== by) return { refused: type === 'ListTicket' ? 'NotTheHolder' : 'ListingGone' }
    const allowed = traded.ticket.status === 'closed' ? 'yes' : mayList(traded, deps.now())
    if (allowed !== 'yes') return { refused: allowed, detail: whyNot(allowed, traded, price) }
  }
  const command = { type, listingId, by, price, rules: traded.rules }
  const outcome = await ask(deps, ticketId, command, context)
  if (!outcome.done) return { refused: outcome.refused, detail: whyNot(outcome.refused, traded, price) }
  return standing(deps, { listingId, ticketId, eventId, sellerId: by }, outcome.position)
}

const mayList = ({ event, isThrough }: Traded, at: string): TradingRefusal | 'TicketNotHeld' | 'yes' => {
  const allowed = mayTrade(event, at)
  return allowed === 'yes' && !isThrough ? 'TicketNotHeld' : allowed
}

/** The seller keeps the ticket. Repeated, it changes nothing. */
export const withdrawListing = async (
  deps: Deps,
  listing: KnownListing,
  context: Context,
): Promise<Listed | NotPlaced> => {
  const { listingId, ticketId } = listing
  const outcome = await ask(deps, ticketId, { type: 'DelistTicket', listingId, by: context.actor.id }, context)
  if (outcome.done) return standing(deps, listing, outcome.position)
  const traded = await tradedOf(deps, ticketId, context.tenant)
  if (!traded) return { refused: outcome.refused }
  return { refused: outcome.refused, detail: whyNot(outcome.refused, traded, traded.ticket.sale.price) }
}

const ask = (deps: Deps, ticketId: string, command: MarketCommand, context: Context) =>
  handle(deps, ticket, ticketId, command, context) as Promise<Outcome<MarketRefusal>>

const standing = async (deps: Deps, listing: KnownListing, position: Position): Promise<Listed> => {
  const { state } = await load(deps, ticket, listing.ticketId)
  const now = state.status === 'held' && state.listing?.listingId === listing.listingId ? state.listing : null
  return { ...listing, price: now?.price ?? null, position }
}
