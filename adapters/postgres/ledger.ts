import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Position, Proposed, Recorded } from '../../domain/fact.ts'
import { Conflict, type Expected, type Ledger, Unavailable } from '../../domain/ledger.ts'
import { numberOf, positionOf } from '../counted-positions.ts'
import { type FactRow, recorded, textOf } from '../fact-row.ts'
import { makeNews } from '../tail.ts'
import { inBatches } from './batches.ts'
import { MIGRATIONS } from './ledger.schema.ts'
import { migrate } from './migrate.ts'
import { postgresPool } from './pool.ts'

/** Keeps the wait of the first in a batch short. */
const MAX_BATCH = 512

const READERS = 4

/** How many of them read streams, at most: the others are for pages of everything. */
const STREAM_READERS = 2

/** How long a fact of another process may go unnoticed when its notification is lost, in milliseconds. */
const LOOK_EVERY = 1_000

type Options = {
  readonly url: string
  /** How long a statement may take, in milliseconds, waiting for another process's batch included. */
  readonly timeoutMs?: number
}

/** Of every session. */
const SETTINGS = {
  // What is acknowledged is on the disk, whatever is the server's default.
  synchronous_commit: 'on',
  // Everything here goes by an index. Plans are made once, maybe while the table is empty, and it will not stay so.
  enable_seqscan: 'off',
  plan_cache_mode: 'force_generic_plan',
}

const COLUMNS = 'position, stream, revision, id, type, data, metadata'

type Append = { readonly stream: string; readonly expected: Expected; readonly facts: readonly Written[] }

type Written = { readonly id: string; readonly type: string; readonly data: string; readonly metadata: string }

/** What a stream was at, and where the last fact of an append came to be; null if it was refused. */
type Answer = [head: number | null, last: number | null]

/**
 * The ledger of those who run PostgreSQL and no EventStoreDB, in the schema `ledger`. One batch of appends is written at a time,
 * by whichever process has the lock. Lost connections are made again. Needs a server of version 15 or newer, and sessions of its
 * own: a connection pooler that shares them between transactions loses what `listen` hears.
 * Throws one line if the server cannot be reached, or its tables cannot be made.
 */
export const postgresLedger = async ({ url, timeoutMs = 5_000 }: Options): Promise<Ledger> => {
  await migrate(url, 'ledger', MIGRATIONS)
  const pool = (purpose: string, size: number) =>
    postgresPool({ url, name: `ledger ${purpose}`, size, settings: SETTINGS, timeoutMs })
  const [writer, reader, listener] = [pool('writer', 1), pool('reader', READERS), pool('listener', 1)]

  const closed = new AbortController()
  const news = makeNews()
  let newest = 0
  const tell = (position: number) => {
    if (position <= newest) return
    newest = position
    news.emit('appended')
  }
  const listening = listen(listener, tell, closed.signal)

  const appends = inBatches<Append, Answer>({
    ask: (batch) => record(writer, batch),
    size: MAX_BATCH,
    atOnce: 1,
    keyOf: ({ stream }) => stream,
  })
  const streams = inBatches<Wanted, readonly Recorded[]>({
    ask: (wanted) => readStreams(reader, wanted),
    size: MAX_BATCH,
    atOnce: STREAM_READERS,
  })
  const page = async (after: Position, limit: number): Promise<readonly Recorded[]> => {
    const text = `select ${COLUMNS} from ledger.fact where position > $1 order by position limit $2`
    return (await query<FactRow>(reader, 'read', { name: 'page', text, values: [numberOf(after), limit] })).map(
      recorded,
    )
  }

  return {
    append: async (stream, expected, facts) => {
      if (closed.signal.aborted) throw new Error(`the ledger is closed: open it again before appending to ${stream}`)
      if (facts.length === 0)
        throw new Error(`there is no fact to append to ${stream}: record something or do not append`)
      // Whatever JSON cannot hold must fail here, alone, not in a batch with others.
      const [head, last] = await appends.ask({ stream, expected, facts: facts.map(written) })
      if (last === null) throw new Conflict(`${stream} is at ${head ?? 'none'}, not at ${expected}`)
      tell(last)
      return positionOf(last)
    },
    read: (stream, after = -1) => streams.ask({ stream, after }),
    readAll: page,
    tail: async function* (after, limit, signal) {
      const over = AbortSignal.any([signal, closed.signal])
      while (!over.aborted) {
        const facts = newest > numberOf(after) ? await page(after, limit) : []
        if (facts.length > 0) {
          after = facts.at(-1)!.position
          yield facts
        } else {
          // Listens in the same turn that found nothing new, so no news falls in between. Rejects when it is over.
          await once(news, 'appended', { signal: over }).catch(() => {})
        }
      }
    },
    head: async () => positionOf(await headOf(reader)),
    close: async () => {
      if (closed.signal.aborted) return
      closed.abort()
      await Promise.all([appends.drained(), streams.drained(), listening])
      await Promise.all([writer.end(), reader.end(), listener.end()])
    },
  }
}

