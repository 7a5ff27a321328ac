import { streamOf } from '../../domain/fact.ts'
import { type Known, known } from '../../domain/registry.ts'
import type { Closed, Held } from '../../domain/ticket/state.ts'
import type { LetterDeps } from './addressed.ts'
import { locked, reissued, reported, reportRejected, rescheduled, unlocked } from './holding-letters.ts'
import { occasionOf } from './occasion.ts'
import type { Tell } from './ticket-scene.ts'

export const tellLocked: Tell<'TicketLocked'> = ({ data: { lockId, reason }, now }) =>
  isHeld(now) && now.locks.some((lock) => lock.lockId === lockId)
    ? { to: now.holderId, letter: locked(reason) }
    : undefined

/** Of the last lock alone: until then it is locked all the same. */
export const tellUnlocked: Tell<'TicketUnlocked'> = ({ after, now }) =>
  isHeld(after) && isHeld(now) && after.locks.length + now.locks.length === 0
    ? { to: now.holderId, letter: unlocked }
    : undefined

export const tellReported: Tell<'TicketReportedLost'> = ({ data: { reportId, kind }, now }) =>
  isHeld(now) && now.report?.reportId === reportId ? { to: now.holderId, letter: reported(kind) } : undefined

/** Who withdrew theirs knows. */
export const tellReportClosed: Tell<'TicketReportClosed'> = ({ data: { outcome }, before, now }) =>
  outcome === 'rejected' && isHeld(now) && now.holderId === before.holderId
    ? { to: now.holderId, letter: reportRejected }
    : undefined

/** As long as the code that it got is the live one. */
export const tellReissued: Tell<'TicketReissued'> = ({ data: { generation }, now }) =>
  isHeld(now) && now.generation === generation ? { to: now.holderId, letter: reissued } : undefined

/** As long as that is when the event takes place. */
export const tellRescheduled: Tell<'TicketRescheduled'> = async ({ deps, data, before, now }) => {
  if (!isHeld(now)) return undefined
  const { event } = await occasionOf(deps, now.sale)
  if (event.status === 'cancelled' || !isAt(event.details, data)) return undefined
  const earlier = before.rescheduled ?? (await timesBefore(deps, now.sale.eventId, data))
  return earlier ? { to: now.holderId, letter: rescheduled(earlier, event.refundsUntil) } : undefined
}

type Times = { readonly startsAt: string; readonly endsAt: string }

/** When the event was to be until it was moved there. */
const timesBefore = async ({ ledger }: LetterDeps, eventId: string, moved: Times): Promise<Times | undefined> => {
  const facts = (await ledger.read(streamOf('event', eventId))).map(known)
  const times = facts.flatMap(timesIn)
  return times[times.findLastIndex((time) => isAt(time, moved)) - 1]
}

const timesIn = ({ type, data }: Known): Times[] =>
  type === 'EventDrafted' || type === 'EventRescheduled' ? [{ startsAt: data.startsAt, endsAt: data.endsAt }] : []

const isAt = (one: Times, other: Times): boolean => one.startsAt === other.startsAt && one.endsAt === other.endsAt

const isHeld = (now: Held | Closed): now is Held => now.status === 'held'
