import type Stripe from 'stripe'
import { z } from 'zod'
import type { Payments } from '../../commands/payments.ts'
import { Id } from '../../domain/id.ts'
import { ask, unlessRefused } from './stripe-calls.ts'

const TOLERANCE_SECONDS = 5 * 60

/** What moves a payment. That it was created is our own doing. */
const TOLD = /^(payment_intent\.(?!created$)|charge\.dispute\.|charge\.refund|refund\.)/

/** As little as is needed: an endpoint may send its objects in another version of the API than ours. */
const Event = z.object({
  id: z.string(),
  type: z.string(),
  data: z.object({
    object: z.object({
      id: z.string(),
      object: z.string(),
      metadata: z.record(z.string(), z.string()).nullish(),
      payment_intent: z.string().nullish(),
    }),
  }),
})
type Event = z.infer<typeof Event>

type Options = {
  readonly stripe: Stripe
  /** More than one while a secret is being replaced. */
  readonly secrets: readonly string[]
  readonly now: () => string
}

/** Nothing is kept of a webhook: one that is replayed within its five minutes makes us look again, and finds nothing new. */
export const stripeWebhooks =
  ({ stripe, secrets, now }: Options): Payments['receive'] =>
  async (rawBody, signature) => {
    if (!secrets.some((secret) => isSigned(stripe, rawBody, signature, secret, now()))) return undefined
    const event = Event.parse(JSON.parse(rawBody))
    return { webhookId: event.id, paymentId: TOLD.test(event.type) ? await paymentOf(stripe, event) : null }
  }

const isSigned = (stripe: Stripe, rawBody: string, signature: string | undefined, secret: string, now: string) => {
  try {
    stripe.webhooks.constructEvent(rawBody, signature ?? '', secret, TOLERANCE_SECONDS, undefined, Date.parse(now))
    return true
  } catch {
    return false
  }
}

/** A payment intent bears our id; a dispute or a refund may only name its intent. */
const paymentOf = async (stripe: Stripe, { data: { object } }: Event): Promise<string | null> => {
  const intentId = object.payment_intent
  const metadata =
    object.object === 'payment_intent' || !intentId
      ? object.metadata
      : (
          await unlessRefused(
            ['resource_missing'],
            ask(`find ${intentId}`, () => stripe.paymentIntents.retrieve(intentId)),
          )
        )?.metadata
  // Others may use the same account, and metadata of their own.
  return Id.safeParse(metadata?.paymentId).data ?? null
}
