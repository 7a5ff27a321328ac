import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { type EventCommand, type EventRefusal, event } from '../../domain/event/event.ts'
import { EventCancelReason } from '../../domain/event/facts.ts'
import { Id } from '../../domain/id.ts'
import type { HandleRefusal } from '../../domain/refusals.ts'
import { load } from '../../domain/stream.ts'
import { At, Instant } from '../../domain/time.ts'
import type { Befallen, Swept } from '../closing/left-tickets.ts'
import { type Deps as HandleDeps, handle, type Outcome } from '../handle.ts'

export type Deps = HandleDeps & {
  /** Has the tickets of an event follow at once. Nobody waits for it. */
  readonly follow: (what: 'cancellation' | 'rescheduling', event: Befallen) => void
  /** Closes the tickets of a tenant's events that are over. */
  readonly expire: (tenant: string) => Promise<Swept>
}

const tags = ['events']
const params = z.strictObject({ eventId: Id })

/** When it is, and whether it is at all. */
const EventStanding = z.object({
  eventId: Id,
  status: z.enum(['drafted', 'published', 'cancelled']),
  salesOpen: z.boolean(),
  startsAt: At,
  endsAt: At,
  refundsUntil: At.nullable().describe(
    'Until then a refund gives back the fees too, since the event was moved; null where its rules grant no such time.',
  ),
})

/** An event that does not take place, or at another time. Its tickets follow by themselves, one by one. */
export const eventEndingRoutes = (server: HttpServer, deps: Deps): void => {
  const run = async (request: FastifyRequest, reply: FastifyReply, eventId: string, command: EventCommand) => {
    const context = contextOf(request, command.type, eventId)
    const outcome = (await handle(deps, event, eventId, command, context)) as Outcome<EventRefusal>
    if (!outcome.done) throw problemOf(outcome.refused, await whyNot(eventId, outcome.refused))
    const { state } = await load(deps, event, eventId)
    if (state.status === 'unknown') throw new Error(`event ${eventId} took a command and is not there: read its stream`)
    const { status, salesOpen, refundsUntil, details } = state
    tellPosition(reply, outcome.position)
    const { startsAt, endsAt } = details
    return { eventId, status, salesOpen, startsAt, endsAt, refundsUntil }
  }

  const whyNot = async (eventId: string, refused: EventRefusal | HandleRefusal): Promise<string | undefined> => {
    const { state } = await load(deps, event, eventId)
    // Also where it is another tenant's.
    if (refused === 'EventNotFound' || state.status === 'unknown') return undefined
    const { startsAt, endsAt } = state.details
    return `Event ${eventId} is ${state.status}, from ${startsAt} to ${endsAt}.`
  }

  server.post(
    '/api/v1/events/:eventId/cancel',
    {
      config: { action: 'event.cancel' },
      schema: {
        tags,
        description:
          'Cancels an event that is not over, for good. Its sales close, orders under way are given up before they are charged, and ' +
          'every ticket is closed and paid back with its fees, by itself: see the closing of the event for how far that is.',
        params,
        body: z.strictObject({ reason: EventCancelReason }),
        response: { 200: EventStanding },
      },
    },
    async (request, reply) => {
      const { eventId } = request.params
      const { reason } = request.body
      const standing = await run(request, reply, eventId, { type: 'CancelEvent', reason })
      deps.follow('cancellation', { tenant: request.caller.tenant, eventId })
      return standing
    },
  )

  server.post(
    '/api/v1/events/:eventId/reschedule',
    {
      config: { action: 'event.manage' },
      schema: {
        tags,
        description:
          'Moves an event that is not over to another time. Its tickets stay good: gates, expiry and all that shows when it is go by ' +
          'the new time at once, and each ticket that was sold for the old one is told by itself. Where the refund rules of the event ' +
          'grant days for it, refunds give back the fees too until then.',
        params,
        body: z.strictObject({ startsAt: Instant, endsAt: Instant }),
        response: { 200: EventStanding },
      },
    },
    async (request, reply) => {
      const { eventId } = request.params
      const { startsAt, endsAt } = request.body
      const standing = await run(request, reply, eventId, { type: 'RescheduleEvent', startsAt, endsAt })
      deps.follow('rescheduling', { tenant: request.caller.tenant, eventId })
      return standing
    },
  )

  server.post(
    '/api/v1/admin/tickets/expire',
    {
      config: { action: 'operations.run' },
      schema: {
        tags: ['operations'],
        description:
          'Closes the tickets of events that ended more than 24 hours ago now, as the worker does each minute: as USED where they were ' +
          'admitted, else as EXPIRED. Refused are those that somebody is paying for right now.',
        response: { 200: z.object({ done: z.int(), refused: z.int() }) },
      },
    },
    async (request) => deps.expire(request.caller.tenant),
  )
}
