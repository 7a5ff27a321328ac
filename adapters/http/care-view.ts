import { z } from 'zod'
import { Id } from '../../domain/id.ts'
import type { Care, LockSeen } from '../../domain/ticket/care.ts'
import { LockReason, LossKind } from '../../domain/ticket/facts.ts'
import { At } from '../../domain/time.ts'

/** What every view of a ticket says of its locks. */
export const LockFields = {
  lockedAt: At.nullable().describe('Of the newest lock, as the two below; null where it is not locked.'),
  lockedBy: z.string().nullable(),
  lockReason: LockReason.nullable(),
  locks: z
    .array(z.object({ lockId: Id, reason: LockReason, lockedBy: z.string(), lockedAt: At }))
    .describe('All that there are, the oldest first; each is lifted by itself.'),
}

export const lockFields = (locks: LockSeen[]) => {
  const newest = locks.at(-1)
  return {
    lockedAt: newest?.lockedAt ?? null,
    lockedBy: newest?.lockedBy ?? null,
    lockReason: newest?.reason ?? null,
    locks,
  }
}

const Report = z.object({ reportId: Id, kind: LossKind, reportedAt: At })

/** What every view of a ticket says of its loss. */
export const ReportFields = {
  report: Report.nullable().describe('Reported lost or stolen by its holder; null where it is not.'),
  lastReport: Report.extend({ outcome: z.enum(['withdrawn', 'rejected', 'reissued']), endedAt: At })
    .nullable()
    .describe('Its holder’s last report that ended, and what came of it; null where there is none.'),
}

export const reportFields = ({ report, lastReport }: Pick<Care, 'report' | 'lastReport'>) => ({ report, lastReport })
