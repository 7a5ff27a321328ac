import canonicalize from 'canonicalize'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonical } from '../../domain/log/leaf.ts'
import {
  countOf,
  emptyTree,
  grow,
  type Hash,
  hashAt,
  pathOf,
  rootAt,
  rootFrom,
  rootOf,
  TILE,
  type TileAt,
} from '../../domain/log/tree.ts'
import { fromHex, hashing, hexOf } from './hashing.ts'

const { leaf, join } = hashing

/** The reference leaves of Certificate Transparency, and the root of each tree of the first of them (RFC 6962, as RFC 9162). */
const LEAVES = ['', '\x00', '\x10', '\x20\x21', '01', '@ABC', 'PQRSTUVW', '`abcdefghijklmno']
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const PATHS = [
  {
    index: 0,
    size: 8,
    path: [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  },
  {
    index: 5,
    size: 8,
    path: [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  },
  { index: 2, size: 3, path: ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'] },
  {
    index: 1,
    size: 5,
    path: [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  },
]

/** A tree of these leaves, and its tiles: those that are whole as they were told, the others as they grow. */
const treeOf = (leaves: readonly Hash[]) => {
  const tree = emptyTree()
  const whole = new Map<string, string>()
  for (const one of leaves) grow(tree, one, join, ({ level, index, hashes }) => whole.set(`${level}/${index}`, hashes))
  const tileAt: TileAt = async (level, index) => whole.get(`${level}/${index}`) ?? tree.levels[level] ?? ''
  return { tree, whole, tileAt }
}

/** Section 2.1.1 of RFC 9162, to the letter. */
const mth = (leaves: readonly Hash[]): Hash => {
  if (leaves.length === 1) return leaves[0]!
  const k = 2 ** Math.ceil(Math.log2(leaves.length) - 1)
  return join(mth(leaves.slice(0, k)), mth(leaves.slice(k)))
}

const leavesTo = (count: number) => Array.from({ length: count }, (_, i) => leaf(`leaf ${i}`))

describe('the tree of RFC 9162', () => {
  it.each(ROOTS.map((root, i) => [i + 1, root] as const))(
    'of the first %i reference leaves has the known root',
    (size, root) => expect(hexOf(rootOf(treeOf(LEAVES.slice(0, size).map(leaf)).tree, join))).toBe(root),
  )

  it.each(PATHS)('has the known path from leaf $index to the root of size $size', async ({ index, size, path }) => {
    const { tileAt } = treeOf(LEAVES.map(leaf))
    expect((await pathOf(index, size, tileAt, join)).map(hexOf)).toEqual(path)
    expect(hexOf(rootFrom({ index, hash: leaf(LEAVES[index]!) }, size, path.map(fromHex), join)!)).toBe(ROOTS[size - 1])
  })

  it('proves every leaf to every root up to 70 leaves', async () => {
    const leaves = leavesTo(70)
    const { tileAt } = treeOf(leaves)
    for (let size = 1; size <= 70; size++) {
      const root = mth(leaves.slice(0, size))
      expect(await rootAt(size, tileAt, join)).toBe(root)
      for (let index = 0; index < size; index++) {
        const path = await pathOf(index, size, tileAt, join)
        expect(path.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)))
        expect(rootFrom({ index, hash: leaves[index]! }, size, path, join)).toBe(root)
      }
    }
  })

  it('proves nothing else: neither another leaf, nor another place, nor another size, nor by another path', async () => {
    const leaves = leavesTo(70)
    const { tileAt } = treeOf(leaves)
    const place = fc.integer({ min: 1, max: 70 }).chain((size) => fc.tuple(fc.nat(size - 1), fc.constant(size)))
    const other = fc.integer({ min: -2, max: 140 })
    await fc.assert(
      fc.asyncProperty(
        place,
        other,
        fc.nat(10),
        fc.integer({ min: 1, max: 255 }),
        async ([index, size], n, at, bits) => {
          const root = mth(leaves.slice(0, size))
          const hash = leaves[index]!
          const path = await pathOf(index, size, tileAt, join)
          const prove = (leaf: { index: number; hash: Hash }, size: number, path: readonly Hash[]) =>
            expect(rootFrom(leaf, size, path, join)).not.toBe(root)
          const bent = (hash: Hash) =>
            hash.slice(0, at) + String.fromCharCode(hash.charCodeAt(at) ^ bits) + hash.slice(at + 1)

          prove({ index, hash: bent(hash) }, size, path)
          if (n !== index) prove({ index: n, hash }, size, path)
          // Another size may have the very same path, and then is told from this one by its root.
          if (n >= 1 && n <= 70 && n !== size)
            expect(rootFrom({ index, hash }, n, path, join)).not.toBe(mth(leaves.slice(0, n)))
          prove({ index, hash }, size, [...path, hash])
          prove({ index, hash }, size, [hash, ...path])
          if (path.length > 0) {
            const spot = at % path.length
            prove({ index, hash }, size, path.toSpliced(spot, 1))
            prove({ index, hash }, size, path.toSpliced(spot, 1, bent(path[spot]!)))
          }
        },
      ),
    )
  })

  it('fills a tile with 256 hashes, and keeps its root at every size, over more than one level of tiles', async () => {
    const leaves = leavesTo(TILE * TILE + 2 * TILE + 3)
    const { tree, whole, tileAt } = treeOf(leaves)
    expect([...whole.values()].every((hashes) => countOf(hashes) === TILE)).toBe(true)
    expect(whole.size).toBe(TILE + 2 + 1)
    expect(tree.levels.map(countOf)).toEqual([3, 2, 1])
    expect(hashAt(whole.get('0/1')!, 7)).toBe(leaves[TILE + 7])
    expect(rootOf(tree, join)).toBe(mth(leaves))
    for (const size of [1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, leaves.length]) {
      const root = mth(leaves.slice(0, size))
      expect([size, await rootAt(size, tileAt, join)]).toEqual([size, root])
      for (const index of [0, 1, 255, 256, 300, 65_535, 65_536, leaves.length - 1].filter((one) => one < size)) {
        const path = await pathOf(index, size, tileAt, join)
        expect(rootFrom({ index, hash: leaves[index]! }, size, path, join)).toBe(root)
      }
    }
  })
})

it('canonical JSON is that of the library', () =>
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonical(value)).toBe(canonicalize(value))
    }),
  ))
