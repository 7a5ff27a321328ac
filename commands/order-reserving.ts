import { type Event, event } from '../domain/event/event.ts'
import { rangeOf } from '../domain/event/selling.ts'
import type { Line, Touched } from '../domain/order/facts.ts'
import { quota } from '../domain/quota.ts'
import { placeOf } from '../domain/slot.ts'
import { load } from '../domain/stream.ts'
import { ticket } from '../domain/ticket/ticket.ts'
import { ticketIdOf } from './ids.ts'
import { commandsFor } from './order-lines.ts'
import type { Deps, Progress, Steps } from './order-steps.ts'

export const claimLimits = async ({ deps, orderId, order, run, record, giveUp }: Steps): Promise<Progress> => {
  for (const { quotaId, amount, limit } of order.placed.limits) {
    const claimed = await run(quota, `claim/${quotaId}`, quotaId, {
      type: 'ClaimQuota',
      claimId: orderId,
      amount,
      limit,
    })
    if (!claimed.done) return giveUp('limiting', 'limit_reached')
  }
  // Nobody should pay for what was over before it began.
  if (deps.now() >= order.placed.expiresAt) return giveUp('limiting', 'lapsed')
  return record({ type: 'RecordLimitClaimed' })
}

export const reserve = async (s: Steps): Promise<Progress> => {
  const { deps, orderId, tenant, order, onTicket } = s
  const { eventId, lines, expiresAt } = order.placed
  if (deps.now() >= expiresAt) return s.giveUp('reserving', 'lapsed')
  // One by one, in one order for everybody, stopping at the first refusal: all at once, two orders for the same slots stop each other.
  for (const line of lines.toSorted((a, b) => (a.slot < b.slot ? -1 : 1))) {
    const { slot } = line
    const command = commandsFor(line).reserve(orderId, order.placed)
    if (line.kind === 'resale') {
      // One very ticket is wanted, and no other will do.
      if (await onTicket('reserve', line, command)) continue
      return s.giveUp('reserving', 'tickets_taken')
    }
    const reserved = (await isOpen(deps, eventId, line)) && (await onTicket('reserve', line, command))
    deps.slots.tried({ tenant, eventId, pool: placeOf(slot).pool }, line)
    if (!reserved) return suggestAnother(s, line)
  }
  return s.record({ type: 'RecordTicketsReserved' })
}

/** Another slot for a line whose own was taken. None left means sold out. */
const suggestAnother = async (s: Steps, line: Line): Promise<Progress> => {
  const { deps, tenant, order } = s
  const { eventId, lines } = order.placed
  const { state } = await load(deps, event, eventId)
  const range = state.status === 'unknown' ? undefined : rangeFor(state, line)
  const [other] = range ? await deps.slots.take({ tenant, eventId, ...range }, 1, lines) : []
  if (!other) return s.giveUp('reserving', 'tickets_taken')
  const instead = { slot: line.slot, edition: line.edition }
  // Recorded before it is tried, so that reverting covers every slot that was ever touched.
  const command = { type: 'SuggestSlot', line: lines.indexOf(line), ...other, instead } as const
  return s.record(command, `${instead.slot}/${instead.edition} to ${other.slot}/${other.edition}`)
}

const rangeFor = (event: Extract<Event, { details: unknown }>, { typeId, slot }: Line) => {
  const type = event.types.get(typeId)
  return type && { pool: placeOf(slot).pool, ...rangeOf(event, type) }
}

/** An edition is sold only when the one before it is closed for good. Closed is forever, so what another stream says of it stays true. */
const isOpen = async (deps: Deps, eventId: string, { slot, edition }: Touched): Promise<boolean> => {
  if (edition === 1) return true
  const before = await load(deps, ticket, ticketIdOf(eventId, slot, edition - 1))
  return before.state.status === 'closed'
}
