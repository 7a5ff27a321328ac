import { type Position, streamOf } from '../../domain/fact.ts'
import type { HandleRefusal, Refusal } from '../../domain/refusals.ts'
import { type Known, known } from '../../domain/registry.ts'
import { load } from '../../domain/stream.ts'
import { type Care, evolveCare, NO_CARE, type Reissue, reissuesIn } from '../../domain/ticket/care.ts'
import type { LockCommand, LockRefusal } from '../../domain/ticket/locking.ts'
import { toldOf } from '../../domain/ticket/obstacles.ts'
import type { ReissueCommand, ReissueRefusal } from '../../domain/ticket/reissuing.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { type Context, type Deps, handle } from '../handle.ts'

export type Refused = { readonly refused: Refusal; readonly why: string | undefined }

export type Done = { readonly position: Position }

/** One command of the desk. A ticket that nobody ever reserved is none. */
export const onTicket = async (
  deps: Deps,
  ticketId: string,
  command: LockCommand | ReissueCommand,
  context: Context,
): Promise<Done | Refused> => {
  const outcome = await handle(deps, ticket, ticketId, command, context)
  if (outcome.done) return outcome
  // The decisions of these commands refuse nothing else.
  const refused = outcome.refused as LockRefusal | ReissueRefusal | HandleRefusal
  const { state, tenant } = await load(deps, ticket, ticketId)
  if (tenant === undefined && refused === 'TicketNotHeld') return { refused: 'NotFound', why: undefined }
  // Of what is another tenant's nothing is told.
  return { refused, why: tenant === context.tenant ? toldOf(refused, ticketId, state) : undefined }
}

/** How a ticket is looked after now. */
export const careOf = async (deps: Deps, ticketId: string): Promise<Care> =>
  (await factsOf(deps, ticketId)).reduce(evolveCare, NO_CARE)

/** The reissue of this id, which was recorded. */
export const reissueOf = async (deps: Deps, ticketId: string, reissueId: string): Promise<Reissue> => {
  const found = reissuesIn(await factsOf(deps, ticketId)).find((one) => one.reissueId === reissueId)
  if (!found) throw new Error(`ticket ${ticketId} has no reissue ${reissueId}, though it was told to be done`)
  return found
}

const factsOf = async ({ ledger }: Deps, ticketId: string): Promise<Known[]> =>
  (await ledger.read(streamOf('ticket', ticketId))).map(known)
