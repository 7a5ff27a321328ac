import { type Position, START } from '../domain/fact.ts'
import type { Ledger } from '../domain/ledger.ts'
import { beside, checkpoint, discard, live, promote, type Site, Superseded, settle, startOver } from './checkpoint.ts'
import { advance, follow, messageOf, Poisoned, type Watch, type World } from './follower.ts'
import type { FactRef, Halted, ReadModel } from './read-model.ts'

export type Status = {
  readonly name: string
  readonly version: number
  readonly position: Position
  /** For how long the oldest fact that is not yet applied has been waiting; 0 if there is none. */
  readonly behindSeconds: number
  /** The fact that it cannot get past. It tries again by itself, but a person has to see to it. */
  readonly halted: Halted | null
  /** What the database or the ledger said when it did not answer; null once it does. */
  readonly failure: string | null
}

/** One read model, followed by this process. */
export type Running = {
  readonly name: string
  readonly status: () => Promise<Status>
  /** What the rows show, at the least. */
  readonly position: () => Position
  readonly reach: (position: Position, timeoutMs: number) => Promise<boolean>
  readonly rebuild: () => Promise<void>
  /** Resolves when the signal has aborted and nothing is being written any more. */
  readonly ended: Promise<void>
}

type Waiter = { readonly wanted: Position; readonly done: (reached: boolean) => void }

/** Follows the ledger with a model until the signal aborts. */
export const run = async <F extends FactRef>(
  model: ReadModel<F>,
  ledger: Pick<Ledger, 'readAll' | 'head'>,
  world: World<F>,
): Promise<Running> => {
  const { db, now } = world
  const site = live(model)
  let { position, halted } = await checkpoint(db, site)
  // A ledger restored from a backup: what it no longer holds has to go from the rows as well.
  if ((await ledger.head()) < position) {
    await startOver(db, site)
    position = START
  }
  let failure: string | null = null
  const waiters = new Set<Waiter>()
  const turn = turns()

  const watch: Watch = {
    moved: (to) => {
      if (to !== position) halted = null
      failure = null
      position = to
      for (const { wanted, done } of waiters) if (wanted <= position) done(true)
    },
    halted: (by) => {
      halted = by
    },
    failed: (error) => {
      failure = messageOf(error)
    },
  }

  const status = async (): Promise<Status> => {
    const [next] = await ledger.readAll(position, 1)
    const behindSeconds = next ? Math.max(0, (Date.parse(now()) - Date.parse(next.metadata.at)) / 1_000) : 0
    return { name: model.name, version: model.version, position, behindSeconds, halted, failure }
  }

  const reach = (wanted: Position, timeoutMs: number) =>
    new Promise<boolean>((resolve) => {
      if (wanted <= position) return resolve(true)
      const done = (reached: boolean) => {
        clearTimeout(timer)
        waiters.delete(waiter)
        resolve(reached)
      }
      const waiter = { wanted, done }
      const timer = setTimeout(done, timeoutMs, false)
      waiters.add(waiter)
    })

  let rebuilding: Promise<void> | undefined
  const rebuild = () => {
    rebuilding ??= rebuildBeside(site, world, turn).finally(() => {
      rebuilding = undefined
    })
    return rebuilding
  }

  const ended = follow(site, watch, turn, world).then(async () => {
    for (const { done } of waiters) done(false)
    // Or it would be read again at the next start; should another instance have moved it, that is as well.
    await settle(db, site, position).catch(() => {})
    await rebuilding?.catch(() => {})
  })
  return { name: model.name, status, position: () => position, reach, rebuild, ended }
}

/** Lets one piece of work in at a time. */
const turns = () => {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
}

const rebuildBeside = async <F extends FactRef>(
  here: Site<F>,
  world: World<F>,
  turn: ReturnType<typeof turns>,
): Promise<void> => {
  const { db, pages } = world
  const next = beside(here.model)
  let at = START
  const catchUp = async () => {
    const { position: goal } = await checkpoint(db, here)
    while (at < goal) at = await advance(next, at, await pages(at), world, () => {})
  }
  const replace = async () => {
    await catchUp()
    await settle(db, next, at)
    await promote(db, here, next)
  }

  try {
    await startOver(db, next)
    await catchUp()
    // What came in meanwhile, so that the live one has to pause for little.
    await catchUp()
    while (!(await turn(replace).then(() => true, ifBehind))) {}
  } catch (error) {
    if (error instanceof Poisoned) await discard(db, next)
    throw new Error(`${here.name} was not rebuilt, its tables are as they were: ${messageOf(error)}`, { cause: error })
  }
}

/** Another process has moved the live one between the last page and the swap. */
const ifBehind = (error: unknown): false => {
  if (error instanceof Superseded) return false
  throw error
}
