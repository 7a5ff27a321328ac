import { randomUUID } from 'node:crypto'
import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type PaymentRequest, type Payments, Unchargeable } from '../../commands/payments.ts'
import { Unavailable } from '../../domain/ledger.ts'
import { type Opened, paymentsContract } from './payments.contract.ts'
import { stripePayments } from './stripe.ts'
import { SECRET_KEY, signed, stripeWorld, WEBHOOK_SECRET } from './stripe.world.ts'
import { ACCOUNTS } from './stripe-bank.world.ts'

const CARDS = {
  good: 'pm_card_visa',
  declined: 'pm_card_visa_chargeDeclined',
  capture_refused: 'pm_card_captureRefused',
} as const

type World = Awaited<ReturnType<typeof stripeWorld>>

const through = ({ api, now }: World): Payments =>
  stripePayments({ secretKey: SECRET_KEY, webhookSecrets: ['whsec_new', WEBHOOK_SECRET], now, api, timeoutMs: 300 })

let shared: World
beforeAll(async () => {
  shared = await stripeWorld()
})
afterAll(() => shared.close())

paymentsContract('Stripe, of which a stand-in answers', {
  fresh: async () => async (): Promise<Opened> => ({
    payments: through(shared),
    pay: async ({ reference }, secret, card) => void (await shared.confirm(reference!, secret, CARDS[card])),
  }),
  sellers: ACCOUNTS,
})

const newPayment = (amount = 5_000, currency = 'EUR'): PaymentRequest => ({
  paymentId: randomUUID(),
  reference: null,
  orderId: randomUUID(),
  tenant: 'acme',
  amount: { amount, currency },
})

const opened = async () => {
  const world = await stripeWorld()
  onTestFinished(world.close)
  return { world, payments: through(world) }
}

const requested = async (card?: string) => {
  const { world, payments } = await opened()
  const asked = newPayment()
  const { reference, clientSecret } = await payments.request(asked)
  if (card) await world.confirm(reference!, clientSecret, card)
  return { world, payments, payment: { ...asked, reference: reference! }, clientSecret }
}

const captured = async (card = 'pm_card_visa') => {
  const paid = await requested(card)
  expect(await paid.payments.capture(paid.payment)).toBe('captured')
  return paid
}

const DAYS = 86_400_000

