import type { PublishedHead } from '../../commands/chain/chain.ts'
import { type LogCopy, tilesOf } from '../../commands/chain/log-copy.ts'
import { type Anchored, anchorFacts } from '../../domain/anchor.ts'
import { type Position, type Recorded, START } from '../../domain/fact.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { leafText } from '../../domain/log/leaf.ts'
import { emptyTree, grow, hashAt, rootOf, TILE } from '../../domain/log/tree.ts'
import { hashing, hexOf } from '../../projections/log/hashing.ts'
import type { Finding } from './finding.ts'
import { firstDifference, type Parting } from './first-difference.ts'
import { headFindings } from './heads.ts'

export type Audit = {
  readonly ledger: Pick<Ledger, 'readAll'>
  /** Whose heads these are, as an address. */
  readonly authority: string
  /** All that are on chain by now, the oldest first. */
  readonly heads: () => Promise<readonly PublishedHead[]>
  readonly copy: Pick<LogCopy, 'extent' | 'read'>
  readonly passed: (position: Position) => void
}

export type Audited = {
  readonly facts: number
  readonly heads: number
  /** Facts after these are in no head yet. */
  readonly covered: number
  /** How many those are; none where it is the record of the newest head alone, for which no other is published. */
  readonly uncovered: number
  readonly findings: readonly Finding[]
}

/** Facts in a page: of small ones less is moved about in memory. */
const PAGE = 256

/**
 * Hashes the whole ledger once more, in one pass, and holds it against the heads on chain. The copy of the hashes is asked which fact
 * it is that differs, and believed only where the chain vouches for it.
 */
export const auditLedger = async (audit: Audit): Promise<Audited> => {
  const { ledger, copy, passed } = audit
  const heads = await audit.heads()
  const extent = await copy.extent().catch(() => 'damaged' as const)
  const copied = extent === 'damaged' ? 0 : (extent?.size ?? 0)
  const tree = emptyTree()
  const recorded: Anchored[] = []
  const roots = new Map(heads.map(({ size, root }) => [size, root]))
  let wrongAt: number | undefined
  let tile = ''
  let parting: Parting | undefined
  let last: Recorded | undefined

  const partHere = (): Parting => {
    const after = last?.position ?? START
    const before = { size: tree.size, levels: [...tree.levels] }
    return { before, last, facts: (count) => ledger.readAll(after, count) }
  }

  if (extent === 'damaged') parting = partHere()
  for (let after: Position = START; ; ) {
    const page = await pageAfter(ledger, after)
    if (page.length === 0) break
    for (const fact of page) {
      const leaf = hashing.leaf(leafText(fact))
      if (!parting && tree.size < copied) {
        if (tree.size % TILE === 0) tile = await leavesOf(copy, copied, tree.size)
        if (hashAt(tile, tree.size % TILE) !== leaf) parting = partHere()
      }
      grow(tree, leaf, hashing.join)
      const root = roots.get(tree.size)
      if (root && wrongAt === undefined && hexOf(rootOf(tree, hashing.join)) !== root) wrongAt = tree.size
      if (fact.type === 'LedgerAnchored') recorded.push(...headIn(fact))
      last = fact
    }
    after = page.at(-1)!.position
    passed(after)
  }

  if (tree.size < copied) parting ??= partHere()
  const wrong = heads.find(({ size }) => size === wrongAt || size > tree.size)
  const covered = heads.at(-1)?.size ?? 0
  const own = recorded.filter(({ authority }) => authority === audit.authority)
  const isOnlyItsRecord = tree.size === covered + 1 && last?.type === 'LedgerAnchored' && own.at(-1)?.size === covered
  return {
    facts: tree.size,
    heads: heads.length,
    covered: Math.min(covered, tree.size),
    uncovered: isOnlyItsRecord ? 0 : Math.max(tree.size - covered, 0),
    findings: [
      ...(await firstDifference({ copy, extent, heads, wrong, parting, covered })),
      ...headFindings({ before: heads, after: await audit.heads() }, own),
    ],
  }
}

/** Throws one line that says behind which fact nothing can be read: somebody may have left there what is no JSON. */
const pageAfter = async (ledger: Audit['ledger'], after: Position): Promise<readonly Recorded[]> => {
  try {
    return await ledger.readAll(after, PAGE)
  } catch (cause) {
    let good = after
    for (;;) {
      const [next] = await ledger.readAll(good, 1).catch(() => [])
      if (!next) break
      good = next.position
    }
    const why = (cause as Error).message
    throw new Error(`the fact after position ${good || 'none'} cannot be read: ${why}`, { cause })
  }
}

/** The leaves of the tile that begins with this one; none where it cannot be read, and then it differs. */
const leavesOf = (copy: Audit['copy'], copied: number, index: number): Promise<string> =>
  tilesOf(copy, copied)(0, index / TILE).catch(() => '')

/** What cannot be read shows as a fact that differs. */
const headIn = ({ data }: Recorded): Anchored[] => {
  const parsed = anchorFacts.LedgerAnchored.safeParse(data)
  return parsed.success ? [parsed.data] : []
}
