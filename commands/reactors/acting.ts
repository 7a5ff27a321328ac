import { setTimeout as sleep } from 'node:timers/promises'
import { plus } from '../../domain/time.ts'
import type { Intent } from '../../domain/vault.ts'
import { type Acted, messageOf, type Working } from './reactor.ts'

const AT_ONCE = 10

/** Milliseconds. */
const LOOK_EVERY = 250

/** Seconds that whoever acts has, after that, to tell what came of it. Then anyone may begin it again. */
const TO_TELL = 30

/** Seconds until a failed act is tried again: the first time, doubled each time, and at most. */
const BACKOFF = { first: 5, longest: 3_600 }

/** Does what is due, several at once, until the signal aborts; what was begun by then is finished. Throws what the vault throws. */
export const act = async (working: Working, signal: AbortSignal, moved: () => void): Promise<void> => {
  const { reactor, intents, now } = working
  const acting = new Set<Promise<void>>()
  try {
    while (!signal.aborted) {
      const room = AT_ONCE - acting.size
      const until = plus(now(), reactor.withinSeconds + TO_TELL)
      // Several at a time, for each look that finds something is written down.
      const begun = room >= AT_ONCE / 2 ? await intents.begin(reactor.name, room * reactor.together, now(), until) : []
      moved()
      for (const act of actsOf(begun, reactor.together)) {
        const one = attempt(working, act, until, signal).finally(() => acting.delete(one))
        acting.add(one)
      }
      if (begun.length === 0) await Promise.race([sleep(LOOK_EVERY, undefined, { signal }).catch(() => {}), ...acting])
    }
  } finally {
    await Promise.all(acting)
  }
}

const actsOf = (begun: readonly Intent[], together: number): Intent[][] =>
  Array.from({ length: Math.ceil(begun.length / together) }, (_, i) => begun.slice(i * together, (i + 1) * together))

/** Never rejects: what cannot be told is begun again once its time is over. */
const attempt = async (working: Working, act: readonly Intent[], until: string, signal: AbortSignal): Promise<void> => {
  const { reactor } = working
  const outcomes = await inTime(reactor.withinSeconds, (late) => reactor.act(act, late)).catch((error: unknown) =>
    act.map(() => failedBy(error)),
  )
  await Promise.all(act.map((intent, i) => tell(working, intent, outcomes[i]!, until, signal)))
}

const tell = async (working: Working, intent: Intent, outcome: Acted, until: string, signal: AbortSignal) => {
  const { reactor, intents, now, log } = working
  const { name } = reactor
  const { id, attempts } = intent
  const once = (): Promise<void> => {
    if (outcome === 'done') return intents.done(name, id)
    if ('refused' in outcome) return intents.giveUp(name, id, outcome.refused)
    return intents.failed(name, id, plus(now(), backoff(attempts)), outcome.failed)
  }
  // What is cut short since the process ends is no trouble.
  if (outcome !== 'done' && !signal.aborted)
    log.warn({ reactor: name, intent: id, attempts, ...outcome }, 'a reactor could not act')
  for (;;) {
    try {
      return await once()
    } catch (err) {
      // Or what is done would be done again, only because nobody could be told for a moment.
      if (!signal.aborted && now() < until) await sleep(1_000)
      else
        return log.error({ err, reactor: name, intent: id }, 'what a reactor did could not be noted: it is begun again')
    }
  }
}

const failedBy = (error: unknown) => ({ failed: messageOf(error) })

const backoff = (attempts: number): number => Math.min(BACKOFF.first * 2 ** (attempts - 1), BACKOFF.longest)

const inTime = async (
  seconds: number,
  work: (late: AbortSignal) => Promise<readonly Acted[]>,
): Promise<readonly Acted[]> => {
  const over = new AbortController()
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    over.abort()
    reject(new Error(`it took longer than ${seconds} s`))
  }, seconds * 1_000)
  try {
    return await Promise.race([work(over.signal), late])
  } finally {
    clearTimeout(timer)
  }
}
