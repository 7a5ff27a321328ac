import type { PoolKey, SlotPool, SlotRange } from '../../commands/slot-pool.ts'
import type { Touched } from '../../domain/order/facts.ts'
import { placeOf, poolSlot } from '../../domain/slot.ts'
import { memorySlotPool, type PoolOptions } from './memory-slot-pool.ts'
import { RedisFailed, type SharedRedis } from './redis.ts'
import { BEGIN, FILL, FORGET, GIVE_BACK, TAKE, TRIED } from './slot-pool.lua.ts'

type Options = PoolOptions & { readonly redis: SharedRedis }

/** How many free slots are read at a time, and how many more at most where the first of them are being tried. */
const REFILL = 2_000
const MOST_TRIED = 20_000

/** While all that looks free is tried by others, or another process reads the view, they are waited for: so long, and so often. */
const WAIT_MS = 20
const PATIENCE_MS = 2_000

/** What a reading of the view found, unless another process is reading the same. */
type Reading = readonly Touched[] | 'elsewhere'

/**
 * The pool of all processes on one Redis. Only the view says "sold out", and only the ledger what is free, so Redis may lose or
 * make up what it likes; while it is of no use, each process has a pool of its own.
 */
export const redisSlotPool = ({ redis, free, sleep }: Options): SlotPool => {
  /** The pools of which Redis does not know what was sold, because it was sold without it. */
  const alone = new Map<string, SlotPool>()
  const readings = new Map<string, Promise<Reading>>()

  const suggest = async (range: SlotRange, count: number, own: readonly Touched[]): Promise<readonly Touched[]> => {
    const keys = keysOf(range)
    const mine = own.map(({ slot }) => placeOf(slot)).filter(({ pool }) => pool === range.pool)
    const args = [range.from, range.to, count, Math.random(), ...mine.map(({ number }) => number)]
    const members = (await redis.run(TAKE, [keys.free, keys.tried], args)) as readonly string[]
    return members.map((member) => slotOf(range, member))
  }

  /** Those who wait for the same reading share it. */
  const refill = (range: SlotRange, isOverdue: boolean): Promise<Reading> => {
    const key = keysOf(range).reading
    const known = readings.get(key)
    if (known) return known
    const reading = read(range, isOverdue).finally(() => readings.delete(key))
    readings.set(key, reading)
    return reading
  }

  const read = async (range: SlotRange, isOverdue: boolean): Promise<Reading> => {
    const keys = Object.values(keysOf(range))
    const begun = await redis.run(BEGIN, keys, [range.from, range.to, PATIENCE_MS, isOverdue ? 1 : 0])
    if (begun === null) return 'elsewhere'
    const [began, tried] = begun as readonly [number, number]
    const found = await free(range, REFILL + Math.min(tried, MOST_TRIED))
    await redis.run(FILL, keys, [began, range.from, range.to, ...found.map(memberOf)])
    return found
  }

  /** Adds to `taken` until it has `count` or the range is sold out. */
  const takeTogether = async (range: SlotRange, count: number, own: readonly Touched[], taken: Touched[]) => {
    const keys = keysOf(range)
    if (alone.has(keys.free)) {
      await redis.run(FORGET, [keys.free])
      alone.delete(keys.free)
    }
    const isFull = async () => {
      taken.push(...(await suggest(range, count - taken.length, [...own, ...taken])))
      return taken.length === count
    }
    for (let waited = 0; !(await isFull()); waited += WAIT_MS) {
      const isOverdue = waited >= PATIENCE_MS
      const found = await refill(range, isOverdue)
      if (found !== 'elsewhere') {
        const has = new Set([...own, ...taken].map(({ slot }) => slot))
        // What it has itself is free in the view until it is reserved.
        if (found.every(({ slot }) => has.has(slot)) || (await isFull())) return
        // The view goes on calling them free, so they are suggested: it is for the slots' own streams to decide.
        if (isOverdue) await redis.run(FORGET, [keys.tried])
      }
      await sleep(WAIT_MS)
    }
  }

  return {
    take: async (range, count, own) => {
      const taken: Touched[] = []
      try {
        await takeTogether(range, count, own, taken)
        return taken
      } catch (error) {
        if (!(error instanceof RedisFailed)) throw error
        const keys = keysOf(range)
        // Whatever it choked on is gone after this, should Redis be there at all.
        redis.run(FORGET, Object.values(keys)).catch(ignore)
        const pool = alone.get(keys.free) ?? memorySlotPool({ free, sleep })
        alone.set(keys.free, pool)
        return [...taken, ...(await pool.take(range, count - taken.length, [...own, ...taken]))]
      }
    },

    tried: (place, slot) => {
      const keys = keysOf(place)
      alone.get(keys.free)?.tried(place, slot)
      redis.run(TRIED, [keys.free, keys.tried], [memberOf(slot)]).catch(ignore)
    },

    giveBack: (range, slots) => {
      const keys = keysOf(range)
      const members = slots.map(memberOf)
      redis.run(GIVE_BACK, [keys.free, keys.tried], members).catch(() => alone.get(keys.free)?.giveBack(range, slots))
    },
  }
}

/** The view tells, a little later. */
const ignore = () => {}

/** The braces keep a pool's keys together in a cluster. */
const keysOf = ({ tenant, eventId, pool, ...range }: PoolKey & Partial<SlotRange>) => {
  const name = `slots:{${JSON.stringify([tenant, eventId, pool])}}`
  return { free: `${name}:free`, tried: `${name}:tried`, reading: `${name}:reading:${range.from}-${range.to}` }
}

/** `417/2`: the second edition of the 417th. */
const memberOf = ({ slot, edition }: Touched): string => `${placeOf(slot).number}/${edition}`

/** Nothing outside the range is ever suggested, for that is the one thing that the slot's own stream does not know. */
const slotOf = ({ pool, from, to }: SlotRange, member: string): Touched => {
  const [, number, edition] = /^([1-9]\d{0,6})\/([1-9]\d{0,8})$/.exec(member)?.map(Number) ?? []
  if (!number || !edition || number < from || number > to)
    throw new RedisFailed(
      `"${member}" is no slot of ${pool} from ${from} to ${to}: what Redis holds of it is thrown away`,
    )
  return { slot: poolSlot(pool, number), edition }
}
