import { describe, expect, it } from 'vitest'
import type { SlotRange } from '../../commands/slot-pool.ts'
import type { Touched } from '../../domain/order/facts.ts'
import { placeOf, poolSlot } from '../../domain/slot.ts'
import { memorySlotPool } from './memory-slot-pool.ts'

const range = (to: number, from = 1): SlotRange => ({ tenant: 'acme', eventId: 'e1', pool: 'GA', from, to })

/** A view of which slots are free that a test can change behind the pool's back. */
const world = (size: number) => {
  const free = new Set(Array.from({ length: size }, (_, i) => poolSlot('GA', i + 1)))
  let reads = 0
  const made = memorySlotPool({
    free: async ({ from, to }, limit): Promise<Touched[]> => {
      reads++
      return [...free]
        .filter((slot) => placeOf(slot).number >= from && placeOf(slot).number <= to)
        .slice(0, limit)
        .map((slot) => ({ slot, edition: 1 }))
    },
    sleep: async () => void free.delete(waitedFor.shift() ?? ''),
  })
  const waitedFor: string[] = []
  const take = (range: SlotRange, count: number, own: readonly Touched[] = []) => made.take(range, count, own)
  return { pool: { ...made, take }, free, waitedFor, reads: () => reads }
}

const names = (slots: readonly Touched[]) => slots.map(({ slot }) => slot)

describe('the slot pool', () => {
  it('suggests each free slot to one order only', async () => {
    const { pool } = world(100)
    const taken = await Promise.all(Array.from({ length: 50 }, () => pool.take(range(100), 2)))
    expect(new Set(names(taken.flat())).size).toBe(100)
  })

  it('keeps to the range of the ticket type, and shares the pool with types that overlap', async () => {
    const { pool } = world(10)
    const early = await pool.take(range(3), 3)
    const regular = await pool.take(range(10), 7)
    expect(names(early).toSorted()).toEqual(['pool:GA:1', 'pool:GA:2', 'pool:GA:3'])
    expect(new Set(names([...early, ...regular])).size).toBe(10)
  })

  it('says sold out when the view says so, and not only because all was suggested to others', async () => {
    const { pool, waitedFor } = world(2)
    const [first, second] = names(await pool.take(range(2), 2))
    waitedFor.push(first!, second!)
    expect(await pool.take(range(2), 1)).toEqual([])
    expect(waitedFor).toEqual([])
  })

  it('says sold out, and suggests no slot twice to one order, when fewer are left than it wants', async () => {
    const { pool } = world(3)
    expect(new Set(names(await pool.take(range(3), 4))).size).toBe(3)
  })

  it('suggests none that the order already has under another type', async () => {
    const { pool } = world(1)
    const own = await pool.take(range(1), 1)
    expect(await pool.take(range(1), 1, own)).toEqual([])
  })

  it('suggests at once what was given back', async () => {
    const { pool, reads } = world(1)
    const taken = await pool.take(range(1), 1)
    pool.giveBack(range(1), taken)
    expect(await pool.take(range(1), 1)).toEqual(taken)
    expect(reads()).toBe(1)
  })

  it('suggests again what was tried and is free all the same', async () => {
    const { pool } = world(1)
    const [slot] = await pool.take(range(1), 1)
    pool.tried(range(1), slot!)
    expect(await pool.take(range(1), 1)).toEqual([slot])
  })

  it('suggests even what others have not tried for long, as long as the view calls it free', async () => {
    const { pool } = world(1)
    const taken = await pool.take(range(1), 1)
    expect(await pool.take(range(1), 1)).toEqual(taken)
  })

  it('F04.8 goes on after it was emptied, and reads the view once for all who wait', async () => {
    const { pool, reads } = world(64)
    await Promise.all(Array.from({ length: 64 }, () => pool.take(range(64), 1)))
    expect(reads()).toBe(1)
  })

  it('finds what was released while it was not looking', async () => {
    const { pool, free } = world(1)
    await pool.take(range(5), 1)
    free.add('pool:GA:5')
    expect(names(await pool.take(range(5), 1))).toEqual(['pool:GA:5'])
  })
})
