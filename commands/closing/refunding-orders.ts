import type { HandleRefusal } from '../../domain/refusals.ts'
import { load } from '../../domain/stream.ts'
import type { ClosingRefusal } from '../../domain/ticket/closing.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import type { Context, Deps } from '../handle.ts'
import { stepIdOf } from '../ids.ts'
import { closeForMoney } from './closing-tickets.ts'

/** What came of one ticket: null where it is given back by now. */
type Refunded = { readonly ticketId: string; readonly refused: ClosingRefusal | HandleRefusal | null }

/** Gives tickets of an order back, each by itself. One that was sold on since is another order's: its buyer did not ask for it. */
export const refundOrder = async (
  deps: Deps,
  {
    orderId,
    sold,
    wanted,
  }: { readonly orderId: string; readonly sold: readonly string[]; readonly wanted: readonly string[] },
  context: Context,
): Promise<readonly Refunded[] | 'KeyReused'> => {
  const contextFor = (ticketId: string) => ({
    ...context,
    commandId: stepIdOf(context.commandId, `refund/${ticketId}`),
  })
  // Each is a command of its own, so a key that comes again for other tickets is found on those that it came for before.
  for (const ticketId of sold) {
    const { commands } = await load(deps, ticket, ticketId)
    const before = commands.get(contextFor(ticketId).commandId)
    if (before && before.request !== context.request) return 'KeyReused'
  }
  const refunded: Refunded[] = []
  for (const ticketId of wanted) {
    const outcome = await closeForMoney(deps, ticketId, 'RefundTicket', contextFor(ticketId), orderId)
    if (!outcome.done && outcome.refused === 'KeyReused') return 'KeyReused'
    refunded.push({ ticketId, refused: outcome.done ? null : outcome.refused })
  }
  return refunded
}
