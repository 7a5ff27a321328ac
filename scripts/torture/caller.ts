import { setTimeout as sleep } from 'node:timers/promises'
import type { Chance } from './chance.ts'
import type { Recorder, Wish } from './history.ts'
import type { Setup } from './setup.ts'
import { fateOf, send, WHOLE } from './wire.ts'

export type Asked = {
  readonly wish?: Wish
  readonly body?: unknown
  /** Of a write; without one a new key is made. */
  readonly key?: string
}

export type Answer<T> = {
  readonly status: number
  readonly isAccepted: boolean
  readonly body: T
  readonly key: string | null
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** One of the clients: asks until it is answered, and tells the recorder of every attempt. */
export type Caller = {
  readonly name: string
  /** Throws when no answer but a lost one or "come back later" came for three minutes. */
  readonly ask: <T>(method: Method, path: string, asked?: Asked) => Promise<Answer<T>>
}

/** Whether the network is at peace. */
export type Weather = { calm: boolean }

type Deps = { readonly setup: Setup; readonly recorder: Recorder; readonly weather: Weather }

/** Longer than a process takes to come back several times, should it be killed again each time, on a busy machine. */
const PATIENCE_MS = 180_000

export const callerOf = ({ setup, recorder, weather }: Deps, name: string, token: string, chance: Chance): Caller => {
  const network = chance.fork('network')
  let asks = 0
  return {
    name,
    ask: async <T>(
      method: Method,
      path: string,
      { wish = 'other', body, key: given }: Asked = {},
    ): Promise<Answer<T>> => {
      const ask = `${name}-${++asks}`
      const key = method === 'GET' ? null : (given ?? ask)
      const deadline = Date.now() + PATIENCE_MS
      for (;;) {
        const urls = method === 'GET' ? setup.queryUrls : setup.commandUrls
        const url = `${network.oneOf(urls)}/api/v1${path}`
        const sent = Date.now()
        const reply = await send({ method, url, token, key, body }, weather.calm ? WHOLE : fateOf(network))
        const status = reply?.status ?? null
        const isKept = wish !== 'other' || status === null || status >= 400
        recorder.exchange({
          ...{ ask, client: name, wish, method, path, key, request: body, sent, received: Date.now(), status },
          body: isKept ? reply?.body : undefined,
        })
        // 503 asks to come back; so does a connection that broke.
        if (reply && reply.status !== 503)
          return { status: reply.status, isAccepted: reply.status < 300, body: reply.body as T, key }
        if (Date.now() > deadline) throw new Error(`${name} got no answer to ${method} ${path} for three minutes`)
        await sleep(network.between(20, 400))
      }
    },
  }
}
