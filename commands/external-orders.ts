import { order } from '../domain/order/order.ts'
import { payment } from '../domain/payment.ts'
import { load } from '../domain/stream.ts'
import { type Context, handle } from './handle.ts'
import { pump } from './order-process.ts'
import { answer, type Deps, type OpenOrder, type Placing } from './ordering.ts'

/** What the service took from its customer, and how its own books call it. */
export type TakenPayment = { readonly reference: string; readonly amount: number; readonly currency: string }

/** An order of this tenant's that a service placed, or why it is none. */
export const findExternal = async (
  deps: Deps,
  orderId: string,
  tenant: string,
): Promise<{ order: OpenOrder } | { refused: 'OrderNotFound' | 'NotAnExternalOrder' }> => {
  const { state, tenant: owner } = await load(deps, order, orderId)
  if (state.status === 'new' || owner !== tenant) return { refused: 'OrderNotFound' }
  return state.placed.kind === 'external' ? { order: state } : { refused: 'NotAnExternalOrder' }
}

/** Records the payment that a service took and sells the tickets. Refused unless it is exactly the total, in time. */
export const confirmExternal = async (
  deps: Deps,
  orderId: string,
  taken: TakenPayment,
  context: Context,
): Promise<Placing> => {
  const found = await findExternal(deps, orderId, context.tenant)
  if ('refused' in found) return found
  const { status, placed } = found.order
  if (taken.amount !== placed.total || taken.currency !== placed.currency) return { refused: 'AmountDiffers' }
  // Paid before: the same payment again, or the rest of a confirmation that was cut short.
  const isOpen = status === 'authorising' && deps.now() < placed.expiresAt
  const isPaid = status === 'capturing' || status === 'selling' || status === 'confirmed'
  if (!isOpen && !isPaid) return { refused: 'ReservationLapsed', order: found.order }
  for (const { paymentId, amount } of placed.payments) {
    const requested = {
      orderId,
      eventId: placed.eventId,
      payerId: placed.payerId,
      amount: { amount, currency: placed.currency },
      provider: 'external',
      reference: taken.reference,
    }
    const outcome = await handle(deps, payment, paymentId, { type: 'RecordExternalPayment', requested }, context)
    if (!outcome.done) return { refused: (await wasGivenUp(deps, orderId)) ? 'ReservationLapsed' : outcome.refused }
  }
  return answer(await pump(deps, orderId))
}

/** Meanwhile, and its payment was voided for it. */
const wasGivenUp = async (deps: Deps, orderId: string): Promise<boolean> => {
  const { state } = await load(deps, order, orderId)
  return state.status === 'reverting' || state.status === 'cancelled'
}

/** Gives up an order: a customer's own, or a service's. Repeated, it changes nothing. */
export const cancelOrder = async (deps: Deps, orderId: string, context: Context): Promise<Placing> => {
  const outcome = await handle(deps, order, orderId, { type: 'CancelOrder' }, context)
  if (!outcome.done) return { refused: outcome.refused }
  const state = await pump(deps, orderId)
  return state.status === 'new' ? { refused: 'OrderNotFound' } : { placed: state }
}
