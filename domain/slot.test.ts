import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PoolName, placeOf, poolSlot, Slot } from './slot.ts'

describe('a slot', () => {
  it('is written in one way only, for its ticket is named by it', () => {
    expect(Slot.parse('pool:GA:7')).toBe('pool:GA:7')
    for (const other of [
      'pool:GA:007',
      'pool:GA:0',
      'pool:GA:-7',
      'pool:GA:7.0',
      'pool:GA: 7',
      'pool:ga:7',
      'POOL:GA:7',
    ])
      expect(Slot.safeParse(other).success, other).toBe(false)
  })

  it.each(['', 'GA:7', 'pool:GA', 'pool::7', 'pool:GA:7:8', 'pool:GA:7\n', 'pool:G A:7', 'pool:GA:10000000'])(
    'is not %j',
    (text) => expect(Slot.safeParse(text).success).toBe(false),
  )

  it('says which pool it is of, and which number', () =>
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Z0-9][A-Z0-9_-]{0,31}$/),
        fc.integer({ min: 1, max: 1_000_000 }),
        (pool, number) => {
          expect(PoolName.parse(pool)).toBe(pool)
          expect(placeOf(Slot.parse(poolSlot(pool, number)))).toEqual({ pool, number })
        },
      ),
    ))
})

it.each(['', 'ga', '-GA', 'G:A', 'G A', 'A'.repeat(33)])('a pool is not called %j', (name) =>
  expect(PoolName.safeParse(name).success).toBe(false),
)
