import type { PublishedHead } from '../../commands/chain/chain.ts'
import type { Anchored } from '../../domain/anchor.ts'
import type { Finding } from './finding.ts'

/** The heads on chain before the ledger was read, and after. */
type Heads = { readonly before: readonly PublishedHead[]; readonly after: readonly PublishedHead[] }

/** Heads on chain follow each other, and the ledger has recorded them all, and no others. More may come while it is read. */
export const headFindings = ({ before, after }: Heads, recorded: readonly Anchored[]): readonly Finding[] => {
  const keyOf = ({ number, size, root }: Pick<PublishedHead, 'number' | 'size' | 'root'>) => `${number}/${size}/${root}`
  const published = new Set(after.map(keyOf))
  const known = new Set(recorded.map(keyOf))
  const lost = recorded.filter((head) => !published.has(keyOf(head)))
  const isNext = ({ number, size }: PublishedHead, i: number) => number === i + 1 && size > (after[i - 1]?.size ?? 0)
  return [
    ...after
      .filter((head, i) => !isNext(head, i))
      .map(({ number }) => ({ what: 'heads out of order', number }) as const),
    ...(lost.length > 0
      ? [
          {
            what: 'heads not on chain',
            heads: lost.map(({ number, headAddress }) => ({ number, headAddress })),
          } as const,
        ]
      : []),
    ...before
      .filter((head) => !known.has(keyOf(head)))
      .map(({ number, address }) => ({ what: 'head not recorded', number, headAddress: address }) as const),
  ]
}
