import type { EndReason, Placed } from '../domain/order/facts.ts'
import { payment } from '../domain/payment.ts'
import { quota } from '../domain/quota.ts'
import { load } from '../domain/stream.ts'
import { stepIdOf } from './ids.ts'
import { commandsFor } from './order-lines.ts'
import type { Progress, Steps } from './order-steps.ts'
import { requestOf } from './payment-request.ts'

export const revert = async (s: Steps): Promise<Progress> => {
  await releaseAll(s)
  if (!wasNeverToPay(s.order.reason)) for (const due of s.order.placed.payments) await giveBack(s, due)
  return s.record({ type: 'RecordCancelled' })
}

export const refund = async (s: Steps): Promise<Progress> => {
  // Each was either sold or is known to be lost. The money goes back last.
  await s.onEach('close', (line) => commandsFor(line).undo(s.orderId))
  await releaseAll(s)
  for (const due of s.order.placed.payments) await giveBack(s, due)
  return s.record({ type: 'RecordRefunded' })
}

/** It ended before anybody could ask for its money: there is nothing at the provider to void. */
const wasNeverToPay = (reason: EndReason | null): boolean => reason === 'limit_reached' || reason === 'tickets_taken'

/** Every line, not only those seen to succeed: a lost reply can hide a reservation. Slots given up on the way as well. */
const releaseAll = async (s: Steps): Promise<void> => {
  const { orderId, order, onEach, run } = s
  await onEach('release', (line) => commandsFor(line).release(orderId))
  await releaseDiscarded(s)
  for (const { quotaId } of order.placed.limits)
    await run(quota, `release/${quotaId}`, quotaId, { type: 'ReleaseQuota', claimId: orderId })
}

export const releaseDiscarded = ({ orderId, order, onTicket }: Steps): Promise<unknown> =>
  Promise.all(
    order.discarded.map((slot) =>
      onTicket('release', slot, { type: 'ReleaseReservation', orderId, reason: 'slot_replaced' }),
    ),
  )

/** Of an order that has ended without tickets: what was paid when nobody waited for it any more. */
export const returnLate = async (s: Steps): Promise<void> => {
  for (const due of s.order.placed.payments) {
    const { state } = await load(s.deps, payment, due.paymentId)
    if (state.status === 'captured' && state.refunds.size === 0) await giveBack(s, due)
  }
}

/** A straggler may have captured before it could read that the order was given up. */
const giveBack = async (s: Steps, due: Placed['payments'][number]): Promise<void> => {
  const { deps, orderId, order, onPayment } = s
  const { paymentId, amount } = due
  const refundId = stepIdOf(orderId, `refund/${paymentId}`)
  const { kind, eventId, payerId } = order.placed
  const asked = await requestOf(deps, s, due)
  const isExternal = kind === 'external'
  const payments = deps.payments.by(due.method)
  if (isExternal || (await payments.void(asked)) === 'voided') {
    // A request or a confirmation may be on its way, with a payment that nobody has recorded yet: voided first, it stays so.
    const provider = isExternal ? kind : payments.provider
    const requested = { orderId, eventId, payerId, amount: asked.amount, provider, reference: asked.reference }
    await onPayment('request', paymentId, { type: 'RequestPayment', requested })
    await onPayment('void', paymentId, { type: 'RecordVoided' })
    if (!isExternal) return
  } else {
    await onPayment('capture', paymentId, { type: 'RecordCaptured' })
    // Asked for again: by now the straggler has recorded what the provider calls it.
    await payments.refund(await requestOf(deps, s, due), refundId, amount)
  }
  // What a service took, the service gives back; the books say that it owes it.
  await onPayment('refund', paymentId, { type: 'RecordRefund', refundId, amount, shares: [] })
}
