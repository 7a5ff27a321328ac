import { spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../free-port.world.ts'
import { stripePayments } from './stripe.ts'
import { SECRET_KEY, type Sent, stripeWorld, WEBHOOK_SECRET } from './stripe.world.ts'
import { ACCOUNTS } from './stripe-bank.world.ts'

/**
 * A second opinion: stripe-mock, by Stripe, checks requests against the description of its API.
 * `go install github.com/stripe/stripe-mock@latest`, then have it on the PATH, or name it in STRIPE_MOCK.
 */
const STRIPE_MOCK = process.env.STRIPE_MOCK ?? 'stripe-mock'
const isThere = spawnSync(STRIPE_MOCK, ['-version']).status === 0

/** Every kind of request that the adapter makes, with what the stand-in answered. */
const everyRequest = async (): Promise<{ sent: Sent; answer: object }[]> => {
  const world = await stripeWorld()
  const payments = stripePayments({
    secretKey: SECRET_KEY,
    webhookSecrets: [WEBHOOK_SECRET],
    now: world.now,
    api: world.api,
  })
  const asked = {
    paymentId: randomUUID(),
    orderId: randomUUID(),
    tenant: 'acme',
    amount: { amount: 5_000, currency: 'EUR' },
  }
  const { reference, clientSecret } = await payments.request({ ...asked, reference: null })
  const payment = { ...asked, reference }
  await world.confirm(reference!, clientSecret, 'pm_card_createDispute')
  await payments.capture(payment)
  await payments.refund(payment, randomUUID(), 1_000)
  const transfer = { transferId: randomUUID(), from: payment, account: ACCOUNTS.good, amount: 1_000 }
  const made = await payments.transferToSeller(transfer)
  if ('refused' in made) throw new Error(made.refused)
  const paidOut = { transferId: transfer.transferId, reference: made.reference }
  for (const amount of [400, 600]) await payments.reverseTransfer(paidOut, randomUUID(), amount)
  await payments.transferToSeller({ ...transfer, transferId: randomUUID() })
  await payments.refund(payment, randomUUID(), 1_000)
  await payments.look(payment)
  await payments.void({ ...payment, paymentId: randomUUID(), reference: null })
  world.close()
  return world.sent.flatMap((sent, i) => (sent.path.endsWith('/confirm') ? [] : [{ sent, answer: world.answered[i]! }]))
}

describe.skipIf(!isThere)('stripe-mock', () => {
  let stop = () => {}
  let url: string
  beforeAll(async () => {
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    const mock = spawn(STRIPE_MOCK, ['-http-addr', `127.0.0.1:${port}`], { stdio: 'ignore' })
    stop = () => mock.kill()
    while (!(await fetch(url).catch(() => undefined))) await setTimeout(50)
  })
  afterAll(() => stop())

  const ask = async ({ method, path, body, headers }: Sent) => {
    const isGet = method === 'GET'
    const response = await fetch(`${url}${path}${isGet && body ? `?${body}` : ''}`, {
      method,
      headers: { authorization: headers.authorization!, 'content-type': 'application/x-www-form-urlencoded' },
      ...(!isGet && { body }),
    })
    return { status: response.status, body: (await response.json()) as { [field: string]: unknown } }
  }

  it('accepts every request that our adapter makes, and knows every field that our stand-in answers', async () => {
    const kinds = new Set<string>()
    for (const { sent, answer } of await everyRequest()) {
      const kind = `${sent.method} ${sent.path.replace(/\/(pi|tr)_3\w+/, '/:id').replace('/v1', '')}`
      kinds.add(kind)
      const theirs = await ask(sent)
      expect({ kind, sent: sent.body, ...theirs }).toMatchObject({ kind, status: 200 })
      const [ours, known] = [firstOf(answer), firstOf(theirs.body)]
      expect({ kind, unknown: Object.keys(ours).filter((field) => !Object.hasOwn(known, field)) }).toEqual({
        kind,
        unknown: [],
      })
    }
    expect([...kinds].toSorted()).toEqual([
      'GET /disputes',
      'GET /payment_intents/:id',
      'GET /refunds',
      'GET /transfers',
      'GET /transfers/:id',
      'GET /transfers/:id/reversals',
      'POST /payment_intents',
      'POST /payment_intents/:id/cancel',
      'POST /payment_intents/:id/capture',
      'POST /refunds',
      'POST /transfers',
      'POST /transfers/:id/reversals',
    ])
  })

  it('would have said so: it refuses what is not in the description', async () => {
    const { sent } = (await everyRequest())[0]!
    expect((await ask({ ...sent, body: `${sent.body}&amuont=1` })).status).toBe(400)
    expect(
      (await ask({ ...sent, body: sent.body.replace('capture_method=manual', 'capture_method=late') })).status,
    ).toBe(400)
  })
})

/** What a list holds is what counts of it. */
const firstOf = (answer: object): { [field: string]: unknown } => {
  const { data } = answer as { data?: { [field: string]: unknown }[] }
  return data ? (data[0] ?? {}) : { ...answer }
}