const record = async (writer: pg.Pool, batch: readonly Append[]): Promise<Answer[]> => {
  const facts = batch.flatMap((append, i) =>
    append.facts.map((fact, nth) => ({ ...fact, append: i + 1, nth: nth + 1 })),
  )
  const values = [
    batch.map(({ stream }) => stream),
    batch.map(({ expected }) => String(expected)),
    facts.map(({ append }) => append),
    facts.map(({ nth }) => nth),
    facts.map(({ id }) => id),
    facts.map(({ type }) => type),
    // JSON has no line break inside.
    facts.map(({ data }) => data).join('\n'),
    facts.map(({ metadata }) => metadata).join('\n'),
  ]
  const text = 'select head, last from ledger.append($1, $2, $3, $4, $5, $6, $7, $8)'
  return query<Answer>(writer, 'written', { name: 'append', text, values })
}

type Wanted = { readonly stream: string; readonly after: number }

const readStreams = async (reader: pg.Pool, wanted: readonly Wanted[]): Promise<Recorded[][]> => {
  const text = `
    select number, ${COLUMNS} from unnest($1::text[], $2::integer[]) with ordinality as wanted (name, after, number)
    cross join lateral (select * from ledger.fact where stream = name and revision > after order by revision) as fact
    order by number, revision`
  const values = [wanted.map(({ stream }) => stream), wanted.map(({ after }) => after)]
  const read = wanted.map((): Recorded[] => [])
  for (const [number, ...row] of await query<[number, ...FactRow]>(reader, 'read', { name: 'streams', text, values }))
    read[number - 1]!.push(recorded(row))
  return read
}

const headOf = async (db: pg.Pool | pg.ClientBase): Promise<number> => {
  const text = 'select coalesce(max(position), 0) from ledger.fact'
  const [row] = await query<[number]>(db, 'read', { name: 'head', text, values: [] })
  return row![0]
}

const listen = async (listener: pg.Pool, tell: (position: number) => void, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    await hear(listener, tell, signal).catch(() => {})
    await sleep(LOOK_EVERY, undefined, { signal }).catch(() => {})
  }
}

/** Looks now and then, unasked, too: so it learns what it missed, and that its connection is lost. Rejects then, or when it is over. */
const hear = async (listener: pg.Pool, tell: (position: number) => void, signal: AbortSignal): Promise<never> => {
  const client = await listener.connect()
  client.on('notification', ({ payload }) => tell(Number(payload)))
  try {
    await client.query('listen counterfoil_ledger')
    for (;;) {
      tell(await headOf(client))
      await sleep(LOOK_EVERY, undefined, { signal })
    }
  } finally {
    client.release(true)
  }
}

/** Throws Unavailable whatever goes wrong: of an append that was sent nobody can tell what became of it. */
const query = async <R extends unknown[]>(
  db: pg.Pool | pg.ClientBase,
  done: string,
  { name, text, values }: { name: string; text: string; values: unknown[] },
): Promise<R[]> => {
  try {
    // Rows as arrays are read faster than rows as objects.
    return (await db.query<R>({ name, text, values, rowMode: 'array' })).rows
  } catch (cause) {
    throw new Unavailable(`the ledger cannot be ${done} (${(cause as Error).message}): see to its PostgreSQL server`, {
      cause,
    })
  }
}

const written = ({ id, type, data, metadata }: Proposed): Written => ({
  id,
  type,
  data: textOf(data),
  metadata: textOf(metadata),
})
