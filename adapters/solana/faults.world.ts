import { onTestFinished } from 'vitest'
import { someEvent } from './chain.contract.ts'
import { embeddedWorld } from './embedded.world.ts'
import type { Fetch } from './rpc.ts'
import { solanaChain } from './solana-chain.ts'

/** What befalls the next call of a method: nothing is answered, before or after it was done; another answer; what the node answered to the same before. */
export type Fault =
  | 'lost-before'
  | 'lost-after'
  | 'unreachable'
  | 'stale'
  | { readonly status: number; readonly body: string }

export const TIMEOUT_MS = 300

/** The embedded chain behind a line that breaks when told to, in a time that stands still until it is told to pass. */
export const faultyChain = async ({ finalAfterMs = 0 } = {}) => {
  let at = Date.parse('2030-01-01T12:00:00.000Z')
  const now = () => new Date(at).toISOString()
  const { fetch, close, authority, key } = await embeddedWorld({ now, finalAfterMs })
  onTestFinished(close)

  const faults: [method: string, fault: Fault][] = []
  const asked: string[] = []
  const answered = new Map<string, string>()
  const line: Fetch = async (url, request) => {
    const { method } = JSON.parse(request.body) as { method: string }
    asked.push(method)
    const at = faults.findIndex(([of]) => of === method)
    const fault = at < 0 ? undefined : faults.splice(at, 1)[0]![1]
    if (fault === 'lost-before') return silence(request.signal)
    if (fault === 'unreachable')
      throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) })
    if (typeof fault === 'object') return new Response(fault.body, { status: fault.status })
    if (fault === 'stale') return new Response(answered.get(request.body)!)
    const response = await fetch(url, request)
    if (fault === 'lost-after') return silence(request.signal)
    const text = await response.text()
    answered.set(request.body, text)
    return new Response(text)
  }

  const chain = solanaChain({ rpc: line, authority, key, timeoutMs: TIMEOUT_MS })
  const event = someEvent(now())
  const pass = (ms: number) => {
    at += ms
  }
  pass(400)
  await chain.send((await chain.signEvent(event))!)
  pass(400 + finalAfterMs)
  return { chain, event, faults, asked, pass }
}

const silence = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
