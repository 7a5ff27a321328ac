import { setTimeout as sleep } from 'node:timers/promises'
import type { Position } from '../domain/fact.ts'
import {
  applyBatch,
  checkpoint,
  forget,
  type ProjectorDb,
  recordHalt,
  type Site,
  Superseded,
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
  readonly db: ProjectorDb
  readonly pages: Pages<F>
  readonly now: () => string
  readonly signal: AbortSignal
}

/** Told whenever a model gets on, or does not. */
export type Watch = {
  readonly moved: (position: Position) => void
  readonly halted: (halted: Halted) => void
  /** Neither the facts' nor the model's fault: the database or the ledger did not answer. */
  readonly failed: (error: unknown) => void
}

/** Milliseconds until a model that stands still tries again: the first time, and at most. */
const PATIENCE = { first: 1_000, longest: 60_000 }

/** Keeps one model up with the ledger until the signal aborts. `turn` is held while it writes. */
export const follow = async <F extends FactRef>(
  site: Site<F>,
  { moved, halted, failed }: Watch,
  turn: <T>(work: () => Promise<T>) => Promise<T>,
  world: World<F>,
): Promise<void> => {
  const { db, pages, signal } = world
  let pause = PATIENCE.first
  while (!signal.aborted) {
    try {
      forget(site)
      let { position } = await checkpoint(db, site)
      moved(position)
      for (;;) {
        const page = await pages(position)
        position = await turn(() => advance(site, position, page, world, moved))
        pause = PATIENCE.first
      }
    } catch (error) {
      if (error instanceof Superseded) continue
      if (signal.aborted) return
      if (error instanceof Poisoned) halted(error.halted)
      else failed(error)
      await sleep(pause, undefined, { signal }).catch(() => {})
      pause = Math.min(pause * 2, PATIENCE.longest)
    }
  }
}

/**
 * Applies a page at once or, where something in it is not accepted, fact by fact up to that.
 * Returns the new checkpoint. Throws Poisoned, Superseded, or what the database throws.
 */
export const advance = async <F extends FactRef>(
  site: Site<F>,
  from: Position,
  { facts, unreadable }: Page<F>,
  { db, now }: World<F>,
  moved: Watch['moved'],
): Promise<Position> => {
  let at = from
  const apply = async (some: readonly F[]) => {
    at = await applyBatch(db, site, at, some)
    moved(at)
  }
  const halt = async ({ id, type, position }: FactRef, cause: unknown): Promise<never> => {
    const halted = { factId: id, type, position, error: messageOf(cause), at: now() }
    await recordHalt(db, site, at, halted)
    throw new Poisoned(site.name, halted, cause)
  }

  if (facts.length > 0)
    await apply(facts).catch(async (error) => {
      if (!(error instanceof Unapplied)) throw error
      for (const fact of facts)
        await apply([fact]).catch((error) => {
          if (error instanceof Unapplied) return halt(fact, error.cause)
          throw error
        })
    })
  if (unreadable) await halt(unreadable.recorded, unreadable.error)
  return at
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
