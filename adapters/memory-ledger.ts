import { type Position, type Recorded, START } from '../domain/fact.ts'
import { Conflict, type Ledger, Unavailable } from '../domain/ledger.ts'
import { numberOf, positionOf } from './counted-positions.ts'
import { makeNews, type News, tail } from './tail.ts'

/** `late`: reported as lost, and written all the same a while later, when the caller has already gone on. */
export type Fault = 'none' | 'conflict' | 'lost-request' | 'lost-reply' | 'late'

type Options = {
  /** Ledgers on one log are one ledger: a test may trouble some of them and look through another. */
  log?: Recorded[]
  /** Where a test's scheduler lets others go first. */
  tick?: () => Promise<void>
  /** Asked once for every append. */
  fault?: () => Fault
}

/** The ledger of tests, with the failures that a network would bring. */
export const memoryLedger = ({ log = [], tick = async () => {}, fault = () => 'none' }: Options = {}): Ledger => {
  const { of, news } = shelfOf(log)
  const closed = new AbortController()

  const write: Ledger['append'] = async (stream, expected, facts) => {
    const known = of(stream)
    const head = known.at(-1)?.revision ?? 'none'
    if (expected !== 'any' && expected !== head) throw new Conflict(`${stream} is at ${head}, not at ${expected}`)
    // As the others would store them, all before any is seen.
    const copies: typeof facts = JSON.parse(JSON.stringify(facts))
    for (const [i, copy] of copies.entries())
      log.push({ ...copy, stream, revision: known.length + i, position: positionOf(log.length + 1) })
    news.emit('appended')
    return log.at(-1)!.position
  }

  return {
    read: async (stream, after = -1) => {
      await tick()
      return of(stream).slice(after + 1)
    },
    append: async (stream, expected, facts) => {
      if (facts.length === 0)
        throw new Error(`there is no fact to append to ${stream}: record something or do not append`)
      await tick()
      switch (fault()) {
        case 'none':
          return write(stream, expected, facts)
        case 'conflict':
          throw new Conflict(stream)
        case 'lost-request':
          throw new Unavailable('the request was lost')
        case 'lost-reply':
          await write(stream, expected, facts)
          throw new Unavailable('the reply was lost')
        case 'late':
          void tick()
            .then(tick)
            .then(() => write(stream, expected, facts))
            .catch(() => {})
          throw new Unavailable('no reply yet')
      }
    },
    readAll: async (after, limit) => {
      await tick()
      return page(log, after, limit)
    },
    tail: (after, limit, signal) =>
      tail({ page: (at) => page(log, at, limit), news, after, signal: AbortSignal.any([signal, closed.signal]) }),
    head: async () => {
      await tick()
      return log.at(-1)?.position ?? START
    },
    close: async () => closed.abort(),
  }
}

/** What all ledgers on one log share: its streams, indexed as far as anyone has looked, and its news. */
type Shelf = { readonly of: (stream: string) => readonly Recorded[]; readonly news: News }

const shelves = new WeakMap<Recorded[], Shelf>()

const shelfOf = (log: Recorded[]): Shelf => {
  const known = shelves.get(log)
  if (known) return known
  const streams = new Map<string, Recorded[]>()
  let indexed = 0
  const of = (stream: string) => {
    for (; indexed < log.length; indexed++) {
      const fact = log[indexed]!
      const facts = streams.get(fact.stream)
      if (facts) facts.push(fact)
      else streams.set(fact.stream, [fact])
    }
    return streams.get(stream) ?? []
  }
  const shelf = { of, news: makeNews() }
  shelves.set(log, shelf)
  return shelf
}

const page = (log: readonly Recorded[], after: Position, limit: number) =>
  log.slice(numberOf(after), numberOf(after) + limit)
