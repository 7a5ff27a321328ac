import type { PublishedHead } from '../../commands/chain/chain.ts'
import { type Extent, type LogCopy, tilesOf } from '../../commands/chain/log-copy.ts'
import type { Recorded } from '../../domain/fact.ts'
import { leafText } from '../../domain/log/leaf.ts'
import { type Growing, grow, type Hash, hashAt, rootOf, TILE } from '../../domain/log/tree.ts'
import { hashing, hexOf } from '../../projections/log/hashing.ts'
import type { Change, Finding } from './finding.ts'

/** How many facts after the first difference tell whether facts were put in, left out or exchanged. */
const LOOK_ON = 64

/** Where the ledger first is not what the copy of its hashes says. */
export type Parting = {
  /** Of the facts before it, as the ledger has them. */
  readonly before: Growing
  /** The one before it. */
  readonly last: Recorded | undefined
  /** What the ledger has from there on. */
  readonly facts: (count: number) => Promise<readonly Recorded[]>
}

type Compared = {
  readonly copy: Pick<LogCopy, 'read'>
  readonly extent: Extent | 'damaged' | undefined
  readonly heads: readonly PublishedHead[]
  /** The first head that is not the ledger's. */
  readonly wrong: PublishedHead | undefined
  readonly parting: Parting | undefined
  readonly covered: number
}

/**
 * The first fact that differs from what was published. The copy names it, and is believed where the facts before it, as the ledger has
 * them, and the hashes from it on, as the copy has them, add up to the head on chain.
 */
export const firstDifference = async (compared: Compared): Promise<readonly Finding[]> => {
  const { extent, heads, wrong, parting, covered } = compared
  // Past the newest head, and of a ledger that every head bears out, it is the copy that is wrong.
  if (!wrong) return parting && parting.before.size < covered ? [{ what: 'copy', index: parting.before.size }] : []
  const from = heads.findLast(({ number }) => number < wrong.number)?.size ?? 0
  const vague = { what: 'facts', from, to: wrong.size - 1, head: wrong.number } as const
  if (!extent || extent === 'damaged' || extent.size < wrong.size) return [{ ...vague, why: 'no copy' }]
  const was = parting && (await vouchedFor(compared.copy, extent, parting, wrong).catch(() => undefined))
  if (!parting || !was) return [{ ...vague, why: 'copy differs too' }]
  const now = await parting.facts(LOOK_ON)
  return [
    {
      what: 'fact',
      change: changeOf(
        now.map((fact) => hashing.leaf(leafText(fact))),
        was,
      ),
      index: parting.before.size,
      leafHash: hexOf(was[0]!),
      fact: now[0] ?? null,
      before: parting.last ?? null,
      head: wrong.number,
    },
  ]
}

/** The leaves that the copy has from the parting on, as many as are looked at; none where the head does not vouch for the copy. */
const vouchedFor = async (
  copy: Compared['copy'],
  { size }: Extent,
  { before }: Parting,
  head: PublishedHead,
): Promise<readonly Hash[] | undefined> => {
  const tileAt = tilesOf(copy, size)
  const grown = { size: before.size, levels: [...before.levels] }
  const leaves: Hash[] = []
  let tile = ''
  for (let index = before.size; index < size && (index < head.size || leaves.length < LOOK_ON); index++) {
    if (index === before.size || index % TILE === 0) tile = await tileAt(0, Math.floor(index / TILE))
    const leaf = hashAt(tile, index % TILE)
    if (leaves.length < LOOK_ON) leaves.push(leaf)
    if (index < head.size) grow(grown, leaf, hashing.join)
  }
  return hexOf(rootOf(grown, hashing.join)) === head.root ? leaves : undefined
}

/** What happened, by what follows in the ledger and in the copy. Both begin with the first that differs. */
const changeOf = (now: readonly Hash[], was: readonly Hash[]): Change => {
  const [isElsewhere, stoodElsewhere] = [now.includes(was[0]!), now[0] !== undefined && was.includes(now[0])]
  if (isElsewhere && stoodElsewhere) return 'moved'
  if (isElsewhere) return 'inserted'
  return stoodElsewhere || now.length === 0 ? 'missing' : 'changed'
}
