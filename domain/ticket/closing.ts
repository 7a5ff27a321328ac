import { type Decision, refuse, type Timed } from '../decider.ts'
import type { Refund, RevokeReason, TicketFact } from './facts.ts'
import { endedBy, type MoveRefusal, obstacleTo } from './moves.ts'
import type { Held, Ticket } from './state.ts'

export type ClosingCommand =
  /** `refunds`: one for each sale of the ticket, reckoned beforehand. */
  | { type: 'RefundTicket'; refunds: readonly Refund[] }
  | { type: 'RevokeTicket'; reason: RevokeReason }
  | { type: 'CancelTicket'; refunds: readonly Refund[] }
  | { type: 'ExpireTicket' }
  /** Not a closing: its event goes on at another time. */
  | {
      type: 'RescheduleTicket'
      startsAt: string
      endsAt: string
      /** Of each ticket type: the days that it admits on by now. */
      days: ReadonlyMap<string, readonly string[] | null>
    }

export type ClosingRefusal = MoveRefusal | 'TicketClosed' | 'TicketNotHeld' | 'TicketMoved'

type Decide<C extends ClosingCommand['type']> = (
  command: Timed<Extract<ClosingCommand, { type: C }>>,
  ticket: Ticket,
) => Decision<TicketFact, ClosingRefusal>

export const refund: Decide<'RefundTicket'> = ({ refunds }, t) => {
  if (t.status === 'closed') return t.closedAs === 'refunded' ? [] : refuse('TicketClosed')
  if (t.status !== 'held') return refuse('TicketNotHeld')
  const obstacle = obstacleTo('refund', t)
  if (obstacle) return refuse(obstacle)
  if (!areOf(t, refunds)) return refuse('TicketMoved')
  const { eventId, typeId, orderId, price } = t.sale
  return [
    ...endedBy('refund', t),
    { type: 'TicketRefunded', data: { eventId, typeId, orderId, price, refunds: [...refunds] } },
  ]
}

/** Taken away without money. */
export const revoke: Decide<'RevokeTicket'> = ({ reason }, t) => {
  if (t.status === 'closed') return t.closedAs === 'revoked' ? [] : refuse('TicketClosed')
  if (t.status !== 'held') return refuse('TicketNotHeld')
  const obstacle = obstacleTo('revoke', t)
  if (obstacle) return refuse(obstacle)
  const { eventId, typeId } = t.sale
  return [...endedBy('revoke', t), { type: 'TicketRevoked', data: { eventId, typeId, reason } }]
}

export const cancel: Decide<'CancelTicket'> = ({ refunds }, t) => {
  if (t.status === 'closed') return []
  if (t.status !== 'held') return refuse('TicketNotHeld')
  if (!areOf(t, refunds)) return refuse('TicketMoved')
  const { eventId, typeId } = t.sale
  return [...endedBy('cancel', t), { type: 'TicketCancelled', data: { eventId, typeId, refunds: [...refunds] } }]
}

export const expire: Decide<'ExpireTicket'> = (_, t) => {
  if (t.status === 'closed') return []
  if (t.status !== 'held') return refuse('TicketNotHeld')
  const obstacle = obstacleTo('expire', t)
  if (obstacle) return refuse(obstacle)
  const admitted = t.admissions.length > 0
  return [...endedBy('expire', t), { type: 'TicketExpired', data: { eventId: t.sale.eventId, admitted } }]
}

export const reschedule: Decide<'RescheduleTicket'> = ({ startsAt, endsAt, days }, t) => {
  if (t.status === 'closed') return []
  if (t.status !== 'held') return refuse('TicketNotHeld')
  if (t.rescheduled?.startsAt === startsAt && t.rescheduled.endsAt === endsAt) return []
  const { eventId, typeId, validDates: before } = t.sale
  const validDates = before && [...(days.get(typeId) ?? before)]
  return [{ type: 'TicketRescheduled', data: { eventId, startsAt, endsAt, validDates } }]
}

/** It may have been sold on since they were reckoned. */
const areOf = ({ paid }: Held, refunds: readonly Refund[]): boolean =>
  paid.length === refunds.length && paid.every(({ orderId }, i) => refunds[i]?.orderId === orderId)
