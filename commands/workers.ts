import { once } from 'node:events'
import { createTask } from 'node-cron'
import type { Leadership } from '../domain/leadership.ts'

/** Something that looks again at regular times. */
export type Worker = {
  readonly name: string
  /** A cron pattern of five fields. */
  readonly every: string
  readonly run: () => Promise<object>
}

export type WorkerStatus = {
  readonly name: string
  readonly every: string
  /** Whether this process is the one that runs it. One that does not knows of no runs. */
  readonly leads: boolean
  readonly nextRun: string | null
  readonly lastRun: { readonly at: string; readonly outcome: object | null; readonly error: string | null } | null
}

export type Workers = { readonly status: () => WorkerStatus[]; readonly stop: () => Promise<void> }

type Deps = {
  readonly leadership: Pick<Leadership, 'lead'>
  readonly log: { readonly error: (context: object, message: string) => void }
}

/** Runs each worker at its times in one process, never twice at once. A run that fails is logged, and the next one tries again. */
export const startWorkers = (workers: readonly Worker[], { leadership, log }: Deps): Workers => {
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()
  const tasks = workers.map(({ name, every, run }) => {
    const logged = async () => {
      try {
        return await run()
      } catch (error) {
        log.error({ err: error, worker: name }, 'a worker failed')
        throw error
      }
    }
    const tracked = () => {
      const one = logged().finally(() => running.delete(one))
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
    const led = { by: undefined as AbortSignal | undefined }
    const serve = async () => {
      while (!closing.signal.aborted) {
        const term = await leadership.lead(`worker/${name}`, closing.signal)
        led.by = term
        await task.start()
        if (!term.aborted) await once(term, 'abort')
        led.by = undefined
        await task.stop()
      }
    }
    // Rejects when it is closed while it waits for its turn.
    return { name, every, task, led, served: serve().catch(() => {}) }
  })

  return {
    status: () =>
      tasks.map(({ name, every, task, led }) => {
        const last = task.lastRun()
        return {
          name,
          every,
          leads: led.by !== undefined,
          nextRun: led.by ? (task.getNextRun()?.toISOString() ?? null) : null,
          lastRun: last && {
            at: last.date.toISOString(),
            outcome: (last.result as object | undefined) ?? null,
            error: last.error?.message ?? null,
          },
        }
      }),
    stop: async () => {
      closing.abort()
      for (const { task, served } of tasks) {
        await served
        await task.destroy()
      }
      await Promise.allSettled(running)
    },
  }
}

/** Failures are logged above, with what is known of them. */
const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }
