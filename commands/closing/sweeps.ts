import { type Drafted, event } from '../../domain/event/event.ts'
import { load } from '../../domain/stream.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { hours, plus } from '../../domain/time.ts'
import { handle, type Outcome } from '../handle.ts'
import { closeForMoney } from './closing-tickets.ts'
import { type Befallen, type Left, type SweepDeps, type Swept, sweep, workersContext } from './left-tickets.ts'

/** How long after its event's end a ticket is closed by itself: late scans are heard of by then. */
export const EXPIRES_AFTER_END = hours(24)

/** One kind of it, of the events that are named or of all that there are. */
type Sweep = (deps: SweepDeps, left: Left, only?: Befallen) => Promise<Swept>

/** Closes every ticket of events that do not take place, and has its money given back. */
export const closeCancelled: Sweep = (deps, left, only) =>
  sweepEvents(deps, left, only, (state, { tenant }) => {
    if (state.status !== 'cancelled') return undefined
    return async (ticketId) => {
      const about = { ticketId, tenant, worker: 'event-cancellation', occasion: 'event-cancelled' }
      return closeForMoney(deps, ticketId, 'CancelTicket', await workersContext(deps, about))
    }
  })

/** Tells every ticket that was sold for another time when its event is now. */
export const followReschedules: Sweep = (deps, left, only) =>
  sweepEvents(deps, left, only, ({ status, reschedules, details: { startsAt, endsAt }, types }, { tenant }) => {
    if (status === 'cancelled' || reschedules === 0) return undefined
    const days = new Map([...types.values()].map(({ typeId, validDates }) => [typeId, validDates]))
    return async (ticketId) => {
      // Its number, for an event may come back to a time that it had before; and since when, for a worker that is late may have told the time before last.
      const { revision } = await load(deps, ticket, ticketId)
      const occasion = `rescheduled/${reschedules}/${revision}`
      const about = { ticketId, tenant, worker: 'event-rescheduling', occasion }
      const command = { type: 'RescheduleTicket', startsAt, endsAt, days } as const
      return handle(deps, ticket, ticketId, command, await workersContext(deps, about))
    }
  })

/** Closes every ticket of events that are over: as used where it was admitted, and else as expired. */
export const expireTickets: Sweep = (deps, left, only) =>
  sweepEvents(deps, left, only, ({ status, details }, { tenant }) => {
    if (status === 'cancelled' || deps.now() < plus(details.endsAt, EXPIRES_AFTER_END)) return undefined
    return async (ticketId) => {
      const about = { ticketId, tenant, worker: 'ticket-expiry', occasion: 'expired' }
      return handle(deps, ticket, ticketId, { type: 'ExpireTicket' }, await workersContext(deps, about))
    }
  })

type Deal = (ticketId: string) => Promise<Outcome<string>>

/** Asks each event's own stream first whether there is anything to deal with at all. */
const sweepEvents = async (
  deps: SweepDeps,
  left: Left,
  only: Befallen | undefined,
  dealFor: (state: Drafted, event: Befallen) => Deal | undefined,
): Promise<Swept> => {
  const deals = new Map<string, Deal>()
  const events: Befallen[] = []
  for (const one of only ? [only] : await left.events()) {
    const { state } = await load(deps, event, one.eventId)
    const deal = state.status === 'unknown' ? undefined : dealFor(state, one)
    if (!deal) continue
    deals.set(one.eventId, deal)
    events.push(one)
  }
  return sweep(deps, left, events, (ticketId, { eventId }) => deals.get(eventId)!(ticketId))
}
