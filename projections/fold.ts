import { type QueryExecutorProvider, sql, type Transaction } from 'kysely'

/**
 * What a table of a read model is: a fold from facts into rows, by key, and reads like a decider's `evolve`.
 * Rows are whole (null for what is not there) and survive JSON, so times are texts and numbers stay below 2^53.
 */
export type Fold<F, Table extends string, Row, Key extends keyof Row & string> = {
  readonly table: Table
  /** The columns of the table's primary key. */
  readonly key: readonly Key[]
  /** Which rows a fact concerns; none for most. */
  readonly keysOf: (fact: F) => readonly Pick<Row, Key>[]
  /** The row as it is after the fact. Undefined: there is none. The same object: nothing changes. */
  readonly evolve: (row: Row | undefined, fact: F, key: Pick<Row, Key>) => Row | undefined
}

/** Folds a batch into a table: one select for the rows that it touches, one upsert, one delete, however many they are. */
export const foldInto = async <F, DB, Table extends keyof DB & string, Key extends keyof DB[Table] & string>(
  tx: Transaction<DB>,
  { table, key, keysOf, evolve }: Fold<F, Table, DB[Table], Key>,
  facts: readonly F[],
): Promise<void> => {
  type Row = DB[Table]
  // No text in PostgreSQL holds a NUL.
  const idOf = (of: Pick<Row, Key>) => key.map((column) => of[column]).join('\0')

  const touched = facts.flatMap((fact) => keysOf(fact).map((key) => ({ fact, key, id: idOf(key) })))
  if (touched.length === 0) return
  const keys = new Map(touched.map(({ id, key }) => [id, key]))

  const before = new Map((await load<Row>(tx, table, key, [...keys.values()])).map((row) => [idOf(row), row]))
  const after = new Map<string, Row | undefined>(before)
  for (const { fact, key, id } of touched) after.set(id, evolve(after.get(id), fact, key))

  const written: Row[] = []
  const gone: Pick<Row, Key>[] = []
  for (const [id, row] of after) {
    if (row === before.get(id)) continue
    if (row === undefined) gone.push(keys.get(id)!)
    else written.push(row)
  }
  await upsert(tx, table, key, written)
  await remove(tx, table, key, gone)
}

// Rows travel as one JSON text in both directions: to compile, send and parse them by column takes twice as long,
// and every driver would make something else of a bigint.

/** The rows that have these keys: for a fold that needs what another table holds by then. */
export const load = async <Row>(
  tx: QueryExecutorProvider,
  table: string,
  key: readonly string[],
  keys: readonly unknown[],
): Promise<Row[]> => {
  const { rows } = await sql<{ found: string }>`
    select coalesce(json_agg(stored), '[]')::text as found
    from ${sql.table(table)} stored join ${recordset(table, keys)} wanted using (${list(key)})`.execute(tx)
  return JSON.parse(rows[0]!.found)
}

const upsert = async (
  tx: QueryExecutorProvider,
  table: string,
  key: readonly string[],
  rows: readonly unknown[],
): Promise<void> => {
  if (rows.length === 0) return
  const others = Object.keys(rows[0] as object).filter((column) => !key.includes(column))
  const set = sql.join(others.map((column) => sql`${sql.id(column)} = excluded.${sql.id(column)}`))
  await sql`
    insert into ${sql.table(table)} select * from ${recordset(table, rows)}
    on conflict (${list(key)}) do ${others.length > 0 ? sql`update set ${set}` : sql`nothing`}`.execute(tx)
}

const remove = async (
  tx: QueryExecutorProvider,
  table: string,
  key: readonly string[],
  keys: readonly unknown[],
): Promise<void> => {
  if (keys.length === 0) return
  await sql`
    delete from ${sql.table(table)} where (${list(key)}) in (select ${list(key)} from ${recordset(table, keys)})`.execute(
    tx,
  )
}

const recordset = (table: string, rows: readonly unknown[]) =>
  sql`json_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::json)`

const list = (columns: readonly string[]) => sql.join(columns.map((column) => sql.id(column)))
