import type { Recorded } from '../../domain/fact.ts'
import type { Known } from '../../domain/registry.ts'
import { type Folded, folded, foldedWith } from './folding.ts'
import { decoded, factsOf, type Reading } from './reading.ts'

/** About 2 KB each; up to twice as many are kept. */
const STREAMS_KEPT = 2000

export type Step = { readonly before: Folded | undefined; readonly after: Folded; readonly fact: Known }

/**
 * Folds all streams side by side, page by page. Of streams that nothing happened to for long the state is let go;
 * should one move again, its past is read once more: the ledger itself is where it is kept.
 */
export const folding = (reading: Reading): ((page: readonly Recorded[]) => Promise<Step[]>) => {
  // Two generations: whatever moves comes into the young one, and the old one is let go as a whole.
  let young = new Map<string, Folded>()
  let old = new Map<string, Folded>()

  const recall = async ({ stream, revision }: Recorded) => {
    const past = (await factsOf(reading, stream)).filter((fact) => fact.revision < revision)
    young.set(stream, folded(past)!)
  }

  return async (page) => {
    if (young.size > STREAMS_KEPT) [young, old] = [new Map(), young]
    const firsts = new Map<string, Recorded>()
    for (const fact of page) if (!firsts.has(fact.stream)) firsts.set(fact.stream, fact)
    const isForgotten = ({ stream, revision }: Recorded) => revision > 0 && !young.has(stream) && !old.has(stream)
    await Promise.all([...firsts.values()].filter(isForgotten).map(recall))

    return page.map((recorded) => {
      const fact = decoded(recorded)
      const before = young.get(fact.stream) ?? old.get(fact.stream)
      const after = foldedWith(before, fact)
      young.set(fact.stream, after)
      return { before, after, fact }
    })
  }
}
