import { sql } from 'kysely'
import { anchor } from '../../domain/anchor.ts'
import { type Position, type Recorded, START } from '../../domain/fact.ts'
import { leafText } from '../../domain/log/leaf.ts'
import { emptyTree, type Growing, grow, type Tile } from '../../domain/log/tree.ts'
import { type Known, known } from '../../domain/registry.ts'
import type { Batch } from '../batch.ts'
import { type Fold, foldInto } from '../fold.ts'
import type { ReadModel } from '../read-model.ts'
import { hashing } from './hashing.ts'

/** The one tree there is, as it grows. */
type TreeRow = {
  name: 'facts'
  size: number
  /** Where the last fact stands that is in a whole tile. */
  before: Position
  /** At each level the hashes that fill no tile yet, in base64. */
  levels: string[]
}

/** A whole tile. The position before its first fact is known at level 0 alone. */
type TileRow = { level: number; index: number; before: Position | null; hashes: string }

export type HeadRow = {
  authority: string
  number: number
  size: number
  root: string
  head_address: string
  signature: string | null
  published_at: string
}

export type LogTables = { tree: TreeRow; tile: TileRow; head: HeadRow }

const heads: Fold<Known, 'head', HeadRow, 'authority' | 'size'> = {
  table: 'head',
  key: ['authority', 'size'],
  begins: () => true,
  keysOf: ({ type, data }) => (type === 'LedgerAnchored' ? [{ authority: data.authority, size: data.size }] : []),
  evolve: (row, { type, data }) => {
    if (type !== 'LedgerAnchored') return row
    const { authority, number, size, root, headAddress, signature, publishedAt } = data
    return { authority, number, size, root, head_address: headAddress, signature, published_at: publishedAt }
  },
}

/** Takes the tree on by facts, as they are stored. */
const growTree = async (batch: Batch, facts: readonly Recorded[]): Promise<void> => {
  const [row] = await batch.load<TreeRow>('tree', ['name'], [{ name: 'facts' }])
  const tree: Growing = row ? { size: row.size, levels: row.levels.map(fromBase64) } : emptyTree()
  let before = row?.before ?? START
  const tiles: TileRow[] = []
  for (const fact of facts)
    grow(tree, hashing.leaf(leafText(fact)), hashing.join, ({ level, index, hashes }: Tile) => {
      tiles.push({ level, index, before: level === 0 ? before : null, hashes: toBase64(hashes) })
      if (level === 0) before = fact.position
    })
  batch.append('tile', tiles)
  const grown: TreeRow = { name: 'facts', size: tree.size, before, levels: tree.levels.map(toBase64) }
  batch.write('tree', ['name'], [grown], [])
}

export const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('latin1')

const toBase64 = (hashes: string): string => Buffer.from(hashes, 'latin1').toString('base64')

/**
 * The transparency log (RFC 9162): every fact of every tenant hashed into one tree, in ledger order, and the heads of it that are on
 * chain. It holds hashes alone.
 */
export const log: ReadModel<Recorded, LogTables> = {
  name: 'log',
  version: 1,
  asStored: true,
  create: async (tx) => {
    await sql`create table tree (
      name text primary key, size bigint not null, before text collate "C" not null, levels json not null)`.execute(tx)
    await sql`create table tile (
      level int, index bigint, before text collate "C", hashes text not null, primary key (level, index))`.execute(tx)
    await sql`create unique index on tile (before) where level = 0`.execute(tx)
    await sql`create table head (
      authority text, size bigint, number int not null, root text not null, head_address text not null, signature text,
      published_at text not null, primary key (authority, size))`.execute(tx)
  },
  apply: async (batch, facts) => {
    await growTree(batch, facts)
    await foldInto(batch, heads, facts.filter(({ stream }) => stream.startsWith(`${anchor.category}-`)).map(known))
  },
}
