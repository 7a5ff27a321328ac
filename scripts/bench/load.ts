/** One piece of work that a client has done, in milliseconds of `performance.now()`. */
export type Done = { readonly began: number; readonly ended: number }

export type Load = {
  /** In the order in which they ended. */
  readonly done: readonly Done[]
  /** What went wrong, in words: any of these fails the bench. */
  readonly errors: readonly string[]
}

/** More than this, and there is nothing left to measure. */
const MOST_ERRORS = 100

/** So many clients at once, each starting anew as soon as it is done, while there is more to do. */
export const load = async (
  clients: number,
  more: () => boolean,
  task: (client: number) => Promise<unknown>,
): Promise<Load> => {
  const done: Done[] = []
  const errors: string[] = []
  const work = async (_: unknown, client: number) => {
    while (errors.length < MOST_ERRORS && more()) {
      const began = performance.now()
      try {
        await task(client)
        done.push({ began, ended: performance.now() })
      } catch (error) {
        errors.push((error as Error).message)
      }
    }
  }
  await Promise.all(Array.from({ length: clients }, work))
  return { done, errors }
}

export const during = (seconds: number): (() => boolean) => {
  const end = performance.now() + seconds * 1_000
  return () => performance.now() < end
}

export const times = (count: number): (() => boolean) => {
  let left = count
  return () => left-- > 0
}

/** From the first beginning to the last end: clients that wait for the slowest count as well. */
export const secondsOf = (done: readonly Done[]): number =>
  (Math.max(...done.map(({ ended }) => ended)) - Math.min(...done.map(({ began }) => began))) / 1_000

export const rateOf = (done: readonly Done[]): number => done.length / secondsOf(done)

/** Milliseconds that this share of the work took at most. */
export const percentile = (done: readonly Done[], share: number): number => {
  const sorted = done.map(({ began, ended }) => ended - began).sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}

/** Of an odd number of them the one in the middle. */
export const middle = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!
