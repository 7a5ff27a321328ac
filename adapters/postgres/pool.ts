import pg from 'pg'
import { Unavailable } from '../../domain/ledger.ts'

/** Connections of one process to one server, for one purpose. */
export type PoolOptions = {
  readonly url: string
  /** As `pg_stat_activity` shows it. */
  readonly name: string
  readonly size: number
  /** What every session begins with, such as `{ role: 'counterfoil_reader' }`. */
  readonly settings?: Readonly<Record<string, string>>
  /** Milliseconds after which a query is given up: by the server, and a second later here, should the server be silent. */
  readonly timeoutMs?: number
}

/** How long a connection may take to come about, in milliseconds. */
const CONNECT_MS = 5_000

// A peer that went silent is noticed within about ten seconds, so that its locks come free.
const KEEPALIVE = { tcp_keepalives_idle: '5', tcp_keepalives_interval: '2', tcp_keepalives_count: '3' }

/**
 * A pool whose values are those that PGlite gives: bigint and numeric as numbers, json parsed, bytea as a plain Uint8Array.
 * Awaited, it throws Unavailable where it is the server that is in the way, in the server's own words.
 */
export const postgresPool = ({ url, name, size, settings = {}, timeoutMs }: PoolOptions): pg.Pool => {
  const limits = timeoutMs === undefined ? {} : { statement_timeout: String(timeoutMs) }
  const options = Object.entries({ ...KEEPALIVE, ...limits, ...settings }).map(([key, value]) => `-c ${key}=${value}`)
  const pool = new pg.Pool({
    connectionString: url,
    application_name: `counterfoil ${name}`,
    options: options.join(' '),
    max: size,
    connectionTimeoutMillis: CONNECT_MS,
    ...(timeoutMs === undefined ? {} : { query_timeout: timeoutMs + 1_000 }),
    keepAlive: true,
    types: { getTypeParser: parserOf },
  })
  // An idle connection that breaks is replaced; whoever uses one hears of it there.
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    client.on('error', () => {})
    client.query = telling(client.query.bind(client))
  })
  pool.query = telling(pool.query.bind(pool))
  pool.connect = telling(pool.connect.bind(pool))
  return pool
}

/** The same call; called without a callback, it rejects with Unavailable for what passes. */
const telling = <Call>(call: Call): Call =>
  ((...args: unknown[]) => {
    const answer = (call as (...args: unknown[]) => unknown)(...args)
    return answer instanceof Promise ? answer.catch(rethrown) : answer
  }) as Call

const rethrown = (cause: Error & { readonly code?: string }): never => {
  // Of several addresses that were tried in vain, Node says nothing but the code.
  throw passes(cause) ? new Unavailable(cause.message || cause.code, { cause }) : cause
}

/** SQLSTATE: connections, a standby that nobody may write to, conflicts, resources, an operator or a time limit, the server's disk. */
const PASSING = /^(08|25006|40|53|57|58)/

/** What the client says by itself has no SQLSTATE: that it was turned away, cut off, or has waited for too long. */
const passes = (error: Error & { readonly code?: string }): boolean =>
  error instanceof pg.DatabaseError ? PASSING.test(error.code ?? '') : !(error instanceof TypeError)

/** Nothing that we count or add up comes near 2^53. */
const AS_NUMBERS: ReadonlySet<number> = new Set([pg.types.builtins.INT8, pg.types.builtins.NUMERIC])

const parserOf: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') => {
  const parse = pg.types.getTypeParser(oid, format as 'text')
  if (AS_NUMBERS.has(oid)) return Number
  return oid === pg.types.builtins.BYTEA ? (text: string) => new Uint8Array(parse(text)) : parse
}
