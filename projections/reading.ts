import type { Kysely } from 'kysely'
import { type AnyTables, type ReadModel, schemaOf } from './read-model.ts'

/** The database of the read models, as those see it who only read. */
export type ReadDb = Kysely<AnyTables>

/** A model's own tables, to read. */
export const tablesOf = <DB>(db: ReadDb, model: ReadModel<never, DB>): Kysely<DB> => db.withSchema(schemaOf(model))
