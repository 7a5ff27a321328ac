import { type Build, buildsIn, type Db } from './builds.ts'

/** Keeps this process aware of all builds: what is live, and how far each has got. */
export type Watcher = {
  /** As they were read last; and as they are read next. */
  readonly latest: () => readonly Build[]
  readonly next: () => Promise<readonly Build[]>
  /** Reads them now; rejects if the database does not answer. */
  readonly look: () => Promise<void>
  /** Reads them at once if the last look was a while ago, as where this process was held up. */
  readonly refresh: () => Promise<void>
  /** Somebody waits: reads them more often until nobody does. */
  readonly hurry: () => void
}

type Options = {
  readonly db: Db
  readonly seen: (builds: readonly Build[]) => void
  readonly failed: (error: unknown) => void
  readonly isUrgent: () => boolean
  readonly signal: AbortSignal
}

/** Milliseconds between two looks. */
const PACE = { urgent: 25, calm: 1_000 }

/** In milliseconds: what was seen longer ago may be gone. */
const STALE = 5_000

export const watchBuilds = ({ db, seen, failed, isUrgent, signal }: Options): Watcher => {
  let latest: readonly Build[] = []
  let looking: Promise<void> | undefined
  let triedAt = 0
  let lookedAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let following = Promise.withResolvers<readonly Build[]>()

  const read = async () => {
    triedAt = performance.now()
    latest = await buildsIn(db)
    lookedAt = triedAt
    seen(latest)
    const { resolve } = following
    following = Promise.withResolvers()
    resolve(latest)
  }

  const look = (): Promise<void> => {
    looking ??= read().finally(() => {
      looking = undefined
      plan()
    })
    return looking
  }

  const plan = () => {
    clearTimeout(timer)
    if (signal.aborted) return
    const due = triedAt + (isUrgent() ? PACE.urgent : PACE.calm)
    timer = setTimeout(() => look().catch(failed), Math.max(0, due - performance.now()))
  }
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true })

  return {
    latest: () => latest,
    next: () => following.promise,
    look,
    refresh: async () => {
      if (performance.now() - lookedAt > STALE) await look()
    },
    hurry: () => {
      if (!looking) plan()
    },
  }
}
