import { expect } from 'vitest'
import { type Decider, isRefused, type Timed } from './decider.ts'
import type { Fact } from './fact.ts'
import { decode, versionOf } from './registry.ts'

/** given(past).when(command).then(facts | refusal) */
export const specOf =
  <C, F extends Fact, S, R extends string>(decider: Decider<C, F, S, R>) =>
  (...past: F[]) => {
    const state = past.reduce(decider.evolve, decider.initial)
    return {
      when: (command: C, at = '2030-01-01T10:00:00.000Z') => {
        const timed: Timed<C> = { ...command, at }
        const decision = decider.decide(timed, state)
        return {
          then: (...expected: [F, ...F[]]) => {
            expect(decision).toEqual(expected)
            if (isRefused(decision)) return
            expect(decision.map(asRead)).toEqual(decision)
            // Every accepted command must be safe to repeat.
            expect(decider.decide(timed, decision.reduce(decider.evolve, state))).toEqual([])
          },
          thenRefused: (refused: R) => expect(decision).toEqual({ refused }),
          thenNothing: () => expect(decision).toEqual([]),
        }
      },
    }
  }

/** As it comes back from the ledger. A fact that cannot be read again would halt every reader. */
export const asRead = ({ type, data }: Fact): Fact => decode(type, versionOf(type), JSON.parse(JSON.stringify(data)))

/** Ids with names, for tests: the same for the same name of up to six letters. */
export const idFor = (name: string): string =>
  `018f0000-0000-7000-8000-${Buffer.from(name).toString('hex').padStart(12, '0')}`
