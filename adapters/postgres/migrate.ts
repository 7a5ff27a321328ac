import { Kysely, PostgresDialect } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { postgresPool } from './pool.ts'

/** By name, in the order of their names. Add, never edit. */
export type Migrations = Readonly<Record<string, Migration>>

/**
 * Brings a schema to its newest migration; of several processes that come at once, one does it. Throws one line that names the
 * schema where the server cannot be reached, refuses, or has migrations of a newer version.
 */
export const migrate = async (url: string, schema: string, migrations: Migrations): Promise<void> => {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: postgresPool({ url, name: schema, size: 1 }) }),
  })
  const provider = { getMigrations: async () => migrations }
  const { error } = await new Migrator({ db, provider, migrationTableSchema: schema }).migrateToLatest()
  await db.destroy()
  if (error)
    throw new Error(
      `the tables of ${schema} cannot be brought up to date (${(error as Error).message}): see to DATABASE_URL, its server and rights`,
      { cause: error },
    )
}
