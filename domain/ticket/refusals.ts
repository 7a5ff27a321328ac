import type { Entry } from '../refusals.ts'
import type { ClosingRefusal } from './closing.ts'
import type { GivingRefusal } from './giving.ts'
import type { LockRefusal } from './locking.ts'
import type { MarketRefusal } from './market.ts'
import type { ReissueRefusal } from './reissuing.ts'
import type { SaleRefusal } from './sale.ts'

/** What is refused to whoever gives, sells, locks, reissues or closes a ticket: by its own decisions, or by what stands around them. */
export type MovingRefusal =
  | Exclude<GivingRefusal | MarketRefusal | LockRefusal | ReissueRefusal | ClosingRefusal, SaleRefusal>
  | 'AcceptanceCodeWrong'
  | 'TooManyTransfersToday'
  | 'PersonNotFound'
  | 'NothingToRefund'
  | 'ListingNotFound'

/** Their words. */
export const moveRefusals: { readonly [R in MovingRefusal]: Entry } = {
  TicketMoved: {
    status: 409,
    title: 'The ticket changed hands meanwhile',
    next: 'Look at it again, and ask anew.',
  },

  TicketIsAdmitted: {
    status: 409,
    title: 'This ticket was admitted',
    next: 'Nothing can be done with it any more; a cancelled event is paid back all the same.',
  },
  TicketIsLocked: {
    status: 409,
    title: 'This ticket is locked',
    next: 'Ask the organizer about it; an admin can unlock it.',
  },
  TicketIsReported: {
    status: 409,
    title: 'This ticket was reported lost or stolen',
    next: 'Withdraw the report, or have the ticket reissued.',
  },
  TicketIsClaimed: {
    status: 409,
    title: 'Somebody is paying for this ticket right now',
    next: 'Wait until their payment is through or has lapsed, half an hour at most.',
  },
  TicketIsListed: { status: 409, title: 'This ticket is listed for sale', next: 'Withdraw the listing first.' },
  TicketIsOffered: {
    status: 409,
    title: 'This ticket is offered to somebody',
    next: 'Cancel the offer first, or wait until it lapses.',
  },
  TicketNotCollected: {
    status: 409,
    title: 'This ticket has not been collected yet',
    next: 'Collect it at the box office first.',
  },
  NotTheHolder: { status: 404, title: 'You hold no such ticket', next: 'See your tickets for their ids.' },

  TicketNotTransferable: {
    status: 409,
    title: 'This ticket is non-transferable',
    next: 'Its ticket type is sold to be used by its holder.',
  },
  SelfTransfer: {
    status: 409,
    title: 'Giver and recipient are the same person',
    next: 'Name somebody else; an address of your own is you.',
  },
  TransfersForbidden: {
    status: 409,
    title: 'This event allows no transfers',
    next: 'Ask the organizer; they may allow them.',
  },
  TransferBlackout: {
    status: 409,
    title: 'Nothing changes hands at this event in this period',
    next: 'Try again once it has ended.',
  },
  TransferDeadlinePassed: {
    status: 409,
    title: 'The time in which tickets of this event may be transferred is over',
    next: 'The ticket can still be used by its holder.',
  },
  TransferCooldown: {
    status: 409,
    title: 'This ticket changed hands a moment ago',
    next: 'Try again once it has rested.',
  },
  TooManyTransfers: {
    status: 409,
    title: 'This ticket has changed hands as often as its event allows',
    next: 'Its holder can use it.',
  },
  TooManyTransfersToday: {
    status: 409,
    title: 'This person has offered as many tickets today as the event allows',
    next: 'Try again after midnight UTC.',
  },
  SenderNotVerified: {
    status: 409,
    title: 'This event asks that whoever gives a ticket away has shown who they are',
    next: 'Show a document at the box office.',
  },
  RecipientNotVerified: {
    status: 409,
    title: 'This event asks that whoever receives a ticket has shown who they are',
    next: 'Have the recipient show a document at the box office first.',
  },
  OfferNotFound: { status: 404, title: 'There is no such offer', next: 'See the list of transfers for its id.' },
  OfferClosed: {
    status: 409,
    title: 'This offer has ended',
    next: 'See the list of transfers for what became of it; its giver may make another.',
  },
  OfferLapsed: { status: 410, title: 'This offer has lapsed', next: 'Ask its giver for another.' },
  AcceptanceCodeWrong: {
    status: 409,
    title: 'This is not the acceptance code of the offer',
    next: 'See the mail that came with the offer; after five wrong codes the offer ends.',
  },
  PersonNotFound: {
    status: 404,
    title: 'Nobody is known by this id',
    next: 'Check it, or send the ticket as a gift to an e-mail address.',
  },

  ResaleForbidden: { status: 409, title: 'This event allows no resale', next: 'Give the ticket away instead.' },
  PriceNotPositive: { status: 409, title: 'The price is not above zero', next: 'Give the ticket away instead.' },
  PriceAboveCap: { status: 409, title: 'The price is above what the event allows', next: 'Ask for less.' },
  WrongCurrency: {
    status: 409,
    title: 'The price is in another currency than the ticket was paid in',
    next: 'Use the currency of the event.',
  },
  ListingNotFound: {
    status: 404,
    title: 'There is no such listing',
    next: 'See the listings of the event for their ids.',
  },
  ListingGone: {
    status: 409,
    title: 'This listing is no longer there',
    next: 'See the listings of the event for others; nothing was charged.',
  },
  PriceChanged: {
    status: 409,
    title: 'The seller has changed the price',
    next: 'Look at the listing again, and state the price that you see.',
  },
  SelfPurchase: { status: 409, title: 'This listing is your own', next: 'Withdraw it to keep the ticket.' },
  ClaimLost: {
    status: 409,
    title: 'The order no longer holds this ticket',
    next: 'See the listings of the event; nothing was charged.',
  },

  IdentityNotChecked: {
    status: 409,
    title: 'Nobody has checked the identity of its holder, or it differed',
    next: 'Record an identity check that matches first.',
  },
  NothingToRefund: {
    status: 409,
    title: 'The order has no ticket that could be given back',
    next: 'See its tickets; only confirmed orders have any.',
  },
}
