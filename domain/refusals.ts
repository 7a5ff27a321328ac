import type { AccountRefusal } from './account/account.ts'
import type { DeviceRefusal } from './device.ts'
import type { EventRefusal } from './event/event.ts'
import type { SellingRefusal } from './event/selling.ts'
import type { OrderRefusal } from './order/order.ts'
import type { PaymentRefusal } from './payment.ts'
import type { QuotaRefusal } from './quota.ts'
import { type MovingRefusal, moveRefusals } from './ticket/refusals.ts'
import type { SaleRefusal } from './ticket/sale.ts'
import type { VenueRefusal } from './venue.ts'

/** What a command is refused before anything is decided. */
export type HandleRefusal = 'NotFound' | 'KeyReused'

/** What a process or a view refuses that spans several streams. */
export type ProcessRefusal =
  | 'SoldOut'
  | 'OrderFailed'
  | 'NotChargeable'
  | 'NotAnExternalOrder'
  | 'ReservationLapsed'
  | 'AmountDiffers'
  | 'WrongClientSecret'
  | 'PaymentAlreadyConfirmed'
  | 'CardDeclined'
  | 'NoOpenDispute'
  | 'TicketHasNoCode'
  | 'NotAnchoredYet'
  | 'WebhookUnverified'
  | 'ReadModelNotFound'
  | 'EventAtAnotherVenue'
  | 'EntranceNotFound'
  | 'EntranceOfAnotherZone'
  | 'WalletChallengeUnknown'
  | 'WalletChallengeExpired'
  | 'WalletSignatureWrong'

export type Refusal =
  | HandleRefusal
  | ProcessRefusal
  | SaleRefusal
  | MovingRefusal
  | OrderRefusal
  | PaymentRefusal
  | AccountRefusal
  | QuotaRefusal
  | EventRefusal
  | SellingRefusal
  | VenueRefusal
  | DeviceRefusal

export type Entry = {
  /** HTTP's. */
  readonly status: 400 | 402 | 404 | 409 | 410 | 422
  /** What is so. */
  readonly title: string
  /** What to do about it. */
  readonly next: string
}

