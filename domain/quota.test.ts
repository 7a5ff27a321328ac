import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRefused } from './decider.ts'
import { type QuotaFact, quota } from './quota.ts'
import { idFor, specOf } from './spec.ts'

const given = specOf(quota)

const claim = (order: string, amount: number, limit = 4) =>
  ({ type: 'ClaimQuota', claimId: idFor(order), amount, limit }) as const
const release = (order: string) => ({ type: 'ReleaseQuota', claimId: idFor(order) }) as const
const claimed = (order: string, amount: number): QuotaFact => ({
  type: 'QuotaClaimed',
  data: { claimId: idFor(order), amount },
})
const released = (order: string): QuotaFact => ({ type: 'QuotaReleased', data: { claimId: idFor(order) } })

describe('a person with a limit of four tickets', () => {
  it('may order two', () => given().when(claim('A', 2)).then(claimed('A', 2)))

  it('is counted once for an order, however often it claims', () =>
    given(claimed('A', 2)).when(claim('A', 2)).thenNothing())

  it('may order two more', () => given(claimed('A', 2)).when(claim('B', 2)).then(claimed('B', 2)))

  it('may not order a fifth', () =>
    given(claimed('A', 2), claimed('B', 2)).when(claim('C', 1)).thenRefused('LimitReached'))

  it('may not order five at once', () => given().when(claim('A', 5)).thenRefused('LimitReached'))

  it('may order again what an order that failed gave back (F04.11)', () =>
    given(claimed('A', 4), released('A')).when(claim('B', 4)).then(claimed('B', 4)))

  it('keeps what was claimed before the limit was lowered, and gets no more', () =>
    given(claimed('A', 4))
      .when(claim('B', 1, 2))
      .thenRefused('LimitReached'))
})

describe('an order that has given up its claim', () => {
  it('gives it up once', () => given(claimed('A', 2), released('A')).when(release('A')).thenNothing())

  it('gives it up even before it could claim', () => given().when(release('A')).then(released('A')))

  it('never claims again, so that a straggler leaves nothing behind', () =>
    given(released('A')).when(claim('A', 2)).thenRefused('ClaimReleased'))

  it('leaves the claims of others alone', () =>
    given(claimed('A', 2), claimed('B', 2), released('A')).when(claim('C', 3)).thenRefused('LimitReached'))
})

it('no order of claims and releases ever exceeds the limit', () => {
  const command = fc.oneof(
    fc.tuple(fc.constantFrom('A', 'B', 'C', 'D', 'E'), fc.integer({ min: 1, max: 5 })).map(([o, n]) => claim(o, n)),
    fc.constantFrom('A', 'B', 'C', 'D', 'E').map(release),
  )
  fc.assert(
    fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
      let state = quota.initial
      for (const c of commands) {
        const decision = quota.decide({ ...c, at: '2030-01-01T10:00:00.000Z' }, state)
        if (!isRefused(decision)) state = decision.reduce(quota.evolve, state)
        const held = [...state.claims.values()].filter((amount) => amount !== 'released')
        expect(held.reduce((total, amount) => total + amount, 0)).toBeLessThanOrEqual(4)
      }
    }),
  )
})
