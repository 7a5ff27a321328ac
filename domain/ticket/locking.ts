import { type Decision, refuse, type Timed } from '../decider.ts'
import type { LockReason, TicketFact } from './facts.ts'
import { endedBy } from './moves.ts'
import type { Held, Ticket } from './state.ts'

export type LockCommand =
  /** `soldBy`: only while its newest sale is this order's. */
  | { type: 'LockTicket'; lockId: string; reason: LockReason; soldBy?: string | undefined }
  /** `lockId` null: every lock that there is, or every one that has this reason. `soldBy` as above. */
  | { type: 'UnlockTicket'; lockId: string | null; reason?: LockReason | undefined; soldBy?: string | undefined }

export type LockRefusal = 'TicketClosed' | 'TicketNotHeld' | 'TicketMoved'

type Decide<C extends LockCommand['type']> = (
  command: Timed<Extract<LockCommand, { type: C }>>,
  ticket: Ticket,
) => Decision<TicketFact, LockRefusal>

/** Wins over an offer, a listing and a purchase under way. One that was lifted does not close again. */
export const lock: Decide<'LockTicket'> = ({ lockId, reason, soldBy }, t) => {
  if (t.status !== 'held') return refuse(t.status === 'closed' ? 'TicketClosed' : 'TicketNotHeld')
  if (!isSoldBy(soldBy, t)) return refuse('TicketMoved')
  if (t.lifted.includes(lockId) || t.locks.some((lock) => lock.lockId === lockId)) return []
  return [...endedBy('lock', t), { type: 'TicketLocked', data: { eventId: t.sale.eventId, lockId, reason } }]
}

export const unlock: Decide<'UnlockTicket'> = ({ lockId, reason, soldBy }, t) => {
  if (t.status !== 'held') return t.status === 'closed' ? [] : refuse('TicketNotHeld')
  if (!isSoldBy(soldBy, t)) return refuse('TicketMoved')
  const { eventId } = t.sale
  return t.locks
    .filter((lock) => lockId === null || lock.lockId === lockId)
    .filter((lock) => reason === undefined || lock.reason === reason)
    .map((lock) => ({ type: 'TicketUnlocked', data: { eventId, lockId: lock.lockId } }))
}

const isSoldBy = (orderId: string | undefined, { paid }: Held): boolean =>
  orderId === undefined || paid.at(-1)?.orderId === orderId
