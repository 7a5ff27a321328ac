import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Chance } from './chance.ts'

export type Request = {
  readonly method: string
  readonly url: string
  readonly token: string
  readonly key: string | null
  readonly body: unknown
}

export type Reply = { readonly status: number; readonly body: unknown; readonly position: string | null }

/** What becomes of a request on its way. */
export type Fate =
  | { readonly kind: 'whole' }
  /** The connection breaks in the middle of the body. */
  | { readonly kind: 'half-sent' }
  /** The client has gone when the answer comes, if it was even read. */
  | { readonly kind: 'hang-up'; readonly afterMs: number }
  /** All was done, and the answer is lost. */
  | { readonly kind: 'reply-lost' }

export const WHOLE: Fate = { kind: 'whole' }

export const fateOf = (chance: Chance): Fate => {
  const kind = chance.weighted({ whole: 88, 'half-sent': 2, 'hang-up': 6, 'reply-lost': 4 })
  return kind === 'hang-up' ? { kind, afterMs: chance.between(0, 40) } : { kind }
}

/** Longer than any answer takes, a wait for an order's end included. */
const PATIENCE_MS = 20_000

const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/** Null where no answer came: the connection broke, by fate or by itself, or nothing came for 20 seconds. */
export const send = ({ method, url, token, key, body }: Request, fate: Fate): Promise<Reply | null> => {
  const text = body === undefined ? '' : JSON.stringify(body)
  const headers = {
    authorization: `Bearer ${token}`,
    ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    ...(key !== null && { 'idempotency-key': key }),
  }
  return new Promise((resolve) => {
    const sent = httpRequest(url, { method, headers, agent, timeout: PATIENCE_MS })
    const lose = () => {
      sent.destroy()
      resolve(null)
    }
    sent.on('error', lose)
    sent.on('timeout', lose)
    sent.on('response', (response) => {
      if (fate.kind === 'reply-lost') lose()
      else readReply(response).then(resolve, lose)
    })
    if (fate.kind === 'half-sent' && text) {
      sent.write(text.slice(0, text.length / 2))
      void sleep(5).then(lose)
      return
    }
    sent.end(text)
    if (fate.kind === 'hang-up') void sleep(fate.afterMs).then(lose)
  })
}

const readReply = async (response: IncomingMessage): Promise<Reply> => {
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  const position = response.headers['ledger-position']
  return {
    status: response.statusCode!,
    body: text === '' ? null : JSON.parse(text),
    position: typeof position === 'string' ? position : null,
  }
}
