import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import Stripe from 'stripe'
import { type Params, Problem, stripeBank } from './stripe-bank.world.ts'

export const SECRET_KEY = 'sk_test_standin'
const PUBLISHABLE_KEY = 'pk_test_standin'
export const WEBHOOK_SECRET = 'whsec_standin'

/** What may befall a request: the line is cut before or after it is done, nobody answers, or Stripe itself breaks. */
export type Fault = 'none' | 'cut before' | 'cut after' | 'hang' | 'broken' | 'too many'

export type Sent = {
  readonly method: string
  readonly path: string
  readonly body: string
  readonly headers: IncomingMessage['headers']
}

type Answer = { readonly status: number; readonly body: object }

/** How long it thinks, so that requests at the same time meet. */
const THINKS_MS = 5

/**
 * Stripe's API as far as our adapter uses it, over HTTP: forms in, objects and errors out, idempotency keys, request ids, signed webhooks.
 * Its clock stands still unless it is moved.
 */
export const stripeWorld = async () => {
  const clock = { now: Date.parse('2030-01-01T10:00:00.000Z') }
  const seconds = () => Math.floor(clock.now / 1_000)
  const faults: Fault[] = []
  const sent: Sent[] = []
  const answered: object[] = []
  const answers = new Map<string, { print: string; answer: Answer | undefined }>()
  const told: { type: string; rawBody: string; signature: string }[] = []
  let events = 0

  const bank = stripeBank(seconds, (type, object) => {
    const event = {
      id: `evt_${++events}`,
      object: 'event',
      api_version: '2026-10-28.endive',
      created: seconds(),
      type,
      data: { object },
    }
    const rawBody = JSON.stringify(event)
    told.push({ type, rawBody, signature: signed(rawBody, seconds()) })
  })

  const run = ({ method, path, headers }: Sent, p: Params): Answer => {
    try {
      authorise(headers.authorization, path, p, bank.intents)
      return { status: 200, body: bank.answer(method, path, p) }
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return { status: error.status, body: { error: error.error } }
    }
  }

  /** Once per key: whoever comes again is answered as the first was; who comes meanwhile is told to wait. */
  const answerOnce = async (request: Sent, p: Params, broken: boolean): Promise<Answer> => {
    const key = String(request.headers['idempotency-key'] ?? '')
    const print = `${request.method} ${request.path} ${request.body}`
    const before = answers.get(key)
    if (key && before) {
      if (before.print !== print)
        return { status: 400, body: { error: { type: 'idempotency_error', message: OTHER_PARAMETERS } } }
      return (
        before.answer ?? {
          status: 409,
          body: {
            error: {
              type: 'idempotency_error',
              code: 'idempotency_key_in_use',
              message: 'There is another request under way with this key.',
            },
          },
        }
      )
    }
    const entry = { print, answer: undefined as Answer | undefined }
    if (key) answers.set(key, entry)
    await setTimeout(THINKS_MS)
    entry.answer = broken
      ? { status: 500, body: { error: { type: 'api_error', message: 'Something went wrong on our end.' } } }
      : run(request, p)
    // As it was then: an object that moves later must not change the answer.
    entry.answer = structuredClone(entry.answer)
    return entry.answer
  }

  const serve = async (incoming: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const url = new URL(incoming.url!, 'http://stripe')
    const { method = 'GET', headers } = incoming
    const request = {
      method,
      path: url.pathname,
      body: method === 'GET' ? url.search.slice(1) : await text(incoming),
      headers,
    }
    sent.push(request)
    const fault = faults.shift()
    if (fault === 'hang') return
    if (fault === 'cut before') return void incoming.socket.destroy()
    const { status, body } =
      fault === 'too many'
        ? {
            status: 429,
            body: { error: { type: 'invalid_request_error', code: 'rate_limit', message: 'Too many requests.' } },
          }
        : await answerOnce(request, nested(request.body), fault === 'broken')
    answered[sent.indexOf(request)] = body
    if (fault === 'cut after') return void incoming.socket.destroy()
    reply.writeHead(status, { 'content-type': 'application/json', 'request-id': `req_${sent.length}` })
    reply.end(JSON.stringify(body))
  }

  const server = createServer((incoming, reply) => void serve(incoming, reply))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const api = { host: '127.0.0.1', port, protocol: 'http' } as const

  /** As Stripe.js does in the payer's browser: with the publishable key, and the secret of this payment alone. */
  const confirm = async (intentId: string, clientSecret: string, card: string): Promise<number> => {
    const body = new URLSearchParams({
      payment_method: card,
      client_secret: clientSecret,
      return_url: 'https://shop.example/paid',
    })
    const headers = { authorization: `Bearer ${PUBLISHABLE_KEY}` }
    const response = await fetch(`http://127.0.0.1:${port}/v1/payment_intents/${intentId}/confirm`, {
      method: 'POST',
      headers,
      body,
    })
    await response.arrayBuffer()
    return response.status
  }

  return {
    api,
    clock,
    now: () => new Date(clock.now).toISOString(),
    /** For the next requests, in this order. */
    fail: (...next: Fault[]) => void faults.push(...next),
    /** All requests so far, those of payers included. */
    sent,
    /** What each of them was answered, if it was. */
    answered,
    /** All webhooks so far, signed. */
    told,
    confirm,
    dispute: bank.dispute,
    settleDispute: bank.settleDispute,
    failRefund: bank.failRefund,
    /** As Stripe does after a day. */
    forgetKeys: () => answers.clear(),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** A webhook's signature, by the SDK's own generator. */
export const signed = (payload: string, timestamp: number, secret = WEBHOOK_SECRET): string =>
  new Stripe(SECRET_KEY).webhooks.generateTestHeaderString({ payload, secret, timestamp })

const OTHER_PARAMETERS =
  'Keys for idempotent requests can only be used with the same parameters they were first used with.'

const authorise = (
  given: string | undefined,
  path: string,
  p: Params,
  intents: ReadonlyMap<string, { client_secret: string }>,
) => {
  if (given === `Bearer ${SECRET_KEY}`) return
  const [, , , id = '', deed] = path.split('/')
  const secret = intents.get(id)?.client_secret
  if (given === `Bearer ${PUBLISHABLE_KEY}` && deed === 'confirm' && p.client_secret === secret) return
  throw new Problem(401, { type: 'invalid_request_error', message: 'Invalid API Key provided.' })
}

/** `a[b]=c` as `{ a: { b: 'c' } }`. */
const nested = (form: string): Params => {
  const params: { [name: string]: string | { [name: string]: string } } = {}
  for (const [name, value] of new URLSearchParams(form)) {
    const [, outer, inner] = /^(\w+)(?:\[(\w+)\])?$/.exec(name)!
    if (!inner) params[outer!] = value
    else params[outer!] = { ...(params[outer!] as { [name: string]: string } | undefined), [inner]: value }
  }
  return params
}
