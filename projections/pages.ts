import type { Position, Recorded } from '../domain/fact.ts'
import type { Ledger } from '../domain/ledger.ts'
import type { FactRef } from './read-model.ts'

/** Facts that follow each other. Where one could not be read, the page ends before it and tells which. */
export type Page<F> = {
  readonly facts: readonly F[]
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

/**
 * One reading of the ledger for all models: whoever asks for what follows a position gets the same page, read and decoded once.
 * So they share from the start of a rebuild, and models that were apart share again as soon as both have reached the head.
 */
export const sharedPages = <F extends FactRef>({ ledger, decode, size, signal }: Source<F>): Pages<F> => {
  const pages = new Map<Position, Promise<Page<F>>>()
  /** Where they stand, they wait to be asked for more: what has gathered by then comes as one page. */
  const tails = new Map<Position, AsyncIterator<readonly Recorded[]>>()

  const read = async (after: Position): Promise<Page<F>> => {
    const tail = tails.get(after) ?? ledger.tail(after, size, signal)[Symbol.asyncIterator]()
    tails.delete(after)
    const { done, value } = await tail.next()
    if (done) throw new Error(`the ledger ended its tail after ${after || 'the start'}: is it closed?`)
    const page = decodePage(value, decode)
    // Never kept, so that whoever tries again has it decoded again.
    if (page.unreadable) pages.delete(after)
    const end = value.at(-1)!.position
    tails.get(end)?.return?.()
    tails.set(end, tail)
    forgetOldest(tails)?.return?.()
    return page
  }

  return (after) => {
    const known = pages.get(after)
    if (known) return known
    const page = read(after).catch((error) => {
      pages.delete(after)
      throw error
    })
    pages.set(after, page)
    forgetOldest(pages)
    return page
  }
}

const forgetOldest = <V>(kept: Map<Position, V>): V | undefined => {
  const [oldest] = kept
  if (kept.size <= KEPT || !oldest) return undefined
  kept.delete(oldest[0])
  return oldest[1]
}

const decodePage = <F>(page: readonly Recorded[], decode: (recorded: Recorded) => F): Page<F> => {
  const facts: F[] = []
  for (const recorded of page) {
    try {
      facts.push(decode(recorded))
    } catch (error) {
      return { facts, unreadable: { recorded, error } }
    }
  }
  return { facts }
}
