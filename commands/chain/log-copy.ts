import { setImmediate } from 'node:timers/promises'
import { type Position, type Recorded, START } from '../../domain/fact.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { leafText } from '../../domain/log/leaf.ts'
import {
  emptyTree,
  type Growing,
  grow,
  type Hashing,
  hashAt,
  TILE,
  type Tile,
  type TileAt,
} from '../../domain/log/tree.ts'

/** How far a copy goes: so many facts, one at least, and which is the last of them. */
export type Extent = Pick<Recorded, 'stream' | 'revision' | 'position'> & { readonly size: number }

/**
 * The port to a copy of the log's hashes that lies apart from the ledger. Should the ledger differ one day, it says from which fact on;
 * and that the copy is what it was, the heads on chain say.
 */
export type LogCopy = {
  /** Undefined where there is none. Throws where it cannot be made out. */
  readonly extent: () => Promise<Extent | undefined>
  /** The first hashes of a tile. Throws where it has not so many. */
  readonly read: (level: number, index: number, count: number) => Promise<string>
  /** Those that are growing too. What is there of a tile already is the same. */
  readonly write: (tile: Tile) => Promise<void>
  /** To be told once all tiles are written that it takes. */
  readonly reach: (extent: Extent) => Promise<void>
}

export type CopyDeps = {
  readonly ledger: Pick<Ledger, 'read' | 'readAll'>
  readonly copy: LogCopy
  readonly hashing: Hashing
}

/** Facts between which others get their turn. */
const PAGE = 500

/**
 * Brings the copy to the end of the ledger, from where it stands. What was hashed before is not hashed again: of that, only the last
 * fact is looked at, and this throws where it is not what it was or not where it was. That those before it are, an audit says.
 */
export const extendCopy = async (deps: CopyDeps): Promise<Pick<Extent, 'size' | 'position'>> => {
  const { ledger, copy, hashing } = deps
  let { position, tree } = await standing(deps)
  let last: Recorded | undefined
  const tiles: Tile[] = []
  for (;;) {
    const page = await ledger.readAll(position, PAGE)
    if (page.length === 0) break
    for (const fact of page) grow(tree, hashing.leaf(leafText(fact)), hashing.join, (tile) => tiles.push(tile))
    for (const tile of tiles.splice(0)) await copy.write(tile)
    last = page.at(-1)!
    position = last.position
    await setImmediate()
  }
  if (!last) return { size: tree.size, position }
  for (const [level, hashes] of tree.levels.entries())
    if (hashes) await copy.write({ level, index: growingIndex(tree.size, level), hashes })
  const extent = { size: tree.size, position, stream: last.stream, revision: last.revision }
  await copy.reach(extent)
  return extent
}

/** What a copy of so many facts holds of a tile. */
export const tilesOf =
  (copy: Pick<LogCopy, 'read'>, size: number): TileAt =>
  (level, index) =>
    copy.read(level, index, index === growingIndex(size, level) ? growingCount(size, level) : TILE)

/** The copy as it stands. One with tiles missing is begun anew. Throws where the ledger is not what it is of. */
const standing = async ({ ledger, copy, hashing }: CopyDeps): Promise<{ position: Position; tree: Growing }> => {
  const extent = await copy.extent()
  if (!extent) return { position: START, tree: emptyTree() }
  const { size, position, stream, revision } = extent
  const levels: string[] = []
  let leaf: string
  try {
    const inTile = (size - 1) % TILE
    leaf = hashAt(await copy.read(0, Math.floor((size - 1) / TILE), inTile + 1), inTile)
    for (let level = 0; TILE ** level <= size; level++) {
      const count = growingCount(size, level)
      levels.push(count === 0 ? '' : await copy.read(level, growingIndex(size, level), count))
    }
  } catch {
    return { position: START, tree: emptyTree() }
  }
  const [last] = await ledger.read(stream, revision - 1)
  if (last?.position !== position || hashing.leaf(leafText(last)) !== leaf)
    throw new Error(
      `the ledger is not what was hashed of it up to position ${position}: it was cut, changed, moved or restored from a backup. npm run audit says more; where that finds nothing, remove DATA_DIR/log to have all of it hashed anew`,
    )
  return { position, tree: { size, levels } }
}

const growingIndex = (size: number, level: number): number => Math.floor(size / TILE ** (level + 1))

const growingCount = (size: number, level: number): number => Math.floor(size / TILE ** level) % TILE
