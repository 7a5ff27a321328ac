import { type Caller, worksAt } from '../adapters/http/auth.ts'
import { problemOf } from '../adapters/http/problem.ts'
import type { Position } from '../domain/fact.ts'
import { tickets } from '../projections/tickets/model.ts'
import { type ListedTicket, ticketOf } from '../projections/tickets/read.ts'
import { caughtUp, type Deps } from './reading.ts'

/** Who reads of a ticket: the staff of its venue, or who holds it or has it reserved. */
export type Reader = 'staff' | { readonly holderId: string }

type Asking = {
  readonly caller: Caller
  readonly params: { readonly ticketId: string }
  readonly query: { readonly minPosition?: Position | undefined }
}

/** The ticket that is asked for, and as whom the caller reads of it. Throws NotFound for everybody else: nobody learns that it is there. */
export const ticketFor = async (
  deps: Deps,
  request: Asking,
): Promise<{ ticket: ListedTicket; reader: Reader; asOf: Position }> => {
  const { caller, params } = request
  const asOf = await caughtUp(deps, request, tickets)
  const found = await ticketOf(deps.projections, caller.tenant, params.ticketId)
  if (!found) throw problemOf('NotFound')
  const { ticket, ownerId } = found
  if (worksAt(caller, ticket.venue_id)) return { ticket, reader: 'staff', asOf }
  if (ownerId !== caller.actor.id) throw problemOf('NotFound')
  return { ticket, reader: { holderId: caller.actor.id }, asOf }
}
