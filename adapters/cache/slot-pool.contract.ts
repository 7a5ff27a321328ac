import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { SlotPool, SlotRange } from '../../commands/slot-pool.ts'
import type { Touched } from '../../domain/order/facts.ts'
import { placeOf, poolSlot } from '../../domain/slot.ts'
import type { PoolOptions } from './memory-slot-pool.ts'

/** One pool as each of its processes has it. */
type Make = (options: PoolOptions) => {
  readonly processes: readonly SlotPool[]
  /** Once all have heard what each was told. */
  readonly settled?: () => Promise<void>
}

/** What every slot pool keeps to, whichever of its processes is asked. */
export const slotPoolContract = (name: string, make: Make): void => {
  /** A view of which slots are free that a test can change behind the pool's back. */
  const world = (size: number) => {
    const eventId = randomUUID()
    const free = new Set(Array.from({ length: size }, (_, i) => poolSlot('GA', i + 1)))
    const waitedFor: string[] = []
    let reads = 0
    const { processes, settled = async () => {} } = make({
      free: async ({ from, to }, limit) => {
        reads++
        return [...free]
          .filter((slot) => placeOf(slot).number >= from && placeOf(slot).number <= to)
          .slice(0, limit)
          .map((slot) => ({ slot, edition: 1 }))
      },
      sleep: async () => {
        free.delete(waitedFor.shift() ?? '')
        await setTimeout(1)
      },
    })
    let asked = 0
    const inTurn = () => processes[asked++ % processes.length]!
    const pool = {
      take: (range: SlotRange, count: number, own: readonly Touched[] = []) => inTurn().take(range, count, own),
      tried: (slot: Touched) => {
        inTurn().tried(range(size), slot)
        return settled()
      },
      giveBack: (slots: readonly Touched[]) => {
        inTurn().giveBack(range(size), slots)
        return settled()
      },
    }
    const range = (to: number, from = 1): SlotRange => ({ tenant: 'acme', eventId, pool: 'GA', from, to })
    return { pool, range, free, waitedFor, reads: () => reads }
  }

  describe(name, () => {
    it('suggests each free slot to one order only', async () => {
      const { pool, range } = world(100)
      const taken = await Promise.all(Array.from({ length: 50 }, () => pool.take(range(100), 2)))
      expect(new Set(names(taken.flat())).size).toBe(100)
    })

    it('keeps to the range of the ticket type, and shares the pool with types that overlap', async () => {
      const { pool, range } = world(10)
      const early = await pool.take(range(3), 3)
      const regular = await pool.take(range(10), 7)
      expect(names(early).toSorted()).toEqual(['pool:GA:1', 'pool:GA:2', 'pool:GA:3'])
      expect(new Set(names([...early, ...regular])).size).toBe(10)
    })

    it('says sold out when the view says so, and not only because all was suggested to others', async () => {
      const { pool, range, waitedFor } = world(2)
      const [first, second] = names(await pool.take(range(2), 2))
      waitedFor.push(first!, second!)
      expect(await pool.take(range(2), 1)).toEqual([])
      expect(waitedFor).toEqual([])
    })

    it('says sold out, and suggests no slot twice to one order, when fewer are left than it wants', async () => {
      const { pool, range } = world(3)
      expect(new Set(names(await pool.take(range(3), 4))).size).toBe(3)
    })

    it('suggests none that the order already has under another type', async () => {
      const { pool, range } = world(1)
      const own = await pool.take(range(1), 1)
      expect(await pool.take(range(1), 1, own)).toEqual([])
    })

    it('takes a slot of another pool for no slot of this one', async () => {
      const { pool, range } = world(1)
      const [slot] = await pool.take(range(1), 1, [{ slot: poolSlot('VIP', 1), edition: 1 }])
      expect(slot).toEqual({ slot: 'pool:GA:1', edition: 1 })
    })

    it('suggests at once what was given back', async () => {
      const { pool, range, reads } = world(1)
      const taken = await pool.take(range(1), 1)
      await pool.giveBack(taken)
      expect(await pool.take(range(1), 1)).toEqual(taken)
      expect(reads()).toBe(1)
    })

    it('suggests again what was tried and is free all the same', async () => {
      const { pool, range } = world(1)
      const [slot] = await pool.take(range(1), 1)
      await pool.tried(slot!)
      expect(await pool.take(range(1), 1)).toEqual([slot])
    })

    it('suggests even what others have not tried for long, as long as the view calls it free', async () => {
      const { pool, range } = world(1)
      const taken = await pool.take(range(1), 1)
      expect(await pool.take(range(1), 1)).toEqual(taken)
    })

    it('F04.8 goes on after it was emptied, and reads the view once for all who wait', async () => {
      const { pool, range, reads } = world(64)
      await Promise.all(Array.from({ length: 64 }, () => pool.take(range(64), 1)))
      expect(reads()).toBe(1)
    })

    it('finds what was released while it was not looking', async () => {
      const { pool, range, free } = world(1)
      await pool.take(range(5), 1)
      free.add('pool:GA:5')
      expect(names(await pool.take(range(5), 1))).toEqual(['pool:GA:5'])
    })
  })
}

const names = (slots: readonly Touched[]) => slots.map(({ slot }) => slot)
