import { z } from 'zod'
import { worksAt } from '../../adapters/http/auth.ts'
import { localeOf } from '../../adapters/http/locale.ts'
import { OrderView, orderView } from '../../adapters/http/order-view.ts'
import { pageOf, paging } from '../../adapters/http/pages.ts'
import { minPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import { seesOthers } from '../../domain/roles.ts'
import { At } from '../../domain/time.ts'
import { orders } from '../../projections/orders/model.ts'
import { ordersOf } from '../../projections/orders/read.ts'
import { type CurrentOrder, currentOrder } from '../current-order.ts'
import { orderEndings } from '../order-endings.ts'
import { at, pastFor } from '../past.ts'
import { caughtUp, type Deps, pageOfRows, venuesFor } from '../reading.ts'

const KnownOrder = OrderView.extend({
  ticketIds: z.array(Id).nullable().describe('Null until it is confirmed.'),
  payments: z.array(
    z.object({
      paymentId: Id,
      amount: z.int(),
      refunded: z.int(),
      status: z.enum(['new', 'requested', 'authorised', 'declined', 'captured', 'voided']),
      provider: z.string().nullable(),
      reason: z.string().nullable().describe('Why it was declined.'),
      disputed: z.boolean(),
    }),
  ),
  placedAt: At,
  changedAt: At,
})

/** As in `10s`; read as milliseconds. */
const Wait = z
  .string()
  .regex(/^([1-9]|[12]\d|30)s$/, 'is not 1s to 30s')
  .transform((text) => Number.parseInt(text, 10) * 1_000)

const hasEnded = ({ status }: CurrentOrder): boolean =>
  status === 'confirmed' || status === 'cancelled' || status === 'refunded'

/** Orders, for those who placed them and for those who look after them. */
export const orderRoutes = (server: HttpServer, deps: Deps): void => {
  const endings = orderEndings(deps.ledger)
  // Or a shutdown would last as long as the longest wait.
  server.addHook('preClose', (done) => {
    endings.close()
    done()
  })

  server.get(
    '/api/v1/orders',
    {
      config: { action: 'order.read' },
      schema: {
        tags: ['orders'],
        description: 'One’s own, the newest first. Staff may ask for those of a person or of an event.',
        querystring: z.strictObject({
          ...paging(z.tuple([z.string()])),
          payerId: Id.optional(),
          eventId: Id.optional(),
          minPosition,
        }),
        response: { 200: pageOf(KnownOrder) },
      },
    },
    async (request) => {
      const { caller, query } = request
      const isStaff = seesOthers(caller.role)
      const own = caller.actor.id
      if (!isStaff && query.payerId !== undefined && query.payerId !== own) throw problemOf('forbidden')
      const asOf = await caughtUp(deps, request, orders)
      const asksForOthers = isStaff && (query.payerId ?? query.eventId) !== undefined
      const rows = await ordersOf(deps.projections, {
        tenant: caller.tenant,
        payerId: asksForOthers ? query.payerId : own,
        eventId: query.eventId,
        venues: asksForOthers ? venuesFor(caller) : undefined,
        before: query.cursor?.[0],
        limit: query.limit + 1,
      })
      const locale = localeOf(request)
      return pageOfRows(
        rows,
        query.limit,
        asOf,
        (row) => [row.appeared],
        (row) => viewOf(row, locale),
      )
    },
  )

  server.get(
    '/api/v1/orders/:orderId',
    {
      config: { action: 'order.read' },
      schema: {
        tags: ['orders'],
        description: 'Read from the ledger itself: it is never behind. With at, as it was then, at once.',
        params: z.strictObject({ orderId: Id }),
        querystring: z.strictObject({
          minPosition: minPosition.describe(
            'Taken as elsewhere. There is nothing to wait for: an order is never behind.',
          ),
          wait: Wait.optional().describe(
            '1s to 30s: answers when the order has ended, or after that time as it is then.',
          ),
          at,
        }),
        response: { 200: KnownOrder.extend({ asOf: z.string() }) },
      },
    },
    async (request) => {
      const { caller, params, query } = request
      const read = async () => {
        const asOf = await deps.ledger.head()
        const order = await currentOrder(deps, caller.tenant, params.orderId)
        if (!order || (order.placed.payerId !== caller.actor.id && !worksAt(caller, order.placed.venueId)))
          throw problemOf('OrderNotFound')
        return { order, asOf }
      }
      const readPast = async (text: string) => {
        const past = await pastFor(deps, caller, text)
        const order = await currentOrder(past, caller.tenant, params.orderId)
        if (!order || !worksAt(caller, order.placed.venueId)) throw problemOf('OrderNotFound')
        return { order, asOf: past.asOf }
      }
      const answer = ({ order, asOf }: Awaited<ReturnType<typeof read>>) => ({
        ...viewOf(order, localeOf(request)),
        asOf,
      })
      if (query.at !== undefined) return answer(await readPast(query.at))
      if (query.wait === undefined) return answer(await read())

      // Before the order is read, or an ending in between would be missed.
      const after = await deps.ledger.head()
      const ending = endings.listen({ orderId: params.orderId, timeoutMs: query.wait, after })
      try {
        const now = await read()
        if (hasEnded(now.order)) return answer(now)
        await ending.seen
        return answer(await read())
      } finally {
        ending.stop()
      }
    },
  )
}

const viewOf = (row: CurrentOrder, locale: string): z.infer<typeof KnownOrder> => ({
  ...orderView(row.order_id, row, locale),
  ticketIds: row.ticket_ids,
  payments: row.payments,
  placedAt: row.placed_at,
  changedAt: row.changed_at,
})
