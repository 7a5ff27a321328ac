import { randomUUID } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stripePayments } from '../adapters/payments/stripe.ts'
import { SECRET_KEY, stripeWorld, WEBHOOK_SECRET } from '../adapters/payments/stripe.world.ts'
import { Unavailable } from '../domain/ledger.ts'
import { stepIdOf } from './ids.ts'
import { orderWorld } from './order-process.world.ts'
import { syncPayment } from './payment-sync.ts'
import type { PaymentRequest, Payments } from './payments.ts'

/** The order process, and Stripe as a stand-in plays it. */
const withStripe = async () => {
  const [w, stripe] = [await orderWorld(), await stripeWorld()]
  onTestFinished(stripe.close)
  const payments = stripePayments({
    secretKey: SECRET_KEY,
    webhookSecrets: [WEBHOOK_SECRET],
    now: stripe.now,
    api: stripe.api,
  })
  Object.assign(w.payments, payments)
  const factsOf = (orderId: string) =>
    w.log
      .filter(({ stream }) => stream === `payment-${stepIdOf(orderId, 'payment/1')}`)
      .map(({ type, data }) => ({ type, data }))

  /** Placed, and paid by card; `told` are the webhooks up to now. */
  const placed = async (card?: string) => {
    const { orderId, placing } = await w.place('ann', 2)
    expect(placing).toMatchObject({ placed: { status: 'authorising' } })
    const [requested] = factsOf(orderId)
    const { reference } = requested!.data as { reference: string }
    const asked = {
      paymentId: stepIdOf(orderId, 'payment/1'),
      reference,
      orderId,
      tenant: 'acme',
      amount: { amount: 10_000, currency: 'EUR' },
    }
    const { clientSecret } = await payments.request(asked)
    if (card) await stripe.confirm(reference, clientSecret, card)
    return { orderId, paymentId: asked.paymentId, reference }
  }
  const hear = async ({ rawBody, signature }: { rawBody: string; signature: string }) => {
    const webhook = await payments.receive(rawBody, signature)
    if (webhook?.paymentId) await syncPayment(w.deps, webhook.paymentId)
  }
  const types = (orderId: string) => factsOf(orderId).map(({ type }) => type)
  return { w, stripe, payments, placed, hear, factsOf, types }
}

