import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { worksAt } from '../../adapters/http/auth.ts'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { localeOf } from '../../adapters/http/locale.ts'
import { OrderView, orderView } from '../../adapters/http/order-view.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { MAX_ORDER } from '../../domain/event/facts.ts'
import { Id } from '../../domain/id.ts'
import { format } from '../../domain/money.ts'
import { PayMethod } from '../../domain/order/facts.ts'
import { order } from '../../domain/order/order.ts'
import { load } from '../../domain/stream.ts'
import { cancelOrder } from '../external-orders.ts'
import { stepIdOf } from '../ids.ts'
import { type Deps, type OpenOrder, type Placing, placeOrder } from '../ordering.ts'
import { requestOf } from '../payment-request.ts'

const tags = ['orders']

export const Items = z
  .array(z.strictObject({ typeId: Id, quantity: z.int().min(1).max(MAX_ORDER) }))
  .min(1)
  .max(MAX_ORDER)
  .refine((items) => new Set(items.map((item) => item.typeId)).size === items.length, 'names a ticket type twice')

const NewOrder = z.strictObject({
  eventId: Id,
  items: Items,
  method: PayMethod.default('card').describe('How it is paid: by card, or by crypto from a wallet.'),
})

export const AnsweredOrder = OrderView.extend({
  payment: z
    .object({
      id: Id,
      provider: z
        .string()
        .describe(
          'Where it is to be confirmed: stripe, with Stripe.js; sandbox, with its own call; solana-pay, by a wallet.',
        ),
      clientSecret: z
        .string()
        .describe('With solana-pay, the transfer request: a URL to show as a QR code, or to open in a wallet.'),
    })
    .nullable()
    .describe('To be confirmed with the payment provider; null where nothing is to pay.'),
})

/** Buying: `/orders` and `/purchase` are one operation, so that one key is one order through either. */
export const orderRoutes = (server: HttpServer, deps: Deps): void => {
  const place = async (request: FastifyRequest<{ Body: z.infer<typeof NewOrder> }>, reply: FastifyReply) => {
    const { eventId, items, method } = request.body
    const asked = contextOf(request, 'PlaceOrder')
    const orderId = stepIdOf(asked.commandId, 'order')
    const payerId = request.caller.actor.id
    const context = { ...asked, correlationId: orderId }
    const placing = await placeOrder(deps, orderId, { kind: 'purchase', eventId, payerId, items, method }, context)
    const placed = placedOrThrow(orderId, placing)
    tellPosition(reply, await deps.ledger.head())
    return reply.code(201).send({
      ...orderView(orderId, placed, localeOf(request)),
      payment: await paymentOf(deps, orderId, asked.tenant, placed),
    })
  }

  for (const path of ['/api/v1/orders', '/api/v1/purchase'])
    server.post(
      path,
      {
        config: { action: 'order.place' },
        schema: {
          tags,
          description: 'Reserves tickets and asks for their payment. Prices are the server’s.',
          body: NewOrder,
          response: { 201: AnsweredOrder },
        },
      },
      place,
    )

  server.post(
    '/api/v1/orders/:orderId/cancel',
    {
      config: { action: 'order.cancel' },
      schema: {
        tags,
        description:
          'Gives up an order that is not paid yet: its tickets are free again, nothing is charged. Repeated, it changes nothing.',
        params: z.strictObject({ orderId: Id }),
        response: { 200: OrderView },
      },
    },
    async (request, reply) => {
      const { orderId } = request.params
      const { caller } = request
      const { state } = await load(deps, order, orderId)
      const isForeign = state.status !== 'new' && state.placed.payerId !== caller.actor.id
      if (isForeign && !worksAt(caller, state.placed.venueId)) throw problemOf('OrderNotFound')
      const cancelled = await cancelOrder(deps, orderId, {
        ...contextOf(request, 'CancelOrder', orderId),
        correlationId: orderId,
      })
      const placed = placedOrThrow(orderId, cancelled)
      tellPosition(reply, await deps.ledger.head())
      return orderView(orderId, placed, localeOf(request))
    },
  )
}

/** An order that ended without tickets is a problem to who placed it; the problem says why, and which order. */
export const placedOrThrow = (orderId: string, placing: Placing): OpenOrder => {
  if ('placed' in placing) return placing.placed
  const { refused, order, detail } = placing
  throw problemOf(
    refused,
    order ? `Order ${orderId} of ${totalOf(order)} is ${order.status}: ${order.reason ?? 'its time is over'}.` : detail,
  )
}

const totalOf = ({ placed: { total, currency } }: OpenOrder): string => format({ amount: total, currency })

/** The provider gives the same secret again, so it need not be kept. */
export const paymentOf = async (deps: Deps, orderId: string, tenant: string, order: OpenOrder) => {
  const [due] = order.placed.payments
  if (!due) return null
  const payments = deps.payments.by(due.method)
  const { clientSecret } = await payments.request(await requestOf(deps, { orderId, tenant, order }, due))
  return { id: due.paymentId, provider: payments.provider, clientSecret }
}
