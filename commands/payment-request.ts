import type { Placed } from '../domain/order/facts.ts'
import { payment } from '../domain/payment.ts'
import { load, recall, type Streams } from '../domain/stream.ts'
import type { PaymentRequest } from './payments.ts'

type Ordered = {
  readonly orderId: string
  readonly tenant: string
  readonly order: { readonly placed: Pick<Placed, 'currency'> }
}

/** A payment of an order, as its provider is asked for it. */
export const requestOf = async (
  streams: Streams,
  { orderId, tenant, order }: Ordered,
  { paymentId, amount }: Placed['payments'][number],
): Promise<PaymentRequest> => {
  // Once recorded the reference never changes, so an old copy of the stream will do.
  const recalled = recall(streams, payment, paymentId)
  const { state } = recalled && recalled.state.status !== 'new' ? recalled : await load(streams, payment, paymentId)
  const reference = state.status === 'new' ? null : state.requested.reference
  return { paymentId, reference, orderId, tenant, amount: { amount, currency: order.placed.currency } }
}