describe('an order paid through Stripe', () => {
  it('F07.10 records what Stripe calls its payment, and is confirmed when Stripe tells', async () => {
    const { w, stripe, placed, hear, factsOf } = await withStripe()
    const { orderId, reference } = await placed('pm_card_visa')
    await hear(stripe.told.at(-1)!)
    expect((await w.orderOf(orderId)).status).toBe('confirmed')
    expect(factsOf(orderId)).toMatchObject([
      { type: 'PaymentRequested', data: { provider: 'stripe', reference } },
      { type: 'PaymentAuthorised' },
      { type: 'PaymentCaptured', data: { amount: { amount: 10_000 } } },
    ])
  })

  it('F07.18 is confirmed once, though its webhooks come twice and in no order', async () => {
    const { w, stripe, placed, hear } = await withStripe()
    const { orderId } = await placed('pm_card_visa')
    await hear(stripe.told.at(-1)!)
    const before = w.log.length
    for (const webhook of [...stripe.told, ...stripe.told.toReversed()]) await hear(webhook)
    expect(w.log).toHaveLength(before)
    expect((await w.orderOf(orderId)).status).toBe('confirmed')
    expect(stripe.told.filter(({ type }) => type === 'payment_intent.succeeded')).toHaveLength(1)
  })

  it('F07.11 with a card that is declined is cancelled, and no second card can pay for it', async () => {
    const { w, stripe, placed, hear, factsOf } = await withStripe()
    const { orderId, reference } = await placed('pm_card_visa_chargeDeclinedInsufficientFunds')
    await hear(stripe.told.at(-1)!)
    expect(await w.orderOf(orderId)).toMatchObject({ status: 'cancelled', reason: 'payment_declined' })
    expect(factsOf(orderId).at(-1)).toMatchObject({ type: 'PaymentDeclined', data: { reason: 'insufficient_funds' } })
    expect(stripe.told.at(-1)).toMatchObject({
      type: 'payment_intent.canceled',
      rawBody: expect.stringContaining(reference),
    })
  })

  it('F07.12 whose authorisation Stripe lets go is cancelled, and its payment void in the books', async () => {
    const { w, stripe, placed, types } = await withStripe()
    const { orderId, paymentId } = await placed('pm_card_visa')
    stripe.clock.now += 7 * 86_400_000
    await syncPayment(w.deps, paymentId)
    expect((await w.orderOf(orderId)).status).toBe('cancelled')
    expect(types(orderId)).toEqual(['PaymentRequested', 'PaymentVoided'])
  })

  it('records each of its disputes, and how it ended, once', async () => {
    const { stripe, placed, hear, factsOf } = await withStripe()
    const { orderId, reference } = await placed('pm_card_visa')
    await hear(stripe.told.at(-1)!)
    const first = stripe.dispute(reference, 'product_not_received')
    stripe.settleDispute(first, 'won')
    const second = stripe.dispute(reference, 'fraudulent')
    for (const webhook of [...stripe.told, ...stripe.told]) await hear(webhook)
    expect(factsOf(orderId).slice(3)).toEqual([
      { type: 'PaymentDisputed', data: { orderId, disputeId: first, reason: 'product_not_received' } },
      { type: 'PaymentDisputeClosed', data: { orderId, disputeId: first, won: true } },
      { type: 'PaymentDisputed', data: { orderId, disputeId: second, reason: 'fraudulent' } },
    ])
  })

  it('makes nothing of a payment that nobody here has asked for', async () => {
    const { w, payments } = await withStripe()
    const before = w.log.length
    await payments.request({ ...stranger, paymentId: randomUUID() })
    await syncPayment(w.deps, randomUUID())
    expect(w.log).toHaveLength(before)
  })
})

const stranger = { reference: null, orderId: randomUUID(), tenant: 'acme', amount: { amount: 5_000, currency: 'EUR' } }

describe('a payment whose request was lost on the way', () => {
  const LOST: Readonly<Record<string, (request: Payments['request'], asked: PaymentRequest) => Promise<unknown>>> = {
    'before it came to the provider': async () => {},
    'on its way back': (request, asked) => request(asked),
  }

  it.each(['stripe', 'sandbox'].flatMap((provider) => Object.keys(LOST).map((when) => ({ provider, when }))))(
    'F07.12 $when ($provider), is void at the provider and in the books once its order has lapsed',
    async ({ provider, when }) => {
      const stripe = await withStripe()
      const w = provider === 'stripe' ? stripe.w : await orderWorld()
      const { payments } = w
      const { request } = payments
      const asked: PaymentRequest[] = []
      Object.assign(payments, {
        request: async (payment: PaymentRequest) => {
          asked.push(payment)
          await LOST[when]!(request, payment)
          throw new Unavailable('the provider was not heard')
        },
      })
      await expect(w.place('ann', 2)).rejects.toThrow('not heard')
      w.pass(31 * 60)
      const { orderId, paymentId } = asked[0]!
      expect(await w.settle(orderId)).toBe('cancelled')
      const types = () => w.log.filter(({ stream }) => stream === `payment-${paymentId}`).map(({ type }) => type)
      expect(types()).toEqual(['PaymentRequested', 'PaymentVoided'])

      // The straggler is heard after all.
      const { reference } = await request(asked[0]!)
      expect((await payments.look({ paymentId, reference })).status).toBe('voided')
      await syncPayment(w.deps, paymentId)
      expect(types()).toHaveLength(2)
    },
  )
})
