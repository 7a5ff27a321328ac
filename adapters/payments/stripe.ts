import Stripe from 'stripe'
import { type PaymentRequest, type Payments, Unchargeable } from '../../commands/payments.ts'
import { Unavailable } from '../../domain/ledger.ts'
import { fromStripe, toStripe } from './stripe-amounts.ts'
import { ask, StripeRefused, unlessRefused } from './stripe-calls.ts'
import { declineOf, disputeOf, intentOf, statusOf } from './stripe-intents.ts'
import { stripeRefunds } from './stripe-refunds.ts'
import { stripeSellers } from './stripe-sellers.ts'
import { stripeWebhooks } from './stripe-webhooks.ts'

type Options = {
  /** `sk_…` or a restricted key, `rk_…`, that may write payment intents, refunds and transfers, and read disputes. */
  readonly secretKey: string
  /** `whsec_…` of the webhook's endpoint; more than one while it is being replaced. */
  readonly webhookSecrets: readonly string[]
  readonly now: () => string
  /** Where else the API is: a stand-in. */
  readonly api?: Pick<Stripe.StripeConfig, 'host' | 'port' | 'protocol'>
  /** Of one try, of which there are three. */
  readonly timeoutMs?: number
}

/** Pinned: the SDK's types hold for this version alone, so a newer SDK does not compile until it is looked at. */
const API_VERSION = '2026-10-28.endive'

/** Stripe's "no" to a capture that came too late, or second. */
const NOT_CAPTURABLE = [
  'payment_intent_unexpected_state',
  'charge_expired_for_capture',
  'capture_charge_authorization_expired',
  'capture_unauthorized_payment',
  'card_error',
]

/** Stripe's "no" to an amount: it is below or above what it charges in that currency. */
const NOT_CHARGEABLE = ['amount_too_small', 'amount_too_large']

/**
 * Payments through Stripe: a PaymentIntent each, captured by hand. How a payment finds its intent: the books record the intent's id as the
 * payment's reference before its secret is told to anybody; until then the idempotency key, which derives from the payment's id, gives every
 * process the same intent. Stripe forgets a key after a day at the earliest. An intent that was lost so was told to nobody, and nobody can pay it.
 */
export const stripePayments = ({ secretKey, webhookSecrets, now, api, timeoutMs = 8_000 }: Options): Payments => {
  const stripe = new Stripe(secretKey, {
    apiVersion: API_VERSION,
    maxNetworkRetries: 2,
    timeout: timeoutMs,
    telemetry: false,
    ...api,
  })

  const create = ({ paymentId, orderId, tenant, amount }: PaymentRequest) =>
    ask(`request payment ${paymentId}`, () =>
      stripe.paymentIntents.create(
        {
          ...toStripe(amount),
          capture_method: 'manual',
          automatic_payment_methods: { enabled: true },
          transfer_group: orderId,
          metadata: { paymentId, orderId, tenant },
        },
        { idempotencyKey: `payment/${paymentId}` },
      ),
    ).catch((error) => {
      if (!(error instanceof StripeRefused && NOT_CHARGEABLE.includes(error.code))) throw error
      throw new Unchargeable(error.message, { cause: error })
    })

  /** Stripe answers a key with what it answered first, a breakdown of its own included; a later try is to be a new one. */
  const onOccasion = (deed: string, paymentId: string) => ({
    idempotencyKey: `${deed}/${paymentId}/${now().slice(0, 'yyyy-mm-ddThh:mm'.length)}`,
  })

  /** What a request that nobody recorded has opened, or may yet; undefined where none can open anything. */
  const unrecorded = async (payment: PaymentRequest): Promise<string | undefined> => {
    try {
      return (await create(payment)).id
    } catch (error) {
      const isRefused = error instanceof StripeRefused && error.code !== 'idempotency_error'
      if (isRefused || error instanceof Unchargeable) return undefined
      throw error
    }
  }

  return {
    provider: 'stripe',
    signatureHeader: 'stripe-signature',

    request: async (payment) => {
      const { paymentId, reference, amount } = payment
      const other = `payment ${paymentId} was requested with another amount before`
      const intent = reference
        ? (await intentOf(stripe, payment)).intent
        : await unlessRefused(['idempotency_error'], create(payment))
      const due = toStripe(amount)
      if (intent?.amount !== due.amount || intent.currency !== due.currency) throw new Error(other)
      return { reference: intent.id, clientSecret: intent.client_secret! }
    },

    look: async (payment) => {
      const { intent, charge } = await intentOf(stripe, payment)
      if (!intent) return { status: 'unknown', disputes: [], refunded: 0 }
      const status = statusOf(intent)
      const reason = status === 'declined' ? declineOf(intent) : undefined
      const disputes =
        status === 'captured'
          ? await ask(`find the disputes of payment ${payment.paymentId}`, () =>
              stripe.disputes.list({ payment_intent: intent.id, limit: 100 }),
            )
          : { data: [] }
      return {
        status,
        ...(reason && { reason }),
        // Oldest first, as they came.
        disputes: disputes.data.toReversed().map(disputeOf),
        refunded: status === 'captured' ? fromStripe(charge?.amount_refunded ?? 0, intent.currency.toUpperCase()) : 0,
      }
    },

    capture: async (payment) => {
      const { paymentId } = payment
      const { intent } = await intentOf(stripe, payment)
      if (intent?.status !== 'requires_capture') return intent?.status === 'succeeded' ? 'captured' : 'refused'
      const captured = await unlessRefused(
        NOT_CAPTURABLE,
        ask(`capture payment ${paymentId}`, () =>
          stripe.paymentIntents.capture(intent.id, {}, onOccasion('capture', paymentId)),
        ),
      )
      // It was refused, or somebody else was faster.
      const { status } = captured ?? (await intentOf(stripe, payment)).intent!
      return status === 'succeeded' ? 'captured' : 'refused'
    },

    void: async (payment) => {
      const { paymentId } = payment
      const reference = payment.reference ?? (await unrecorded(payment))
      if (!reference) return 'voided'
      const cancelled = await unlessRefused(
        ['payment_intent_unexpected_state'],
        ask(`void payment ${paymentId}`, () =>
          stripe.paymentIntents.cancel(
            reference,
            { cancellation_reason: 'abandoned' },
            onOccasion('cancel', paymentId),
          ),
        ),
      )
      const { status } = cancelled ?? (await intentOf(stripe, { paymentId, reference })).intent!
      if (status === 'canceled') return 'voided'
      if (status === 'succeeded') return 'captured'
      throw new Unavailable(`payment ${paymentId} cannot be voided while it is ${status}: look again`)
    },

    refund: stripeRefunds(stripe),

    ...stripeSellers(stripe),

    receive: stripeWebhooks({ stripe, secrets: webhookSecrets, now }),
  }
}
