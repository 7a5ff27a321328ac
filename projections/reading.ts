import type { Kysely } from 'kysely'
import type { AnyTables, ReadModel } from './read-model.ts'

/** The port to the database of the read models. */
export type ReadDatabase = {
  /** Reads and writes the rows of all tenants. */
  readonly db: Kysely<AnyTables>
  /** Reads the rows of one tenant, whatever the query forgets. Where nobody else can reach the database, it may be `db` itself. */
  readonly as: (tenant: string) => Kysely<AnyTables>
  /** Whether other processes use it too. */
  readonly shared: boolean
}

/** A model's tables, of the build that is live: to be taken anew for each request, and not kept. */
export type Reading = {
  readonly tables: <DB>(model: ReadModel<never, DB>, tenant: string) => Kysely<DB>
  /** For workers and checks that look after all tenants. */
  readonly everyTenant: <DB>(model: ReadModel<never, DB>) => Kysely<DB>
}
