import { event, rulesFor } from '../../domain/event/event.ts'
import { order } from '../../domain/order/order.ts'
import { person } from '../../domain/person.ts'
import { load, type Streams } from '../../domain/stream.ts'
import type { Terms } from '../../domain/ticket/giving.ts'
import type { Held } from '../../domain/ticket/state.ts'
import { personStreamIdOf } from '../ids.ts'

/**
 * What a ticket is judged by when it changes hands: the rules that it was sold under, or those of now where they are kinder.
 * Nothing moves while its order is not through, or once its event is cancelled.
 */
export const termsOf = async (
  deps: Streams,
  { sale, paid }: Held,
): Promise<Terms | { readonly refused: 'TicketNotHeld' | 'EventIsCancelled' }> => {
  const [bought, held] = await Promise.all([load(deps, order, paid.at(-1)!.orderId), load(deps, event, sale.eventId)])
  if (held.state.status === 'unknown')
    throw new Error(`a ticket was sold for event ${sale.eventId}, which has no draft`)
  if (held.state.status === 'cancelled') return { refused: 'EventIsCancelled' }
  if (bought.state.status !== 'confirmed') return { refused: 'TicketNotHeld' }
  const { startsAt } = held.state.details
  return { ...rulesFor(held.state, bought.state.placed.terms).transfer, startsAt }
}

/** Whether a person has shown who they are, in this tenant; where nobody asks, nobody looks. */
export const isVerified = async (
  deps: Streams,
  { identityVerified }: Pick<Terms, 'identityVerified'>,
  tenant: string,
  personId: string,
): Promise<boolean> => {
  if (!identityVerified) return true
  const { state } = await load(deps, person, personStreamIdOf(tenant, personId))
  return state.isVerified
}
