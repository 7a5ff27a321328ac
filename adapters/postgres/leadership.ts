import { setTimeout as sleep } from 'node:timers/promises'
import type { Leadership } from '../../domain/leadership.ts'
import { postgresPool } from './pool.ts'

/** How often what others lead is tried for, and the connection with it, in milliseconds. */
const TRY_EVERY = 1_000

/** Of a query, in milliseconds: a server that is silent for longer may have let another in. */
const PATIENCE = 3_000

/** A process that asks nothing for so long is frozen: its locks are wanted by those that are not. */
const SILENCE = '5s'

const KEY = `hashtextextended('counterfoil leads ' || work, 0)`
const LOCK = `select work from unnest($1::text[]) as work where pg_try_advisory_lock(${KEY})`
const UNLOCK = `select pg_advisory_unlock(${KEY}) from unnest($1::text[]) as work`

/** One who asked to lead. `end` may be called at any time, and again. */
type Candidate = {
  readonly work: string
  readonly begin: () => void
  readonly end: (reason: unknown) => void
}

/**
 * Of all processes on one database, the one whose session holds a work's advisory lock leads it. The server frees a session's locks
 * when it ends: who was killed is followed within about a second, who froze within about six. A process that loses its connection
 * leads nothing any more.
 */
export const postgresLeadership = ({ url }: { readonly url: string }): Leadership => {
  const settings = { idle_session_timeout: SILENCE }
  const pool = postgresPool({ url, name: 'leadership', size: 1, settings, timeoutMs: PATIENCE })
  const waiting = new Set<Candidate>()
  const leading = new Map<string, Candidate>()
  const closed = new AbortController()

  let bell = Promise.withResolvers<void>()
  const ring = () => {
    bell.resolve()
    bell = Promise.withResolvers()
  }
  const pause = async (rung: Promise<void>) => {
    await Promise.race([rung, sleep(TRY_EVERY, undefined, { signal: closed.signal })]).catch(() => {})
  }

  const lost = () => {
    for (const { end } of leading.values()) end(new Error('the connection to PostgreSQL was lost: ask to lead again'))
    ring()
  }

  /** For as long as the connection lasts, and this is open. */
  const stand = async (): Promise<void> => {
    const client = await pool.connect()
    client.on('error', lost)
    /** What this session has the locks of; for a moment that may be more than what is led. */
    const locked = new Set<string>()
    try {
      while (!closed.signal.aborted) {
        const rung = bell.promise
        const free = [...locked].filter((work) => !leading.has(work))
        if (free.length > 0) await client.query(UNLOCK, [free])
        for (const work of free) locked.delete(work)

        const wanted = [...waiting].map(({ work }) => work).filter((work) => !locked.has(work))
        // Asked for nothing it still answers, or does not, and then the connection is lost.
        for (const { work } of (await client.query<{ work: string }>(LOCK, [[...new Set(wanted)]])).rows)
          locked.add(work)
        for (const { work, begin } of waiting) if (locked.has(work) && !leading.has(work)) begin()
        await pause(rung)
      }
    } finally {
      lost()
      client.release(true)
    }
  }

  const standing = (async () => {
    while (!closed.signal.aborted) await stand().catch(() => pause(bell.promise))
  })()

  return {
    lead: (work, signal) =>
      new Promise((resolve, reject) => {
        const over = AbortSignal.any([signal, closed.signal])
        over.throwIfAborted()
        const term = new AbortController()
        const candidate: Candidate = {
          work,
          begin: () => {
            waiting.delete(candidate)
            leading.set(work, candidate)
            resolve(term.signal)
          },
          end: (reason) => {
            waiting.delete(candidate)
            if (leading.get(work) === candidate) leading.delete(work)
            term.abort(reason)
            reject(reason)
            ring()
          },
        }
        over.addEventListener('abort', () => candidate.end(over.reason), { once: true, signal: term.signal })
        waiting.add(candidate)
        ring()
      }),
    close: async () => {
      if (closed.signal.aborted) return
      closed.abort(new Error('the leadership is closed'))
      await standing
      await pool.end()
    },
  }
}
