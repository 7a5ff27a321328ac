import { z } from 'zod'
import type { Position, Recorded } from './fact.ts'
import type { Ledger } from './ledger.ts'
import { Instant } from './time.ts'

/** A point in the ledger's past. Of what a ledger holds, only the facts up to it count. */
export type Moment = {
  /** The last one to count. */
  readonly position: Position
  /** The latest at which they were recorded; null where the position alone decides. */
  readonly time: string | null
}

const POSITION = /^[0-9a-f][0-9a-f/-]{0,63}$/

/** A moment as people write it; times are normalised to UTC. What it means for a ledger, `momentOf` tells. */
export const MomentText = z.string().transform((text, context) => {
  const time = Instant.safeParse(text)
  if (time.success || POSITION.test(text)) return time.data ?? text
  context.addIssue(
    'is neither a time such as 2030-06-01T19:30:00Z nor a position as the Ledger-Position header carries it',
  )
  return z.NEVER
})

/** The moment that a text names in a ledger that has come to `head` by now. `wrong`: what the ledger can say nothing about, and why. */
export const momentOf = (
  text: z.output<typeof MomentText>,
  { head, now }: { readonly head: Position; readonly now: string },
): Moment | { readonly wrong: string } => {
  // The head bounds a time too: what is recorded while somebody reads would show in one stream and be missing in another.
  if (text.includes(':'))
    return text > now ? { wrong: `lies in the future: it is ${now}` } : { position: head, time: text }
  if (shapeOf(text) !== shapeOf(head))
    return { wrong: `is no position of this ledger, which is at ${head || 'its start'}` }
  return text > head ? { wrong: `lies beyond the newest fact, which is at ${head}` } : { position: text, time: null }
}

/** Whether a fact counts. In a stream those that do come before those that do not. */
export const isBy =
  ({ position, time }: Moment) =>
  (fact: Pick<Recorded, 'position' | 'metadata'>): boolean =>
    fact.position <= position && (time === null || fact.metadata.at <= time)

/** The ledger as it was: whatever reads streams reads those of then. */
export const ledgerAt = (ledger: Pick<Ledger, 'read'>, moment: Moment): Pick<Ledger, 'read'> => ({
  read: async (stream, after) => (await ledger.read(stream, after)).filter(isBy(moment)),
})

/** Positions of one ledger are written alike, or they would not sort. */
const shapeOf = (position: Position): string => position.replace(/[0-9a-f]/g, '0')
