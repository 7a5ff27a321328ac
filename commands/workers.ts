import { schedule } from 'node-cron'

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
  readonly nextRun: string | null
  readonly lastRun: { readonly at: string; readonly outcome: object | null; readonly error: string | null } | null
}

export type Workers = { readonly status: () => WorkerStatus[]; readonly stop: () => Promise<void> }

/** Runs each worker at its times, never twice at once. A run that fails is logged, and the next one tries again. */
export const startWorkers = (
  workers: readonly Worker[],
  log: { readonly error: (context: object, message: string) => void },
): Workers => {
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
    const task = schedule(every, tracked, {
      name,
      noOverlap: true,
      unref: true,
      suppressMissedWarning: true,
      logger: silent,
    })
    return { name, every, task }
  })

  return {
    status: () =>
      tasks.map(({ name, every, task }) => {
        const last = task.lastRun()
        return {
          name,
          every,
          nextRun: task.getNextRun()?.toISOString() ?? null,
          lastRun: last && {
            at: last.date.toISOString(),
            outcome: (last.result as object | undefined) ?? null,
            error: last.error?.message ?? null,
          },
        }
      }),
    stop: async () => {
      for (const { task } of tasks) await task.destroy()
      await Promise.allSettled(running)
    },
  }
}

/** Failures are logged above, with what is known of them. */
const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }
