import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { type Chain, ChainUnavailable } from '../../commands/chain/chain.ts'
import { type ChainInParts, inOne } from './in-parts.ts'
import type { Fetch } from './rpc.ts'
import type { Answer, Call, Opening, Question } from './thread.ts'

// Nothing of Solana's is imported here: it would be loaded on this thread too.

/** Milliseconds. */
const ENDS_WITHIN = 1_000

/** `node` answers JSON-RPC for the embedded chain; a cluster has nodes of its own. */
export type ChainOnThread = Chain & { readonly node: Fetch }

type Waiting = { readonly resolve: (value: never) => void; readonly reject: (error: Error) => void }

/** A thread, and who waits for its answers. */
type Thread = { readonly worker: Worker; readonly waiting: Map<number, Waiting> }

/**
 * The chain on a thread of its own, at the lowest priority: what it computes must not hold up a purchase. The thread begins with the
 * first call. Where it cannot, or dies, the calls under way throw ChainUnavailable, and the next begins another.
 * The time of the embedded chain is what `now` told last.
 */
export const openChain = (opening: Opening, now = () => new Date().toISOString()): ChainOnThread => {
  let thread: Thread | undefined
  let asked = 0
  let isClosed = false

  const start = (): Thread => {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: opening })
    const started: Thread = { worker, waiting: new Map() }
    const end = (why: string) => {
      if (thread === started) thread = undefined
      for (const { reject } of started.waiting.values()) reject(new ChainUnavailable(why))
      started.waiting.clear()
    }
    worker.on('error', ({ message }) => end(`the thread of the chain has died: ${message}`))
    worker.on('exit', () => end('the thread of the chain has ended'))
    worker.on('message', (answer: Answer) => {
      const asker = started.waiting.get(answer.id)
      started.waiting.delete(answer.id)
      if ('value' in answer) asker?.resolve(answer.value as never)
      else asker?.reject(errorOf(answer.error))
    })
    return started
  }

  const ask = (call: Call, args: readonly unknown[]): Promise<never> =>
    new Promise((resolve, reject) => {
      if (isClosed) return reject(new ChainUnavailable('the chain is closed'))
      thread ??= start()
      const question: Question = { id: asked++, at: now(), call, args }
      thread.waiting.set(question.id, { resolve, reject })
      thread.worker.postMessage(question)
    })
  const on =
    (call: Call) =>
    (...args: readonly unknown[]): Promise<never> =>
      ask(call, args)

  const parts: ChainInParts = {
    signEvent: on('signEvent'),
    signTickets: on('signTickets'),
    signClosing: on('signClosing'),
    send: on('send'),
    look: on('look'),
    find: on('find'),
    part: on('part'),
    signHead: on('signHead'),
    heads: on('heads'),
    funds: on('funds'),
    close: async () => {
      const closing = thread && ask('close', []).catch(() => {})
      isClosed = true
      await closing
      if (thread) await ended(thread.worker)
    },
  }
  return { ...inOne(parts), node: async (_, { body }) => new Response(await ask('rpc', [body])) }
}

/** It ends by itself, for the engine of the embedded chain may not survive being terminated; a socket to a node may keep it for long. */
const ended = async (worker: Worker): Promise<void> => {
  const exit = once(worker, 'exit')
  const isOver = await Promise.race([exit.then(() => true), sleep(ENDS_WITHIN, false, { ref: false })])
  if (!isOver) await worker.terminate()
}

const errorOf = ({ name, message }: { readonly name: string; readonly message: string }): Error =>
  name === 'ChainUnavailable' ? new ChainUnavailable(message) : Object.assign(new Error(message), { name })
