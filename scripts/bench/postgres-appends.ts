import { randomUUID } from 'node:crypto'
import { getPostgreSQLEventStore, type PostgresEventStore } from '@event-driven-io/emmett-postgresql'
import pg from 'pg'
import { sampleFact } from '../../adapters/ledger.sample.ts'
import { postgresLedger } from '../../adapters/postgres/ledger.ts'
import { postgresServer } from '../../adapters/postgres/server.world.ts'
import type { Proposed } from '../../domain/fact.ts'
import { during, load, middle, rateOf } from './load.ts'
import type { Options } from './report.ts'

const CALLERS = 64

/** Beginning a stream with one fact. What it resolves to is on the disk. */
type Contestant = {
  readonly append: (caller: number, stream: string, fact: Proposed) => Promise<unknown>
  readonly close: () => Promise<unknown>
}

/** Durable appends from many callers on the Postgres ledger, against plain clients and against another event store. */
export const postgresAppends = async (options: Options): Promise<void> => {
  const server = await postgresServer({ durable: true })
  const contestants: Contestant[] = []
  try {
    for (const open of [ours, plainClients, otherStore]) contestants.push(await open(await server.database()))
    await compete(contestants, options)
  } finally {
    for (const { close } of contestants) await close()
    await server.stop()
  }
}

const compete = async (contestants: readonly Contestant[], { report, quick }: Options): Promise<void> => {
  const { rounds, seconds } = quick ? { rounds: 3, seconds: 1 } : { rounds: 5, seconds: 4 }
  const run = async ({ append }: Contestant, seconds: number): Promise<number> => {
    const one = (caller: number) => append(caller, `ticket-${randomUUID()}`, sampleFact(randomUUID()))
    return rateOf(report.sound(await load(CALLERS, during(seconds), one)))
  }
  // A warm-up that is not counted.
  for (const contestant of contestants) await run(contestant, 1)
  const rates = contestants.map((): number[] => [])
  for (let round = 0; round < rounds; round++)
    for (const [i, contestant] of contestants.entries()) rates[i]!.push(await run(contestant, seconds))

  const [value, plain, other] = rates.map(middle) as [number, number, number]
  report.figure({
    name: `durable appends, ${CALLERS} callers, Postgres ledger`,
    value,
    unit: 'appends/s',
    baseline: plain,
    goal: { ratioAtLeast: 1.2 },
    note: `against single INSERT commits of ${CALLERS} plain clients into a like table; the middle of ${rounds} turns each`,
  })
  report.figure({
    name: 'the same, against another event store',
    value,
    unit: 'appends/s',
    baseline: other,
    goal: { ratioAtLeast: 8 },
    note: `@event-driven-io/emmett-postgresql on a pool of ${CALLERS} connections, in turn with the others`,
  })
}

const ours = async (url: string): Promise<Contestant> => {
  const ledger = await postgresLedger({ url })
  return { append: (_caller, stream, fact) => ledger.append(stream, 'none', [fact]), close: ledger.close }
}

const plainClients = async (url: string): Promise<Contestant> => {
  const clients = Array.from({ length: CALLERS }, () => new pg.Client(url))
  await Promise.all(clients.map((client) => client.connect()))
  await clients[0]!.query(`
    create table fact (
      position bigint generated always as identity primary key,
      stream text collate "C" not null, revision integer not null,
      id text not null, type text not null, data text not null, metadata text not null,
      unique (stream, revision)
    )`)
  const text = 'insert into fact (stream, revision, id, type, data, metadata) values ($1, 0, $2, $3, $4, $5)'
  return {
    append: (caller, stream, { id, type, data, metadata }) =>
      clients[caller]!.query({
        name: 'insert',
        text,
        values: [stream, id, type, JSON.stringify(data), JSON.stringify(metadata)],
      }),
    close: () => Promise.all(clients.map((client) => client.end())),
  }
}

const otherStore = async (url: string): Promise<Contestant> => {
  const pool = new pg.Pool({ connectionString: url, max: CALLERS })
  const store: PostgresEventStore = getPostgreSQLEventStore(url, { connectionOptions: { pool } })
  await store.schema.migrate()
  return {
    append: (_caller, stream, { type, data, metadata }) =>
      store.appendToStream(stream, [{ type, data: data as Record<string, unknown>, metadata }], {
        expectedStreamVersion: 'STREAM_DOES_NOT_EXIST',
      }),
    close: async () => {
      await store.close()
      await pool.end()
    },
  }
}
