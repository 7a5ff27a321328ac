import { sum } from '../domain/money.ts'
import { order } from '../domain/order/order.ts'
import { payment } from '../domain/payment.ts'
import { load, type Streams } from '../domain/stream.ts'
import type { OrderRow, PaymentSeen } from '../projections/orders/model.ts'

/** What the `orders` read model shows of an order, or will as soon as it gets there. */
export type CurrentOrder = Pick<
  OrderRow,
  'order_id' | 'status' | 'reason' | 'placed' | 'payments' | 'ticket_ids' | 'placed_at' | 'changed_at'
>

/**
 * An order of the tenant's as its own stream and those of its payments have it: who waits for it does not wait for a projection.
 * Undefined where there is none.
 */
export const currentOrder = async (
  streams: Streams,
  tenant: string,
  orderId: string,
): Promise<CurrentOrder | undefined> => {
  const found = await load(streams, order, orderId)
  const { state } = found
  if (found.tenant !== tenant || state.status === 'new') return undefined
  const payments = await Promise.all(state.placed.payments.map((due) => paymentSeen(streams, due)))
  return {
    order_id: orderId,
    status: state.status,
    reason: state.reason,
    placed: state.placed,
    payments: payments.map(({ seen }) => seen),
    ticket_ids: state.ticketIds && [...state.ticketIds],
    placed_at: found.since,
    changed_at: payments.reduce((latest, { at }) => (at > latest ? at : latest), found.at),
  }
}

type Due = Pick<PaymentSeen, 'paymentId' | 'amount'>

const paymentSeen = async (streams: Streams, due: Due): Promise<{ seen: PaymentSeen; at: string }> => {
  const { state, at } = await load(streams, payment, due.paymentId)
  if (state.status === 'new')
    return { seen: { ...due, refunded: 0, status: 'new', provider: null, reason: null, disputed: false }, at }
  const { status, requested, reason, refunds, disputes } = state
  const refunded = sum([...refunds.values()])
  const disputed = [...disputes.values()].includes('open')
  return { seen: { ...due, refunded, status, provider: requested.provider, reason, disputed }, at }
}
