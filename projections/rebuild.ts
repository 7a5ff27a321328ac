import { type Position, START } from '../domain/fact.ts'
import type { Leadership } from '../domain/leadership.ts'
import type { Ledger } from '../domain/ledger.ts'
import { beginBeside, buildsIn, discard, finish, flip, isOf, Superseded } from './builds.ts'
import { checkpoint, forget, type Site, settle, siteOf } from './checkpoint.ts'
import { advance, messageOf, type World } from './follower.ts'
import type { FactRef, ReadModel } from './read-model.ts'

export type Workshop<F> = World<F> & {
  readonly shared: boolean
  readonly ledger: Pick<Ledger, 'head'>
  readonly leadership: Pick<Leadership, 'lead'>
}

/** How long another rebuild of the same model may take to end before this one gives up, in milliseconds. */
const PATIENCE = 5_000

/**
 * Builds a model from the first fact on, beside the one that is read, in place of what an earlier rebuild has left. When it resolves,
 * it is level with the ledger, and the projector keeps it so. `told` hears how many facts it has, now and then.
 */
export const buildBeside = async <F extends FactRef>(
  model: ReadModel<F>,
  workshop: Workshop<F>,
  told: (facts: number) => void = () => {},
): Promise<void> => {
  const { db, leadership } = workshop
  const done = new AbortController()
  try {
    const leading = await alone(leadership, `rebuild/${model.name}_v${model.version}`, done.signal)
    const build = await beginBeside(db, model)
    const site = siteOf(model, build, workshop)
    try {
      await catchUp(site, START, workshop, (facts) => {
        leading.throwIfAborted()
        told(facts)
      })
      await finish(db, build)
    } catch (error) {
      await discard(db, build).catch(() => {})
      throw error
    }
  } catch (error) {
    throw new Error(`${model.name} was not rebuilt, its tables are as they were: ${messageOf(error)}`, { cause: error })
  } finally {
    done.abort()
  }
}

const alone = async ({ lead }: Pick<Leadership, 'lead'>, work: string, signal: AbortSignal): Promise<AbortSignal> => {
  const waiting = new AbortController()
  const timer = setTimeout(() => waiting.abort(new Error('another rebuild of it is under way')), PATIENCE)
  try {
    return await lead(work, AbortSignal.any([signal, waiting.signal]))
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Lets everybody read what was built beside a model, as soon as that is as far as what they read now. No request fails of it.
 * Throws if there is nothing, or if it meets a fact that it cannot apply.
 */
export const promote = async <F extends FactRef>(model: ReadModel<F>, workshop: Workshop<F>): Promise<void> => {
  const { db } = workshop
  const next = (await buildsIn(db)).filter(isOf(model)).findLast(({ state }) => state === 'ready')
  if (!next) throw new Error(`nothing was built beside ${model.name}: run npm run rebuild -- ${model.name} first`)
  const site = siteOf(model, next, workshop)
  for (;;) {
    try {
      await catchUp(site, await checkpoint(db, site), workshop, () => {})
      return await flip(db, next)
    } catch (error) {
      // The projector has moved it, or the live one, in between.
      if (!(error instanceof Superseded)) throw error
      forget(site)
    }
  }
}

/** Takes a build to where the ledger ends, and stores that it is there. */
const catchUp = async <F extends FactRef>(
  site: Site<F>,
  from: Position,
  { ledger, pages, ...world }: Workshop<F>,
  told: (facts: number) => void,
): Promise<void> => {
  let at = from
  let facts = 0
  for (let goal = await ledger.head(); at < goal; goal = await ledger.head())
    while (at < goal) {
      const page = await pages(at)
      at = await advance(site, at, page, { pages, ...world }, () => {})
      facts += page.facts.length
      told(facts)
    }
  await settle(world.db, site, at)
}
