import { type ColumnType, type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import { type Position, START } from '../domain/fact.ts'
import { collect, type Memory, memory } from './batch.ts'
import { type AnyTables, type FactRef, type Halted, type ReadModel, schemaOf } from './read-model.ts'

/** Named with its schema, for a transaction that is inside a model sees only the model's tables. */
const PROJECTOR = 'public.projector'

type Row = {
  name: string
  version: number
  position: Position
  halted: ColumnType<Halted | null, string | null | undefined, string | null>
}

export type ProjectorDb = Kysely<{ [PROJECTOR]: Row }>

type Tx = Transaction<{ [PROJECTOR]: Row }>

/** A model in one place: where everyone reads it, or beside that, where it is being rebuilt. */
export type Site<F> = {
  readonly model: ReadModel<F>
  readonly name: string
  readonly schema: string
  /** Of the rows that this instance wrote there. */
  readonly memory: Memory
}

export const live = <F>(model: ReadModel<F>): Site<F> => ({
  model,
  name: model.name,
  schema: schemaOf(model),
  memory: memory(),
})

export const beside = <F>(model: ReadModel<F>): Site<F> => ({
  model,
  name: `${model.name}_next`,
  schema: `${schemaOf(model)}_next`,
  memory: memory(),
})

/** Another instance has moved this model. Nothing was written: read the checkpoint again and go on from there. */
export class Superseded extends Error {
  override name = 'Superseded'
}

/** The model did not accept these facts. Nothing was written. */
export class Unapplied extends Error {
  override name = 'Unapplied'
}

/** Makes the table of checkpoints, and the tables of each model that has none. Instances that start together take turns. */
export const prepare = (db: ProjectorDb, sites: readonly Site<never>[]): Promise<void> =>
  db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtext('counterfoil projector'))`.execute(tx)
    await sql`create table if not exists public.projector (
      name text, version int, position text not null, halted jsonb, primary key (name, version))`.execute(tx)
    for (const site of sites) if (!(await rowOf(tx, site))) await begin(tx, site)
  })

export const checkpoint = async (
  db: ProjectorDb,
  site: Site<never>,
): Promise<{ position: Position; halted: Halted | null }> => {
  const row = await rowOf(db, site)
  if (!row) throw new Error(`projector ${site.name} v${site.model.version} has no checkpoint: restart to build it anew`)
  return row
}

/**
 * Rows and checkpoint move together or not at all: in one statement, in which nothing is written unless the old checkpoint,
 * its fence, is still there. Throws Superseded or Unapplied.
 */
export const applyBatch = async <F extends FactRef>(
  db: ProjectorDb,
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
    if (parts.length === 0 && passed + facts.length < PASSED) {
      site.memory.stored = { position: fence, passed: passed + facts.length }
      return to
    }
    await store(db, site, fence, to, parts)
  } catch (cause) {
    // What it rests on may be what is wrong.
    site.memory.clear()
    if (cause instanceof Superseded) throw cause
    throw new Unapplied(`${site.name} does not accept the facts up to ${to}`, { cause })
  }
  batch.remember()
  site.memory.stored = undefined
  return to
}

/** How many facts may be read again after a restart because nothing was stored of them. */
const PASSED = 20_000

const store = async (
  db: ProjectorDb,
  site: Site<never>,
  from: Position,
  to: Position,
  parts: RawBuilder<unknown>[],
) => {
  const { name, version } = keyOf(site)
  const { rows } = await sql`
    with moved as (
      update public.projector set position = ${to}, halted = null
      where name = ${name} and version = ${version} and position = ${from} returning name
    )${sql.join(
      parts.map((part, i) => sql`, ${sql.id(`part${i}`)} as (${part})`),
      sql``,
    )}
    select name from moved`.execute(db)
  if (rows.length !== 1) throw new Superseded(`${name} v${version} is no longer at ${from || 'the start'}`)
}

/** Stores that facts were passed over which no row took. */
export const settle = async (db: ProjectorDb, site: Site<never>, at: Position): Promise<void> => {
  if (!site.memory.stored) return
  await store(db, site, site.memory.stored.position, at, [])
  site.memory.stored = undefined
}

/** Forgets all that rests on nobody else having moved the model. */
export const forget = ({ memory }: Site<never>): void => {
  memory.clear()
  memory.stored = undefined
}

/** Records the fact at which a model stands still. */
export const recordHalt = async (db: ProjectorDb, site: Site<never>, at: Position, halted: Halted): Promise<void> => {
  const { numUpdatedRows } = await db
    .updateTable(PROJECTOR)
    .set({ position: at, halted: JSON.stringify(halted) })
    .where((eb) => eb.and({ ...keyOf(site), position: site.memory.stored?.position ?? at }))
    .executeTakeFirstOrThrow()
  site.memory.stored = undefined
  if (!numUpdatedRows) throw new Superseded(`${site.name} is no longer at ${at}`)
}

/** Empties a model's tables and goes back to the start, whatever was there. */
export const startOver = async (db: ProjectorDb, site: Site<never>): Promise<void> => {
  await db.transaction().execute(async (tx) => {
    await remove(tx, site)
    await begin(tx, site)
  })
  forget(site)
}

/** Puts what was built beside a model in its place, for all readers at once. Throws Superseded, and does nothing, if that has got further. */
export const promote = async (db: ProjectorDb, here: Site<never>, next: Site<never>): Promise<void> => {
  await db.transaction().execute(async (tx) => {
    const [{ position: from }, { position: to }] = [await checkpoint(tx, here), await checkpoint(tx, next)]
    if (to < from) throw new Superseded(`${here.name} has got beyond ${to}`)
    await move(tx, here, from, to)
    await move(tx, next, to, to)
    await sql`drop schema ${sql.id(here.schema)} cascade`.execute(tx)
    await sql`alter schema ${sql.id(next.schema)} rename to ${sql.id(here.schema)}`.execute(tx)
    await remove(tx, next)
  })
  forget(here)
}

/** Takes away what an unfinished rebuild has left. */
export const discard = (db: ProjectorDb, site: Site<never>): Promise<void> =>
  db.transaction().execute(async (tx) => {
    await remove(tx, site)
    await sql`drop schema if exists ${sql.id(site.schema)} cascade`.execute(tx)
  })

const keyOf = ({ name, model }: Site<never>) => ({ name, version: model.version })

const rowOf = (db: ProjectorDb, site: Site<never>) =>
  db
    .selectFrom(PROJECTOR)
    .select(['position', 'halted'])
    .where((eb) => eb.and(keyOf(site)))
    .executeTakeFirst()

const remove = (tx: Tx, site: Site<never>) =>
  tx
    .deleteFrom(PROJECTOR)
    .where((eb) => eb.and(keyOf(site)))
    .execute()

const begin = async (tx: Tx, site: Site<never>): Promise<void> => {
  await sql`drop schema if exists ${sql.id(site.schema)} cascade`.execute(tx)
  await sql`create schema ${sql.id(site.schema)}`.execute(tx)
  await tx
    .insertInto(PROJECTOR)
    .values({ ...keyOf(site), position: START })
    .execute()
  await move(tx, site, START, START)
  await site.model.create(tx as Transaction<AnyTables>)
}

/** Moves the checkpoint, and from there on the transaction sees the model's own tables. */
const move = async (tx: Tx, site: Site<never>, from: Position, to: Position): Promise<void> => {
  const { name, version } = keyOf(site)
  const { rows } = await sql`
    update public.projector set position = ${to}, halted = null
    where name = ${name} and version = ${version} and position = ${from}
    returning set_config('search_path', ${`"${site.schema}"`}, true)`.execute(tx)
  if (rows.length !== 1) throw new Superseded(`${name} v${version} is no longer at ${from || 'the start'}`)
}
