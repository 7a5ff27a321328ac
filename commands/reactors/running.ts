import { setTimeout as sleep } from 'node:timers/promises'
import { START } from '../../domain/fact.ts'
import type { Backlog } from '../../domain/vault.ts'
import { act } from './acting.ts'
import { type Halted, messageOf, type Reactor, type ReactorDeps, type Working } from './reactor.ts'
import { read } from './reading.ts'

export type ReactorStatus = Backlog & {
  readonly name: string
  /** Whether this process does the work. What it cannot do is seen in its own `halted` and `failure` alone. */
  readonly leading: boolean
  /** For how long the oldest fact that nobody has read for it has been waiting; 0 if there is none. */
  readonly behindSeconds: number
  readonly halted: Halted | null
  /** Why it does not get on: what the ledger, the vault or the leadership said. Null once it does. */
  readonly failure: string | null
}

export type RunningReactor = {
  readonly status: () => Promise<ReactorStatus>
  /** Resolves once what was begun is finished. The rest is left to another process, or another day. */
  readonly stop: () => Promise<void>
}

/** Milliseconds until what failed is tried again: the first time, and at most. */
const PATIENCE = { first: 1_000, longest: 60_000 }

/**
 * Keeps a reactor going, in one of all the processes that start it. Resolves once it is settled where it begins, so no fact recorded
 * after that is missed. Throws what the ledger or the vault throws.
 */
export const startReactor = async (deps: ReactorDeps, reactor: Reactor): Promise<RunningReactor> => {
  const { ledger, intents, leadership, now, log } = deps
  const { name, begins } = reactor
  // Should another process be faster, it begins there.
  if ((await intents.positionOf(name)) === undefined)
    await intents.keep(name, undefined, begins === 'with-the-first-fact' ? START : await ledger.head(), [])

  const closing = new AbortController()
  const working: Working = { ...deps, reactor, halted: { by: null } }
  const failures = new Map<string, string>()
  let leading = false

  /** Again and again until the signal aborts; at once while it gets on. */
  const keepAt = async (part: string, signal: AbortSignal, work: (moved: () => void) => Promise<void>) => {
    let pause = PATIENCE.first
    const moved = () => {
      pause = PATIENCE.first
      failures.delete(part)
    }
    while (!signal.aborted) {
      try {
        await work(moved)
      } catch (err) {
        if (signal.aborted) break
        failures.set(part, messageOf(err))
        log.error({ err, reactor: name }, `a reactor stands still, ${part}`)
        await sleep(pause, undefined, { signal }).catch(() => {})
        pause = Math.min(pause * 2, PATIENCE.longest)
      }
    }
    failures.delete(part)
  }

  const ended = keepAt('taking the lead', closing.signal, async (moved) => {
    const lead = await leadership.lead(`reactor/${name}`, closing.signal)
    moved()
    leading = true
    const signal = AbortSignal.any([lead, closing.signal])
    await Promise.all([
      keepAt('reading', signal, (moved) => read(working, signal, moved)),
      keepAt('acting', signal, (moved) => act(working, signal, moved)),
    ])
    leading = false
    working.halted.by = null
  })

  return {
    status: async () => {
      const [next] = await ledger.readAll((await intents.positionOf(name)) ?? START, 1)
      const behindSeconds = next ? Math.max(0, (Date.parse(now()) - Date.parse(next.metadata.at)) / 1_000) : 0
      const [failure = null] = failures.values()
      return { name, leading, behindSeconds, halted: working.halted.by, failure, ...(await intents.backlog(name)) }
    },
    stop: async () => {
      closing.abort()
      await ended
    },
  }
}
