import { type Position, type Recorded, START } from '../../domain/fact.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { leafText } from '../../domain/log/leaf.ts'
import { type Hash, pathOf, rootAt, TILE, type TileAt } from '../../domain/log/tree.ts'
import type { Reading } from '../reading.ts'
import { fromHex, hashing } from './hashing.ts'
import { fromBase64, type HeadRow, log } from './model.ts'

/** The head on chain that covers most; undefined where there is none yet. */
export const newestHead = ({ everyTenant }: Reading): Promise<HeadRow | undefined> =>
  everyTenant(log)
    .selectFrom('head')
    .selectAll()
    .orderBy('size', 'desc')
    .orderBy('published_at', 'desc')
    .limit(1)
    .executeTakeFirst()

export type Inclusion = {
  /** Which of all facts it is, from 0. */
  readonly index: number
  readonly leafHash: Hash
  readonly path: readonly Hash[]
}

/** What proves facts to one head, for one request. */
export type Prover = {
  /** Whether the hashes that are kept here add up to the head. */
  readonly isSound: () => Promise<boolean>
  /** Undefined for a fact that the head does not cover. Throws for one that is not where it was hashed. */
  readonly prove: (fact: Recorded) => Promise<Inclusion | undefined>
}

export const proverOf = async (
  { everyTenant }: Reading,
  ledger: Pick<Ledger, 'readAll'>,
  { size, root }: HeadRow,
): Promise<Prover> => {
  const { join } = hashing
  const db = everyTenant(log)
  // Looked at once, for it grows meanwhile.
  const tree = await db.selectFrom('tree').selectAll().executeTakeFirstOrThrow()
  const tiles = new Map<string, Promise<string>>()

  const tileAt: TileAt = (level, index) => {
    const find = async () => {
      if (index === Math.floor(tree.size / TILE ** (level + 1))) return fromBase64(tree.levels[level] ?? '')
      const wanted = db
        .selectFrom('tile')
        .select('hashes')
        .where((eb) => eb.and({ level, index }))
      return fromBase64((await wanted.executeTakeFirstOrThrow()).hashes)
    }
    const key = `${level}/${index}`
    const tile = tiles.get(key) ?? find()
    tiles.set(key, tile)
    return tile
  }

  /** The tile that a fact is in: which of all facts is its first, and the position before that. */
  const tileOf = async (position: Position): Promise<{ first: number; before: Position }> => {
    if (position > tree.before) return { first: tree.size - (tree.size % TILE), before: tree.before }
    const wanted = db.selectFrom('tile').select(['index', 'before']).where('level', '=', 0)
    const { index, before } = await wanted
      .where('before', '<', position)
      .orderBy('before', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    return { first: index * TILE, before: before ?? START }
  }

  return {
    isSound: async () => tree.size >= size && (await rootAt(size, tileAt, join)) === fromHex(root),
    prove: async (fact) => {
      const { first, before } = await tileOf(fact.position)
      const at = (await ledger.readAll(before, TILE)).findIndex(({ position }) => position === fact.position)
      const index = first + at
      if (at !== -1 && index >= size) return undefined
      const leafHash = hashing.leaf(leafText(fact))
      const hashed =
        at === -1 ? '' : (await tileAt(0, first / TILE)).slice(at * leafHash.length, (at + 1) * leafHash.length)
      if (leafHash !== hashed)
        throw new Error(`fact ${fact.id} of ${fact.stream} is not what was hashed: run npm run audit`)
      return { index, leafHash, path: await pathOf(index, size, tileAt, join) }
    },
  }
}
