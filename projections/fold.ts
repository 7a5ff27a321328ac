import { type Batch, idOf } from './batch.ts'

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
  /** Facts before which the row cannot be there, so that it need not be looked for. */
  readonly begins?: (fact: F) => boolean
  /** The row as it is after the fact. Undefined: there is none. The same object: nothing changes. */
  readonly evolve: (row: Row | undefined, fact: F, key: Pick<Row, Key>) => Row | undefined
}

/** For rows that are keyed by the stream of the facts that begin them. */
export const isFirst = ({ revision }: { readonly revision: number }): boolean => revision === 0

/** Folds a batch into a table: one select at most, for the rows that are not at hand. */
export const foldInto = async <F, Table extends string, Row extends object, Key extends keyof Row & string>(
  batch: Batch,
  { table, key, keysOf, begins, evolve }: Fold<F, Table, Row, Key>,
  facts: readonly F[],
): Promise<void> => {
  const touched: { fact: F; at: Pick<Row, Key>; id: string }[] = []
  const keys = new Map<string, Pick<Row, Key>>()
  const wanted: Pick<Row, Key>[] = []
  for (const fact of facts)
    for (const at of keysOf(fact)) {
      const id = idOf(key, at)
      touched.push({ fact, at, id })
      if (keys.has(id)) continue
      keys.set(id, at)
      if (!begins?.(fact)) wanted.push(at)
    }
  if (touched.length === 0) return

  const before = new Map((await batch.load<Row>(table, key, wanted)).map((row) => [idOf(key, row), row]))
  const after = new Map<string, Row | undefined>(before)
  for (const { fact, at, id } of touched) after.set(id, evolve(after.get(id), fact, at))

  const written: Row[] = []
  const gone: Pick<Row, Key>[] = []
  for (const [id, row] of after) {
    if (row === before.get(id)) continue
    if (row === undefined) gone.push(keys.get(id)!)
    else written.push(row)
  }
  batch.write(table, key, written, gone)
}
