import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { type EventCommand, event } from '../../domain/event/event.ts'
import { ChainMode, EntranceName, EventDetails, MAX_POOL_SIZE, Tax, TicketType } from '../../domain/event/facts.ts'
import { Id } from '../../domain/id.ts'
import { Amount } from '../../domain/money.ts'
import { PoolName } from '../../domain/slot.ts'
import { load } from '../../domain/stream.ts'
import { Instant } from '../../domain/time.ts'
import { venue } from '../../domain/venue.ts'
import { DEFAULT_ZONES, ZoneName, Zones } from '../../domain/zone.ts'
import { type Deps, handle } from '../handle.ts'
import { stepIdOf } from '../ids.ts'

const tags = ['events']
const params = z.strictObject({ eventId: Id })

const NewEvent = z.strictObject({
  ...EventDetails.shape,
  type: EventDetails.shape.type.default('single'),
  startsAt: Instant,
  endsAt: Instant,
  zones: Zones.default(DEFAULT_ZONES).describe(
    'From the outermost to the innermost: a ticket for one opens those before it.',
  ),
  chain: ChainMode.optional().describe(
    'What of its tickets is copied to Solana: token (an account and a token each), record (the account alone) or off. ' +
      'Fixed from here on; left out, it is as this installation does it.',
  ),
})

const { typeId: _, price: __, ...typeShape } = TicketType.shape

const NewTicketType = z.strictObject({
  ...typeShape,
  priceCents: Amount.describe("In minor units of the event's currency: 2500 is €25.00, or ¥2,500."),
  from: typeShape.from.default(1),
  to: typeShape.to
    .default(null)
    .describe('The last slot of the pool that it draws from; null: as far as the pool reaches.'),
  taxes: z.array(z.strictObject(Tax.shape)).max(5).default([]),
  validDates: typeShape.validDates.default(null),
  maxPerOrder: typeShape.maxPerOrder.default(10),
  maxPerPerson: typeShape.maxPerPerson.default(null),
  onSaleFrom: Instant.nullable().default(null),
  onSaleUntil: Instant.nullable().default(null),
  transferable: typeShape.transferable
    .default(true)
    .describe('Whether its holder may give it to somebody else. It may be sold on all the same.'),
})

const TicketTypeView = { typeId: Id, priceCents: Amount, ...typeShape }

