/** SHA-256: 32 bytes, a character each, so that it is cheap to keep, to cut and to compare. */
export type Hash = string

/** The two hashes of RFC 9162, section 2.1.1. They are handed in, for nothing is imported here. */
export type Hashing = {
  /** SHA-256(0x00 ‖ the text in UTF-8). */
  readonly leaf: (text: string) => Hash
  /** SHA-256(0x01 ‖ left ‖ right). */
  readonly join: (left: Hash, right: Hash) => Hash
}

type Join = Hashing['join']

/** How many hashes a tile has. */
export const TILE = 256

/** Characters of a hash. */
const WIDTH = 32

/**
 * A whole tile: the hashes of 256 subtrees that follow each other, one after the other in one text. Those of level 0 are leaves,
 * and each of a higher level is what a whole tile of the level below adds up to (https://c2sp.org/tlog-tiles).
 */
export type Tile = { readonly level: number; readonly index: number; readonly hashes: string }

/** A tree as it grows: how many leaves it has and, at each level, the hashes that fill no tile yet. */
export type Growing = { size: number; readonly levels: string[] }

export const emptyTree = (): Growing => ({ size: 0, levels: [] })

/** Adds a leaf, in place. `filled` hears of each tile that it completes, the lowest first. */
export const grow = (tree: Growing, leaf: Hash, join: Join, filled: (tile: Tile) => void = () => {}): void => {
  tree.size++
  let added = leaf
  for (let level = 0; ; level++) {
    const hashes = (tree.levels[level] ?? '') + added
    tree.levels[level] = hashes
    if (hashes.length < TILE * WIDTH) return
    filled({ level, index: tree.size / TILE ** (level + 1) - 1, hashes })
    tree.levels[level] = ''
    added = rootOver(hashes, join)
  }
}

/** The root of a tree that has leaves: MTH(D[n]) of RFC 9162, section 2.1.1. */
export const rootOf = ({ levels }: Growing, join: Join): Hash =>
  levels.reduce((right, hashes) => rootOver(hashes + right, join), '')

export const hashAt = (hashes: string, at: number): Hash => hashes.slice(at * WIDTH, (at + 1) * WIDTH)

/** How many hashes a text holds. */
export const countOf = (hashes: string): number => hashes.length / WIDTH

/** Of subtrees that are all of one size, but for the last, which may be smaller. */
const rootOver = (hashes: string, join: Join): Hash => {
  let row = hashes
  while (row.length > WIDTH) {
    let above = ''
    for (let at = 0; at < countOf(row); at += 2) {
      const right = hashAt(row, at + 1)
      above += right ? join(hashAt(row, at), right) : hashAt(row, at)
    }
    row = above
  }
  return row
}

/** The hashes of a tile, as many as there are by now. */
export type TileAt = (level: number, index: number) => Promise<string>

/** The root that a tree had when it had so many leaves. */
export const rootAt = (size: number, tileAt: TileAt, join: Join): Promise<Hash> => rootBetween(0, size, tileAt, join)

/** The hashes that lead from a leaf to the root of the tree of this size: PATH(m, D[n]) of RFC 9162, section 2.1.3.1. */
export const pathOf = async (index: number, size: number, tileAt: TileAt, join: Join): Promise<Hash[]> => {
  const path: Hash[] = []
  for (let from = 0, to = size; to - from > 1; ) {
    const middle = from + halfOf(to - from)
    const isLeft = index < middle
    path.unshift(await (isLeft ? rootBetween(middle, to, tileAt, join) : rootBetween(from, middle, tileAt, join)))
    if (isLeft) to = middle
    else from = middle
  }
  return path
}

/** The root that a path leads to from a leaf; undefined where there is no such path: RFC 9162, section 2.1.3.2. */
export const rootFrom = (
  leaf: { readonly index: number; readonly hash: Hash },
  size: number,
  path: readonly Hash[],
  join: Join,
): Hash | undefined => {
  if (leaf.index < 0 || leaf.index >= size) return undefined
  let [at, last, root] = [leaf.index, size - 1, leaf.hash]
  const up = () => {
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  for (const beside of path) {
    if (last === 0) return undefined
    if (at % 2 === 1 || at === last) {
      root = join(beside, root)
      // Where nothing is to the right of it, it is its own parent.
      while (at % 2 === 0 && at !== 0) up()
    } else root = join(root, beside)
    up()
  }
  return last === 0 ? root : undefined
}

/** The largest power of two below a number that is more than 1. */
const halfOf = (count: number): number => {
  let half = 1
  while (half * 2 < count) half *= 2
  return half
}

/** Of leaves that begin where a subtree of at least so many does. */
const rootBetween = async (from: number, to: number, tileAt: TileAt, join: Join): Promise<Hash> => {
  let level = 0
  while (TILE ** (level + 1) <= to - from) level++
  const each = TILE ** level
  const first = from / each
  const count = Math.floor((to - from) / each)
  const tile = await tileAt(level, Math.floor(first / TILE))
  const hashes = tile.slice((first % TILE) * WIDTH, ((first % TILE) + count) * WIDTH)
  const rest = (to - from) % each
  return rootOver(rest === 0 ? hashes : hashes + (await rootBetween(to - rest, to, tileAt, join)), join)
}
