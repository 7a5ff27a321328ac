import { Kysely, PostgresDialect } from 'kysely'
import type pg from 'pg'
import { READER, TENANT_SETTING } from '../../projections/isolation.ts'
import type { ReadDatabase } from '../../projections/reading.ts'
import { lru } from '../lru.ts'
import { postgresPool } from './pool.ts'

export type ReadModels = ReadDatabase & { readonly close: () => Promise<void> }

/** Of each kind: for the projectors and workers, and for reading. */
const CONNECTIONS = 10

/** Milliseconds until a server that does not answer is given up: by whoever writes, and by whoever reads. */
const TIMEOUT = { writing: 60_000, reading: 15_000 }

/** Each is a few objects. */
const TENANTS = 1_000

/** The shared database of the read models. Connections are made as they are needed: nothing is asked of the server before. */
export const postgresReadModels = ({ url }: { readonly url: string }): ReadModels => {
  // Rows and checkpoint are lost together or not at all, and can be built again: no commit waits for the disk.
  const settings = { synchronous_commit: 'off' }
  const writing = postgresPool({ url, name: 'projections', size: CONNECTIONS, settings, timeoutMs: TIMEOUT.writing })
  const db = new Kysely({ dialect: new PostgresDialect({ pool: writing }) })
  const reading = postgresPool({
    url,
    name: 'reading',
    size: CONNECTIONS,
    settings: { role: READER, default_transaction_read_only: 'on' },
    timeoutMs: TIMEOUT.reading,
  })
  const connect = connector(reading)
  const readers = lru<string, Kysely<unknown>>(TENANTS)

  const readerFor = (tenant: string) => {
    const pool = { connect: () => connect(tenant), end: async () => {}, options: reading.options }
    const reader = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
    readers.set(tenant, reader)
    return reader
  }

  let closing: Promise<unknown> | undefined
  return {
    db,
    as: (tenant) => readers.get(tenant) ?? readerFor(tenant),
    shared: true,
    close: async () => {
      closing ??= Promise.all([writing.end(), reading.end()])
      await closing
    },
  }
}

/** Takes connections of a pool for a tenant, and tells the server only where one served another before. */
const connector = (pool: pg.Pool) => {
  const served = new WeakMap<pg.PoolClient, string>()
  return async (tenant: string): Promise<pg.PoolClient> => {
    const client = await pool.connect()
    if (served.get(client) === tenant) return client
    served.delete(client)
    try {
      await client.query('select set_config($1, $2, false)', [TENANT_SETTING, tenant])
    } catch (error) {
      client.release(error as Error)
      throw error
    }
    served.set(client, tenant)
    return client
  }
}