describe('a payment through Stripe', () => {
  it('is a payment intent that names our payment, order and tenant, captured by hand', async () => {
    const { world, payment } = await requested()
    const [create] = world.sent
    expect(create).toMatchObject({ method: 'POST', path: '/v1/payment_intents' })
    expect(Object.fromEntries(new URLSearchParams(create!.body))).toEqual({
      amount: '5000',
      currency: 'eur',
      capture_method: 'manual',
      'automatic_payment_methods[enabled]': 'true',
      transfer_group: payment.orderId,
      'metadata[paymentId]': payment.paymentId,
      'metadata[orderId]': payment.orderId,
      'metadata[tenant]': 'acme',
    })
    expect(create!.headers).toMatchObject({
      'idempotency-key': `payment/${payment.paymentId}`,
      'stripe-version': '2026-10-28.endive',
    })
  })

  it('gives every write a key of its own, made of our ids', async () => {
    const { world, payments, payment } = await captured()
    const [refundId, transferId, reversalId] = [randomUUID(), randomUUID(), randomUUID()]
    await payments.refund(payment, refundId, 1_000)
    const transfer = { transferId, from: payment, account: ACCOUNTS.good, amount: 1_000 }
    const answer = await payments.transferToSeller(transfer)
    if ('refused' in answer) throw new Error(answer.refused)
    await payments.reverseTransfer({ transferId, reference: answer.reference }, reversalId, 500)
    const open = newPayment()
    await payments.void(open)
    const ours = world.sent.filter(({ method, path }) => method === 'POST' && !path.endsWith('/confirm'))
    expect(ours.map(({ headers }) => headers['idempotency-key'])).toEqual([
      `payment/${payment.paymentId}`,
      `capture/${payment.paymentId}/2030-01-01T10:00`,
      `refund/${refundId}`,
      `transfer/${transferId}`,
      `reversal/${reversalId}`,
      `payment/${open.paymentId}`,
      `cancel/${open.paymentId}/2030-01-01T10:00`,
    ])
  })

  it('is found by its reference when Stripe has long forgotten the key', async () => {
    const { world, payments, payment, clientSecret } = await captured()
    const [refundId, transfer] = [randomUUID(), { transferId: randomUUID(), from: payment, account: ACCOUNTS.good }]
    await payments.refund(payment, refundId, 2_000)
    const paidOut = await payments.transferToSeller({ ...transfer, amount: 1_000 })
    const reversalId = randomUUID()
    if ('refused' in paidOut) throw new Error(paidOut.refused)
    const made = { transferId: transfer.transferId, reference: paidOut.reference }
    await payments.reverseTransfer(made, reversalId, 400)
    world.clock.now += 2 * DAYS
    world.forgetKeys()

    expect(await payments.request(payment)).toEqual({ reference: payment.reference, clientSecret })
    await payments.refund(payment, refundId, 2_000)
    expect(await payments.transferToSeller({ ...transfer, amount: 1_000 })).toEqual(paidOut)
    expect(await payments.reverseTransfer(made, reversalId, 400)).toBe('reversed')
    await expect(payments.reverseTransfer(made, randomUUID(), 601)).rejects.toThrow('600 left')
    expect(await payments.look(payment)).toEqual({ status: 'captured', disputes: [], refunded: 2_000 })
  })

  it.each([
    ['pm_card_visa_chargeDeclined', 'generic_decline'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
  ])('by %s is declined for what the bank says: %s', async (card, reason) => {
    const { payments, payment } = await requested(card)
    expect(await payments.look(payment)).toEqual({ status: 'declined', reason, disputes: [], refunded: 0 })
  })

  it('waits for its payer while the bank wants to know them better, and can be voided then', async () => {
    const { world, payments, payment, clientSecret } = await requested('pm_card_authenticationRequired')
    expect((await payments.look(payment)).status).toBe('pending')
    expect(await payments.capture(payment)).toBe('refused')
    expect(await world.confirm(payment.reference, clientSecret, 'pm_card_authenticationRequired')).toBe(200)
    expect((await payments.look(payment)).status).toBe('authorised')

    const other = await requested('pm_card_authenticationRequired')
    expect(await other.payments.void(other.payment)).toBe('voided')
  })

  it('is void when nobody has captured it for seven days', async () => {
    const { world, payments, payment } = await requested('pm_card_visa')
    world.clock.now += 7 * DAYS
    expect(await payments.capture(payment)).toBe('refused')
    expect(await payments.look(payment)).toEqual({ status: 'voided', disputes: [], refunded: 0 })
    expect(world.told.at(-1)!.type).toBe('payment_intent.canceled')
  })

  it('shows all its disputes, oldest first, and how each has ended', async () => {
    const { world, payments, payment } = await captured()
    const first = world.dispute(payment.reference, 'product_not_received')
    const second = world.dispute(payment.reference)
    world.settleDispute(first, 'warning_closed')
    expect((await payments.look(payment)).disputes).toEqual([
      { id: first, reason: 'product_not_received', status: 'won' },
      { id: second, reason: 'fraudulent', status: 'open' },
    ])
    for (const [status, seen] of [
      ['under_review', 'open'],
      ['won', 'won'],
      ['lost', 'lost'],
      ['prevented', 'lost'],
    ] as const) {
      world.settleDispute(second, status)
      expect((await payments.look(payment)).disputes[1]).toMatchObject({ status: seen })
    }
  })

  it('does not take a refund for paid that failed later, and says what to do', async () => {
    const { world, payments, payment } = await captured()
    const refundId = randomUUID()
    await payments.refund(payment, refundId, 5_000)
    world.failRefund(refundId)
    expect((await payments.look(payment)).refunded).toBe(0)
    await expect(payments.refund(payment, refundId, 5_000)).rejects.toThrow(/expired_or_canceled_card.*Dashboard/)
  })

  it('of less than Stripe takes is not requested, and voided all the same', async () => {
    const { payments } = await opened()
    const [tiny, odd] = [newPayment(30), newPayment(1_005, 'KWD')]
    for (const [payment, why] of [
      [tiny, /amount_too_small/],
      [odd, /1005 minor units of KWD/],
    ] as const) {
      await expect(payments.request(payment)).rejects.toThrow(Unchargeable)
      await expect(payments.request(payment)).rejects.toThrow(why)
    }
    expect(await payments.void(tiny)).toBe('voided')
    expect(await payments.void(odd)).toBe('voided')
  })

  it('counts as Stripe counts: KRW and ISK have no cents, and ISK is asked for in hundredths', async () => {
    const { world, payments } = await opened()
    for (const [currency, asked] of [
      ['KRW', '5000'],
      ['ISK', '500000'],
      ['KWD', '5000'],
      ['MGA', '50'],
    ] as const) {
      const { reference, clientSecret } = await payments.request(newPayment(5_000, currency))
      expect(new URLSearchParams(world.sent.at(-1)!.body).get('amount')).toBe(asked)
      await world.confirm(reference!, clientSecret, 'pm_card_visa')
      const payment = { paymentId: randomUUID(), reference }
      await payments.capture(payment)
      await payments.refund(payment, randomUUID(), 1_000)
      expect((await payments.look(payment)).refunded).toBe(1_000)
    }
  })
})

describe('when Stripe cannot be reached', () => {
  it.each(['cut before', 'cut after', 'hang'] as const)('(%s, once) it is asked again', async (fault) => {
    const { world, payments, payment } = await requested('pm_card_visa')
    world.fail('none', fault)
    expect(await payments.capture(payment)).toBe('captured')
    expect(world.told.filter(({ type }) => type === 'payment_intent.succeeded')).toHaveLength(1)
  })

  it('because it was asked too often, it is left alone', async () => {
    const { world, payments, payment } = await requested('pm_card_visa')
    world.fail('too many')
    await expect(payments.capture(payment)).rejects.toThrow(Unavailable)
    expect(await payments.capture(payment)).toBe('captured')
  })

  it.each(['cut before', 'cut after', 'hang'] as const)(
    '(%s, for long) it says that it does not know',
    async (fault) => {
      const { world, payments } = await opened()
      const asked = newPayment()
      world.fail(...Array<typeof fault>(3).fill(fault))
      await expect(payments.request(asked)).rejects.toThrow(Unavailable)
      await expect(payments.request(asked)).resolves.toMatchObject({ reference: expect.stringMatching(/^pi_/) })
      const intents = world.told.filter(({ type }) => type === 'payment_intent.created')
      expect(intents).toHaveLength(1)
    },
  )

  it('tries a capture anew that broke at Stripe, though Stripe would answer the same key with the same breakdown', async () => {
    const { world, payments, payment } = await requested('pm_card_visa')
    world.fail('none', 'broken')
    await expect(payments.capture(payment)).rejects.toThrow(Unavailable)
    await expect(payments.capture(payment)).rejects.toThrow(Unavailable)
    world.clock.now += 60_000
    expect(await payments.capture(payment)).toBe('captured')
  })

  it('says that the key is wrong when it is', async () => {
    const { world } = await opened()
    const payments = stripePayments({ secretKey: 'sk_test_other', webhookSecrets: [], now: world.now, api: world.api })
    await expect(payments.request(newPayment())).rejects.toThrow('STRIPE_SECRET_KEY')
    await expect(payments.void(newPayment())).rejects.toThrow('STRIPE_SECRET_KEY')
  })
})

describe('a webhook of Stripe', () => {
  const bodyOf = (type: string, object: object) =>
    JSON.stringify({ id: 'evt_1', object: 'event', type, data: { object: { id: 'x_1', ...object } } })

  it('names the payment that moved, whatever it was that moved', async () => {
    const { world, payments, payment } = await captured('pm_card_createDispute')
    await payments.refund(payment, randomUUID(), 100)
    const heard = await Promise.all(
      world.told.map(async ({ type, rawBody, signature }) => [
        type,
        (await payments.receive(rawBody, signature))?.paymentId,
      ]),
    )
    expect(heard).toEqual([
      ['payment_intent.created', null],
      ['payment_intent.amount_capturable_updated', payment.paymentId],
      ['payment_intent.succeeded', payment.paymentId],
      ['charge.dispute.created', payment.paymentId],
      ['charge.refunded', payment.paymentId],
    ])
  })

  it('says the same when it is replayed within five minutes, and nothing after that', async () => {
    const { world, payments, payment } = await requested('pm_card_visa')
    const { rawBody, signature } = world.told.at(-1)!
    const heard = { webhookId: 'evt_2', paymentId: payment.paymentId }
    expect(await payments.receive(rawBody, signature)).toEqual(heard)
    world.clock.now += 300_000
    expect(await payments.receive(rawBody, signature)).toEqual(heard)
    world.clock.now += 1_000
    expect(await payments.receive(rawBody, signature)).toBeUndefined()
  })

  it('is believed by either secret while one replaces the other, and by no third', async () => {
    const { world, payments } = await opened()
    const rawBody = bodyOf('customer.created', { object: 'customer' })
    const at = world.clock.now / 1_000
    const said = { webhookId: 'evt_1', paymentId: null }
    for (const [secret, heard] of [
      ['whsec_new', said],
      [WEBHOOK_SECRET, said],
      ['whsec_other', undefined],
    ] as const)
      expect(await payments.receive(rawBody, signed(rawBody, at, secret))).toEqual(heard)
  })

  it('that was touched is not believed', async () => {
    const { world, payments } = await requested('pm_card_visa')
    const { rawBody, signature } = world.told.at(-1)!
    expect(await payments.receive(`${rawBody} `, signature)).toBeUndefined()
    expect(await payments.receive(rawBody.replace('evt_2', 'evt_3'), signature)).toBeUndefined()
    expect(
      await payments.receive(rawBody, signature.replace(/t=\d+/, `t=${world.clock.now / 1_000 + 1}`)),
    ).toBeUndefined()
    expect(await payments.receive(rawBody, undefined)).toBeUndefined()
  })

  it.each([
    [
      'a payment of somebody else on the account',
      'payment_intent.succeeded',
      { object: 'payment_intent', metadata: {} },
    ],
    [
      'metadata that are not ours',
      'payment_intent.succeeded',
      { object: 'payment_intent', metadata: { paymentId: '7' } },
    ],
    ['a charge without an intent', 'charge.refunded', { object: 'charge', payment_intent: null, metadata: {} }],
    [
      'an intent that is gone',
      'charge.dispute.created',
      { object: 'dispute', payment_intent: 'pi_gone', metadata: {} },
    ],
    ['what moves no payment', 'payout.paid', { object: 'payout', metadata: { paymentId: randomUUID() } }],
  ])('about %s is thanked for and left', async (_, type, object) => {
    const { world, payments } = await opened()
    const rawBody = bodyOf(type, object)
    expect(await payments.receive(rawBody, signed(rawBody, world.clock.now / 1_000))).toEqual({
      webhookId: 'evt_1',
      paymentId: null,
    })
  })
})

const TEST_KEY = process.env.STRIPE_SECRET_KEY ?? ''

/** Never with a live key. Transfers are left out: they want connected accounts, which a key alone does not bring. */
describe.skipIf(!TEST_KEY.startsWith('sk_test_'))('with STRIPE_SECRET_KEY', () => {
  const stripe = new Stripe(TEST_KEY || 'sk_test_none')
  paymentsContract('Stripe itself', {
    fresh: async () => async () => ({
      payments: stripePayments({
        secretKey: TEST_KEY,
        webhookSecrets: [WEBHOOK_SECRET],
        now: () => new Date().toISOString(),
      }),
      pay: async ({ reference }, _, card) => {
        const payment_method = card === 'declined' ? CARDS.declined : CARDS.good
        const paid = stripe.paymentIntents.confirm(reference!, {
          payment_method,
          return_url: 'https://shop.example/paid',
        })
        if (card === 'declined') return void (await paid.catch(() => {}))
        await paid
        // Stripe has no card that is taken and then not captured; an authorisation that was let go looks the same.
        if (card === 'capture_refused') await stripe.paymentIntents.cancel(reference!)
      },
    }),
  })
})
