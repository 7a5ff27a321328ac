import { type Decision, refuse, type Timed } from '../decider.ts'
import { minutes, plus } from '../time.ts'
import type { ReleaseReason, TicketFact } from './facts.ts'
import { endedBy } from './moves.ts'
import type { Lease, Sale, Ticket } from './state.ts'

export type SaleCommand =
  | ({ type: 'ReserveTicket' } & Lease)
  | { type: 'ExtendReservation'; orderId: string; expiresAt: string }
  | { type: 'ReleaseReservation'; orderId: string; reason: ReleaseReason }
  | ({ type: 'SellTicket' } & Omit<Sale, 'eventId' | 'venueId' | 'typeId' | 'generation'>)
  /** Of an order that could not sell all of its tickets, and so ends without any. */
  | { type: 'UndoSale'; orderId: string }

export type SaleRefusal = 'TicketTaken' | 'TicketClosed' | 'ReservationLost' | 'TicketNotHeld'

/** A lease may be taken over only this long after its end, for clocks differ and its order may be selling right now. */
export const GRACE_SECONDS = minutes(1)

type Decide<C extends SaleCommand['type']> = (
  command: Timed<Extract<SaleCommand, { type: C }>>,
  ticket: Ticket,
) => Decision<TicketFact, SaleRefusal>

export const reserve: Decide<'ReserveTicket'> = ({ type: _, at, ...lease }, t) => {
  const reserved: TicketFact = { type: 'TicketReserved', data: lease }
  switch (t.status) {
    case 'available':
      return [reserved]
    case 'reserved': {
      const { orderId, eventId, expiresAt } = t.lease
      if (orderId === lease.orderId) return []
      if (at < plus(expiresAt, GRACE_SECONDS)) return refuse('TicketTaken')
      return [{ type: 'TicketReservationReleased', data: { eventId, orderId, reason: 'taken_over' } }, reserved]
    }
    case 'held':
      return t.sale.orderId === lease.orderId ? [] : refuse('TicketTaken')
    case 'closed':
      return refuse('TicketClosed')
  }
}

export const extend: Decide<'ExtendReservation'> = ({ orderId, expiresAt }, t) => {
  if (t.status !== 'reserved' || t.lease.orderId !== orderId) return refuse('ReservationLost')
  if (t.lease.expiresAt >= expiresAt) return []
  return [{ type: 'TicketReservationExtended', data: { eventId: t.lease.eventId, orderId, expiresAt } }]
}

/** Another's reservation is none of the caller's: nothing to do, and nothing wrong. */
export const release: Decide<'ReleaseReservation'> = ({ orderId, reason }, t) => {
  if (t.status !== 'reserved' || t.lease.orderId !== orderId) return []
  return [{ type: 'TicketReservationReleased', data: { eventId: t.lease.eventId, orderId, reason } }]
}

/** Whether a ticket may be sold: to the order that holds its reservation, and to nobody else. */
export const sell: Decide<'SellTicket'> = ({ type: _, at: __, ...sale }, t) => {
  // Also where it has closed since: money for that goes back by its closing, and not once more by its order.
  if ('sale' in t && t.sale.orderId === sale.orderId) return []
  if (t.status !== 'reserved' || t.lease.orderId !== sale.orderId) return refuse('ReservationLost')
  const { eventId, venueId, typeId } = t.lease
  return [{ type: 'TicketSold', data: { eventId, venueId, typeId, ...sale, generation: 1 } }]
}

export const undoSale: Decide<'UndoSale'> = ({ orderId }, t) => {
  if (t.status === 'closed' && t.sale.orderId === orderId) return []
  if (t.status !== 'held' || t.sale.orderId !== orderId) return refuse('TicketNotHeld')
  const { eventId, typeId, price } = t.sale
  // Whatever its payer could do with it in that moment ends with it. Their money is the order's to give back.
  const refunded: TicketFact = { type: 'TicketRefunded', data: { eventId, typeId, orderId, price, refunds: [] } }
  return [...endedBy('cancel', t), refunded]
}
