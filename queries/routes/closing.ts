import { z } from 'zod'
import { localeOf, moneyView } from '../../adapters/http/locale.ts'
import { MoneyView } from '../../adapters/http/order-view.ts'
import { minPosition } from '../../adapters/http/positions.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import { At } from '../../domain/time.ts'
import { closings } from '../../projections/closings/model.ts'
import { countOf, refundsOf, type Tally } from '../../projections/closings/read.ts'
import { caughtUp, type Deps, eventFor } from '../reading.ts'

const Refunds = z.object({ count: z.int(), money: MoneyView })

const Closing = z.object({
  eventId: Id,
  eventStatus: z.enum(['drafted', 'published', 'cancelled']),
  endsAt: At,
  refundsUntil: At.nullable().describe(
    'Until then refunds give back the fees too; null where it was not moved, or grants none.',
  ),
  tickets: z.object({
    sold: z.int().describe('All that ever were. The rest adds up to it.'),
    held: z.int().describe('Not closed yet.'),
    refunded: z.int(),
    revoked: z.int(),
    cancelled: z.int(),
    expired: z.int(),
    used: z.int(),
  }),
  refunds: z
    .array(z.object({ currency: z.string(), open: Refunds, paid: Refunds, otherwise: Refunds }))
    .describe(
      'open: on their way, and tried again by themselves. otherwise: that a payer’s bank took back, or an order that ended ' +
        'without tickets gave back as a whole.',
    ),
  asOf: z.string(),
})

/** How far the closing of an event's tickets is, and of the money that goes back for them. */
export const closingRoutes = (server: HttpServer, deps: Deps): void => {
  server.get(
    '/api/v1/events/:eventId/closing',
    {
      config: { action: 'report.read' },
      schema: {
        tags: ['reports'],
        description:
          'How far it is with closing an event: what became of its tickets, and of the money of those that were given back. ' +
          'A cancelled event is done with once none is held and no refund is open.',
        params: z.strictObject({ eventId: Id }),
        querystring: z.strictObject({ minPosition }),
        response: { 200: Closing },
      },
    },
    async (request) => {
      const { eventId } = request.params
      const { event } = await eventFor(deps, request, eventId)
      const asOf = await caughtUp(deps, request, closings)
      const { tenant } = request.caller
      const { sold, ...closed } = await countOf(deps.projections, tenant, eventId)
      const held = sold - Object.values(closed).reduce((all, count) => all + count, 0)
      const locale = localeOf(request)
      const refunds = await refundsOf(deps.projections, tenant, eventId)
      const view = ({ count, amount }: Tally, currency: string) => ({
        count,
        money: moneyView({ amount, currency }, locale),
      })
      return {
        eventId,
        eventStatus: event.status,
        endsAt: event.details.endsAt,
        refundsUntil: event.refunds_until,
        tickets: { sold, held, ...closed },
        refunds: refunds.map(({ currency, open, paid, otherwise }) => ({
          currency,
          open: view(open, currency),
          paid: view(paid, currency),
          otherwise: view(otherwise, currency),
        })),
        asOf,
      }
    },
  )
}
