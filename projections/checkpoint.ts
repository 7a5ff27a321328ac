import { type RawBuilder, sql } from 'kysely'
import type { Position } from '../domain/fact.ts'
import { collect, type Memory, memory } from './batch.ts'
import { type BuildId, type Db, Superseded, schemaOf } from './builds.ts'
import type { FactRef, Halted, ReadModel } from './read-model.ts'

/** A build of a model, as one instance moves it. */
export type Site<F> = {
  readonly model: ReadModel<F>
  readonly build: BuildId
  readonly schema: string
  /** Of the rows that this instance wrote there. */
  readonly memory: Memory
  /** How many facts that no row took may be passed over before that is stored. */
  readonly passing: number
}

/** How many facts may be read again after a restart because nothing was stored of them. */
const PASSED = 20_000

/** Where others wait for a position that they see only once it is stored, it is stored with every page. */
export const siteOf = <F>(model: ReadModel<F>, build: BuildId, { shared }: { readonly shared: boolean }): Site<F> => ({
  model,
  build,
  schema: schemaOf(build),
  memory: memory(),
  passing: shared ? 0 : PASSED,
})

/** The model did not accept these facts. Nothing was written. */
export class Unapplied extends Error {
  override name = 'Unapplied'
}

/** How far a build has got. Throws if there is no such build any more. */
export const checkpoint = async (db: Db, { build, schema }: Site<never>): Promise<Position> => {
  const { rows } = await sql<{ position: Position }>`
    select position from read_model.build where ${isThis(build)}`.execute(db)
  if (!rows[0]) throw new Error(`${schema} is gone: it was replaced`)
  return rows[0].position
}

/**
 * Rows and checkpoint move together or not at all: in one statement, in which nothing is written unless the old checkpoint,
 * its fence, is still there. Throws Superseded or Unapplied.
 */
export const applyBatch = async <F extends FactRef>(
  db: Db,
  site: Site<F>,
  from: Position,
  facts: readonly F[],
): Promise<Position> => {
  const to = facts.at(-1)!.position
  const batch = collect(db, site.schema, site.memory)
  try {
    await site.model.apply(batch, facts)
    const parts = batch.parts('moved')
    const { position: fence, passed } = site.memory.stored ?? { position: from, passed: 0 }
    if (parts.length === 0 && passed + facts.length < site.passing) {
      site.memory.stored = { position: fence, passed: passed + facts.length }
      return to
    }
    await store(db, site, fence, to, passed + facts.length, parts)
  } catch (cause) {
    // What it rests on may be what is wrong.
    site.memory.clear()
    if (cause instanceof Superseded) throw cause
    throw new Unapplied(`${site.schema} does not accept the facts up to ${to}`, { cause })
  }
  batch.remember()
  site.memory.stored = undefined
  return to
}

const store = async (
  db: Db,
  { build, schema }: Site<never>,
  from: Position,
  to: Position,
  facts: number,
  parts: RawBuilder<unknown>[],
) => {
  const { rows } = await sql`
    with moved as (
      update read_model.build set position = ${to}, facts = facts + ${facts}::int, halted = null, failure = null
      where ${isThis(build)} and position = ${from} returning name
    )${sql.join(
      parts.map((part, i) => sql`, ${sql.id(`part${i}`)} as (${part})`),
      sql``,
    )}
    select name from moved`.execute(db)
  if (rows.length !== 1) throw new Superseded(`${schema} is no longer at ${from || 'the start'}`)
}

/** Stores that facts were passed over which no row took. */
export const settle = async (db: Db, site: Site<never>, at: Position): Promise<void> => {
  const { stored } = site.memory
  if (!stored) return
  await store(db, site, stored.position, at, stored.passed, [])
  site.memory.stored = undefined
}

/** Forgets all that rests on nobody else having moved the model. */
export const forget = ({ memory }: Site<never>): void => {
  memory.clear()
  memory.stored = undefined
}

/** Records the fact at which a build stands still. */
export const recordHalt = async (db: Db, site: Site<never>, at: Position, halted: Halted): Promise<void> => {
  const { position: from, passed } = site.memory.stored ?? { position: at, passed: 0 }
  const { rows } = await sql`
    update read_model.build set position = ${at}, facts = facts + ${passed}::int, halted = ${JSON.stringify(halted)}::jsonb
    where ${isThis(site.build)} and position = ${from} returning name`.execute(db)
  site.memory.stored = undefined
  if (rows.length !== 1) throw new Superseded(`${site.schema} is no longer at ${at}`)
}

/** Tells other processes why a build does not get on; null once it does again. */
export const recordFailure = async (db: Db, { build }: Site<never>, failure: string | null): Promise<void> => {
  await sql`
    update read_model.build set failure = ${failure}
    where ${isThis(build)} and failure is distinct from ${failure}`.execute(db)
}

const isThis = ({ name, version, build }: BuildId) => sql`name = ${name} and version = ${version} and build = ${build}`
