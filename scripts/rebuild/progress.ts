import { SingleBar } from 'cli-progress'

/** How often where it stands is told to who cannot be shown a bar, in milliseconds. */
const EVERY = 5_000

export type Progress = { readonly at: (facts: number) => void; readonly stop: () => void }

/** Shows on stderr how many of about so many facts are done: as a bar, or where nobody watches as a line now and then. */
export const showProgress = (total: number): Progress => {
  const began = performance.now()
  const rate = (facts: number) => Math.round(facts / Math.max(0.001, (performance.now() - began) / 1_000))
  const written = (count: number) => count.toLocaleString('en')

  if (process.stderr.isTTY) {
    const format = '{bar} {percentage} % | {value} of {total} facts | {rate} facts/s'
    const bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true, hideCursor: true })
    bar.start(total, 0, { rate: 0 })
    return {
      at: (facts) => {
        // What is recorded meanwhile is built as well.
        bar.setTotal(Math.max(total, facts))
        bar.update(facts, { rate: rate(facts) })
      },
      stop: () => bar.stop(),
    }
  }

  let told = began
  return {
    at: (facts) => {
      if (performance.now() - told < EVERY) return
      told = performance.now()
      console.error(`${written(facts)} of ${written(Math.max(total, facts))} facts, ${written(rate(facts))} facts/s`)
    },
    stop: () => {},
  }
}
