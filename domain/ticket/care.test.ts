import { describe, expect, it } from 'vitest'
import type { Known } from '../registry.ts'
import { evolveCare, NO_CARE, reissuesIn } from './care.ts'
import type { TicketFact } from './facts.ts'
import { checked, fact, locked, lockId, NOW, reissueId, reported, reportId, transferred } from './moves.world.ts'

const reissued = fact('TicketReissued', { reissueId, reason: 'duplicate_ticket', reportId, generation: 2 })
const ended = (outcome: 'withdrawn' | 'rejected') => fact('TicketReportClosed', { reportId, outcome })

/** As Ada at the desk recorded them. */
const seen = (facts: readonly TicketFact[]): Known[] =>
  facts.map((one) => ({ ...one, metadata: { at: NOW, actor: { id: 'ada', role: 'admin' } } }) as Known)
const careOf = (...facts: TicketFact[]) => seen(facts).reduce(evolveCare, NO_CARE)

const report = { reportId, kind: 'stolen', reportedAt: NOW }
const identity = { document: 'passport', outcome: 'matched', checkedBy: 'ada', checkedAt: NOW }

describe('what is seen of a ticket', () => {
  it('F13.4 is who locked it, when and why, until that is lifted', () => {
    expect(careOf(locked).locks).toEqual([{ lockId, reason: 'dispute', lockedBy: 'ada', lockedAt: NOW }])
    expect(careOf(locked, fact('TicketUnlocked', { lockId }))).toEqual(NO_CARE)
  })

  it.each(['withdrawn', 'rejected'] as const)('F14.10 is the report that stands, then that it was %s', (outcome) => {
    expect(careOf(reported('stolen')).report).toEqual(report)
    const { report: standing, lastReport } = careOf(reported('stolen'), ended(outcome))
    expect([standing, lastReport]).toEqual([null, { ...report, outcome, endedAt: NOW }])
  })

  it('F14.3 F14.10 is the check of its holder, until the reissue that answers the report', () => {
    expect(careOf(reported('stolen'), checked()).identity).toEqual(identity)
    const lastReport = { ...report, outcome: 'reissued', endedAt: NOW }
    expect(careOf(reported('stolen'), checked(), reissued)).toEqual({ ...NO_CARE, lastReport })
  })

  it('is nothing of what an earlier holder reported and showed', () =>
    expect(careOf(reported('stolen'), checked(), reissued, checked(), transferred(NOW))).toEqual(NO_CARE))

  it('F14.9 is every reissue with its grounds', () =>
    expect(reissuesIn(seen([reported('stolen'), checked(), reissued]))).toEqual([
      { reissueId, generation: 2, reissuedAt: NOW, reissuedBy: 'ada', reported: 'stolen', identity },
    ]))
})
