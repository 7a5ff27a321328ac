import type { Kysely } from 'kysely'
import type { Position, Recorded } from '../domain/fact.ts'
import type { Leadership } from '../domain/leadership.ts'
import type { Ledger } from '../domain/ledger.ts'
import { type Build, isOf, prepare } from './builds.ts'
import { messageOf } from './follower.ts'
import { migrate } from './migrations.ts'
import { sharedPages } from './pages.ts'
import { type Progress, progress } from './progress.ts'
import type { FactRef, Halted, ReadModel } from './read-model.ts'
import type { ReadDatabase, Reading } from './reading.ts'
import { buildBeside, promote, type Workshop } from './rebuild.ts'
import { run } from './running.ts'
import { type Watcher, watchBuilds } from './watcher.ts'

export type Status = {
  readonly name: string
  readonly version: number
  /** Which of the builds of that version is read. */
  readonly build: number
  readonly position: Position
  /** For how long the oldest fact that is not yet applied has been waiting; 0 if there is none, null while the ledger does not answer. */
  readonly behindSeconds: number | null
  /** The fact that it cannot get past. It tries again by itself, but a person has to see to it. */
  readonly halted: Halted | null
  /** What the database or the ledger said when it did not answer; null once it does. */
  readonly failure: string | null
}

/** The read models as this process sees them, whichever process keeps them up. */
export type Projections = Reading & {
  readonly status: () => Promise<readonly Status[]>
  /** The position that a model's rows reflect, at the least. */
  readonly positionOf: (name: string) => Promise<Position>
  /** Whether all the named models got to the position within that time, in milliseconds. */
  readonly waitFor: (names: string | readonly string[], position: Position, timeoutMs: number) => Promise<boolean>
  /** Builds a model from the first fact on, beside the one that is read, and resolves once this process reads the new one. */
  readonly rebuild: (name: string) => Promise<void>
  readonly close: () => Promise<void>
}

export type Options<F> = {
  readonly database: ReadDatabase
  readonly ledger: Pick<Ledger, 'tail' | 'readAll' | 'head'>
  readonly leadership: Pick<Leadership, 'lead'>
  readonly models: readonly ReadModel<F>[]
  /** Throws on a fact that it cannot read: every model halts there. */
  readonly decode: (recorded: Recorded) => F
  readonly now: () => string
}

/** Keeps read models up with the ledger, each in one process at a time; and each fact counts once even when two do for a moment. */
export const startProjections = async <F extends FactRef>(options: Options<F>): Promise<Projections> => {
  const { db, shared } = options.database
  await migrate(db)
  await prepare(db, options.models, { head: await options.ledger.head(), alone: !shared })
  const { projections, followed, workshop, watcher, closing } = await open(options)
  const { signal } = closing
  const running = followed.map(({ model, known }) => run(model, known, { ...workshop, watcher, signal }))
  return {
    ...projections,
    close: async () => {
      await projections.close()
      await Promise.all(running)
    },
  }
}

/** For a process that only reads: other processes keep the read models up. */
export const watchProjections = async <F extends FactRef>(options: Options<F>): Promise<Projections> => {
  const { db } = options.database
  await migrate(db)
  await prepare(db, options.models)
  return (await open(options)).projections
}

/** Facts in a page of a backlog. A row that a page touches twice is written once: 4,000 build twice as fast as 1,000. */
const PAGE = 4_000

/** What building needs, until the signal aborts. */
export const workshopOf = <F extends FactRef>(options: Options<F>, signal: AbortSignal): Workshop<F> => {
  const { database, ledger, leadership, decode, now } = options
  const pages = sharedPages({ ledger, decode, size: PAGE, signal })
  return { db: database.db, shared: database.shared, pages, now, ledger, leadership }
}

type Followed<F> = { readonly model: ReadModel<F>; readonly known: Progress }

const open = async <F extends FactRef>(options: Options<F>) => {
  const { database, ledger, models, now } = options
  const closing = new AbortController()
  const workshop = workshopOf(options, closing.signal)
  const followed: Followed<F>[] = models.map((model) => ({ model, known: progress(() => watcher.hurry()) }))
  const watcher: Watcher = watchBuilds({
    db: database.db,
    seen: (builds: readonly Build[]) => {
      for (const { model, known } of followed) known.see(builds.filter(isOf(model)))
    },
    failed: (error) => {
      for (const { known } of followed) known.missed(messageOf(error))
    },
    isUrgent: () => followed.some(({ known }) => known.isUrgent()),
    signal: closing.signal,
  })
  await watcher.look()

  const named = (name: string): Followed<F> => {
    const found = followed.find(({ model }) => model.name === name)
    if (!found) throw new Error(`there is no read model ${name}: it is one of ${models.map((m) => m.name).join(', ')}`)
    return found
  }
  const schemaOf = (name: string) => named(name).known.standing().schema

  const statusOf = async ({ model: { name, version }, known }: Followed<F>): Promise<Status> => {
    const { build, position, halted, failure } = known.standing()
    const standing = { name, version, build, position, halted }
    try {
      const [next] = await ledger.readAll(position, 1)
      const behindSeconds = next ? Math.max(0, (Date.parse(now()) - Date.parse(next.metadata.at)) / 1_000) : 0
      return { ...standing, behindSeconds, failure }
    } catch (error) {
      return { ...standing, behindSeconds: null, failure: failure ?? messageOf(error) }
    }
  }

  const rebuilding = new Map<string, Promise<void>>()
  const rebuild = async ({ model, known }: Followed<F>) => {
    const { build } = known.standing()
    await buildBeside(model, workshop)
    await promote(model, workshop)
    while (known.standing().build <= build) {
      await watcher.look()
      if (known.standing().build <= build) await watcher.next()
    }
  }

  const projections: Projections = {
    tables: <DB>(model: ReadModel<never, DB>, tenant: string): Kysely<DB> =>
      database.as(tenant).withSchema(schemaOf(model.name)),
    everyTenant: <DB>(model: ReadModel<never, DB>): Kysely<DB> => database.db.withSchema(schemaOf(model.name)),
    status: () => Promise.all(followed.map(statusOf)),
    positionOf: async (name) => {
      await watcher.refresh()
      return named(name).known.standing().position
    },
    waitFor: async (names, position, timeoutMs) => {
      const reached = await Promise.all([names].flat().map((name) => named(name).known.reach(position, timeoutMs)))
      return !reached.includes(false)
    },
    rebuild: (name) => {
      const under = rebuilding.get(name) ?? rebuild(named(name)).finally(() => rebuilding.delete(name))
      rebuilding.set(name, under)
      return under
    },
    close: async () => {
      closing.abort()
      for (const { known } of followed) known.close()
      await Promise.allSettled(rebuilding.values())
    },
  }
  return { projections, followed, workshop, watcher, closing }
}
