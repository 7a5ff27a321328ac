import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { EmbeddedChain, Options } from './chain.ts'
import type { Answer, Opening, Question } from './thread.ts'

/**
 * The embedded chain on a thread of its own, so that a transaction is signed while another is carried out. Its time is what `now` told
 * last. Should it die, or its file not open, the thread that began it dies of the same error.
 */
export const embeddedChainOnThread = ({
  now,
  ...opening
}: Opening & Pick<Options, 'now'>): Pick<EmbeddedChain, 'fetch'> & { readonly close: () => Promise<unknown> } => {
  const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: opening })
  const waiting = new Map<number, (response: Response) => void>()
  let asked = 0
  worker.on('error', (error) => {
    throw error
  })
  worker.on('message', ({ id, body }: Answer) => {
    waiting.get(id)!(new Response(body, { headers: { 'content-type': 'application/json' } }))
    waiting.delete(id)
  })
  return {
    fetch: (_, init) =>
      new Promise((resolve) => {
        const question: Question = { id: asked++, at: now(), body: String(init?.body) }
        waiting.set(question.id, resolve)
        worker.postMessage(question)
      }),
    // Its engine does not survive being terminated.
    close: () => {
      worker.postMessage('close')
      return once(worker, 'exit')
    },
  }
}
