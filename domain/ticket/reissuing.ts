import { type Decision, refuse, type Timed } from '../decider.ts'
import type { IdentityDocument } from '../person.ts'
import type { LossKind, TicketFact } from './facts.ts'
import { endedBy, type MoveRefusal, obstacleTo } from './moves.ts'
import type { Ticket } from './state.ts'

export type ReissueCommand =
  | { type: 'ReportTicket'; reportId: string; by: string; kind: LossKind }
  /** Its holder found the ticket again. */
  | { type: 'WithdrawReport'; by: string }
  /** Staff do not believe it. */
  | { type: 'RejectReport' }
  | { type: 'CheckIdentity'; checkId: string; document: IdentityDocument; outcome: 'matched' | 'differed' }
  | { type: 'ReissueTicket'; reissueId: string }

export type ReissueRefusal = MoveRefusal | 'NotTheHolder' | 'TicketClosed' | 'TicketNotHeld' | 'IdentityNotChecked'

type Decide<C extends ReissueCommand['type']> = (
  command: Timed<Extract<ReissueCommand, { type: C }>>,
  ticket: Ticket,
) => Decision<TicketFact, ReissueRefusal>

/** Reports do not pile up: while one stands, the same again changes nothing, and one of theft takes the place of one of loss. */
export const report: Decide<'ReportTicket'> = ({ reportId, by, kind }, t) => {
  if (!('holderId' in t) || t.holderId !== by) return refuse('NotTheHolder')
  if (t.status === 'closed') return refuse('TicketClosed')
  const obstacle = obstacleTo('report', t)
  if (obstacle) return refuse(obstacle)
  if (t.report && (t.report.kind === kind || t.report.kind === 'stolen')) return []
  return [...endedBy('report', t), { type: 'TicketReportedLost', data: { eventId: t.sale.eventId, reportId, kind } }]
}

export const withdrawReport: Decide<'WithdrawReport'> = ({ by }, t) => {
  if (!('holderId' in t) || t.holderId !== by) return refuse('NotTheHolder')
  return t.status === 'closed' ? refuse('TicketClosed') : closed(t, 'withdrawn')
}

export const rejectReport: Decide<'RejectReport'> = (_, t) => {
  if (t.status !== 'held') return refuse(t.status === 'closed' ? 'TicketClosed' : 'TicketNotHeld')
  return closed(t, 'rejected')
}

export const checkIdentity: Decide<'CheckIdentity'> = ({ checkId, document, outcome }, t) => {
  if (t.status !== 'held') return refuse(t.status === 'closed' ? 'TicketClosed' : 'TicketNotHeld')
  if (t.identity?.checkId === checkId) return []
  return [{ type: 'TicketIdentityChecked', data: { eventId: t.sale.eventId, checkId, document, outcome } }]
}

/** The same ticket under a new credential: the one before it is dead from this fact on. */
export const reissue: Decide<'ReissueTicket'> = ({ reissueId }, t) => {
  if (t.status !== 'held') return refuse(t.status === 'closed' ? 'TicketClosed' : 'TicketNotHeld')
  if (t.reissueId === reissueId) return []
  const obstacle = obstacleTo('reissue', t)
  if (obstacle) return refuse(obstacle)
  if (t.identity?.outcome !== 'matched') return refuse('IdentityNotChecked')
  const { eventId } = t.sale
  const reportId = t.report?.reportId ?? null
  const generation = t.generation + 1
  return [{ type: 'TicketReissued', data: { eventId, reissueId, reason: 'duplicate_ticket', reportId, generation } }]
}

const closed = (
  { report, sale }: Extract<Ticket, { status: 'held' }>,
  outcome: 'withdrawn' | 'rejected',
): Decision<TicketFact, never> =>
  report ? [{ type: 'TicketReportClosed', data: { eventId: sale.eventId, reportId: report.reportId, outcome } }] : []
