import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Position } from '../domain/fact.ts'

/** What a model reads and writes while it applies a batch of facts. Reads see what was written before; nothing is stored yet. */
export type Batch = {
  /** The rows that there are of these keys. Rows are whole, and not to be changed in place. */
  readonly load: <Row extends object>(table: string, key: readonly string[], keys: readonly object[]) => Promise<Row[]>
  /** Rows to be there, and keys of rows to be gone. */
  readonly write: (table: string, key: readonly string[], rows: readonly object[], gone: readonly object[]) => void
  /** New rows that no batch will load or write again. */
  readonly append: (table: string, rows: readonly object[]) => void
}

/** The rows that an instance wrote last, by table and key; null for one that is gone. Right only while nobody else moves the model. */
export type Memory = {
  /** The checkpoint as it is stored, where facts that no row took were only passed over since; and how many those are. */
  stored: { readonly position: Position; readonly passed: number } | undefined
  readonly of: (table: string) => Map<string, object | null>
  /** Forgets the rows; what is stored of the checkpoint stays so. */
  readonly clear: () => void
}

/** Of each table: enough for all that is under way at once. */
const REMEMBERED = 4_000

export const memory = (): Memory => {
  const tables = new Map<string, Map<string, object | null>>()
  return {
    stored: undefined,
    of: (table) => {
      const known = tables.get(table) ?? new Map()
      tables.set(table, known)
      return known
    },
    clear: () => tables.clear(),
  }
}

type Written = {
  readonly key: readonly string[]
  /** By key; null for one that is gone. */
  readonly rows: Map<string, { readonly row: object | null; readonly at: object }>
}

export type Collected = Batch & {
  /** All that was written, as parts of one statement that take effect only if `fence` has a row. */
  readonly parts: (fence: string) => RawBuilder<unknown>[]
  /** To be called once they have taken effect. */
  readonly remember: () => void
}

// Rows travel as one JSON text in both directions: to compile, send and parse them by column takes twice as long,
// and every driver would make something else of a bigint.

// biome-ignore lint/suspicious/noExplicitAny: every model has tables of its own
export const collect = (db: Kysely<any>, schema: string, remembered: Memory): Collected => {
  const written = new Map<string, Written>()
  const appended: { readonly table: string; readonly rows: readonly object[] }[] = []
  const tableOf = (table: string) => sql.id(schema, table)
  const recordset = (table: string, rows: readonly object[]) =>
    sql`json_populate_recordset(null::${tableOf(table)}, ${JSON.stringify(rows)}::json)`

  const select = async (table: string, key: readonly string[], keys: readonly object[]): Promise<object[]> => {
    if (keys.length === 0) return []
    const { rows } = await sql<{ found: string }>`
      select coalesce(json_agg(stored), '[]')::text as found
      from ${tableOf(table)} stored join ${recordset(table, keys)} wanted using (${list(key)})`.execute(db)
    return JSON.parse(rows[0]!.found)
  }

  const upsert = (table: string, key: readonly string[], rows: readonly object[], fence: string) => {
    const others = Object.keys(rows[0]!).filter((column) => !key.includes(column))
    const set = sql.join(others.map((column) => sql`${sql.id(column)} = excluded.${sql.id(column)}`))
    return sql`
      insert into ${tableOf(table)} select wanted.* from ${recordset(table, rows)} wanted, ${sql.id(fence)}
      on conflict (${list(key)}) do ${others.length > 0 ? sql`update set ${set}` : sql`nothing`}`
  }

  const insert = (table: string, rows: readonly object[], fence: string) =>
    sql`insert into ${tableOf(table)} select added.* from ${recordset(table, rows)} added, ${sql.id(fence)}`

  const remove = (table: string, key: readonly string[], keys: readonly object[], fence: string) => {
    const same = key.map((column) => sql`stored.${sql.id(column)} = unwanted.${sql.id(column)}`)
    return sql`
      delete from ${tableOf(table)} stored using ${recordset(table, keys)} unwanted, ${sql.id(fence)}
      where ${sql.join(same, sql` and `)}`
  }

  return {
    load: async <Row extends object>(table: string, key: readonly string[], keys: readonly object[]) => {
      const found: object[] = []
      const unknown: object[] = []
      for (const [id, at] of new Map(keys.map((at) => [idOf(key, at), at]))) {
        const known = written.get(table)?.rows.get(id)?.row ?? remembered.of(table).get(id)
        if (known) found.push(known)
        else if (known === undefined && !written.get(table)?.rows.has(id)) unknown.push(at)
      }
      return [...found, ...(await select(table, key, unknown))] as Row[]
    },

    write: (table, key, rows, gone) => {
      const known = written.get(table) ?? { key, rows: new Map() }
      written.set(table, known)
      for (const row of rows) known.rows.set(idOf(key, row), { row, at: row })
      for (const at of gone) known.rows.set(idOf(key, at), { row: null, at })
    },

    append: (table, rows) => {
      if (rows.length > 0) appended.push({ table, rows })
    },

    parts: (fence) => [
      ...appended.map(({ table, rows }) => insert(table, rows, fence)),
      ...[...written].flatMap(([table, { key, rows }]) => {
        const kept = [...rows.values()].flatMap(({ row }) => (row ? [row] : []))
        const gone = [...rows.values()].flatMap(({ row, at }) => (row ? [] : [at]))
        return [
          ...(kept.length > 0 ? [upsert(table, key, kept, fence)] : []),
          ...(gone.length > 0 ? [remove(table, key, gone, fence)] : []),
        ]
      }),
    ],

    remember: () => {
      for (const [table, { rows }] of written) {
        const known = remembered.of(table)
        for (const [id, { row }] of rows) {
          // Put in anew, it is the newest: a Map keeps the order in which keys came.
          known.delete(id)
          known.set(id, row)
        }
        for (const id of known.keys()) {
          if (known.size <= REMEMBERED) break
          known.delete(id)
        }
      }
    },
  }
}

/** No text in PostgreSQL holds a NUL. */
export const idOf = (key: readonly string[], of: object): string =>
  key.map((column) => (of as Record<string, unknown>)[column]).join('\0')

const list = (columns: readonly string[]) => sql.join(columns.map((column) => sql.id(column)))
