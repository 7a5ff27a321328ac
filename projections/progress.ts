import type { Position } from '../domain/fact.ts'
import { type Build, schemaOf } from './builds.ts'
import type { Watch } from './follower.ts'
import type { Halted } from './read-model.ts'

type Standing = { readonly position: Position; readonly halted: Halted | null; readonly failure: string | null }

/** What this process knows of one model: which of its builds it reads, and how far that has got. */
export type Progress = {
  /** Of the build that is read. */
  readonly standing: () => Standing & { readonly build: number; readonly schema: string }
  readonly reach: (position: Position, timeoutMs: number) => Promise<boolean>
  /** Whether it matters to see soon what is stored: somebody waits for what another process stores, or another build is live. */
  readonly isUrgent: () => boolean
  /** The model's builds as they are stored. */
  readonly see: (builds: readonly Build[]) => void
  /** They could not be read. Whoever moves them hears of it by itself. */
  readonly missed: (failure: string) => void
  /** From here on this process moves the builds, and knows better than what is stored. */
  readonly lead: (leads: boolean) => void
  readonly watch: (build: number) => Watch
  /** Lets everybody go who waits. */
  readonly close: () => void
}

type Waiter = { readonly wanted: Position; readonly done: (reached: boolean) => void }

/** After so many seconds a retired build is left, however far the one after it has got. */
const LEAVE = 10

/** `awaited` is called when somebody begins to wait. */
export const progress = (awaited: () => void): Progress => {
  let standings = new Map<number, Standing>()
  let read: Build | undefined
  let isReplaced = false
  let leads = false
  const waiters = new Set<Waiter>()

  const positionOf = (build: Build) => standings.get(build.build)?.position ?? build.position

  const wake = () => {
    for (const { wanted, done } of waiters) if (wanted <= positionOf(read!)) done(true)
  }

  /** By what is stored and by what this process has heard, whichever is further. */
  const reached = (build: Build) => (positionOf(build) > build.position ? positionOf(build) : build.position)

  const set = (build: number, changed: Partial<Standing>) => {
    const before = standings.get(build) ?? { position: '', halted: null, failure: null }
    standings.set(build, { ...before, ...changed })
    wake()
  }

  return {
    standing: () => ({ ...(standings.get(read!.build) ?? read!), build: read!.build, schema: schemaOf(read!) }),

    reach: (wanted, timeoutMs) =>
      new Promise((resolve) => {
        if (wanted <= positionOf(read!)) return resolve(true)
        const done = (reached: boolean) => {
          clearTimeout(timer)
          waiters.delete(waiter)
          resolve(reached)
        }
        const waiter = { wanted, done }
        const timer = setTimeout(done, timeoutMs, false)
        waiters.add(waiter)
        awaited()
      }),

    isUrgent: () => isReplaced || (!leads && waiters.size > 0),

    see: (builds) => {
      const known = standings
      standings = new Map(builds.map((build) => [build.build, (leads && known.get(build.build)) || build]))
      const live = builds.find(({ state }) => state === 'live')
      const before = builds.find(({ build }) => build === read?.build)
      const isLeft = !before || (before.state === 'retired' && before.age > LEAVE)
      // Both as of one moment: nobody is shown an older state than before because another build is read.
      if (live && (isLeft || reached(live) >= reached(before))) read = live
      isReplaced = live !== undefined && live.build !== read?.build
      wake()
    },

    missed: (failure) => {
      if (!leads) set(read!.build, { failure })
    },

    lead: (now) => {
      leads = now
    },

    watch: (build) => ({
      moved: (position) =>
        set(build, { position, failure: null, ...(position !== standings.get(build)?.position && { halted: null }) }),
      halted: (halted) => set(build, { halted }),
      failed: (failure) => set(build, { failure }),
    }),

    close: () => {
      for (const { done } of waiters) done(false)
    },
  }
}
