import { isPassing } from './order-process.ts'

/** How many are looked at together. */
const AT_ONCE = 16

/** A few at a time. What is merely not settled yet is left for the next run; anything else is reported once all had their turn. */
export const inTurns = async <T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  atOnce = AT_ONCE,
): Promise<void> => {
  const queue = items.values()
  const broken: unknown[] = []
  const take = async () => {
    for (const item of queue)
      await work(item).catch((error: unknown) => {
        if (!isPassing(error)) broken.push(error)
      })
  }
  await Promise.all(Array.from({ length: atOnce }, take))
  if (broken.length > 0) throw new AggregateError(broken, `${broken.length} of ${items.length} could not be dealt with`)
}
