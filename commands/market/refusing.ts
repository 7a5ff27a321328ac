import type { TradingRefusal } from '../../domain/event/selling.ts'
import { format, type Money } from '../../domain/money.ts'
import type { HandleRefusal } from '../../domain/refusals.ts'
import { capOf, type MarketRefusal } from '../../domain/ticket/market.ts'
import type { Traded } from './traded.ts'

/** What is refused to somebody who sells or buys. */
export type TradeRefusal = MarketRefusal | TradingRefusal | HandleRefusal | 'TicketNotHeld'

/** What they are told of the ticket besides its name: how it stands, and until when. */
export const whyNot = (
  refused: TradeRefusal,
  { ticketId, ticket, event, rules }: Traded,
  asked: Money,
): string | undefined => {
  if (refused === 'NotFound' || refused === 'KeyReused') return undefined
  const name = `Ticket ${ticketId}`
  if (ticket.status === 'closed') return `${name} is ${ticket.closedAs.toUpperCase()}.`
  const { admissions, locks, report, claim, listing, offer, sale } = ticket
  switch (refused) {
    case 'EventOver':
      return `${name} is for ${event.details.name}, which ended at ${event.details.endsAt}.`
    case 'EventIsCancelled':
      return `${name} is for ${event.details.name}, which is cancelled.`
    case 'TicketIsAdmitted':
      return `${name} was admitted at ${admissions[0]?.happenedAt}.`
    case 'TicketIsLocked':
      return `${name} is locked: ${locks.map(({ reason }) => reason).join(', ')}.`
    case 'TicketIsReported':
      return `${name} was reported ${report?.kind}.`
    case 'TicketIsClaimed':
      return `${name} is kept until ${claim?.expiresAt} for a buyer who is paying.`
    case 'TicketIsListed':
      return `${name} is listed for ${listing && format(listing.price)} as ${listing?.listingId}.`
    case 'TicketIsOffered':
      return `${name} is offered until ${offer?.expiresAt}.`
    case 'TicketNotHeld':
      return `${name} is of an order that is not confirmed yet.`
    case 'TicketNotCollected':
      return `${name} waits at the box office.`
    case 'ResaleForbidden':
      return `${name} is for ${event.details.name}, which allowed no resale when it was bought and allows none now.`
    case 'PriceNotPositive':
      return `${name} was to be listed for ${format(asked)}.`
    case 'PriceAboveCap': {
      const cap = capOf(rules, ticket)
      const most = cap === null ? '' : ` ${format({ ...asked, amount: cap })} at most, and`
      return `${name} may be listed for${most} not for ${format(asked)}.`
    }
    case 'WrongCurrency':
      return `${name} is sold in ${sale.price.currency}, not in ${asked.currency}.`
    case 'PriceChanged':
      return `${name} costs ${listing && format(listing.price)} now, not ${format(asked)}.`
    case 'SelfPurchase':
      return `${name} is held by the buyer.`
    case 'ListingGone':
      return `${name} is not for sale by this listing any more.`
    case 'ClaimLost':
    case 'NotTheHolder':
    case 'TicketClosed':
    case 'EventNotFound':
      return undefined
  }
}
