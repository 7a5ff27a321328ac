import pg from 'pg'

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

/** A pool whose values are those that PGlite gives: bigint and numeric as numbers, json parsed, bytea as a plain Uint8Array. */
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
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** Nothing that we count or add up comes near 2^53. */
const AS_NUMBERS: ReadonlySet<number> = new Set([pg.types.builtins.INT8, pg.types.builtins.NUMERIC])

const parserOf: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') => {
  const parse = pg.types.getTypeParser(oid, format as 'text')
  if (AS_NUMBERS.has(oid)) return Number
  return oid === pg.types.builtins.BYTEA ? (text: string) => new Uint8Array(parse(text)) : parse
}
