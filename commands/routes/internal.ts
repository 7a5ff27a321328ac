import { z } from 'zod'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { localeOf } from '../../adapters/http/locale.ts'
import { OrderView, orderView } from '../../adapters/http/order-view.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { event } from '../../domain/event/event.ts'
import { Id } from '../../domain/id.ts'
import { Amount, Currency, sum } from '../../domain/money.ts'
import { dueFor } from '../../domain/order/pricing.ts'
import { load } from '../../domain/stream.ts'
import { cancelOrder, confirmExternal, findExternal } from '../external-orders.ts'
import { stepIdOf } from '../ids.ts'
import { type Deps, placeOrder, price } from '../ordering.ts'
import { Items, placedOrThrow } from './orders.ts'

const tags = ['internal']
const config = { action: 'internal.tickets' } as const

const TypeCounts = z.object({ typeId: Id, capacity: z.int(), available: z.int(), reserved: z.int(), sold: z.int() })

/** Counts per ticket type as the availability view has them, caught up with the ledger. */
export type CountTypes = (tenant: string, eventId: string) => Promise<z.infer<typeof TypeCounts>[]>

/**
 * For services of the tenant that take orders and money themselves. They go through the same engine: an order of kind
 * `external` under the service's order id, and its payment in the same journal.
 */
export const internalRoutes = (server: HttpServer, deps: Deps & { readonly countTypes: CountTypes }): void => {
  const post = '/api/v1/internal/tickets'

  server.post(
    `${post}/availability`,
    {
      config,
      schema: {
        tags,
        description: 'How many tickets of each type are free, reserved and sold.',
        body: z.strictObject({ eventId: Id }),
        response: { 200: z.object({ eventId: Id, types: z.array(TypeCounts) }) },
      },
    },
    async (request) => {
      const { eventId } = request.body
      const { tenant } = request.caller
      const known = await load(deps, event, eventId)
      if (known.state.status === 'unknown' || known.tenant !== tenant) throw problemOf('EventNotFound')
      return { eventId, types: await deps.countTypes(tenant, eventId) }
    },
  )

  server.post(
    `${post}/prices`,
    {
      config,
      schema: {
        tags,
        description: "The server's prices, in minor units, with fees and taxes as lines.",
        body: z.strictObject({ eventId: Id, items: Items }),
        response: { 200: Prices },
      },
    },
    async (request) => {
      const { eventId, items } = request.body
      const priced = await price(deps, eventId, items, request.caller.tenant)
      if ('refused' in priced) throw problemOf(priced.refused)
      const { currency } = priced.event.details
      const lines = priced.items.map(({ typeId, quantity, each }) => ({
        typeId,
        quantity,
        priceCents: each.price,
        fees: each.fees,
        taxes: each.taxes,
        dueCents: dueFor(each),
      }))
      return { eventId, currency, lines, totalCents: sum(lines.map((line) => line.quantity * line.dueCents)) }
    },
  )

  server.post(
    `${post}/reserve`,
    {
      config,
      schema: {
        tags,
        description:
          "Reserves tickets under the service's own order id, for the person who will hold them. Repeated, it reserves nothing more.",
        body: z.strictObject({ orderId: Id, eventId: Id, items: Items, buyerId: Id }),
        response: { 200: OrderView },
      },
    },
    async (request, reply) => {
      const { orderId, eventId, items, buyerId } = request.body
      // The order id is the key: it names the reservation, whatever the header says.
      const context = {
        ...contextOf(request, 'ReserveTickets'),
        commandId: stepIdOf(orderId, 'reserve'),
        correlationId: orderId,
      }
      const placing = await placeOrder(deps, orderId, { kind: 'external', eventId, payerId: buyerId, items }, context)
      const placed = placedOrThrow(orderId, placing)
      tellPosition(reply, await deps.ledger.head())
      return orderView(orderId, placed, localeOf(request))
    },
  )

  server.post(
    `${post}/confirm`,
    {
      config,
      schema: {
        tags,
        description:
          'Sells the reserved tickets for a payment that the service took: exactly the total, before the reservation ends.',
        body: z.strictObject({
          orderId: Id,
          payment: z.strictObject({ reference: z.string().min(1).max(200), amountCents: Amount, currency: Currency }),
        }),
        response: { 200: OrderView },
      },
    },
    async (request, reply) => {
      const { orderId, payment } = request.body
      const { reference, amountCents: amount, currency } = payment
      const context = { ...contextOf(request, 'ConfirmTickets', orderId), correlationId: orderId }
      const placed = placedOrThrow(
        orderId,
        await confirmExternal(deps, orderId, { reference, amount, currency }, context),
      )
      tellPosition(reply, await deps.ledger.head())
      return orderView(orderId, placed, localeOf(request))
    },
  )

  server.post(
    `${post}/release`,
    {
      config,
      schema: {
        tags,
        description: "Frees the reservations of the service's order. Repeated, it changes nothing.",
        body: z.strictObject({ orderId: Id }),
        response: { 200: OrderView },
      },
    },
    async (request, reply) => {
      const { orderId } = request.body
      const found = await findExternal(deps, orderId, request.caller.tenant)
      if ('refused' in found) throw problemOf(found.refused)
      const context = { ...contextOf(request, 'ReleaseTickets', orderId), correlationId: orderId }
      const placed = placedOrThrow(orderId, await cancelOrder(deps, orderId, context))
      tellPosition(reply, await deps.ledger.head())
      return orderView(orderId, placed, localeOf(request))
    },
  )
}

const Prices = z.object({
  eventId: Id,
  currency: Currency,
  lines: z.array(
    z.object({
      typeId: Id,
      quantity: z.int(),
      priceCents: z.int(),
      fees: z.array(z.object({ code: z.string(), amount: z.int(), paidBy: z.string() })),
      taxes: z.array(z.object({ name: z.string(), basisPoints: z.int(), inclusive: z.boolean(), amount: z.int() })),
      dueCents: z.int().describe('What one ticket costs its buyer.'),
    }),
  ),
  totalCents: z.int(),
})
