import { setTimeout as sleep } from 'node:timers/promises'
import type { Position } from '../domain/fact.ts'
import { type Db, Superseded } from './builds.ts'
import {
  applyBatch,
  checkpoint,
  forget,
  recordFailure,
  recordHalt,
  type Site,
  settle,
  Unapplied,
} from './checkpoint.ts'
import type { Page, Pages } from './pages.ts'
import type { FactRef, Halted } from './read-model.ts'

/** A model stands at a fact that it cannot get past. Everything before it is applied, and where it stands is recorded. */
export class Poisoned extends Error {
  override name = 'Poisoned'
  readonly halted: Halted
  constructor(model: string, halted: Halted, cause: unknown) {
    super(`${model} halts at ${halted.type} ${halted.factId}: ${halted.error}`, { cause })
    this.halted = halted
  }
}

export type World<F> = {
  readonly db: Db
  readonly pages: Pages<F>
  readonly now: () => string
}

/** Told whenever a build gets on, or does not. */
export type Watch = {
  readonly moved: (position: Position) => void
  readonly halted: (halted: Halted) => void
  /** Neither the facts' nor the model's fault: the database or the ledger did not answer. */
  readonly failed: (failure: string) => void
}

/** Milliseconds until a model that stands still tries again: the first time, and at most. */
const PATIENCE = { first: 1_000, longest: 60_000 }

/** Keeps one build up with the ledger until the signal aborts. */
export const follow = async <F extends FactRef>(
  site: Site<F>,
  { moved, halted, failed }: Watch,
  world: World<F>,
  signal: AbortSignal,
): Promise<void> => {
  const { db, pages } = world
  let pause = PATIENCE.first
  let at: Position | undefined
  const arrived = (position: Position) => {
    at = position
    moved(position)
  }
  while (!signal.aborted) {
    try {
      forget(site)
      let position = await checkpoint(db, site)
      arrived(position)
      await recordFailure(db, site, null)
      for (;;) {
        const page = await orAborted(signal, pages(position))
        position = await advance(site, position, page, world, arrived)
        pause = PATIENCE.first
      }
    } catch (error) {
      if (error instanceof Superseded) continue
      if (signal.aborted) break
      if (error instanceof Poisoned) halted(error.halted)
      else {
        failed(messageOf(error))
        await recordFailure(db, site, messageOf(error)).catch(() => {})
      }
      await sleep(pause, undefined, { signal }).catch(() => {})
      pause = Math.min(pause * 2, PATIENCE.longest)
    }
  }
  // Or it would be read again at the next start; should another instance have moved it, that is as well.
  if (at !== undefined) await settle(db, site, at).catch(() => {})
}

/** What is waited for, unless the signal aborts first: then rejects. */
export const orAborted = async <T>(signal: AbortSignal, wanted: Promise<T>): Promise<T> => {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([wanted, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/**
 * Applies a page at once or, where something in it is not accepted, fact by fact up to that.
 * Returns the new checkpoint. Throws Poisoned, Superseded, or what the database throws.
 */
export const advance = async <F extends FactRef>(
  site: Site<F>,
  from: Position,
  page: Page<F>,
  { db, now }: World<F>,
  moved: Watch['moved'],
): Promise<Position> => {
  const { facts, unreadable } = site.model.asStored ? asStored<F>(page) : page
  let at = from
  const apply = async (some: readonly F[]) => {
    at = await applyBatch(db, site, at, some)
    moved(at)
  }
  const halt = async ({ id, type, position }: FactRef, cause: unknown): Promise<never> => {
    const halted = { factId: id, type, position, error: messageOf(cause), at: now() }
    await recordHalt(db, site, at, halted)
    throw new Poisoned(site.schema, halted, cause)
  }
  // A database that is away accepts nothing. Where it answers, and still does not accept this, it is the fact.
  const applyAlone = async (fact: F) => {
    if (!(await apply([fact]).then(() => undefined, asUnapplied))) return
    await checkpoint(db, site)
    const refused = await apply([fact]).then(() => undefined, asUnapplied)
    if (refused) await halt(fact, refused.cause)
  }

  if (facts.length > 0 && (await apply(facts).then(() => undefined, asUnapplied)))
    for (const fact of facts) await applyAlone(fact)
  if (unreadable) await halt(unreadable.recorded, unreadable.error)
  return at
}

/** What a model takes that reads nothing into the facts: it is written for any recorded fact, and so for these. */
const asStored = <F>({ stored }: Page<F>): Pick<Page<F>, 'facts' | 'unreadable'> => ({
  facts: stored as readonly unknown[] as readonly F[],
})

const asUnapplied = (error: unknown): Unapplied => {
  if (error instanceof Unapplied) return error
  throw error
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
