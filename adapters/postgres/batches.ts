import { setImmediate } from 'node:timers/promises'

type Options<Q, A> = {
  /** Answers all of them, in their order. What it throws, all are told. */
  readonly ask: (questions: readonly Q[]) => Promise<readonly A[]>
  /** How many are asked together, at most. */
  readonly size: number
  /** How many batches are under way at the same time, at most. */
  readonly atOnce: number
  /** Those with the same key are asked one after the other. */
  readonly keyOf?: (question: Q) => unknown
}

type Waiting<Q, A> = {
  readonly question: Q
  readonly resolve: (answer: A) => void
  readonly reject: (error: unknown) => void
}

export type Batches<Q, A> = {
  readonly ask: (question: Q) => Promise<A>
  /** Once everything that was asked is answered. */
  readonly drained: () => Promise<unknown>
}

/** Asks as one what is asked in the same turn, or while others are being answered. */
export const inBatches = <Q, A>({
  ask,
  size,
  atOnce,
  keyOf = (question) => question,
}: Options<Q, A>): Batches<Q, A> => {
  const waiting: Waiting<Q, A>[] = []
  const running = new Set<Promise<void>>()

  const take = (): Waiting<Q, A>[] => {
    const batch = new Map<unknown, Waiting<Q, A>>()
    const later: Waiting<Q, A>[] = []
    for (const one of waiting.splice(0)) {
      const key = keyOf(one.question)
      if (batch.size < size && !batch.has(key)) batch.set(key, one)
      else later.push(one)
    }
    waiting.push(...later)
    return [...batch.values()]
  }

  const answer = async (batch: readonly Waiting<Q, A>[]): Promise<void> => {
    try {
      const answers = await ask(batch.map(({ question }) => question))
      for (const [i, { resolve }] of batch.entries()) resolve(answers[i]!)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  const run = async (): Promise<void> => {
    const { promise: over, resolve: end } = Promise.withResolvers<void>()
    running.add(over)
    while (waiting.length > 0) {
      // Those who ask in this turn, many of them just answered, come along.
      await setImmediate()
      const batch = take()
      if (batch.length > 0) await answer(batch)
    }
    // In the turn that found nothing waiting, or who asks in between would never be answered.
    running.delete(over)
    end()
  }

  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        waiting.push({ question, resolve, reject })
        if (running.size < atOnce) void run()
      }),
    drained: () => Promise.all(running),
  }
}
