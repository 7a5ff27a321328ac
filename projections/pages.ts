import { setTimeout as sleep } from 'node:timers/promises'
import type { Position, Recorded } from '../domain/fact.ts'
import type { Ledger } from '../domain/ledger.ts'
import type { FactRef } from './read-model.ts'

/** Facts that follow each other. Where one could not be read, the page ends before it and tells which. */
export type Page<F> = {
  readonly facts: readonly F[]
  /** All of them as they are stored, the one that could not be read and those after it too. */
  readonly stored: readonly Recorded[]
  readonly unreadable?: { readonly recorded: Recorded; readonly error: unknown }
}

/** The page that follows a position, as soon as there is one. Rejects when the signal aborts. */
export type Pages<F> = (after: Position) => Promise<Page<F>>

type Source<F> = {
  readonly ledger: Pick<Ledger, 'tail'>
  /** Throws on a fact that it cannot read. */
  readonly decode: (recorded: Recorded) => F
  /** How many facts a page has at most. */
  readonly size: number
  readonly signal: AbortSignal
}

/** How far apart models may be, in pages, and still share. Past that each reads by itself. */
const KEPT = 4

/** How long after a page was applied the next one is read, in milliseconds: twice as long as that took, within these bounds. */
const REST = { shortest: 5, longest: 200 }

type Shared<F> = {
  readonly page: Promise<Page<F>>
  /** How many have asked for it. */
  askers: number
  /** Lets it be read: all who had the page before have applied it. */
  readonly gathered: () => void
}

/**
 * One reading of the ledger for all models: whoever asks for what follows a position gets the same page, read and decoded once.
 * It is read when all who had the page before are back, so that they stay together; and after a rest of twice as long as that
 * took, so that most of the time is left to others. What gathers meanwhile costs less as one page than as many.
 */
export const sharedPages = <F extends FactRef>({ ledger, decode, size, signal }: Source<F>): Pages<F> => {
  /** By the position that they follow, and by the one that they end at. */
  const pages = new Map<Position, Shared<F>>()
  const ends = new Map<Position, Shared<F>>()
  /** Where they stand, they wait to be asked for more: what has gathered by then comes as one page. */
  const tails = new Map<Position, AsyncIterator<readonly Recorded[]>>()
  /** When the last page was read; never, if it was full and there is a backlog to get through. */
  let readAt = 0

  const rest = async (gathered: Promise<void>) => {
    await Promise.race([gathered, sleep(REST.longest, undefined, { signal })])
    const took = performance.now() - readAt
    if (took < REST.longest) await sleep(Math.max(2 * took, REST.shortest), undefined, { signal })
  }

  const read = async (after: Position, gathered: Promise<void>, shared: () => Shared<F>): Promise<Page<F>> => {
    if (tails.has(after)) await rest(gathered)
    const tail = tails.get(after) ?? ledger.tail(after, size, signal)[Symbol.asyncIterator]()
    tails.delete(after)
    const { done, value } = await tail.next()
    if (done) throw new Error(`the ledger ended its tail after ${after || 'the start'}: is it closed?`)
    readAt = value.length < size ? performance.now() : 0
    const page = decodePage(value, decode)
    // Never kept, so that whoever tries again has it decoded again.
    if (page.unreadable) pages.delete(after)
    const end = value.at(-1)!.position
    ends.set(end, shared())
    forgetOldest(ends)
    tails.get(end)?.return?.()
    tails.set(end, tail)
    forgetOldest(tails)?.return?.()
    return page
  }

  const share = (after: Position): Shared<F> => {
    const { promise: gathered, resolve } = Promise.withResolvers<void>()
    const page: Promise<Page<F>> = read(after, gathered, () => shared).catch((error) => {
      pages.delete(after)
      throw error
    })
    const shared: Shared<F> = { page, askers: 0, gathered: resolve }
    pages.set(after, shared)
    forgetOldest(pages)
    return shared
  }

  return (after) => {
    const shared = pages.get(after) ?? share(after)
    shared.askers++
    if (shared.askers >= (ends.get(after)?.askers ?? 0)) shared.gathered()
    return shared.page
  }
}

const forgetOldest = <V>(kept: Map<Position, V>): V | undefined => {
  const [oldest] = kept
  if (kept.size <= KEPT || !oldest) return undefined
  kept.delete(oldest[0])
  return oldest[1]
}

const decodePage = <F>(stored: readonly Recorded[], decode: (recorded: Recorded) => F): Page<F> => {
  const facts: F[] = []
  for (const recorded of stored) {
    try {
      facts.push(decode(recorded))
    } catch (error) {
      return { facts, stored, unreadable: { recorded, error } }
    }
  }
  return { facts, stored }
}
