import { z } from 'zod'
import { pageOf, paging } from '../../adapters/http/pages.ts'
import { minPosition } from '../../adapters/http/positions.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import { CopyTrouble } from '../../domain/ticket/facts.ts'
import { repairs } from '../../domain/ticket/mismatch.ts'
import { At } from '../../domain/time.ts'
import { tickets } from '../../projections/tickets/model.ts'
import { unsettledOf } from '../../projections/tickets/read.ts'
import { caughtUp, type Deps, pageOfRows } from '../reading.ts'

const MismatchView = z.object({
  ticketId: Id,
  eventId: Id,
  cause: z
    .enum([...CopyTrouble.options, 'not_yet_sent'])
    .describe('failed: refused by the program. The others: what stands on chain instead.'),
  since: At,
  ageSeconds: z.int(),
  ticketPda: z.string().nullable(),
  repair: z.string(),
})

/** What is not on chain as it is in the ledger. */
export const reconciliationRoutes = (server: HttpServer, deps: Deps): void => {
  server.get(
    '/api/v1/admin/reconciliation',
    {
      config: { action: 'operations.read' },
      schema: {
        tags: ['operations'],
        description:
          'Tickets whose copy on Solana is behind or differs, as last compared, with cause, age and repair. All are compared ' +
          'every hour (see the workers); npm run reconcile compares at once, and repairs.',
        querystring: z.strictObject({ ...paging(z.tuple([Id])), eventId: Id.optional(), minPosition }),
        response: { 200: pageOf(MismatchView) },
      },
    },
    async (request) => {
      const asOf = await caughtUp(deps, request, tickets)
      const { limit, cursor, eventId } = request.query
      const { tenant } = request.caller
      const rows = await unsettledOf(deps.projections, { tenant, eventId, after: cursor?.[0], limit: limit + 1 })
      const now = Date.parse(deps.now())
      return pageOfRows(
        rows,
        limit,
        asOf,
        ({ ticket_id }) => [ticket_id],
        ({ ticket_id, event_id, copy }) => {
          const cause = copy.trouble ?? ('not_yet_sent' as const)
          return {
            ...{ ticketId: ticket_id, eventId: event_id, cause, since: copy.since },
            ageSeconds: Math.max(0, Math.floor((now - Date.parse(copy.since)) / 1_000)),
            ticketPda: copy.ticketAddress,
            repair: repairs[cause],
          }
        },
      )
    },
  )
}
