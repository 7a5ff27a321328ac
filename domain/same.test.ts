import { expect, it } from 'vitest'
import { same } from './same.ts'

it('the same details in another order are the same details', () =>
  expect(same({ name: 'Paradiso', fees: [{ a: 1, b: null }] }, { fees: [{ b: null, a: 1 }], name: 'Paradiso' })).toBe(
    true,
  ))

it.each([
  [{ a: 1 }, { a: 2 }],
  [{ a: 1 }, { a: 1, b: undefined }],
  [{ a: 1 }, { b: 1 }],
  [
    [1, 2],
    [2, 1],
  ],
  [[], {}],
  [{}, null],
  [undefined, {}],
])('%j and %j are not', (a, b) => expect(same(a, b)).toBe(false))
