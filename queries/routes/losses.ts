import { z } from 'zod'
import { worksAt } from '../../adapters/http/auth.ts'
import { pageOf, paging } from '../../adapters/http/pages.ts'
import { minPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { streamOf } from '../../domain/fact.ts'
import { Id } from '../../domain/id.ts'
import { IdentityDocument } from '../../domain/person.ts'
import { known } from '../../domain/registry.ts'
import { reissuesIn } from '../../domain/ticket/care.ts'
import { LossKind } from '../../domain/ticket/facts.ts'
import { At } from '../../domain/time.ts'
import { tickets } from '../../projections/tickets/model.ts'
import { reportedTickets, ticketOf } from '../../projections/tickets/read.ts'
import { caughtUp, type Deps, pageOfRows, venuesFor } from '../reading.ts'

const tags = ['desk']

const IdentityView = z.object({
  document: IdentityDocument,
  outcome: z.enum(['matched', 'differed']),
  checkedBy: z.string(),
  checkedAt: At,
})

const ReportedTicketView = z.object({
  ticketId: Id,
  eventId: Id,
  venueId: Id,
  slot: z.string(),
  holderId: Id,
  reportId: Id,
  kind: LossKind,
  reportedAt: At,
  identityCheck: IdentityView.nullable().describe('The last one of its holder; null where nobody has checked yet.'),
})

const ReissueView = z.object({
  reissueId: Id,
  reissuedAt: At,
  reason: z.enum(['DUPLICATE_TICKET']),
  reported: LossKind.nullable().describe('What its holder had reported; null where nothing was.'),
  generation: z.int().describe('The credential that it got.'),
  revokedGeneration: z.int().describe('The one that was revoked for it.'),
  reissuedBy: z.string().nullable().describe('To staff only, as is the check.'),
  identityCheck: IdentityView.nullable(),
})

/** Lost and stolen tickets, and what took their place. */
export const lossRoutes = (server: HttpServer, deps: Deps): void => {
  server.get(
    '/api/v1/admin/reports',
    {
      config: { action: 'loss.read' },
      schema: {
        tags,
        description:
          'Tickets that their holders reported lost or stolen, the longest waiting first; to staff bound to venues, those of theirs.',
        querystring: z.strictObject({ ...paging(z.tuple([At, Id])), minPosition }),
        response: { 200: pageOf(ReportedTicketView) },
      },
    },
    async (request) => {
      const asOf = await caughtUp(deps, request, tickets)
      const { limit, cursor } = request.query
      const { caller } = request
      const wanted = { tenant: caller.tenant, venues: venuesFor(caller), after: cursor, limit: limit + 1 }
      return pageOfRows(
        await reportedTickets(deps.projections, wanted),
        limit,
        asOf,
        ({ report, ticket_id }) => [report.reportedAt, ticket_id],
        ({ ticket_id, event_id, venue_id, slot, holder_id, report, identity }) => ({
          ...{ ticketId: ticket_id, eventId: event_id, venueId: venue_id, slot, holderId: holder_id },
          ...report,
          identityCheck: identity,
        }),
      )
    },
  )

  server.get(
    '/api/v1/tickets/:ticketId/reissues',
    {
      config: { action: 'ticket.read' },
      schema: {
        tags,
        description:
          'Every new credential that a ticket was given in place of one that was lost, the first one first. To its holder and to the staff of its venue.',
        params: z.strictObject({ ticketId: Id }),
        querystring: z.strictObject({ minPosition }),
        response: { 200: pageOf(ReissueView) },
      },
    },
    async (request) => {
      const { caller, params } = request
      const asOf = await caughtUp(deps, request, tickets)
      const found = await ticketOf(deps.projections, caller.tenant, params.ticketId)
      const isStaff = found !== undefined && worksAt(caller, found.ticket.venue_id)
      if (!isStaff && found?.ownerId !== caller.actor.id) throw problemOf('NotFound')
      const facts = await deps.ledger.read(streamOf('ticket', params.ticketId))
      const items = reissuesIn(facts.map(known)).map(({ reissuedBy, identity, ...reissue }) => ({
        ...reissue,
        reason: 'DUPLICATE_TICKET' as const,
        revokedGeneration: reissue.generation - 1,
        reissuedBy: isStaff ? reissuedBy : null,
        identityCheck: isStaff ? identity : null,
      }))
      return { items, nextCursor: null, asOf }
    },
  )
}
