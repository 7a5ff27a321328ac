import type { SlotPool, SlotRange } from '../../commands/slot-pool.ts'
import type { Touched } from '../../domain/order/facts.ts'
import { placeOf } from '../../domain/slot.ts'

type Options = {
  /** Slots of a range that the availability view, caught up with the ledger, calls free; at most `limit`. */
  readonly free: (range: SlotRange, limit: number) => Promise<readonly Touched[]>
  readonly sleep: (ms: number) => Promise<void>
}

/** How many free slots are read at a time. */
const REFILL = 2_000

/** How long a slot that was suggested is not suggested again: by then the view tells what became of it. */
const QUIET_MS = 5_000

/** While all that looks free was suggested to others a moment ago, they are waited for: so long, and so often. */
const WAIT_MS = 20
const PATIENCE_MS = 2_000

type Pool = {
  /** Free when last read, in random order. */
  free: Touched[]
  /** Slots suggested of late, and until when they are not suggested again. */
  readonly quiet: Map<string, number>
  /** What is being read of it, by range. */
  readonly reading: Map<string, Promise<boolean>>
}

/** The pool of one process. Types that share an event's pool share it here too, so that none is suggested twice. */
export const memorySlotPool = ({ free, sleep }: Options): SlotPool => {
  const pools = new Map<string, Pool>()

  const poolOf = ({ tenant, eventId, pool }: SlotRange): Pool => {
    const key = JSON.stringify([tenant, eventId, pool])
    const known = pools.get(key) ?? { free: [], quiet: new Map(), reading: new Map() }
    pools.set(key, known)
    return known
  }

  /** True if the view knows of any free slot at all. Those who wait for the same reading share it. */
  const refill = (pool: Pool, range: SlotRange): Promise<boolean> => {
    const key = `${range.from}-${range.to}`
    const known = pool.reading.get(key)
    if (known) return known
    const reading = read(pool, range).finally(() => pool.reading.delete(key))
    pool.reading.set(key, reading)
    return reading
  }

  const read = async (pool: Pool, range: SlotRange): Promise<boolean> => {
    const found = await free(range, REFILL + pool.quiet.size)
    forgetPast(pool.quiet)
    const known = new Set(pool.free.map(nameOf))
    const fresh = found.filter((slot) => !pool.quiet.has(nameOf(slot)) && !known.has(nameOf(slot)))
    pool.free = shuffled([...pool.free, ...fresh])
    return found.length > 0
  }

  return {
    take: async (range, count) => {
      const pool = poolOf(range)
      const taken: Touched[] = []
      for (let waited = 0; ; waited += WAIT_MS) {
        while (taken.length < count) {
          const index = pool.free.findLastIndex(({ slot }) => isWithin(range, slot))
          if (index === -1) break
          const [slot] = pool.free.splice(index, 1)
          pool.quiet.set(nameOf(slot!), Date.now() + QUIET_MS)
          taken.push(slot!)
        }
        if (taken.length === count) return taken
        const anyFree = await refill(pool, range)
        if (pool.free.some(({ slot }) => isWithin(range, slot))) continue
        if (!anyFree || waited >= PATIENCE_MS) return taken
        await sleep(WAIT_MS)
      }
    },

    giveBack: (range, slots) => {
      const pool = poolOf(range)
      for (const slot of slots) pool.quiet.delete(nameOf(slot))
      pool.free.push(...slots)
    },
  }
}

const nameOf = ({ slot, edition }: Touched): string => `${slot}/${edition}`

const isWithin = ({ from, to }: SlotRange, slot: string): boolean => {
  const { number } = placeOf(slot)
  return from <= number && number <= to
}

const forgetPast = (quiet: Map<string, number>): void => {
  const now = Date.now()
  // In the order in which they were suggested, so the first that is not over ends it.
  for (const [name, until] of quiet) {
    if (until > now) return
    quiet.delete(name)
  }
}

/** Fisher and Yates. */
const shuffled = <T>(items: T[]): T[] => {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    const swapped = items[i]!
    items[i] = items[j]!
    items[j] = swapped
  }
  return items
}
