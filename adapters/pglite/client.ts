import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { PGliteDialectConfig } from 'kysely'
import type { Answer, Opening, Question } from './worker.ts'

/** What Kysely asks of a PGlite. */
export type Client = Exclude<PGliteDialectConfig['pglite'], (...args: never[]) => unknown>

type Result = Extract<Answer, { rows: unknown }>

type Waiting = { readonly resolve: (result: Result) => void; readonly reject: (error: Error) => void }

export const startThread = (opening: Opening): Worker =>
  new Worker(new URL('./worker.ts', import.meta.url), { workerData: opening })

/** Talks to a database's thread; rejects if it cannot open. Once the thread has died, every query rejects and says so. */
export const connect = async (worker: Worker): Promise<Client> => {
  const died = once(worker, 'exit').then(() =>
    Promise.reject(new Error('the database of the read models did not open')),
  )
  // Either rejects with what the thread threw.
  await Promise.race([once(worker, 'message'), died])

  const waiting = new Map<number, Waiting>()
  let asked = 0
  let ended: Error | undefined

  const end = (why: string, cause?: unknown) => {
    ended ??= new Error(`the database of the read models ${why}`, { cause })
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
  }
  worker.on('error', (cause) => end('has died: restart this process', cause))
  worker.on('exit', () => end('has died: restart this process'))
  worker.on('message', (answer: Answer) => {
    const asker = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('error' in answer) asker?.reject(Object.assign(new Error(answer.error.message), answer.error))
    else asker?.resolve(answer)
  })

  const ask = (what: { sql: string; parameters: readonly unknown[] } | { close: true }): Promise<Result> =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended)
      const question: Question = { id: asked++, ...what }
      worker.postMessage(question)
      waiting.set(question.id, { resolve, reject })
    })
  const query = (sql: string, parameters: readonly unknown[] = []) => ask({ sql, parameters }) as Promise<never>

  return {
    ready: true,
    waitReady: Promise.resolve(),
    get closed() {
      return ended !== undefined
    },
    query,
    // Alone on the connection, for Kysely lets in nobody else until it ends.
    transaction: async (work) => {
      await query('begin')
      try {
        const result = await work({ query, rollback: async () => {} })
        const { command } = await ask({ sql: 'commit', parameters: [] })
        // Postgres answers so where a failed statement was passed over.
        if (command === 'ROLLBACK')
          throw Object.assign(new Error('a statement failed, so nothing was written'), { code: '25P02' })
        return result
      } catch (error) {
        await query('rollback').catch(() => {})
        throw error
      }
    },
    close: async () => {
      if (ended) return
      await ask({ close: true }).catch(() => {})
      end('is closed')
      await worker.terminate()
    },
  }
}
