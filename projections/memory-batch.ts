import { type Batch, idOf } from './batch.ts'

/** A batch that is never stored: rows of a few facts, folded for one look at them. */
export const memoryBatch = (): Batch => {
  const tables = new Map<string, Map<string, object>>()
  const tableOf = (table: string) => {
    const rows = tables.get(table) ?? new Map<string, object>()
    tables.set(table, rows)
    return rows
  }
  return {
    load: async <Row extends object>(table: string, key: readonly string[], keys: readonly object[]) =>
      keys.flatMap((at) => tableOf(table).get(idOf(key, at)) ?? []) as Row[],
    write: (table, key, rows, gone) => {
      for (const row of rows) tableOf(table).set(idOf(key, row), row)
      for (const at of gone) tableOf(table).delete(idOf(key, at))
    },
    // Nobody will ask for them.
    append: () => {},
  }
}
