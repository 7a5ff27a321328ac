import { z } from 'zod'
import { Id } from '../../domain/id.ts'
import { load, type Streams } from '../../domain/stream.ts'
import { EndedWith, GivingKind } from '../../domain/ticket/facts.ts'
import { endOf, transferStatuses } from '../../domain/ticket/transfer-status.ts'
import { At } from '../../domain/time.ts'
import { giving } from './giving.ts'

/** An offer as whoever made or answered it is told of it. */
export const OfferView = z.object({
  offerId: Id,
  kind: GivingKind,
  ticketId: Id,
  status: z.enum(transferStatuses).describe('ended: by what befell the ticket, which reason says.'),
  reason: EndedWith.nullable(),
  expiresAt: At.nullable().describe('Until when it can be accepted; null where it is over.'),
})

/** An offer as it is now, from the ticket itself. */
export const offerView = async (
  deps: Streams,
  { offerId, ticketId, kind }: { readonly offerId: string; readonly ticketId: string; readonly kind: GivingKind },
): Promise<z.infer<typeof OfferView>> => {
  const { state } = await load(deps, giving, ticketId)
  const view = { offerId, kind, ticketId, expiresAt: null }
  if (!('offers' in state)) return { ...view, status: 'ended', reason: 'closed' }
  if (state.status === 'held' && state.offer?.offerId === offerId)
    return { ...view, status: 'pending', reason: null, expiresAt: state.offer.expiresAt }
  return { ...view, ...endOf(state.offers[offerId] ?? 'closed') }
}
