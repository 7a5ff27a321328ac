import type { Kysely } from 'kysely'
import type { Position } from '../domain/fact.ts'
import { checkpoint, live } from './checkpoint.ts'
import { type AnyTables, type ReadModel, schemaOf } from './read-model.ts'

/** The database of the read models, as those see it who only read. */
export type ReadDb = Kysely<AnyTables>

/** A model's own tables, to read. */
export const tablesOf = <DB>(db: ReadDb, model: ReadModel<never, DB>): Kysely<DB> => db.withSchema(schemaOf(model))

/** The position that a model's rows reflect. Asked before the rows are read, it promises no more than they hold. */
export const positionOf = async (db: ReadDb, model: ReadModel<never>): Promise<Position> =>
  (await checkpoint(db, live(model))).position
