import { type Kysely, sql, type Transaction } from 'kysely'
import { type Position, START } from '../domain/fact.ts'
import { isolateTenants } from './isolation.ts'
import type { AnyTables, Halted, ReadModel } from './read-model.ts'

export type Db = Kysely<AnyTables>

/** A model's tables, filled once from the start: in a schema of their own, with a checkpoint of their own. */
export type BuildId = {
  readonly name: string
  /** Of the model. */
  readonly version: number
  readonly build: number
}

export type Build = BuildId & {
  /**
   * `building` is moved by a rebuild alone. `ready` is followed like the `live` one, which everybody reads and of which there is one.
   * `retired` was live, and is followed until surely nobody reads it.
   */
  readonly state: 'building' | 'ready' | 'live' | 'retired'
  /** For how many seconds it has been so. */
  readonly age: number
  readonly position: Position
  /** How many facts lie before that. */
  readonly facts: number
  readonly halted: Halted | null
  /** Why it does not get on, where that is not a fact's fault. */
  readonly failure: string | null
}

export type ModelId = Pick<BuildId, 'name' | 'version'>

type Model = ModelId & Pick<ReadModel<never>, 'create'>

/** The schema of a build's tables. */
export const schemaOf = ({ name, version, build }: BuildId): string => `${name}_v${version}_b${build}`

export const isOf =
  ({ name, version }: ModelId) =>
  (build: BuildId): boolean =>
    build.name === name && build.version === version

/** Another process has moved this build, or made another one live. Nothing was written: read again how it stands, and go on from there. */
export class Superseded extends Error {
  override name = 'Superseded'
}

/** Every build of every model, the oldest first. */
export const buildsIn = async (db: Db): Promise<Build[]> => {
  const { rows } = await sql<Build>`
    select name, version, build, state, extract(epoch from clock_timestamp() - since)::float8 as age,
      position, facts, halted, failure
    from read_model.build order by name, version, build`.execute(db)
  return rows
}

type Start = {
  /** The ledger's. What is ahead of it goes: the ledger was restored from a backup, and no longer holds what those rows show. */
  readonly head?: Position
  /** Nobody else uses this database, so that what only they would read goes as well. */
  readonly alone?: boolean
}

/**
 * Sees to it that each model has a live build: what was built in advance, or else an empty one.
 * Processes that start together take turns.
 */
export const prepare = async (db: Db, models: readonly Model[], { head, alone = false }: Start = {}): Promise<void> => {
  const isOurs = (build: Build) => models.some((model) => isOf(model)(build))
  const isOver = (build: Build) =>
    (isOurs(build) && head !== undefined && build.position > head) ||
    (alone && (!isOurs(build) || build.state === 'retired' || build.state === 'building'))
  const found = await buildsIn(db)
  const isLive = (model: Model) => found.some((build) => build.state === 'live' && isOf(model)(build))
  if (models.every(isLive) && !found.some(isOver)) return

  await db.transaction().execute(async (tx) => {
    await durable(tx)
    await takeTurns(tx)
    const builds = await buildsIn(tx)
    for (const build of builds.filter(isOver)) await remove(tx, build)
    for (const model of models) {
      const kept = builds.filter((build) => isOf(model)(build) && !isOver(build))
      if (kept.some(({ state }) => state === 'live')) continue
      const built = kept.findLast(({ state }) => state === 'ready')
      if (built) await become(tx, built, 'live')
      else await create(tx, model, 'live')
    }
  })
}

/** Starts an empty build beside the live one, in place of what an unfinished or unused rebuild has left. */
export const beginBeside = (db: Db, model: Model): Promise<BuildId> =>
  db.transaction().execute(async (tx) => {
    await durable(tx)
    await takeTurns(tx)
    for (const build of await buildsIn(tx))
      if (isOf(model)(build) && (build.state === 'building' || build.state === 'ready')) await remove(tx, build)
    return create(tx, model, 'building')
  })

/** Lets the projector follow what was built. */
export const finish = async (db: Db, build: BuildId): Promise<void> => {
  if (!(await become(db, build, 'ready'))) throw new Superseded(`${schemaOf(build)} was replaced by another rebuild`)
}

/**
 * Makes a build the live one, for all who look from then on; the one before stays, for those who have not looked yet.
 * Throws Superseded, and does nothing, if that one has got further.
 */
export const flip = (db: Db, next: BuildId): Promise<void> =>
  db.transaction().execute(async (tx) => {
    await durable(tx)
    const { rows } = await sql<Pick<Build, 'build' | 'state' | 'position'>>`
      select build, state, position from read_model.build
      where name = ${next.name} and version = ${next.version} order by build for update`.execute(tx)
    const ready = rows.find(({ build, state }) => build === next.build && state === 'ready')
    if (!ready) throw new Error(`${schemaOf(next)} was promoted or replaced by somebody else: see /health`)
    const live = rows.find(({ state }) => state === 'live')
    if (live && ready.position < live.position) throw new Superseded(`the live build has got beyond ${ready.position}`)
    if (live) await become(tx, { ...next, build: live.build }, 'retired')
    await become(tx, next, 'live')
  })

/** Takes a build away, its tables and all. */
export const discard = (db: Db, build: BuildId): Promise<void> => db.transaction().execute((tx) => remove(tx, build))

/** Unlike rows and checkpoints, which builds there are is not to be lost: this commit waits for the disk. */
const durable = (tx: Transaction<AnyTables>) => sql`set local synchronous_commit = on`.execute(tx)

const takeTurns = (tx: Transaction<AnyTables>) =>
  sql`select pg_advisory_xact_lock(hashtext('counterfoil read models'))`.execute(tx)

/** Whether there was such a build. */
const become = async (db: Db, { name, version, build }: BuildId, state: Build['state']): Promise<boolean> => {
  const { numAffectedRows } = await sql`
    update read_model.build set state = ${state}, since = now()
    where name = ${name} and version = ${version} and build = ${build}`.execute(db)
  return numAffectedRows === 1n
}

const remove = async (tx: Transaction<AnyTables>, { name, version, build }: BuildId): Promise<void> => {
  await sql`
    delete from read_model.build where name = ${name} and version = ${version} and build = ${build}`.execute(tx)
  await sql`drop schema if exists ${sql.id(schemaOf({ name, version, build }))} cascade`.execute(tx)
}

const create = async (
  tx: Transaction<AnyTables>,
  { name, version, create }: Model,
  state: Build['state'],
): Promise<BuildId> => {
  const { rows } = await sql<{ build: number }>`
    insert into read_model.build (name, version, build, state, position)
    select ${name}, ${version}::int, coalesce(max(build), 0) + 1, ${state}, ${START}
    from read_model.build where name = ${name} and version = ${version}::int
    returning build`.execute(tx)
  const made = { name, version, build: rows[0]!.build }
  const schema = schemaOf(made)
  await sql`drop schema if exists ${sql.id(schema)} cascade`.execute(tx)
  await sql`create schema ${sql.id(schema)}`.execute(tx)
  // The model names plain tables, and finds them here.
  await sql`select set_config('search_path', ${`"${schema}"`}, true)`.execute(tx)
  await create(tx)
  await isolateTenants().execute(tx)
  return made
}
