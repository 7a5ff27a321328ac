import { statusOf } from '../../adapters/http/closing-view.ts'
import type { HandleRefusal } from '../../domain/refusals.ts'
import type { ClosingRefusal } from '../../domain/ticket/closing.ts'
import type { Ticket } from '../../domain/ticket/state.ts'

/** Why a ticket was not closed, in a sentence that names it, how it stands and what it was to become. */
export const whyNot = (
  ticketId: string,
  t: Ticket,
  wanted: 'REFUNDED' | 'REVOKED',
  refused: ClosingRefusal | HandleRefusal,
): string | undefined => {
  const ticket = `Ticket ${ticketId}`
  if (refused === 'TicketClosed' || refused === 'TicketNotHeld')
    return `${ticket} is ${statusOf(t)}, and cannot become ${wanted}.`
  if (t.status !== 'held') return undefined
  switch (refused) {
    case 'TicketIsAdmitted':
      return `${ticket} is CHECKED_IN since ${t.admissions[0]?.happenedAt}, and cannot become ${wanted}.`
    case 'TicketIsLocked':
      return `${ticket} is ${statusOf(t)} and locked: ${t.locks.map(({ reason }) => reason).join(', ')}.`
    case 'TicketIsClaimed':
      return `${ticket} is ${statusOf(t)} and being paid for by order ${t.claim?.orderId}, until ${t.claim?.expiresAt}.`
    case 'TicketMoved':
      return `${ticket} is ${statusOf(t)}, and was sold on by order ${t.paid.at(-1)!.orderId}.`
    default:
      return undefined
  }
}