/** An event from its draft to its sale. What is fixed in it is refused to change; what may grow, grows. */
export const eventRoutes = (server: HttpServer, deps: Deps & { readonly chainByDefault: ChainMode }): void => {
  /** Runs one command of an event and answers with the event's id, what it says and where it stands now. */
  const run = async <T extends object>(
    request: FastifyRequest,
    reply: FastifyReply,
    eventId: string,
    command: EventCommand,
    said: T,
  ) => {
    const context = contextOf(request, command.type, eventId)
    const outcome = await handle(deps, event, eventId, command, context)
    if (!outcome.done) throw problemOf(outcome.refused)
    const { state } = await load(deps, event, eventId)
    if (state.status === 'unknown') throw new Error(`event ${eventId} took a command and is not there: read its stream`)
    tellPosition(reply, outcome.position)
    return { eventId, status: state.status, salesOpen: state.salesOpen, ...said }
  }
  const answer = <S extends z.ZodRawShape>(shape: S) =>
    z.object({ eventId: Id, status: z.enum(['drafted', 'published', 'cancelled']), salesOpen: z.boolean(), ...shape })

  server.post(
    '/api/v1/events',
    {
      config: { action: 'event.manage' },
      schema: {
        tags,
        description: 'Drafts an event at a venue.',
        body: NewEvent,
        response: { 201: answer(EventDetails.shape) },
      },
    },
    async (request, reply) => {
      const details = { ...request.body, chain: request.body.chain ?? deps.chainByDefault }
      const at = await load(deps, venue, details.venueId)
      if (at.state.status === 'unknown' || at.tenant !== request.caller.tenant) throw problemOf('VenueNotFound')
      const eventId = stepIdOf(contextOf(request, 'DraftEvent').commandId, 'event')
      reply.code(201)
      return run(request, reply, eventId, { type: 'DraftEvent', details }, details)
    },
  )

  server.put(
    '/api/v1/events/:eventId/pools/:pool',
    {
      config: { action: 'event.manage' },
      schema: {
        tags,
        description: 'Sizes a pool of numbered admissions. A pool only grows.',
        params: z.strictObject({ eventId: Id, pool: PoolName }),
        body: z.strictObject({ size: z.int().min(1).max(MAX_POOL_SIZE) }),
        response: { 200: answer({ pool: PoolName, size: z.int() }) },
      },
    },
    async (request, reply) => {
      const { eventId, pool } = request.params
      const { size } = request.body
      return run(request, reply, eventId, { type: 'SizePool', pool, size }, { pool, size })
    },
  )

  server.post(
    '/api/v1/events/:eventId/ticket-types',
    {
      config: { action: 'event.manage' },
      schema: {
        tags,
        description: 'Adds a ticket type.',
        params,
        body: NewTicketType,
        response: { 201: answer(TicketTypeView) },
      },
    },
    async (request, reply) => {
      const { eventId } = request.params
      const typeId = stepIdOf(contextOf(request, 'SetTicketType', eventId).commandId, 'type')
      reply.code(201)
      return setType(request, reply, eventId, typeId, request.body)
    },
  )

  server.put(
    '/api/v1/events/:eventId/ticket-types/:typeId',
    {
      config: { action: 'event.manage' },
      schema: {
        tags,
        description:
          'Changes a ticket type as a whole. Tickets that are reserved or sold keep what they were sold under.',
        params: z.strictObject({ eventId: Id, typeId: Id }),
        body: NewTicketType,
        response: { 200: answer(TicketTypeView) },
      },
    },
    async (request, reply) => {
      const { eventId, typeId } = request.params
      const { state, tenant } = await load(deps, event, eventId)
      if (state.status === 'unknown' || tenant !== request.caller.tenant) throw problemOf('EventNotFound')
      if (!state.types.has(typeId)) throw problemOf('TicketTypeNotFound')
      return setType(request, reply, eventId, typeId, request.body)
    },
  )

  const setType = (
    request: FastifyRequest,
    reply: FastifyReply,
    eventId: string,
    typeId: string,
    body: z.infer<typeof NewTicketType>,
  ) => {
    const { priceCents: price, ...rest } = body
    return run(
      request,
      reply,
      eventId,
      { type: 'SetTicketType', ticketType: { typeId, price, ...rest } },
      { typeId, ...body },
    )
  }

  server.put(
    '/api/v1/events/:eventId/entrances/:name',
    {
      config: { action: 'event.manage' },
      schema: {
        tags,
        description: 'Names an entrance and the zone that it leads into.',
        params: z.strictObject({ eventId: Id, name: EntranceName }),
        body: z.strictObject({ zone: ZoneName }),
        response: { 200: answer({ name: EntranceName, zone: ZoneName }) },
      },
    },
    async (request, reply) => {
      const { eventId, name } = request.params
      const { zone } = request.body
      return run(request, reply, eventId, { type: 'SetEntrance', name, zone }, { name, zone })
    },
  )

  const steps = [
    ['publish', 'PublishEvent', 'Shows the event to everybody. It needs a ticket type.'],
    ['sales/open', 'OpenSales', 'Opens the sales of a published event.'],
    ['sales/close', 'CloseSales', 'Closes the sales. Orders that are under way may still be paid.'],
  ] as const
  for (const [path, type, description] of steps)
    server.post(
      `/api/v1/events/:eventId/${path}`,
      { config: { action: 'event.manage' }, schema: { tags, description, params, response: { 200: answer({}) } } },
      async (request, reply) => run(request, reply, request.params.eventId, { type }, {}),
    )
}
