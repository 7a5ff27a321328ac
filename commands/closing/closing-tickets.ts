import { load } from '../../domain/stream.ts'
import type { ClosingRefusal } from '../../domain/ticket/closing.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { type Context, type Deps, handle, type Outcome } from '../handle.ts'
import { reckon } from './reckoning.ts'

/** A ticket is sold on now and then, and hardly ever twice in a moment. */
const RECKONED_ANEW = 5

/**
 * Closes a ticket for money: given back by staff (`RefundTicket`), or since its event does not take place (`CancelTicket`). The money
 * follows by itself. Sold on in that very moment, what goes back is reckoned anew; refused as TicketMoved only if that happens again and again,
 * or where its newest sale is not of the order that was asked for (`soldBy`).
 */
export const closeForMoney = async (
  deps: Deps,
  ticketId: string,
  type: 'RefundTicket' | 'CancelTicket',
  context: Context,
  soldBy?: string,
): Promise<Outcome<ClosingRefusal>> => {
  for (let tries = 1; ; tries++) {
    const { state } = await load(deps, ticket, ticketId)
    if (soldBy !== undefined && state.status === 'held' && state.paid.at(-1)!.orderId !== soldBy)
      return { done: false, refused: 'TicketMoved' }
    const refunds = state.status === 'held' ? await reckon(deps, ticketId, state, deps.now()) : []
    const outcome = (await handle(deps, ticket, ticketId, { type, refunds }, context)) as Outcome<ClosingRefusal>
    if (outcome.done || outcome.refused !== 'TicketMoved' || tries === RECKONED_ANEW) return outcome
  }
}
