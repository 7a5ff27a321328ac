import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { LockFields, lockFields } from '../../adapters/http/care-view.ts'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { page, pageOf, paging } from '../../adapters/http/pages.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { Problem, problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { event } from '../../domain/event/event.ts'
import { Id } from '../../domain/id.ts'
import { load } from '../../domain/stream.ts'
import { LockReason } from '../../domain/ticket/facts.ts'
import { type BulkResult, liftAll, lockAll, ticketsOfOrder } from '../desk/bulk.ts'
import { careOf, onTicket } from '../desk/on-ticket.ts'
import type { Context, Deps as HandleDeps } from '../handle.ts'
import { stepIdOf } from '../ids.ts'

export type Deps = HandleDeps & {
  /** The ids of an event's tickets that somebody holds, in order, as of now. Throws Unavailable where that cannot be told yet. */
  readonly heldAt: (tenant: string, eventId: string, after: string | undefined, limit: number) => Promise<string[]>
}

const tags = ['desk']
const config = { action: 'ticket.lock' } as const
const params = z.strictObject({ ticketId: Id })

const LockedView = z.object({ ticketId: Id, ...LockFields })

/** In one call. */
const MOST = 1_000

const many = {
  ticketIds: z.array(Id).min(1).max(MOST).optional(),
  orderId: Id.optional().describe('Those whose newest sale is this order’s: one that was resold is another order’s.'),
  eventId: Id.optional().describe('All that somebody holds, limit at a time: go on with nextCursor until it is null.'),
  limit: z.int().min(1).max(MOST).default(200).describe('Of an event’s tickets.'),
  cursor: paging(z.tuple([Id])).cursor,
}
type Many = { ticketIds?: string[] | undefined; orderId?: string | undefined; eventId?: string | undefined }

const namesOne = ({ ticketIds, orderId, eventId }: Many): boolean =>
  [ticketIds, orderId, eventId].filter((one) => one !== undefined).length === 1
const NAMES_ONE = 'names none or several of ticketIds, orderId and eventId: name one'

const resultOf = <O extends string>(outcome: O) =>
  z.object({
    ticketId: Id,
    outcome: z.enum([outcome, 'already', 'refused']),
    code: z.string().nullable().describe('Of what is refused; stable. Null where nothing is.'),
    detail: z.string().nullable(),
  })

/** Locks of tickets: each with its reason and its own end. */
export const lockRoutes = (server: HttpServer, deps: Deps): void => {
  const one = '/api/v1/admin/tickets/:ticketId/lock'
  const all = '/api/v1/admin/tickets/locks'

  server.post(
    one,
    {
      config,
      schema: {
        tags,
        description:
          'Locks a ticket: it is not admitted, and not moved, until every lock of it is lifted. What was offered or listed is so no more, and ' +
          'a buyer who is paying is not charged. Another lock stands by itself. Refused for one that is closed.',
        params,
        body: z.strictObject({ reason: LockReason }),
        response: { 200: LockedView },
      },
    },
    async (request, reply) => {
      const { ticketId } = request.params
      const context = contextOf(request, 'LockTicket', ticketId)
      const lockId = stepIdOf(context.commandId, 'lock')
      const locked = await onTicket(deps, ticketId, { type: 'LockTicket', lockId, ...request.body }, context)
      if ('refused' in locked) throw problemOf(locked.refused, locked.why)
      return tellPosition(reply, locked.position).send(await viewOf(ticketId))
    },
  )

  server.delete(
    one,
    {
      config,
      schema: {
        tags,
        description: 'Lifts every lock of a ticket, or the one named. Repeated, it changes nothing.',
        params,
        querystring: z.strictObject({ lockId: Id.optional() }),
        response: { 200: LockedView },
      },
    },
    async (request, reply) => {
      const { ticketId } = request.params
      const lockId = request.query.lockId ?? null
      const context = contextOf(request, 'UnlockTicket', `${ticketId}/${lockId}`)
      const lifted = await onTicket(deps, ticketId, { type: 'UnlockTicket', lockId }, context)
      if ('refused' in lifted) throw problemOf(lifted.refused, lifted.why)
      return tellPosition(reply, lifted.position).send(await viewOf(ticketId))
    },
  )

  server.post(
    all,
    {
      config,
      schema: {
        tags,
        description:
          'Locks many tickets: those listed, of an order or of an event. Each is told of by itself, and one that is refused, such as another ' +
          'tenant’s, keeps no other waiting. Repeated with its Idempotency-Key, it locks none twice.',
        body: z.strictObject({ ...many, reason: LockReason }).refine(namesOne, NAMES_ONE),
        response: { 200: pageOf(resultOf('locked')) },
      },
    },
    async (request, reply) => {
      const { tickets, nextCursor } = await ticketsFor(request)
      const { reason, orderId } = request.body
      const results = await lockAll(deps, tickets, { reason, soldBy: orderId }, bulkContext(request, 'LockTickets'))
      const asOf = await deps.ledger.head()
      return tellPosition(reply, asOf).send({ items: results.map(shown), nextCursor, asOf })
    },
  )

  server.post(
    `${all}/lift`,
    {
      config,
      schema: {
        tags,
        description:
          'Lifts every lock of many tickets, or every one that has this reason. Repeated, it changes nothing.',
        body: z.strictObject({ ...many, reason: LockReason.optional() }).refine(namesOne, NAMES_ONE),
        response: { 200: pageOf(resultOf('lifted')) },
      },
    },
    async (request, reply) => {
      const { tickets, nextCursor } = await ticketsFor(request)
      const { reason, orderId } = request.body
      const results = await liftAll(deps, tickets, { reason, soldBy: orderId }, bulkContext(request, 'UnlockTickets'))
      const asOf = await deps.ledger.head()
      return tellPosition(reply, asOf).send({ items: results.map(shown), nextCursor, asOf })
    },
  )

  const viewOf = async (ticketId: string) => ({ ticketId, ...lockFields((await careOf(deps, ticketId)).locks) })

  const ticketsFor = async ({
    body: { ticketIds, orderId, eventId, limit, cursor },
    caller: { tenant },
  }: FastifyRequest<{ Body: Many & { limit: number; cursor?: [string] | undefined } }>) => {
    if (ticketIds) return { tickets: ticketIds, nextCursor: null }
    if (orderId !== undefined) {
      const tickets = await ticketsOfOrder(deps, orderId, tenant)
      if (!tickets) throw problemOf('OrderNotFound')
      return { tickets, nextCursor: null }
    }
    const known = await load(deps, event, eventId!)
    if (known.state.status === 'unknown' || known.tenant !== tenant) throw problemOf('EventNotFound')
    const found = await deps.heldAt(tenant, eventId!, cursor?.[0], limit + 1)
    const { items, nextCursor } = page(found, limit, '', (ticketId) => [ticketId])
    return { tickets: items, nextCursor }
  }
}

/** Pages of an event are calls of their own, also under one key. */
const bulkContext = (
  request: FastifyRequest<{ Body: { cursor?: [string] | undefined } }>,
  operation: string,
): Context => contextOf(request, operation, request.body.cursor?.[0] ?? '')

const shown = <O extends string>({ ticketId, outcome, refused, why }: BulkResult<O>) => {
  if (refused === null) return { ticketId, outcome, code: null, detail: null }
  const { title, detail } = new Problem(refused, { detail: why }).document()
  return { ticketId, outcome, code: refused, detail: `${title}. ${detail}` }
}
