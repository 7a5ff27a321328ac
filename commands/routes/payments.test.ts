import { Registry } from 'prom-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { httpServer } from '../../adapters/http/server.ts'
import { logTo } from '../../adapters/log.ts'
import { stripePayments } from '../../adapters/payments/stripe.ts'
import { SECRET_KEY, signed, stripeWorld, WEBHOOK_SECRET } from '../../adapters/payments/stripe.world.ts'
import { stepIdOf } from '../ids.ts'
import { orderWorld } from '../order-process.world.ts'
import { webhookRoutes } from './payments.ts'

const served = async () => {
  const [w, stripe] = [await orderWorld(), await stripeWorld()]
  const { api, now } = stripe
  const payments = stripePayments({ secretKey: SECRET_KEY, webhookSecrets: [WEBHOOK_SECRET], now, api })
  Object.assign(w.payments, payments)
  const server = await httpServer({
    authenticate: async () => undefined,
    health: async () => ({ ready: true }),
    metrics: new Registry(),
    rateLimit: { perMinute: 1_000_000 },
    log: logTo('silent'),
  })
  webhookRoutes(server, w.deps)
  onTestFinished(async () => {
    stripe.close()
    await server.close()
  })
  /** As Stripe sends: its own header, and a charset that most others leave out. */
  const tell = (payload: string, signature: string, header = 'stripe-signature') =>
    server.inject({
      method: 'POST',
      url: '/api/v1/webhooks/payments',
      headers: { 'content-type': 'application/json; charset=utf-8', [header]: signature },
      payload,
    })
  const paid = async () => {
    const { orderId } = await w.place('ann', 1)
    const asked = { paymentId: stepIdOf(orderId, 'payment/1'), reference: null, orderId, tenant: 'acme' }
    const { reference, clientSecret } = await payments.request({ ...asked, amount: { amount: 5_000, currency: 'EUR' } })
    await stripe.confirm(reference!, clientSecret, 'pm_card_visa')
    return { orderId, ...stripe.told.at(-1)! }
  }
  return { w, stripe, tell, paid }
}

describe('a webhook of Stripe over HTTP', () => {
  it('F07.18 moves its order on, and a replayed one changes nothing', async () => {
    const { w, tell, paid } = await served()
    const { orderId, rawBody, signature } = await paid()
    expect((await tell(rawBody, signature)).statusCode).toBe(204)
    expect((await w.orderOf(orderId)).status).toBe('confirmed')
    const before = w.log.length
    expect((await tell(rawBody, signature)).statusCode).toBe(204)
    expect(w.log).toHaveLength(before)
  })

  it('F07.18 is refused when it is touched, too old, or signed in another header than Stripe’s', async () => {
    const { w, stripe, tell, paid } = await served()
    const { orderId, rawBody, signature } = await paid()
    const refused = { statusCode: 400, body: expect.stringContaining('WebhookUnverified') }
    expect(await tell(`${rawBody}\n`, signature)).toMatchObject(refused)
    expect(await tell(rawBody, signature, 'payment-signature')).toMatchObject(refused)
    stripe.clock.now += 301_000
    expect(await tell(rawBody, signature)).toMatchObject(refused)
    expect((await w.orderOf(orderId)).status).toBe('authorising')
  })

  it('about something else is thanked for, so that it does not come again', async () => {
    const { stripe, tell } = await served()
    const payout = JSON.stringify({
      id: 'evt_9',
      type: 'payout.paid',
      data: { object: { id: 'po_1', object: 'payout' } },
    })
    expect((await tell(payout, signed(payout, stripe.clock.now / 1_000))).statusCode).toBe(204)
  })

  it('is to come again when Stripe cannot be asked what it means', async () => {
    const { w, stripe, tell, paid } = await served()
    const { orderId, rawBody, signature } = await paid()
    stripe.fail('too many')
    expect((await tell(rawBody, signature)).statusCode).toBe(503)
    expect((await tell(rawBody, signature)).statusCode).toBe(204)
    expect((await w.orderOf(orderId)).status).toBe('confirmed')
  })
})
