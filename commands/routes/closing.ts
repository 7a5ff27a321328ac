import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { ClosedTicketView, refundView, statusOf } from '../../adapters/http/closing-view.ts'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { localeOf } from '../../adapters/http/locale.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { ProblemDocument, problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { MAX_ORDER } from '../../domain/event/facts.ts'
import { Id } from '../../domain/id.ts'
import { order } from '../../domain/order/order.ts'
import { payment } from '../../domain/payment.ts'
import type { HandleRefusal } from '../../domain/refusals.ts'
import { load } from '../../domain/stream.ts'
import type { ClosingRefusal } from '../../domain/ticket/closing.ts'
import { RevokeReason } from '../../domain/ticket/facts.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { closeForMoney } from '../closing/closing-tickets.ts'
import { refundOrder } from '../closing/refunding-orders.ts'
import { whyNot } from '../closing/refusing.ts'
import { type Context, type Deps, handle, type Outcome } from '../handle.ts'

const tags = ['refunds']

const Refused = ProblemDocument.pick({ code: true, title: true, detail: true })
  .nullable()
  .describe('Why this one was not given back, as a request for it alone is refused; null where it was.')

/** What a ticket is to become. */
type Wanted = Parameters<typeof whyNot>[2]

const RefundedOrder = z.object({ orderId: Id, tickets: z.array(ClosedTicketView.extend({ refused: Refused })) })

/** Tickets given back for money, or taken away without. The ticket closes first, and its money follows by itself. */
export const closingRoutes = (server: HttpServer, deps: Deps): void => {
  const viewOf = async (request: FastifyRequest, ticketId: string): Promise<z.infer<typeof ClosedTicketView>> => {
    const { state } = await load(deps, ticket, ticketId)
    const refunds = state.status === 'closed' ? state.refunds : []
    const locale = localeOf(request)
    const views = refunds.map(async (refund) => {
      const paid = refund.paymentId === null ? undefined : (await load(deps, payment, refund.paymentId)).state
      return refundView(refund, paid, locale)
    })
    return { ticketId, status: statusOf(state), refunds: await Promise.all(views) }
  }

  const problemFor = async (ticketId: string, wanted: Wanted, refused: ClosingRefusal | HandleRefusal) => {
    const { state } = await load(deps, ticket, ticketId)
    return problemOf(refused, whyNot(ticketId, state, wanted, refused))
  }

  /** Answers with the ticket as it is now; throws what it was refused. */
  const answer = async (
    request: FastifyRequest,
    reply: FastifyReply,
    ticketId: string,
    wanted: Wanted,
    close: (context: Context) => Promise<Outcome<ClosingRefusal>>,
  ) => {
    const { state, tenant } = await load(deps, ticket, ticketId)
    if (tenant !== request.caller.tenant) throw problemOf('NotFound')
    const correlationId = 'sale' in state ? state.sale.orderId : ticketId
    const operation = wanted === 'REFUNDED' ? 'RefundTicket' : 'RevokeTicket'
    const outcome = await close({ ...contextOf(request, operation, ticketId), correlationId })
    if (!outcome.done) throw await problemFor(ticketId, wanted, outcome.refused)
    tellPosition(reply, outcome.position)
    return viewOf(request, ticketId)
  }

  server.post(
    '/api/v1/admin/tickets/:ticketId/refund',
    {
      config: { action: 'ticket.close' },
      schema: {
        tags,
        description:
          'Closes a ticket and gives back what was paid for it, to each who paid for it where it was sold on. ' +
          'Fees go back too where the event is cancelled, was moved within the time that its rules grant, or its rules say so. ' +
          'Refused for one that is admitted, locked, being paid for, or closed as something else. Repeated, it changes nothing.',
        params: z.strictObject({ ticketId: Id }),
        response: { 200: ClosedTicketView },
      },
    },
    async (request, reply) => {
      const { ticketId } = request.params
      return answer(request, reply, ticketId, 'REFUNDED', (context) =>
        closeForMoney(deps, ticketId, 'RefundTicket', context),
      )
    },
  )

  server.post(
    '/api/v1/admin/tickets/:ticketId/revoke',
    {
      config: { action: 'ticket.close' },
      schema: {
        tags,
        description:
          'Takes a ticket away: it is closed for good, and nothing goes back for it. ' +
          'Refused for one that is admitted, or closed as something else. Repeated, it changes nothing.',
        params: z.strictObject({ ticketId: Id }),
        body: z.strictObject({ reason: RevokeReason }),
        response: { 200: ClosedTicketView },
      },
    },
    async (request, reply) => {
      const { ticketId } = request.params
      const { reason } = request.body
      const command = { type: 'RevokeTicket', reason } as const
      return answer(
        request,
        reply,
        ticketId,
        'REVOKED',
        async (context) => (await handle(deps, ticket, ticketId, command, context)) as Outcome<ClosingRefusal>,
      )
    },
  )

  server.post(
    '/api/v1/orders/:orderId/refund',
    {
      config: { action: 'order.refund' },
      schema: {
        tags,
        description:
          'Gives back all tickets of a confirmed order, or those that are named; each by itself, with what came of it. ' +
          'One that was sold on since belongs to its buyer’s order, and is refused. ' +
          'Refused where none of them can be given back. Repeated, it changes nothing.',
        params: z.strictObject({ orderId: Id }),
        body: z.strictObject({ ticketIds: z.array(Id).min(1).max(MAX_ORDER).optional() }).nullish(),
        response: { 200: RefundedOrder },
      },
    },
    async (request, reply) => {
      const { orderId } = request.params
      const { state, tenant } = await load(deps, order, orderId)
      if (state.status === 'new' || tenant !== request.caller.tenant) throw problemOf('OrderNotFound')
      if (!state.ticketIds) throw problemOf('NothingToRefund', `Order ${orderId} is ${state.status}.`)
      const sold = state.ticketIds
      const wanted = [...new Set(request.body?.ticketIds ?? sold)]
      const stranger = wanted.find((ticketId) => !sold.includes(ticketId))
      if (stranger) throw problemOf('NotFound', `Order ${orderId} sold no ticket ${stranger}.`)

      const asked = { ...contextOf(request, 'RefundOrder', orderId), correlationId: orderId }
      const outcomes = await refundOrder(deps, { orderId, sold, wanted }, asked)
      if (outcomes === 'KeyReused') throw problemOf('KeyReused')
      const tickets = await Promise.all(
        outcomes.map(async ({ ticketId, refused }) => ({
          ...(await viewOf(request, ticketId)),
          refused: refused ? (await problemFor(ticketId, 'REFUNDED', refused)).document() : null,
        })),
      )
      const [only, another] = outcomes
      if (only?.refused && !another) throw await problemFor(only.ticketId, 'REFUNDED', only.refused)
      if (outcomes.every(({ refused }) => refused)) {
        const stand = tickets.map(({ ticketId, status, refused }) => `${ticketId} is ${status} (${refused!.code})`)
        throw problemOf('NothingToRefund', `Of order ${orderId}, ${stand.join(', ')}.`)
      }
      tellPosition(reply, await deps.ledger.head())
      return { orderId, tickets }
    },
  )
}
