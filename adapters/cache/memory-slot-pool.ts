import type { PoolKey, SlotPool, SlotRange } from '../../commands/slot-pool.ts'
import type { Touched } from '../../domain/order/facts.ts'
import { placeOf } from '../../domain/slot.ts'

export type PoolOptions = {
  /** Slots of a range that the availability view, caught up with the ledger, calls free; at most `limit`. */
  readonly free: (range: SlotRange, limit: number) => Promise<readonly Touched[]>
  readonly sleep: (ms: number) => Promise<void>
}

/** How many free slots are read at a time. */
const REFILL = 2_000

/** How long a slot that was suggested is not suggested again, should nobody tell what became of it. */
const QUIET_MS = 5_000

/** While all that looks free is being tried by others, they are waited for: so long, and so often. */
const WAIT_MS = 20
const PATIENCE_MS = 2_000

/** A slot that was suggested: until when it is quiet at the latest, and after how many readings it was tried. */
type Suggested = { readonly until: number; triedAfter: number | null }

type Pool = {
  /** Free when last read, in random order. */
  free: Touched[]
  readonly suggested: Map<string, Suggested>
  /** How many readings were begun. */
  readings: number
  /** What is being read of it, by range. */
  readonly reading: Map<string, Promise<readonly Touched[]>>
}

/** The pool of one process. Types that share an event's pool share it here too, so that none is suggested twice. */
export const memorySlotPool = ({ free, sleep }: PoolOptions): SlotPool => {
  const pools = new Map<string, Pool>()

  const poolOf = ({ tenant, eventId, pool }: PoolKey): Pool => {
    const key = JSON.stringify([tenant, eventId, pool])
    const known = pools.get(key) ?? { free: [], suggested: new Map(), readings: 0, reading: new Map() }
    pools.set(key, known)
    return known
  }

  /** All that the view calls free. Those who wait for the same reading share it. */
  const refill = (pool: Pool, range: SlotRange): Promise<readonly Touched[]> => {
    const key = `${range.from}-${range.to}`
    const known = pool.reading.get(key)
    if (known) return known
    const reading = read(pool, range).finally(() => pool.reading.delete(key))
    pool.reading.set(key, reading)
    return reading
  }

  const read = async (pool: Pool, range: SlotRange): Promise<readonly Touched[]> => {
    const number = ++pool.readings
    const found = await free(range, REFILL + pool.suggested.size)
    forgetPast(pool.suggested)
    const known = new Set(pool.free.map(nameOf))
    const fresh = found.filter((slot) => !known.has(nameOf(slot)) && isSettled(pool.suggested, slot, number))
    for (const slot of fresh) pool.suggested.delete(nameOf(slot))
    pool.free = shuffled([...pool.free, ...fresh])
    return found
  }

  return {
    take: async (range, count, own) => {
      const pool = poolOf(range)
      const taken: Touched[] = []
      const has = new Set(own.map(({ slot }) => slot))
      const isWanted = ({ slot }: Touched) => isWithin(range, slot) && !has.has(slot)
      for (let waited = 0; ; waited += WAIT_MS) {
        while (taken.length < count) {
          const index = pool.free.findLastIndex(isWanted)
          if (index === -1) break
          const [slot] = pool.free.splice(index, 1)
          pool.suggested.set(nameOf(slot!), { until: Date.now() + QUIET_MS, triedAfter: null })
          taken.push(slot!)
          has.add(slot!.slot)
        }
        if (taken.length === count) return taken
        const found = await refill(pool, range)
        if (pool.free.some(isWanted)) continue
        // What it has itself is free in the view until it is reserved.
        if (!found.some(isWanted)) return taken
        // The view goes on calling them free, so they are tried: it is for the slots' own streams to decide.
        if (waited >= PATIENCE_MS) pool.suggested.clear()
        await sleep(WAIT_MS)
      }
    },

    tried: (place, slot) => {
      const pool = poolOf(place)
      const suggested = pool.suggested.get(nameOf(slot))
      if (suggested) suggested.triedAfter = pool.readings
    },

    giveBack: (range, slots) => {
      const pool = poolOf(range)
      for (const slot of slots) pool.suggested.delete(nameOf(slot))
      pool.free.push(...slots)
    },
  }
}

/** Once a slot was tried, a reading that began later tells what became of it. */
const isSettled = (suggested: Pool['suggested'], slot: Touched, reading: number): boolean => {
  const known = suggested.get(nameOf(slot))
  return known === undefined || (known.triedAfter !== null && known.triedAfter < reading)
}

const nameOf = ({ slot, edition }: Touched): string => `${slot}/${edition}`

const isWithin = ({ from, to }: SlotRange, slot: string): boolean => {
  const { number } = placeOf(slot)
  return from <= number && number <= to
}

const forgetPast = (suggested: Pool['suggested']): void => {
  const now = Date.now()
  // In the order in which they were suggested, so the first that is not over ends it.
  for (const [name, { until }] of suggested) {
    if (until > now) return
    suggested.delete(name)
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
