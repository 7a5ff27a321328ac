import { setImmediate } from 'node:timers/promises'
import { type Position, START } from '../../domain/fact.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { leafText } from '../../domain/log/leaf.ts'
import { emptyTree, type Growing, grow, type Hashing, TILE, type Tile, type TileAt } from '../../domain/log/tree.ts'

/** How far a copy goes: so many facts, the last of them at the position. */
export type Extent = { readonly size: number; readonly position: Position }

/**
 * The port to a copy of the log's hashes that lies apart from the ledger. Should the ledger differ one day, it says from which fact on;
 * and that the copy is what it was, the heads on chain say.
 */
export type LogCopy = {
  /** Undefined where there is none. */
  readonly extent: () => Promise<Extent | undefined>
  /** The first hashes of a tile. Throws where it has not so many. */
  readonly read: (level: number, index: number, count: number) => Promise<string>
  /** Those that are growing too. What is there of a tile already is the same. */
  readonly write: (tile: Tile) => Promise<void>
  /** To be told once all tiles are written that it takes. */
  readonly reach: (extent: Extent) => Promise<void>
}

export type CopyDeps = {
  readonly ledger: Pick<Ledger, 'readAll' | 'head'>
  readonly copy: LogCopy
  readonly hashing: Hashing
}

/** Facts between which others get their turn. */
const PAGE = 500

/** Brings the copy to the end of the ledger, from where it stands: what was hashed before is not hashed again. */
export const extendCopy = async ({ ledger, copy, hashing }: CopyDeps): Promise<Extent> => {
  let { position, tree } = await standing(copy)
  if ((await ledger.head()) < position)
    throw new Error(
      `the ledger ends before ${position}, up to where it was hashed: it was cut, or restored from an older backup; npm run audit says more`,
    )
  const tiles: Tile[] = []
  for (;;) {
    const page = await ledger.readAll(position, PAGE)
    if (page.length === 0) break
    for (const fact of page) grow(tree, hashing.leaf(leafText(fact)), hashing.join, (tile) => tiles.push(tile))
    for (const tile of tiles.splice(0)) await copy.write(tile)
    position = page.at(-1)!.position
    await setImmediate()
  }
  for (const [level, hashes] of tree.levels.entries())
    if (hashes) await copy.write({ level, index: growingIndex(tree.size, level), hashes })
  const extent = { size: tree.size, position }
  await copy.reach(extent)
  return extent
}

/** What a copy of so many facts holds of a tile. */
export const tilesOf =
  (copy: Pick<LogCopy, 'read'>, size: number): TileAt =>
  (level, index) =>
    copy.read(level, index, index === growingIndex(size, level) ? growingCount(size, level) : TILE)

/** The copy as it stands. One that is not whole is begun anew. */
const standing = async (copy: LogCopy): Promise<{ position: Position; tree: Growing }> => {
  const extent = await copy.extent()
  if (!extent) return { position: START, tree: emptyTree() }
  const { size, position } = extent
  const levels: string[] = []
  try {
    for (let level = 0; TILE ** level <= size; level++) {
      const count = growingCount(size, level)
      levels.push(count === 0 ? '' : await copy.read(level, growingIndex(size, level), count))
    }
  } catch {
    return { position: START, tree: emptyTree() }
  }
  return { position, tree: { size, levels } }
}

const growingIndex = (size: number, level: number): number => Math.floor(size / TILE ** (level + 1))

const growingCount = (size: number, level: number): number => Math.floor(size / TILE ** level) % TILE
