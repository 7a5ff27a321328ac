import { describe, it } from 'vitest'
import { type AnchorFact, anchor } from './anchor.ts'
import { specOf } from './spec.ts'

const given = specOf(anchor)

const first: AnchorFact['data'] = {
  authority: 'CntrF1111111111111111111111111111111111111',
  number: 0,
  size: 12,
  root: 'ab'.repeat(32),
  headAddress: 'HeadF1111111111111111111111111111111111111',
  signature: null,
  publishedAt: '2030-01-01T00:00:00.000Z',
}
const second = { ...first, number: 1, size: 40, root: 'cd'.repeat(32), signature: 'sig' }

describe('a head on chain', () => {
  it('is recorded as it is there', () =>
    given()
      .when({ type: 'RecordHead', ...first })
      .then({ type: 'LedgerAnchored', data: first }))

  it('follows the one before', () =>
    given({ type: 'LedgerAnchored', data: first })
      .when({ type: 'RecordHead', ...second })
      .then({ type: 'LedgerAnchored', data: second }))

  it('is another one where a chain began anew: the number is the same, and the root is not', () =>
    given({ type: 'LedgerAnchored', data: first })
      .when({ type: 'RecordHead', ...first, root: 'ef'.repeat(32) })
      .then({ type: 'LedgerAnchored', data: { ...first, root: 'ef'.repeat(32) } }))
})
