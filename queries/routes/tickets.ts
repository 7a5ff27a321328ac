import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { worksAt } from '../../adapters/http/auth.ts'
import { localeOf } from '../../adapters/http/locale.ts'
import { page, pageOf, paging } from '../../adapters/http/pages.ts'
import { minPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import { TicketStatus } from '../../domain/ticket/status.ts'
import { tickets } from '../../projections/tickets/model.ts'
import { type ListedTicket, ticketsOf } from '../../projections/tickets/read.ts'
import { at, type Past, pastFor, ticketIn } from '../past.ts'
import { type Reader, ticketFor } from '../readable-ticket.ts'
import { caughtUp, type Deps, pageOfRows } from '../reading.ts'
import { HistoryItem, historyOf, TicketHistory } from '../ticket-history.ts'
import { heldAs, TicketView, ticketView } from '../ticket-view.ts'

const ListQuery = z.strictObject({
  ...paging(z.tuple([z.string()])),
  eventId: Id.optional(),
  status: TicketStatus.optional(),
  minPosition,
})

const OneTicket = TicketView.extend({
  holder: z
    .object({ personId: Id, name: z.string().nullable().describe('Null for who told none, or was erased.') })
    .nullable()
    .describe('Null until it is sold.'),
  history: TicketHistory,
  asOf: z.string(),
})

/** Tickets: three lists that are one, and each ticket by itself. */
export const ticketRoutes = (server: HttpServer, deps: Deps): void => {
  const list = async (request: FastifyRequest<{ Querystring: z.infer<typeof ListQuery> }>, personId: string) => {
    const asOf = await caughtUp(deps, request, tickets)
    const { limit, cursor, eventId, status } = request.query
    const rows = await ticketsOf(deps.projections, {
      tenant: request.caller.tenant,
      personId,
      eventId,
      statuses: status && heldAs(status),
      before: cursor?.[0],
      limit: limit + 1,
    })
    const locale = localeOf(request)
    const wallet = (await deps.wallets.find([personId])).get(personId)
    return pageOfRows(
      rows,
      limit,
      asOf,
      (row) => [row.appeared],
      (row) => ticketView(row, row.holder_id === null ? undefined : wallet, locale),
    )
  }

  const config = { action: 'tickets.own' } as const
  const schema = { tags: ['tickets'], querystring: ListQuery, response: { 200: pageOf(TicketView) } }

  for (const path of ['/api/v1/tickets', '/api/v1/orders/tickets'])
    server.get(
      path,
      { config, schema: { ...schema, description: 'One’s own tickets, the newest first.' } },
      (request) => list(request, request.caller.actor.id),
    )

  server.get(
    '/api/v1/tickets/users/:userId',
    {
      config,
      schema: {
        ...schema,
        description: 'A person’s tickets: one’s own, or to admin and auditor anybody’s.',
        params: z.strictObject({ userId: Id }),
      },
    },
    async (request) => {
      const { userId } = request.params
      const { actor, role } = request.caller
      if (userId !== actor.id && role !== 'admin' && role !== 'auditor') throw problemOf('forbidden')
      return list(request, userId)
    },
  )

  server.get(
    '/api/v1/tickets/:ticketId',
    {
      config: { action: 'ticket.read' },
      schema: {
        tags: ['tickets'],
        description:
          'To its holder and to the staff of its venue, with all that ever happened to it. ' +
          'With at, as it was then; the holder’s name is today’s.',
        params: z.strictObject({ ticketId: Id }),
        querystring: z.strictObject({ minPosition, at }),
        response: { 200: OneTicket },
      },
    },
    async (request) => {
      const { caller, params, query } = request
      const answer = async (ticket: ListedTicket, { ledger, asOf }: Past, reader: Reader) => {
        const { holder_id: holderId } = ticket
        const wallet = holderId === null ? undefined : (await deps.wallets.find([holderId])).get(holderId)
        return {
          ...ticketView(ticket, wallet, localeOf(request)),
          holder:
            holderId === null ? null : { personId: holderId, name: (await deps.people.find(holderId))?.name ?? null },
          history: [...(await historyOf(ledger, params.ticketId, reader))],
          asOf,
        }
      }
      if (query.at !== undefined) {
        const past = await pastFor(deps, caller, query.at)
        const ticket = await ticketIn(past, caller.tenant, params.ticketId)
        if (!ticket || !worksAt(caller, ticket.venue_id)) throw problemOf('NotFound')
        return answer(ticket, past, 'staff')
      }
      const { ticket, reader, asOf } = await ticketFor(deps, request)
      return answer(ticket, { ledger: deps.ledger, asOf }, reader)
    },
  )

  server.get(
    '/api/v1/tickets/:ticketId/history',
    {
      config: { action: 'ticket.read' },
      schema: {
        tags: ['tickets'],
        description:
          'All that ever happened to a ticket, the oldest first, to whom the ticket itself is shown. Its staff read who did it and to ' +
          'whom; its holder reads what happened before it was theirs without the people.',
        params: z.strictObject({ ticketId: Id }),
        querystring: z.strictObject({ ...paging(z.tuple([z.int()])), minPosition }),
        response: { 200: pageOf(HistoryItem) },
      },
    },
    async (request) => {
      const { reader, asOf } = await ticketFor(deps, request)
      const { limit, cursor } = request.query
      const after = cursor?.[0] ?? -1
      const all = await historyOf(deps.ledger, request.params.ticketId, reader)
      const left = all.filter(({ revision, position }) => revision > after && position <= asOf)
      return page(left, limit, asOf, ({ revision }) => [revision])
    },
  )
}
