import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { memoryLedger } from '../../adapters/memory-ledger.ts'
import { sqliteVault } from '../../adapters/sqlite/vault.ts'
import type { Proposed, Recorded } from '../../domain/fact.ts'
import type { Leadership } from '../../domain/leadership.ts'
import { plus } from '../../domain/time.ts'
import type { Intent } from '../../domain/vault.ts'
import type { Acted, Reactor, ReactorDeps } from './reactor.ts'
import { type RunningReactor, startReactor } from './running.ts'

const BEGIN = '2030-01-01T12:00:00.000Z'

/** A fact about nothing in particular, of the type that the reactor of this world acts on, unless it is told another. */
export const someFact = (type = 'PersonRegistered', data: object = {}): Proposed => ({
  id: randomUUID(),
  type,
  data,
  metadata: {
    $correlationId: 'c',
    $causationId: randomUUID(),
    tenant: 'acme',
    actor: { id: 'ann', role: 'attendee' },
    at: BEGIN,
    v: 1,
    request: '',
  },
})

/** As processes that share a lock would: whoever comes first leads until it lets go. */
export const oneLeader = (): Leadership => {
  const free = new Map<string, Promise<void>>()
  return {
    lead: async (work, signal) => {
      const before = free.get(work) ?? Promise.resolve()
      const { promise, resolve } = Promise.withResolvers<void>()
      free.set(
        work,
        before.then(() => promise),
      )
      signal.addEventListener('abort', () => resolve())
      await Promise.race([before, once(signal, 'abort')])
      signal.throwIfAborted()
      return signal
    },
    close: async () => {},
  }
}

/** A ledger, a vault and a clock, and as many processes as a test starts; what they did is in `acted`. */
export const reactorWorld = () => {
  let clock = BEGIN
  const log: Recorded[] = []
  const ledger = memoryLedger({ log })
  const vault = sqliteVault(':memory:')
  onTestFinished(() => vault.close())
  const acted: Intent[] = []
  const logged: string[] = []
  const running: RunningReactor[] = []
  onTestFinished(async () => {
    await Promise.all(running.map(({ stop }) => stop()))
  })

  const deps: ReactorDeps = {
    ledger,
    intents: vault.intents,
    leadership: oneLeader(),
    now: () => clock,
    log: { warn: (_, message) => logged.push(message), error: (_, message) => logged.push(message) },
  }
  const reactor: Reactor = {
    name: 'mail',
    begins: 'with-the-next-fact',
    withinSeconds: 5,
    wants: { PersonRegistered: ({ id }) => [{ factId: id }] },
    together: 1,
    act: async (intents): Promise<Acted[]> => {
      acted.push(...intents)
      return intents.map(() => 'done')
    },
  }
  const start = async (other: Partial<Reactor> = {}, parts: Partial<ReactorDeps> = {}) => {
    const started = await startReactor({ ...deps, ...parts }, { ...reactor, ...other })
    running.push(started)
    return started
  }
  const record = async (...facts: Proposed[]): Promise<string[]> => {
    for (const fact of facts) await ledger.append(`person-${fact.id}`, 'none', [fact])
    return facts.map(({ id }) => id)
  }

  return {
    deps,
    log,
    acted,
    logged,
    start,
    record,
    /** Which facts were acted on, as it happened. */
    factIds: () => acted.map(({ data }) => (data as { factId: string }).factId),
    pass: (seconds: number) => {
      clock = plus(clock, seconds)
    },
  }
}
