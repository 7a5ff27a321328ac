import { type Drafted, event, rulesFor } from '../../domain/event/event.ts'
import type { Placed } from '../../domain/order/facts.ts'
import { givenBack } from '../../domain/order/giving-back.ts'
import { order } from '../../domain/order/order.ts'
import { load, type Streams } from '../../domain/stream.ts'
import type { Refund } from '../../domain/ticket/facts.ts'
import type { Held } from '../../domain/ticket/state.ts'
import { stepIdOf, ticketIdOf } from '../ids.ts'

/**
 * What goes back once a ticket is closed for money: one refund for each sale of it, the first sale first, for closing a ticket undoes
 * all of them. Reckoned from what the order says that was paid for it, and by the terms that it was sold under.
 */
export const reckon = async (
  deps: Streams,
  ticketId: string,
  { sale, paid }: Pick<Held, 'sale' | 'paid'>,
  now: string,
): Promise<Refund[]> => {
  const { state } = await load(deps, event, sale.eventId)
  if (state.status === 'unknown') throw new Error(`event ${sale.eventId} sold ticket ${ticketId} and has no stream`)
  return Promise.all(
    paid.map(async ({ orderId }): Promise<Refund> => {
      const { state: sold } = await load(deps, order, orderId)
      const placed = sold.status === 'new' ? undefined : sold.placed
      const line = placed?.lines.find(({ slot, edition }) => ticketIdOf(sale.eventId, slot, edition) === ticketId)
      if (!placed || !line) throw new Error(`order ${orderId} sold ticket ${ticketId}, and has no line for it`)
      const { amount, shares } = givenBack(placed.venueId, line, { withFees: goesBackWithFees(state, placed, now) })
      return {
        refundId: stepIdOf(orderId, `ticket/${ticketId}`),
        orderId,
        paymentId: amount === 0 ? null : placed.payments[0]!.paymentId,
        amount: { amount, currency: placed.currency },
        shares: [...shares],
      }
    }),
  )
}

/** Where the event does not take place, or not when it was to, or where its terms say so. */
const goesBackWithFees = (happening: Drafted, { terms }: Placed, now: string): boolean => {
  const { status, refundsUntil } = happening
  if (status === 'cancelled' || (refundsUntil !== null && now < refundsUntil)) return true
  return rulesFor(happening, terms).refund.feesRefunded
}
