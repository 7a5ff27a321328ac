import { once } from 'node:events'
import { createTask } from 'node-cron'
import type { Leadership } from '../domain/leadership.ts'
import type { WorkerReport, WorkerReports } from '../domain/vault.ts'

/** Something that looks again at regular times. */
export type Worker = {
  readonly name: string
  /** A cron pattern of five fields. */
  readonly every: string
  readonly run: () => Promise<object>
}

export type Workers = { readonly stop: () => Promise<void> }

type Deps = {
  readonly leadership: Pick<Leadership, 'lead'>
  /** Where it is told when each runs and what came of it. */
  readonly reports: Pick<WorkerReports, 'tell'>
  readonly log: { readonly error: (context: object, message: string) => void }
}

/** Runs each worker at its times in one process, never twice at once. A run that fails is logged, and the next one tries again. */
export const startWorkers = (workers: readonly Worker[], { leadership, reports, log }: Deps): Workers => {
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()

  const started = workers.map(({ name, every, run }) => {
    const tell = async (lastRun: WorkerReport['lastRun'], leads = true) => {
      const nextRun = (leads && task.getNextRun()?.toISOString()) || null
      await reports
        .tell({ name, every, nextRun, lastRun })
        .catch((err) => log.error({ err, worker: name }, 'what a worker does could not be told'))
    }
    const runOnce = async () => {
      const at = new Date().toISOString()
      try {
        const outcome = await run()
        await tell({ at, outcome, error: null })
      } catch (error) {
        log.error({ err: error, worker: name }, 'a worker failed')
        await tell({ at, outcome: null, error: messageOf(error) })
      }
    }
    const tracked = () => {
      const one = runOnce().finally(() => running.delete(one))
      running.add(one)
      return one
    }
    const task = createTask(every, tracked, {
      name,
      noOverlap: true,
      unref: true,
      suppressMissedWarning: true,
      logger: silent,
    })
    const serve = async () => {
      while (!closing.signal.aborted) {
        const term = await leadership.lead(`worker/${name}`, closing.signal)
        await task.start()
        await tell(null)
        if (!term.aborted) await once(term, 'abort')
        await task.stop()
        if (closing.signal.aborted) await tell(null, false)
      }
    }
    // Rejects when it is closed while it waits for its turn.
    return { task, served: serve().catch(() => {}) }
  })

  return {
    stop: async () => {
      closing.abort()
      for (const { task, served } of started) {
        await served
        await task.destroy()
      }
      await Promise.all(running)
    },
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Failures are logged above, with what is known of them. */
const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }
