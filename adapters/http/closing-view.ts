import { z } from 'zod'
import { Id } from '../../domain/id.ts'
import type { Payment } from '../../domain/payment.ts'
import type { Refund } from '../../domain/ticket/facts.ts'
import type { Held, Ticket } from '../../domain/ticket/state.ts'
import { TicketStatus } from '../../domain/ticket/status.ts'
import { moneyView } from './locale.ts'
import { MoneyView } from './order-view.ts'

/** As the ticket's own stream tells it, which knows nothing of its order. */
export const ClosingStatus = TicketStatus.exclude(['SOLD', 'MINTED'])

export const RefundView = z.object({
  refundId: Id,
  orderId: Id.describe('The order that is paid back: of a ticket that was sold on, each of its sales.'),
  paymentId: Id.nullable().describe('Null where nothing was paid.'),
  money: MoneyView,
  shares: z
    .array(z.object({ account: z.string(), amount: z.int() }))
    .describe('What each account gives back of it, in minor units; together the whole.'),
  state: z
    .enum(['open', 'paid', 'otherwise'])
    .describe(
      'open: the money is on its way; while the payment is disputed it waits. ' +
        'otherwise: nothing was paid, or its bank took it back.',
    ),
})

/** As every route that closes tickets shows one of them. */
export const ClosedTicketView = z.object({
  ticketId: Id,
  status: ClosingStatus,
  refunds: z.array(RefundView).describe('What goes back, the first sale first; none where it is not closed for money.'),
})

/** The word for it that clients know. */
export const statusOf = (t: Ticket): z.infer<typeof ClosingStatus> => {
  switch (t.status) {
    case 'available':
      return 'AVAILABLE'
    case 'reserved':
      return 'RESERVED'
    case 'held':
      return heldAs(t)
    case 'closed':
      return STATUS[t.closedAs]
  }
}

const heldAs = ({ admissions, holderId, sale }: Held): z.infer<typeof ClosingStatus> => {
  if (admissions.length > 0) return 'CHECKED_IN'
  return holderId === sale.holderId ? 'ACTIVE' : 'TRANSFERRED'
}

const STATUS = {
  refunded: 'REFUNDED',
  revoked: 'REVOKED',
  cancelled: 'CANCELLED',
  expired: 'EXPIRED',
  used: 'USED',
} as const

export const refundView = (
  refund: Refund,
  payment: Payment | undefined,
  locale: string,
): z.infer<typeof RefundView> => {
  const { amount, ...rest } = refund
  return { ...rest, money: moneyView(amount, locale), state: stateOf(refund, payment) }
}

const stateOf = ({ refundId }: Refund, payment: Payment | undefined): z.infer<typeof RefundView>['state'] => {
  if (!payment || payment.status === 'new') return 'otherwise'
  if (payment.refunds.has(refundId)) return 'paid'
  return [...payment.disputes.values()].includes('lost') ? 'otherwise' : 'open'
}
