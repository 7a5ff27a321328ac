import { describe, expect, it, onTestFinished } from 'vitest'
import { byMethod } from '../../adapters/payments/by-method.ts'
import { stripePayments } from '../../adapters/payments/stripe.ts'
import { SECRET_KEY, signed, stripeWorld, WEBHOOK_SECRET } from '../../adapters/payments/stripe.world.ts'
import { payment } from '../../domain/payment.ts'
import { load } from '../../domain/stream.ts'
import { paymentOf, personId } from '../order-process.world.ts'
import { syncPayment } from '../payment-sync.ts'
import { ASKED, marketWorld } from './market.world.ts'

/** A buyer's order for the listing, placed and to be paid through Stripe. */
const placed = async () => {
  const stripe = await stripeWorld()
  onTestFinished(stripe.close)
  const { api, now } = stripe
  const payments = stripePayments({ secretKey: SECRET_KEY, webhookSecrets: [WEBHOOK_SECRET], now, api })
  const w = await marketWorld()
  Object.assign(w.deps, { payments: byMethod({ card: payments, crypto: payments }) })
  const { orderId } = await w.claim('ann')
  const { state } = await load(w.deps, payment, paymentOf(orderId))
  if (state.status === 'new') throw new Error('no payment was asked for')
  const { reference, amount } = state.requested
  const asked = { paymentId: paymentOf(orderId), reference, orderId, tenant: 'acme', amount }
  const { clientSecret } = await payments.request(asked)
  const pay = (card: string) => stripe.confirm(reference!, clientSecret, card)
  /** As our route does with what comes in. */
  const hear = async (rawBody: string, signature: string) => {
    const webhook = await payments.receive(rawBody, signature)
    if (webhook?.paymentId) await syncPayment(w.deps, webhook.paymentId)
    return webhook !== undefined
  }
  const seen = () => payments.look(asked)
  const capture = () => payments.capture(asked)
  const told = (type: string) => stripe.told.filter((event) => event.type === type)
  return { ...w, orderId, pay, hear, seen, capture, told }
}

describe('a listing paid through Stripe', () => {
  it('F11.9 F11.11 is the buyer’s once the webhook tells of the card; duplicates, and that of its success, change nothing', async () => {
    const w = await placed()
    await w.pay('pm_card_visa')
    const [capturable] = w.told('payment_intent.amount_capturable_updated')
    expect(await w.hear(capturable!.rawBody, signed(capturable!.rawBody, 0))).toBe(false)
    expect((await w.orderOf(w.orderId)).status).toBe('authorising')

    expect(await w.hear(capturable!.rawBody, capturable!.signature)).toBe(true)
    expect((await w.orderOf(w.orderId)).status).toBe('confirmed')
    expect((await w.held()).holderId).toBe(personId('ann'))
    expect(await w.seen()).toMatchObject({ status: 'captured', refunded: 0 })
    const recorded = w.log.length
    const [succeeded] = w.told('payment_intent.succeeded')
    for (const { rawBody, signature } of [succeeded!, succeeded!, capturable!])
      expect(await w.hear(rawBody, signature)).toBe(true)
    expect(w.log).toHaveLength(recorded)
  })

  it('F11.11 is the buyer’s once payment_intent.succeeded is heard, where every webhook before was lost', async () => {
    const w = await placed()
    await w.pay('pm_card_visa')
    // Another process heard, captured, and died before it recorded that.
    expect(await w.capture()).toBe('captured')
    const [succeeded] = w.told('payment_intent.succeeded')
    for (const _ of [1, 2]) expect(await w.hear(succeeded!.rawBody, succeeded!.signature)).toBe(true)
    expect((await w.orderOf(w.orderId)).status).toBe('confirmed')
    expect((await w.held()).paid.map(({ price }) => price.amount)).toEqual([5_000, ASKED])
  })

  it('F11.17 F13.10 is not charged when the card is declined, or when the ticket is locked meanwhile', async () => {
    const declined = await placed()
    await declined.pay('pm_card_visa_chargeDeclined')
    await declined.settle(declined.orderId)
    expect((await declined.seen()).status).not.toBe('captured')
    const locked = await placed()
    await locked.lock()
    await locked.pay('pm_card_visa')
    expect(await locked.settle(locked.orderId)).toBe('cancelled')
    expect(await locked.seen()).toMatchObject({ status: 'voided' })
  })
})