/** The one place where a "no" gets its words. The names are stable: clients rely on them. */
export const refusals: { readonly [R in Refusal]: Entry } = {
  NotFound: { status: 404, title: 'There is no such thing here', next: 'Check the id and the tenant of the token.' },
  KeyReused: {
    status: 422,
    title: 'This Idempotency-Key came before with another request',
    next: 'Use a new key for a new request; repeat the same body to ask for the same answer.',
  },

  SoldOut: {
    status: 409,
    title: 'Not enough tickets of this type are free',
    next: 'Ask for fewer, choose another type, or try again when reservations lapse.',
  },
  OrderFailed: {
    status: 409,
    title: 'The order could not be completed',
    next: 'See its reason; nothing was charged. Place a new order under a new Idempotency-Key.',
  },
  NotChargeable: {
    status: 422,
    title: 'The payment provider does not charge this amount in this currency',
    next: 'Order more at once or choose another type; organizers, see to the prices. Nothing was charged.',
  },
  NotAnExternalOrder: {
    status: 409,
    title: 'This order was placed by a customer, not through /internal',
    next: 'Leave it to its own payment.',
  },
  ReservationLapsed: {
    status: 409,
    title: 'The reservation of this order has ended',
    next: 'Reserve anew under another order id.',
  },
  AmountDiffers: {
    status: 409,
    title: 'The amount is not the total of the order',
    next: 'Ask for the prices again and take exactly the total.',
  },
  WrongClientSecret: {
    status: 409,
    title: 'The client secret does not belong to this payment',
    next: 'Use the clientSecret that came with the order.',
  },
  PaymentAlreadyConfirmed: {
    status: 409,
    title: 'This payment was confirmed before',
    next: 'Read the order; it says what became of it.',
  },
  CardDeclined: {
    status: 402,
    title: 'The card was declined',
    next: 'The tickets are released; place a new order with another card.',
  },
  NoOpenDispute: {
    status: 409,
    title: 'This payment has no dispute to settle',
    next: 'Pay with the card disputed and wait a moment; a dispute is settled once.',
  },
  WebhookUnverified: {
    status: 400,
    title: 'The signature of the webhook is wrong or too old',
    next: 'Sign the raw body with the webhook secret, and keep the clock right.',
  },
  TicketHasNoCode: {
    status: 409,
    title: 'This ticket has no code to show',
    next: 'Only an active ticket has one; its status says why this is not.',
  },
  NotAnchoredYet: {
    status: 409,
    title: 'No head of the transparency log on chain covers this ticket yet',
    next: 'Ask again tomorrow, for one is published every day; operators publish one at once with npm run anchor.',
  },
  ReadModelNotFound: { status: 404, title: 'There is no read model of this name', next: 'See /health for the names.' },

  TicketTaken: { status: 409, title: 'Another order has this ticket', next: 'Choose another.' },
  TicketClosed: {
    status: 409,
    title: 'This ticket is closed for good',
    next: 'Its place is sold as the next edition.',
  },
  ReservationLost: { status: 409, title: 'The order no longer holds this reservation', next: 'Place a new order.' },
  TicketNotHeld: { status: 409, title: 'Nobody holds this ticket', next: 'Check its id, and the order.' },
  ...moveRefusals,

  OrderNotFound: { status: 404, title: 'There is no such order', next: 'Check its id.' },
  OrderAlreadyPaid: { status: 409, title: 'The order is paid', next: 'Ask staff for a refund.' },

  PaymentNotFound: { status: 404, title: 'There is no such payment', next: 'Check its id.' },
  PaymentDiffers: {
    status: 409,
    title: 'The order was paid under another reference',
    next: 'Confirm with the reference that was used first.',
  },
  RefundExceedsPayment: {
    status: 409,
    title: 'More would be refunded than was paid',
    next: 'Refund what is left at most.',
  },

  CreditNotFound: {
    status: 404,
    title: 'There is no share of this sale on the account of the seller',
    next: 'Check the order; a share is credited once the sale is confirmed.',
  },
  CreditDiffers: {
    status: 409,
    title: 'Another share of this sale was credited before',
    next: 'Leave it at the first; what a seller has to give back is debited.',
  },
  PayoutNotDue: {
    status: 409,
    title: 'The share is not to be paid out now',
    next: 'Wait until it is payable and no dispute withholds it.',
  },
  PayoutDiffers: {
    status: 409,
    title: 'This is not the payout of the share as the books know it',
    next: 'Read the account again; it says which payout is under way or was made.',
  },

  LimitReached: {
    status: 409,
    title: 'This person would have more of these tickets than the event allows',
    next: 'Ask for fewer, or choose another type.',
  },
  ClaimReleased: { status: 409, title: 'The order has given up its claim', next: 'Place a new order.' },

  EventNotFound: { status: 404, title: 'There is no such event', next: 'Check its id.' },
  EventAlreadyDrafted: { status: 409, title: 'The event was drafted with other details', next: 'Draft another event.' },
  EventEndsBeforeItStarts: {
    status: 400,
    title: 'The event ends before it starts',
    next: 'Check startsAt and endsAt.',
  },
  EventIsCancelled: {
    status: 409,
    title: 'The event is cancelled',
    next: 'Nothing of it changes any more; its tickets are paid back.',
  },
  BlackoutEmpty: {
    status: 400,
    title: 'A blackout ends before it starts',
    next: 'Check from and until of each.',
  },
  EventOver: { status: 409, title: 'The event is over', next: 'Nothing of it is sold any more.' },
  EventNotPublished: { status: 409, title: 'The event is not published', next: 'Publish it first.' },
  NothingToSell: { status: 409, title: 'The event has no ticket type', next: 'Set one before publishing.' },
  PoolNotFound: { status: 409, title: 'The event has no such pool', next: 'Size the pool first.' },
  PoolCannotShrink: {
    status: 409,
    title: 'A pool only grows',
    next: 'Give a size that is not smaller than the present one.',
  },
  SlotBeyondPool: {
    status: 400,
    title: 'The range of the ticket type is not within its pool',
    next: 'Keep from and to within 1 and the size of the pool, in this order.',
  },
  SaleWindowEmpty: {
    status: 400,
    title: 'The sale would end before it starts',
    next: 'Check onSaleFrom and onSaleUntil.',
  },
  ZoneNotFound: { status: 400, title: 'The event has no such zone', next: 'Use one of the zones of the event.' },

  SalesNotOpen: { status: 409, title: 'The event is not on sale', next: 'Wait until its sales are opened.' },
  TicketTypeNotFound: { status: 404, title: 'The event has no such ticket type', next: 'See the event for its types.' },
  NotYetOnSale: { status: 409, title: 'This ticket type is not on sale yet', next: 'Come back when its sale starts.' },
  NoLongerOnSale: { status: 409, title: 'The sale of this ticket type has ended', next: 'Choose another type.' },
  TooManyInOrder: {
    status: 409,
    title: 'These are more tickets than one order may hold',
    next: 'Order fewer at once.',
  },

  VenueNotFound: { status: 404, title: 'There is no such venue', next: 'Check its id.' },
  VenueAlreadyRegistered: {
    status: 409,
    title: 'The venue was registered with other details',
    next: 'Register another venue.',
  },

  DeviceNotFound: { status: 404, title: 'There is no such device', next: 'Register it first.' },
  DeviceInactive: {
    status: 409,
    title: 'The device is out of service',
    next: 'Register it again to put it back in service.',
  },
  EventAtAnotherVenue: {
    status: 409,
    title: 'The event is at another venue than the device',
    next: 'Register the device at the venue of the event first.',
  },
  EntranceNotFound: {
    status: 400,
    title: 'The event has no such entrance',
    next: 'Use one of the entrances of the event, or null.',
  },
  EntranceOfAnotherZone: {
    status: 400,
    title: 'The entrance leads into another zone',
    next: 'Use the zone that the entrance leads into.',
  },

  WalletChallengeUnknown: {
    status: 409,
    title: 'The message is no challenge that was given to this person for this address',
    next: 'Ask for a challenge for the address, and send its message back as it is.',
  },
  WalletChallengeExpired: {
    status: 409,
    title: 'The challenge is too old',
    next: 'Ask for another, and have the wallet sign that one.',
  },
  WalletSignatureWrong: {
    status: 409,
    title: 'The signature is not one of the address over the message',
    next: 'Have the wallet of the address sign the bytes of the message as they are, and nothing around them.',
  },
}
