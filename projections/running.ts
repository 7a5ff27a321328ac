import { setTimeout as sleep } from 'node:timers/promises'
import type { Leadership } from '../domain/leadership.ts'
import { type Build, type Db, discard, isOf, prepare } from './builds.ts'
import { siteOf } from './checkpoint.ts'
import { follow, messageOf, orAborted, type World } from './follower.ts'
import type { Progress } from './progress.ts'
import type { FactRef, ReadModel } from './read-model.ts'
import type { Watcher } from './watcher.ts'

type Running<F> = World<F> & {
  readonly shared: boolean
  readonly watcher: Pick<Watcher, 'latest' | 'next'>
  readonly leadership: Pick<Leadership, 'lead'>
  readonly signal: AbortSignal
}

/** Until this process may try again to lead, in milliseconds. */
const PAUSE = 1_000

/**
 * Keeps every build of a model up with the ledger until the signal aborts, whenever no other process does so. Another version of the
 * model is other work: old and new code each keep their own up.
 */
export const run = async <F extends FactRef>(
  model: ReadModel<F>,
  progress: Progress,
  running: Running<F>,
): Promise<void> => {
  const { leadership, signal } = running
  while (!signal.aborted) {
    const giveUp = new AbortController()
    try {
      const wanting = AbortSignal.any([signal, giveUp.signal])
      const leading = await leadership.lead(`read-model/${model.name}_v${model.version}`, wanting)
      progress.lead(true)
      await tend(model, progress, running, AbortSignal.any([leading, signal]))
    } catch (error) {
      if (signal.aborted) return
      progress.missed(messageOf(error))
      await sleep(PAUSE, undefined, { signal }).catch(() => {})
    } finally {
      progress.lead(false)
      giveUp.abort()
    }
  }
}

/** In seconds: by then all that read a retired build have seen that another one is live, and finished what they had begun. */
const UNREAD = 30

/** Follows the builds that there are, and takes those away that nobody reads any more. */
const tend = async <F extends FactRef>(
  model: ReadModel<F>,
  progress: Progress,
  { watcher, shared, ...world }: Running<F>,
  leading: AbortSignal,
): Promise<void> => {
  const followed = new Map<number, { stop: () => Promise<void> }>()

  const begin = (build: Build) => {
    const ending = new AbortController()
    const watch = progress.watch(build.build)
    const ended = follow(siteOf(model, build, { shared }), watch, world, AbortSignal.any([leading, ending.signal]))
    const stop = () => {
      ending.abort()
      followed.delete(build.build)
      return ended
    }
    followed.set(build.build, { stop })
  }

  try {
    for (let builds = watcher.latest(); ; builds = await orAborted(leading, watcher.next())) {
      const wanted = builds.filter(isOf(model)).filter(({ state }) => state !== 'building')
      // The database was emptied, or restored as it was before there was one.
      if (!wanted.some(({ state }) => state === 'live')) await prepare(world.db, [model])
      for (const [number, { stop }] of followed) if (!wanted.some(({ build }) => build === number)) await stop()
      for (const build of wanted) {
        if (build.state === 'retired' && build.age > UNREAD) await takeAway(world.db, build, followed.get(build.build))
        else if (!followed.has(build.build)) begin(build)
      }
    }
  } finally {
    await Promise.all([...followed.values()].map(({ stop }) => stop()))
  }
}

/** What cannot be taken away now, as where the database does not answer, is tried again at the next look. */
const takeAway = async (db: Db, build: Build, follower: { stop: () => Promise<void> } | undefined): Promise<void> => {
  await follower?.stop()
  await discard(db, build).catch(() => {})
}
