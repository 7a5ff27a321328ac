import { quota } from '../domain/quota.ts'
import type { ReleaseReason } from '../domain/ticket/facts.ts'
import { stepIdOf } from './ids.ts'
import type { Progress, Steps } from './order-steps.ts'

export const revert = async (s: Steps): Promise<Progress> => {
  await releaseAll(s)
  for (const { paymentId, amount } of s.order.placed.payments) await giveBack(s, paymentId, amount)
  return s.record({ type: 'RecordCancelled' })
}

export const refund = async (s: Steps): Promise<Progress> => {
  // Each was either sold or is known to be lost. The money goes back last.
  await s.onEach('close', ({ orderId }) => ({ type: 'RefundTicket', orderId }))
  await releaseAll(s)
  for (const { paymentId, amount } of s.order.placed.payments) await giveBack(s, paymentId, amount)
  return s.record({ type: 'RecordRefunded' })
}

/** Every line, not only those seen to succeed: a lost reply can hide a reservation. Slots given up on the way as well. */
const releaseAll = async (s: Steps): Promise<void> => {
  const { orderId, order, onEach, run } = s
  await onEach('release', () => release(orderId, 'order_ended'))
  await releaseDiscarded(s)
  for (const { quotaId } of order.placed.limits)
    await run(quota, `release/${quotaId}`, quotaId, { type: 'ReleaseQuota', claimId: orderId })
}

export const releaseDiscarded = ({ orderId, order, onTicket }: Steps): Promise<unknown> =>
  Promise.all(order.discarded.map((slot) => onTicket('release', slot, release(orderId, 'slot_replaced'))))

const release = (orderId: string, reason: ReleaseReason) => ({ type: 'ReleaseReservation', orderId, reason }) as const

/** A straggler may have captured before it could read that the order was given up. */
const giveBack = async (
  { deps, orderId, order, onPayment }: Steps,
  paymentId: string,
  amount: number,
): Promise<void> => {
  const refundId = stepIdOf(orderId, `refund/${paymentId}`)
  const { kind, eventId, payerId, currency } = order.placed
  if (kind === 'external') {
    // A confirmation may be on its way, with a payment that nobody has heard of yet: voided first, it is refused.
    const requested = { orderId, eventId, payerId, amount: { amount, currency }, provider: kind, reference: null }
    await onPayment('request', paymentId, { type: 'RequestPayment', requested })
    await onPayment('void', paymentId, { type: 'RecordVoided' })
  } else {
    if ((await deps.payments.void(paymentId)) === 'voided') {
      await onPayment('void', paymentId, { type: 'RecordVoided' })
      return
    }
    await onPayment('capture', paymentId, { type: 'RecordCaptured' })
    await deps.payments.refund(paymentId, refundId, amount)
  }
  // What a service took, the service gives back; the books say that it owes it.
  await onPayment('refund', paymentId, { type: 'RecordRefund', refundId, amount })
}
