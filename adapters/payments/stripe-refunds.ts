import type Stripe from 'stripe'
import type { Payments } from '../../commands/payments.ts'
import { isToMove } from './portion.ts'
import { fromStripe, toStripe } from './stripe-amounts.ts'
import { ask } from './stripe-calls.ts'
import { capturedOf } from './stripe-intents.ts'

/** Far more than one payment has. */
export const ALL = { limit: 10_000 }

/**
 * Stripe forgets an idempotency key after a day, so a refund is looked for in the payment's list too; which, unlike Stripe's search, is never behind.
 * One that failed later is not done: it throws, until somebody has seen to it.
 */
export const stripeRefunds =
  (stripe: Stripe): Payments['refund'] =>
  async (payment, refundId, amount) => {
    const { paymentId } = payment
    const wish = `refund ${amount} of payment ${paymentId} as ${refundId}`
    const { intent, charge, currency } = await capturedOf(stripe, payment)
    const refunds = await ask(wish, () =>
      stripe.refunds.list({ payment_intent: intent.id, limit: 100 }).autoPagingToArray(ALL),
    )
    const named = refunds.filter(({ metadata }) => metadata?.refundId === refundId)
    const done = named.find(({ status }) => status !== 'failed' && status !== 'canceled')
    if (named[0] && !done)
      throw new Error(
        `refund ${refundId} of payment ${paymentId} has failed at Stripe (${named[0].failure_reason ?? 'no reason given'}): ` +
          'refund it in the Dashboard, with the same refundId in the metadata',
      )
    const before = done && fromStripe(done.amount, currency)
    const left = fromStripe(intent.amount_received - charge.amount_refunded, currency)
    if (!isToMove({ what: `refund ${refundId}`, from: `payment ${paymentId}`, amount, before, left })) return
    const params = {
      payment_intent: intent.id,
      amount: toStripe({ amount, currency }).amount,
      metadata: { refundId, paymentId },
    }
    await ask(wish, () => stripe.refunds.create(params, { idempotencyKey: `refund/${refundId}` }))
  }
