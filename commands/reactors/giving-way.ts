import { setTimeout as sleep } from 'node:timers/promises'
import type { Reactor } from './reactor.ts'

/** Of its time, what this thread works at most when it counts as idle. */
const IDLE = 0.7

/** Milliseconds. */
const LOOK_EVERY = 100

/** Milliseconds, after which a busy thread acts all the same: in a long sale the chain lags, and does not stop. */
const AT_MOST = 10_000

/** A reactor that acts while this thread has little else to do: what it does costs as much as a purchase, and nobody waits for it. */
export const givingWay = (reactor: Reactor): Reactor => ({
  ...reactor,
  withinSeconds: reactor.withinSeconds + AT_MOST / 1_000,
  act: async (intents, signal) => {
    await lull(signal, { every: LOOK_EVERY, atMost: AT_MOST })
    return reactor.act(intents, signal)
  },
})

/** Resolves once this thread is idle, or has been busy all the time that it is waited for at most. Milliseconds. */
export const lull = async (
  signal: AbortSignal,
  { every, atMost }: { readonly every: number; readonly atMost: number },
): Promise<void> => {
  const busyUntil = performance.now() + atMost
  let before = performance.eventLoopUtilization()
  while (performance.now() < busyUntil) {
    await sleep(every, undefined, { signal })
    const now = performance.eventLoopUtilization()
    if (performance.eventLoopUtilization(now, before).utilization < IDLE) return
    before = now
  }
}
