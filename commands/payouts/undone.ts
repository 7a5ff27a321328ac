import { event } from '../../domain/event/event.ts'
import { order } from '../../domain/order/order.ts'
import { load, type Streams } from '../../domain/stream.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { ticketIdOf } from '../ids.ts'

/** Whether what a sale was paid is to go back, or has gone: its seller has nothing of it any more, however long the money is on its way. */
export const isUndone = async (streams: Streams, orderId: string): Promise<boolean> => {
  const { state: sold } = await load(streams, order, orderId)
  if (sold.status === 'new') return false
  const { eventId, lines } = sold.placed
  const { state: happening } = await load(streams, event, eventId)
  const tickets = await Promise.all(
    lines.map(({ slot, edition }) => load(streams, ticket, ticketIdOf(eventId, slot, edition))),
  )
  return tickets.some(({ state }) => {
    // Its turn comes within a minute.
    if (state.status === 'held') return happening.status === 'cancelled'
    return state.status === 'closed' && state.refunds.some((refund) => refund.orderId === orderId)
  })
}
