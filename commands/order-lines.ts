import type { Line, Placed } from '../domain/order/facts.ts'
import type { MarketCommand } from '../domain/ticket/market.ts'
import type { SaleCommand } from '../domain/ticket/sale.ts'

/** What each step of an order asks of the ticket of one of its lines. */
type LineCommands = {
  readonly reserve: (orderId: string, placed: Placed) => SaleCommand | MarketCommand
  readonly extend: (orderId: string, expiresAt: string) => SaleCommand | MarketCommand
  readonly sell: (orderId: string, placed: Placed) => SaleCommand | MarketCommand
  /** Of an order that could not sell all of its lines. */
  readonly undo: (orderId: string) => SaleCommand | MarketCommand
  readonly release: (orderId: string) => SaleCommand | MarketCommand
}

export const commandsFor = (line: Line): LineCommands => (line.resale ? resale(line, line.resale) : ticket(line))

/** A new ticket: its slot is reserved, then sold. */
const ticket = ({ typeId, slot, edition, price, holderId, zone, validDates, transferable }: Line): LineCommands => ({
  reserve: (orderId, { eventId, venueId, currency, expiresAt }) => ({
    type: 'ReserveTicket',
    ...{ eventId, venueId, typeId, slot, edition, orderId, price: { amount: price, currency }, expiresAt },
  }),
  extend: (orderId, expiresAt) => ({ type: 'ExtendReservation', orderId, expiresAt }),
  sell: (orderId, { payerId, currency, delivery }) => ({
    type: 'SellTicket',
    ...{ orderId, payerId, holderId, price: { amount: price, currency }, zone, validDates, delivery, transferable },
  }),
  undo: (orderId) => ({ type: 'UndoSale', orderId }),
  release: (orderId) => ({ type: 'ReleaseReservation', orderId, reason: 'order_ended' }),
})

/** A ticket that its holder has listed: it is claimed, then changes hands. Such an order has one line, so nothing sold is ever undone. */
const resale = ({ price }: Line, { listingId }: NonNullable<Line['resale']>): LineCommands => ({
  reserve: (orderId, { payerId, currency, expiresAt }) => ({
    type: 'ClaimTicket',
    ...{ orderId, listingId, buyerId: payerId, price: { amount: price, currency }, expiresAt },
  }),
  extend: (orderId, expiresAt) => ({ type: 'ExtendClaim', orderId, expiresAt }),
  sell: (orderId) => ({ type: 'ResellTicket', orderId }),
  undo: (orderId) => ({ type: 'ReleaseClaim', orderId }),
  release: (orderId) => ({ type: 'ReleaseClaim', orderId }),
})
