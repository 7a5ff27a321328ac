import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { READER } from './isolation.ts'
import type { AnyTables } from './read-model.ts'

/** Where it is kept which builds there are: apart from their tables, and from all that others keep in this database. */
const SCHEMA = 'read_model'

/** By name, in the order of their names. Add, never edit. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-build': {
    up: async (db) => {
      await sql`set local synchronous_commit = on`.execute(db)
      await sql`create table read_model.build (
        name text, version int, build int,
        state text not null check (state in ('building', 'ready', 'live', 'retired')),
        since timestamptz not null default now(),
        position text collate "C" not null, facts bigint not null default 0, halted jsonb, failure text,
        primary key (name, version, build))`.execute(db)
      await sql`create unique index build_is_live on read_model.build (name, version) where state = 'live'`.execute(db)
    },
  },
  '002-reader': {
    up: async (db) => {
      // Roles belong to the whole server: another of its databases may make it at this moment, or an administrator have made it.
      await sql`do $$ begin
        if not exists (select from pg_roles where rolname = ${sql.lit(READER)}) then create role ${sql.id(READER)} nologin; end if;
      exception when duplicate_object or unique_violation then null;
      end $$`.execute(db)
      await sql`do $$ begin
        if not pg_has_role(current_user, ${sql.lit(READER)},
          case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end)
        then grant ${sql.id(READER)} to current_user; end if;
      end $$`.execute(db)
    },
  },
}

/**
 * Brings the database of the read models to the newest migration. Several processes may do so at once, and one does it.
 * Throws one line where the database does not let it.
 */
export const migrate = async (db: Kysely<AnyTables>): Promise<void> => {
  if (await isMigrated(db)) return
  // The Migrator looks at every table there is, which a start must not wait for.
  const { Migrator } = await import('kysely/migration')
  const provider = { getMigrations: async () => MIGRATIONS }
  const { error } = await new Migrator({ db, provider, migrationTableSchema: SCHEMA }).migrateToLatest()
  if (!error) return
  const why = error instanceof Error ? error.message : String(error)
  throw new Error(
    `the database of the read models cannot be brought up to date (${why}): who opens it needs CREATE on it, and CREATEROLE or, made by an administrator, the role ${READER} granted to them`,
    { cause: error },
  )
}

const isMigrated = async (db: Kysely<AnyTables>): Promise<boolean> => {
  const { rows: found } = await sql<{ name: string | null }>`
    select to_regclass('read_model.kysely_migration')::text as name`.execute(db)
  if (!found[0]!.name) return false
  const { rows } = await sql<{ name: string }>`select name from read_model.kysely_migration`.execute(db)
  const done = new Set(rows.map(({ name }) => name))
  return Object.keys(MIGRATIONS).every((name) => done.has(name))
}
