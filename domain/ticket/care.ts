import type { IdentityDocument } from '../person.ts'
import type { Known } from '../registry.ts'
import type { LockReason, LossKind } from './facts.ts'

export type LockSeen = { lockId: string; reason: LockReason; lockedBy: string; lockedAt: string }

export type ReportSeen = { reportId: string; kind: LossKind; reportedAt: string }

/** A report that ended, and what came of it. */
export type EndedReport = ReportSeen & { outcome: 'withdrawn' | 'rejected' | 'reissued'; endedAt: string }

export type IdentitySeen = {
  document: IdentityDocument
  outcome: 'matched' | 'differed'
  checkedBy: string
  checkedAt: string
}

/** What those who look after a ticket see of it: by whom and when, which decisions have no need of. */
export type Care = {
  /** Those that are not lifted, the first one first. */
  locks: LockSeen[]
  report: ReportSeen | null
  /** Its holder's last one that ended; an earlier holder's is nobody's business. */
  lastReport: EndedReport | null
  /** The last check of its holder's identity, until the next reissue. */
  identity: IdentitySeen | null
}

export const NO_CARE: Care = { locks: [], report: null, lastReport: null, identity: null }

export const evolveCare = (care: Care, { type, data, metadata }: Known): Care => {
  const { at, actor } = metadata
  switch (type) {
    case 'TicketLocked': {
      const { lockId, reason } = data
      return { ...care, locks: [...care.locks, { lockId, reason, lockedBy: actor.id, lockedAt: at }] }
    }
    case 'TicketUnlocked':
      return { ...care, locks: care.locks.filter(({ lockId }) => lockId !== data.lockId) }
    case 'TicketReportedLost':
      return { ...care, report: { reportId: data.reportId, kind: data.kind, reportedAt: at } }
    case 'TicketReportClosed':
      return ended(care, data.outcome, at)
    case 'TicketIdentityChecked': {
      const { document, outcome } = data
      return { ...care, identity: { document, outcome, checkedBy: actor.id, checkedAt: at } }
    }
    case 'TicketReissued':
      return { ...ended(care, 'reissued', at), identity: null }
    case 'TicketTransferred':
    case 'TicketResold':
      return { ...care, report: null, lastReport: null, identity: null }
    default:
      return care
  }
}

const ended = (care: Care, outcome: EndedReport['outcome'], endedAt: string): Care =>
  care.report ? { ...care, report: null, lastReport: { ...care.report, outcome, endedAt } } : care

/** One time that a ticket got a new credential: when, by whom, and on what grounds. */
export type Reissue = {
  reissueId: string
  generation: number
  reissuedAt: string
  reissuedBy: string
  /** What its holder had reported; null where nothing was. */
  reported: LossKind | null
  identity: IdentitySeen | null
}

/** Of all the facts of a ticket, the first one first. */
export const reissuesIn = (facts: readonly Known[]): Reissue[] => {
  const reissues: Reissue[] = []
  let care = NO_CARE
  for (const fact of facts) {
    if (fact.type === 'TicketReissued') {
      const { reissueId, generation } = fact.data
      const { at, actor } = fact.metadata
      const { report, identity } = care
      reissues.push({
        ...{ reissueId, generation, reissuedAt: at, reissuedBy: actor.id },
        ...{ reported: report?.kind ?? null, identity },
      })
    }
    care = evolveCare(care, fact)
  }
  return reissues
}
