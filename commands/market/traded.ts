import { type Drafted, event, rulesFor } from '../../domain/event/event.ts'
import type { ResaleRules } from '../../domain/event/rules.ts'
import type { Line } from '../../domain/order/facts.ts'
import { order } from '../../domain/order/order.ts'
import { type Folded, load, type Streams } from '../../domain/stream.ts'
import type { Closed, Held } from '../../domain/ticket/state.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { ticketIdOf } from '../ids.ts'

/** A ticket that was sold, and all that its sale to somebody else depends on. */
export type Traded = {
  readonly ticketId: string
  readonly ticket: Held | Closed
  readonly commands: Folded<unknown>['commands']
  readonly event: Drafted
  /** As its holder's order was sold under them, or as they are now where that is kinder. */
  readonly rules: ResaleRules
  /** What its holder's order says of it. */
  readonly line: Line
  /** Whether that order is through: one that is not may yet undo its sales. */
  readonly isThrough: boolean
}

/** Undefined where this tenant has sold no such ticket. */
export const tradedOf = async (streams: Streams, ticketId: string, tenant: string): Promise<Traded | undefined> => {
  const { state, tenant: owner, commands } = await load(streams, ticket, ticketId)
  if (owner !== tenant || !('sale' in state)) return undefined
  const { eventId } = state.sale
  const { orderId } = state.paid.at(-1)!
  const [bought, happening] = await Promise.all([load(streams, order, orderId), load(streams, event, eventId)])
  const placed = bought.state.status === 'new' ? undefined : bought.state.placed
  const line = placed?.lines.find(({ slot, edition }) => ticketIdOf(eventId, slot, edition) === ticketId)
  if (!placed || !line || happening.state.status === 'unknown')
    throw new Error(`ticket ${ticketId} was sold by order ${orderId} for event ${eventId}: read both streams`)
  const rules = rulesFor(happening.state, placed.terms).resale
  const isThrough = bought.state.status === 'confirmed'
  return { ticketId, ticket: state, commands, event: happening.state, rules, line, isThrough }
}
