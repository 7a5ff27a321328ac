import { z } from 'zod'
import { worksAt } from '../../adapters/http/auth.ts'
import { pageOf, paging } from '../../adapters/http/pages.ts'
import { minPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import { EndedWith } from '../../domain/ticket/facts.ts'
import { transferStatuses } from '../../domain/ticket/transfer-status.ts'
import { At } from '../../domain/time.ts'
import { tickets } from '../../projections/tickets/model.ts'
import { ticketOf } from '../../projections/tickets/read.ts'
import { type TransferRow, transferKinds, transfers } from '../../projections/transfers/model.ts'
import { transfersOf, transfersOfTicket } from '../../projections/transfers/read.ts'
import { caughtUp, type Deps, pageOfRows } from '../reading.ts'

const Status = z.enum(transferStatuses)

/** Whoever reads sees of others what is theirs to know. */
const Side = z.union([z.literal('you'), Id]).nullable()

const TransferView = z.object({
  transferId: Id.describe('Of an offer, its id; of a resale, its order’s.'),
  kind: z.enum(transferKinds),
  ticketId: Id,
  eventId: Id,
  from: Side.describe('Null for somebody else, but to staff of the venue.'),
  to: Side.describe('Likewise; null too while it is to an address.'),
  status: Status.describe('ended: by what befell the ticket, which reason says.'),
  reason: EndedWith.nullable(),
  offeredAt: At,
  expiresAt: At.nullable().describe('Null where it was not offered first.'),
  endedAt: At.nullable().describe('Null while it is pending.'),
  priceCents: z.int().nullable().describe('Minor units; null where it was given.'),
  currency: z.string().nullable(),
})

const OwnView = TransferView.extend({
  recipient: z
    .string()
    .nullable()
    .describe(
      'To its giver, as it was given: the id of a person, or an address while it is pending; then that is forgotten.',
    ),
})

const list = { ...paging(z.tuple([z.string()])), minPosition }

/** What changed hands, or was to. */
export const transferRoutes = (server: HttpServer, deps: Deps): void => {
  server.get(
    '/api/v1/transfers',
    {
      config: { action: 'transfer.read' },
      schema: {
        tags: ['transfers'],
        description:
          'What one gave, sold and got, and what was to be, the newest first. An offer to an address that nobody is known by is ' +
          'listed for its giver alone until somebody accepts it.',
        querystring: z.strictObject({
          ...list,
          direction: z.enum(['in', 'out']).optional(),
          status: Status.optional(),
        }),
        response: { 200: pageOf(OwnView) },
      },
    },
    async (request) => {
      const asOf = await caughtUp(deps, request, transfers)
      const { caller, query } = request
      const personId = caller.actor.id
      const { direction, status, cursor, limit } = query
      const wanted = { tenant: caller.tenant, personId, direction, status, before: cursor?.[0], limit: limit + 1 }
      const rows = await transfersOf(deps.projections, wanted)
      const page = pageOfRows(rows, limit, asOf, keyOf, (row) => ({ row, view: view(row, sideFor(personId)) }))
      const addressed = async ({ row, view }: (typeof page.items)[number]) => {
        if (row.from_id !== personId) return { ...view, recipient: null }
        if (row.kind === 'transfer') return { ...view, recipient: row.to_id }
        const isOffered = row.status === 'pending' && row.kind === 'gift'
        return { ...view, recipient: isOffered ? ((await deps.addressees.find(row.transfer_id)) ?? null) : null }
      }
      return { ...page, items: await Promise.all(page.items.map(addressed)) }
    },
  )

  server.get(
    '/api/v1/tickets/:ticketId/transfers',
    {
      config: { action: 'transfer.read' },
      schema: {
        tags: ['transfers'],
        description:
          'Every time that a ticket changed hands, the newest first; with status, what was to be and came to nothing. ' +
          'To its holder and to the staff of its venue.',
        params: z.strictObject({ ticketId: Id }),
        querystring: z.strictObject({ ...list, status: Status.default('accepted') }),
        response: { 200: pageOf(TransferView) },
      },
    },
    async (request) => {
      const { caller, params, query } = request
      const [asOf] = await Promise.all([caughtUp(deps, request, transfers), caughtUp(deps, request, tickets)])
      const found = await ticketOf(deps.projections, caller.tenant, params.ticketId)
      const personId = caller.actor.id
      const isStaff = found !== undefined && worksAt(caller, found.ticket.venue_id)
      // Nobody else learns that there is such a ticket.
      if (!found || (found.ownerId !== personId && !isStaff)) throw problemOf('NotFound')
      const { status, cursor, limit } = query
      const wanted = { tenant: caller.tenant, ticketId: params.ticketId, status, before: cursor?.[0], limit: limit + 1 }
      const rows = await transfersOfTicket(deps.projections, wanted)
      return pageOfRows(rows, limit, asOf, keyOf, (row) => view(row, isStaff ? (id) => id : sideFor(personId)))
    },
  )
}

const keyOf = (row: TransferRow) => [row.began]

type See = (personId: string | null) => string | null

const sideFor =
  (reader: string): See =>
  (personId) =>
    personId === reader ? 'you' : null

const view = (row: TransferRow, see: See): z.infer<typeof TransferView> => ({
  transferId: row.transfer_id,
  kind: row.kind,
  ticketId: row.ticket_id,
  eventId: row.event_id,
  from: see(row.from_id),
  to: see(row.to_id),
  status: row.status,
  reason: row.reason,
  offeredAt: row.offered_at,
  expiresAt: row.expires_at,
  endedAt: row.ended_at,
  priceCents: row.price,
  currency: row.currency,
})
