import type { Recorded } from '../../domain/fact.ts'
import type { Known } from '../../domain/registry.ts'
import { emptyStreamOf, type Folded, type Folding, foldInto, type Status } from './folding.ts'
import { decoded, type Reading, recordedIn } from './reading.ts'

/** About 2 KB each; up to twice as many are kept, and those of one page. */
const STREAMS_KEPT = 2_000

/** A fact, its stream as it leaves it, and how that stood before. The stream is the folding's own: it goes on. */
export type Heard = (before: Status, after: Folded, fact: Known) => void

/**
 * Folds all streams side by side, page by page. Of streams that nothing happened to for long the state is let go;
 * should one move again, its past is read once more: the ledger itself is where it is kept.
 */
export const folding = (reading: Reading, heard: Heard): ((page: readonly Recorded[]) => Promise<void>) => {
  // Two generations: whatever moves comes into the young one, and the old one is let go as a whole.
  let young = new Map<string, Folding>()
  let old = new Map<string, Folding>()

  const recall = async (stream: Folding, { revision }: Recorded) => {
    for (const fact of await recordedIn(reading, stream.stream))
      if (fact.revision < revision) foldInto(stream, decoded(fact))
  }

  return async (page) => {
    if (young.size > STREAMS_KEPT) [young, old] = [new Map(), young]
    const recalls: Promise<void>[] = []
    const streams = page.map((fact) => {
      const moving = young.get(fact.stream)
      if (moving) return moving
      const kept = old.get(fact.stream)
      const stream = kept ?? emptyStreamOf(fact)
      young.set(fact.stream, stream)
      if (!kept && fact.revision > 0) recalls.push(recall(stream, fact))
      return stream
    })
    await Promise.all(recalls)

    for (const [i, recorded] of page.entries()) {
      const stream = streams[i]!
      const before = stream.status
      const fact = decoded(recorded)
      foldInto(stream, fact)
      heard(before, stream, fact)
    }
  }
}
