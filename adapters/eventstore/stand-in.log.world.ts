import { randomUUID } from 'node:crypto'

/** An event as it is stored. Data and metadata are bytes, which the server never looks into. */
export type Stored = {
  readonly id: string
  readonly stream: string
  readonly revision: number
  readonly type: string
  readonly data: Uint8Array
  readonly metadata: Uint8Array
  /** Where its record begins in the log: commit and prepare position in one, as for all that a client appends. */
  readonly position: number
}

export type Sent = Pick<Stored, 'id' | 'type' | 'data' | 'metadata'>

export type Appended = { readonly last: Stored } | { readonly wrong: number }

/**
 * The log of one EventStoreDB node. What an append is answered follows `IndexWriter.CheckCommit` of its source,
 * where events are together "already written" by their ids alone, whatever else in them differs.
 * Between the appends the log receives what a real one does: statistics, links, results of projections.
 */
export const standInLog = () => {
  const all: Stored[] = []
  const streams = new Map<string, Stored[]>()
  const of = (stream: string) => streams.get(stream) ?? []
  let end = 0

  const write = (stream: string, events: readonly Sent[]) => {
    for (const event of events) {
      const stored = { ...event, stream, revision: of(stream).length, position: end }
      end += 120 + event.data.length + event.metadata.length
      all.push(stored)
      streams.set(stream, [...of(stream), stored])
    }
  }
  const own = [
    ['$stats-127.0.0.1:2113', '$statsCollected', '{}'],
    ['$ce-ticket', '$>', '0@ticket-1'],
    ['$projections-sales-result', 'Result', '{}'],
  ] as const
  let turn = 0
  const writeOwn = () => {
    const [stream, type, data] = own[turn++ % own.length]!
    write(stream, [{ id: randomUUID(), type, data: Buffer.from(data), metadata: new Uint8Array() }])
  }

  /** `expected` as the server has it: -1 for no stream, -2 for any. */
  const append = (stream: string, expected: number, events: readonly Sent[]): Appended => {
    const known = of(stream)
    const head = known.length - 1
    const before = expected === -2 ? known.find(({ id }) => id === events[0]!.id)?.revision : expected + 1
    const there = before === undefined ? [] : known.slice(before, before + events.length)
    if (there.length === events.length && there.every(({ id }, i) => id === events[i]!.id))
      return { last: there.at(-1)! }
    if (expected !== -2 && expected !== head) return { wrong: head }
    writeOwn()
    write(stream, events)
    return { last: of(stream).at(-1)! }
  }

  return { all: all as readonly Stored[], of, append, writeOwn }
}
