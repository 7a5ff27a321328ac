import { type Credentials, EventStoreDBClient } from '@eventstore/db-client'
import { parseConnectionString } from '@eventstore/db-client/dist/Client/parseConnectionString.js'
import { type Position, type Recorded, START } from '../../domain/fact.ts'
import { Conflict, type Expected, type Ledger, Unavailable } from '../../domain/ledger.ts'
import { collect, within } from './calls.ts'
import { eventOf, isSystem, type Place, placeOf, positionOf, recordedOf, type StoredEvent } from './recorded.ts'
import { tail } from './tail.ts'

type Options = {
  /** `esdb://user:password@host:2113`, or with `esdb+discover` or several hosts a cluster. */
  readonly url: string
  /** How long the server may be silent in a call, in milliseconds. */
  readonly timeoutMs?: number
  /** How often a subscription that brings nothing is checked against the head, in milliseconds. */
  readonly quietMs?: number
}

/** How many events are read at once at least: facts may stand far apart between the server's own events. */
const READ = { least: 16, headFirst: 16, headMost: 4_096 }

/**
 * The ledger in EventStoreDB or KurrentDB, 23.10 or newer. Connects when it is first used; `close` waits for the appends under way.
 * Throws where the connection string cannot be read, or has no user for a secure connection.
 */
export const eventStoreLedger = ({ url, timeoutMs = 5_000, quietMs = 10_000 }: Options): Ledger => {
  const credentials = credentialsIn(url)
  const connect = () => EventStoreDBClient.connectionString(url)
  // Where a connection breaks, the client ends all that shares it.
  const [appends, reads] = [connect(), connect()]
  const closed = new AbortController()
  const underWay = new Set<Promise<unknown>>()

  const tracked = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
    if (closed.signal.aborted) throw new Error(`the ledger is closed: open it again to ${what}`)
    const promise = call()
    underWay.add(promise)
    return promise.finally(() => underWay.delete(promise))
  }

  const page = async (after: Position, limit: number, signal?: AbortSignal): Promise<readonly Recorded[]> => {
    const facts: Recorded[] = []
    // One more, since a read begins with the event at its position itself.
    const maxCount = Math.max(limit, READ.least) + 1
    for (let from = after; ; ) {
      const reading = reads.readAll({ fromPosition: placeOf(from), maxCount, requiresLeader: true })
      const read = await collect(timeoutMs, `read on after ${from || 'the start'}`, reading, signal)
      const events = read
        .map((resolved) => resolved.event as StoredEvent)
        .filter((event) => positionOf(event.position) > from)
      facts.push(...events.filter((event) => !isSystem(event)).map(recordedOf))
      if (read.length < maxCount || facts.length >= limit) return facts.slice(0, limit)
      from = positionOf(events.at(-1)!.position)
    }
  }

  const head = async (): Promise<Position> => {
    let fromPosition: Place | 'end' = 'end'
    for (let maxCount = READ.headFirst; ; maxCount = Math.min(8 * maxCount, READ.headMost)) {
      const reading = reads.readAll({ direction: 'backwards', fromPosition, maxCount, requiresLeader: true })
      const events = (await collect(timeoutMs, 'read its head', reading)).map(
        (resolved) => resolved.event as StoredEvent,
      )
      const newest = events.find((event) => !isSystem(event))
      if (newest) return positionOf(newest.position)
      if (events.length < maxCount) return START
      fromPosition = events.at(-1)!.position!
    }
  }

  return {
    append: (stream, expected, facts) =>
      tracked(`append to ${stream}`, async () => {
        if (facts.length === 0)
          throw new Error(`there is no fact to append to ${stream}: record something or do not append`)
        const events = facts.map((fact) => eventOf(stream, fact))
        const { success, position } = await within(
          timeoutMs,
          `append to ${stream} at ${expected}`,
          appends.appendToStream(stream, events, {
            expectedRevision: revisionOf(stream, expected),
            // Without them the client batches, and one dying connection rejects another's append.
            credentials,
            requiresLeader: true,
            deadline: timeoutMs,
          }),
        )
        if (!success) throw new Conflict(`${stream} is not at ${expected}`)
        if (!position) throw new Unavailable(`EventStoreDB did not say where its append to ${stream} stands`)
        return positionOf(position)
      }),
    read: (stream, after = -1) =>
      tracked(`read ${stream}`, async () => {
        const reading = reads.readStream(stream, { fromRevision: BigInt(after + 1), requiresLeader: true })
        const read = await collect(timeoutMs, `read ${stream}`, reading)
        return read.map((resolved) => recordedOf(resolved.event as StoredEvent))
      }),
    readAll: (after, limit) => tracked('read it', () => page(after, limit)),
    tail: async function* (after, limit, signal) {
      const client = connect()
      yield* tail({ client, page, head, timeoutMs, quietMs }, after, limit, AbortSignal.any([signal, closed.signal]))
    },
    head: () => tracked('read its head', head),
    close: async () => {
      closed.abort()
      await Promise.allSettled(underWay)
    },
  }
}

const credentialsIn = (url: string): Credentials => {
  const { defaultCredentials, tls } = parsed(url)
  if (defaultCredentials) return defaultCredentials
  if (tls === false) return { username: 'nobody', password: 'not sent over an insecure connection' }
  throw new Error(
    'the EventStoreDB connection string has no user: write esdb://user:password@host:2113, or add ?tls=false',
  )
}

/** What cannot be read is not repeated: it holds a password. */
const parsed = (url: string) => {
  try {
    return parseConnectionString(url)
  } catch {
    throw new Error('the EventStoreDB connection string cannot be read: write esdb://user:password@host:2113')
  }
}

/** The server would take a negative revision for one of its own words. */
const revisionOf = (stream: string, expected: Expected) => {
  if (expected === 'any') return 'any'
  if (expected === 'none') return 'no_stream'
  if (expected < 0) throw new Conflict(`${stream} cannot be at ${expected}`)
  return BigInt(expected)
}
