import type Stripe from 'stripe'
import type { Dispute, PaymentRef, PaymentSeen } from '../../commands/payments.ts'
import { ask } from './stripe-calls.ts'

type Found = {
  readonly intent: Stripe.PaymentIntent | undefined
  /** Of the last card that was tried; the one that paid, where one did. */
  readonly charge: Stripe.Charge | undefined
}

/** A payment as Stripe has it; nothing where the books know no reference. */
export const intentOf = async (stripe: Stripe, { paymentId, reference }: PaymentRef): Promise<Found> => {
  if (!reference) return { intent: undefined, charge: undefined }
  const intent = await ask(`find payment ${paymentId}`, () =>
    stripe.paymentIntents.retrieve(reference, { expand: ['latest_charge'] }),
  )
  return { intent, charge: (intent.latest_charge as Stripe.Charge | null) ?? undefined }
}

/** One whose money has come: what is refunded and transferred comes out of its charge. Throws for every other. */
export const capturedOf = async (stripe: Stripe, payment: PaymentRef) => {
  const { intent, charge } = await intentOf(stripe, payment)
  if (intent?.status !== 'succeeded' || !charge)
    throw new Error(`payment ${payment.paymentId} was not captured, so there is nothing of it to give to anybody`)
  return { intent, charge, currency: intent.currency.toUpperCase() }
}

/**
 * - A card that was declined ends the payment, though Stripe would take another: whoever sees it gives the order up, and voids it.
 * - `processing` and `requires_action` (3-D Secure) are the payer's time; should it run out, the order's lease does too.
 * - An authorisation that nobody captures in seven days Stripe cancels itself: it is voided, and a capture is refused.
 */
export const statusOf = ({ status, last_payment_error }: Stripe.PaymentIntent): PaymentSeen['status'] => {
  switch (status) {
    case 'requires_payment_method':
      return last_payment_error ? 'declined' : 'pending'
    case 'requires_capture':
      return 'authorised'
    case 'succeeded':
      return 'captured'
    case 'canceled':
      return 'voided'
    default:
      return 'pending'
  }
}

/** `do_not_honor` says more than `card_declined`, and that more than `card_error`. */
export const declineOf = ({ last_payment_error: error }: Stripe.PaymentIntent): string | undefined =>
  error?.decline_code ?? error?.code ?? error?.type

/** An inquiry counts as a dispute. One that was prevented was so by giving the money back. */
export const disputeOf = ({ id, reason, status }: Stripe.Dispute): Dispute => {
  if (status === 'won' || status === 'warning_closed') return { id, reason, status: 'won' }
  if (status === 'lost' || status === 'prevented') return { id, reason, status: 'lost' }
  return { id, reason, status: 'open' }
}
