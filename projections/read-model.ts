import type { Transaction } from 'kysely'
import type { Position } from '../domain/fact.ts'
import type { Batch } from './batch.ts'

/** What a projector must see of a fact; the models see more. */
export type FactRef = {
  readonly id: string
  readonly type: string
  readonly position: Position
}

// biome-ignore lint/suspicious/noExplicitAny: every model knows tables of its own
export type AnyTables = any

/**
 * Tables computed from the ledger. They can be thrown away and built again, so `apply` may use nothing but the facts and its own rows:
 * no clock, no chance, no other model. Both name plain tables: each build of the model has them in a schema of its own.
 */
export type ReadModel<F, DB = AnyTables> = {
  readonly name: string
  /** Raise it whenever the tables or what goes into them change: the new version is built from the start. */
  readonly version: number
  /**
   * Facts come to `apply` as they are stored, of types and versions too that nobody here knows. Otherwise they come in their newest
   * shape, and the model halts at one that has none.
   */
  readonly asStored?: true
  /** Tables without a column `tenant` are no tenant's: only whoever reads for all tenants may read them. */
  readonly create: (tx: Transaction<DB>) => Promise<void>
  /** A batch of facts in ledger order. However the ledger is cut into batches, the rows are the same. */
  readonly apply: (batch: Batch, facts: readonly F[]) => Promise<void>
}

/** A fact that a model cannot get past. */
export type Halted = {
  readonly factId: string
  readonly type: string
  readonly position: Position
  readonly error: string
  readonly at: string
}
