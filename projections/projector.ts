import type { Kysely } from 'kysely'
import type { Position, Recorded } from '../domain/fact.ts'
import type { Ledger } from '../domain/ledger.ts'
import { live, type ProjectorDb, prepare } from './checkpoint.ts'
import type { World } from './follower.ts'
import { sharedPages } from './pages.ts'
import type { AnyTables, FactRef, ReadModel } from './read-model.ts'
import { run, type Status } from './running.ts'

export type Projections = {
  readonly status: () => Promise<readonly Status[]>
  /** The position that a model's rows reflect, at the least. */
  readonly positionOf: (name: string) => Position
  /** Whether all the named models got to the position within that time, in milliseconds. */
  readonly waitFor: (names: string | readonly string[], position: Position, timeoutMs: number) => Promise<boolean>
  /** Builds a model from the first fact on, beside the one that is read, and then puts it in its place. */
  readonly rebuild: (name: string) => Promise<void>
  readonly close: () => Promise<void>
}

type Options<F> = {
  readonly db: Kysely<AnyTables>
  readonly ledger: Pick<Ledger, 'tail' | 'readAll' | 'head'>
  readonly models: readonly ReadModel<F>[]
  /** Throws on a fact that it cannot read: every model halts there. */
  readonly decode: (recorded: Recorded) => F
  readonly now: () => string
}

/** Facts in a page of a backlog. A row that a page touches twice is written once: 4,000 build twice as fast as 1,000. */
const PAGE = 4_000

/** Keeps read models up with the ledger. Several processes may do so at once: each fact counts once. */
export const startProjections = async <F extends FactRef>(options: Options<F>): Promise<Projections> => {
  const { ledger, models, decode, now } = options
  const db: ProjectorDb = options.db
  const closing = new AbortController()
  const { signal } = closing
  const world: World<F> = { db, pages: sharedPages({ ledger, decode, size: PAGE, signal }), now, signal }

  await prepare(db, models.map(live))
  const running = await Promise.all(models.map((model) => run(model, ledger, world)))
  const named = (name: string) => {
    const found = running.find((model) => model.name === name)
    if (!found) throw new Error(`there is no read model ${name}: it is one of ${models.map((m) => m.name).join(', ')}`)
    return found
  }

  return {
    status: () => Promise.all(running.map(({ status }) => status())),
    positionOf: (name) => named(name).position(),
    waitFor: async (names, position, timeoutMs) => {
      const reached = await Promise.all([names].flat().map((name) => named(name).reach(position, timeoutMs)))
      return !reached.includes(false)
    },
    rebuild: (name) => named(name).rebuild(),
    close: async () => {
      closing.abort()
      await Promise.all(running.map(({ ended }) => ended))
    },
  }
}
