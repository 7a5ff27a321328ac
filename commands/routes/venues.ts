import { z } from 'zod'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import { BasisPoints } from '../../domain/money.ts'
import { Fee, VenueDetails, venue } from '../../domain/venue.ts'
import { type Deps, handle } from '../handle.ts'
import { stepIdOf } from '../ids.ts'

const params = z.strictObject({ venueId: Id })
const tags = ['venues']

/** A venue, what it charges, and what it gets of resales. */
export const venueRoutes = (server: HttpServer, deps: Deps): void => {
  server.post(
    '/api/v1/venues',
    {
      config: { action: 'venue.manage' },
      schema: {
        tags,
        description: 'Registers a venue.',
        body: z.strictObject(VenueDetails.shape),
        response: { 201: z.object({ venueId: Id, ...VenueDetails.shape }) },
      },
    },
    async (request, reply) => {
      const context = contextOf(request, 'RegisterVenue')
      const venueId = stepIdOf(context.commandId, 'venue')
      const outcome = await handle(deps, venue, venueId, { type: 'RegisterVenue', ...request.body }, context)
      if (!outcome.done) throw problemOf(outcome.refused)
      return tellPosition(reply, outcome.position)
        .code(201)
        .send({ venueId, ...request.body })
    },
  )

  server.put(
    '/api/v1/venues/:venueId/fees',
    {
      config: { action: 'venue.manage' },
      schema: {
        tags,
        description: 'Sets the fees on tickets sold from now on. They replace those set before.',
        params,
        body: z.strictObject({ fees: z.array(z.strictObject(Fee.shape)).max(10) }),
        response: { 200: z.object({ venueId: Id, fees: z.array(Fee) }) },
      },
    },
    async (request, reply) => {
      const { venueId } = request.params
      const { fees } = request.body
      const context = contextOf(request, 'SetVenueFees', venueId)
      const outcome = await handle(deps, venue, venueId, { type: 'SetVenueFees', fees }, context)
      if (!outcome.done) throw problemOf(outcome.refused)
      return tellPosition(reply, outcome.position).send({ venueId, fees })
    },
  )

  server.put(
    '/api/v1/venues/:venueId/royalty',
    {
      config: { action: 'venue.manage' },
      schema: {
        tags,
        description: "Sets the venue's part of each resale, in basis points: 500 is 5 %.",
        params,
        body: z.strictObject({ basisPoints: BasisPoints }),
        response: { 200: z.object({ venueId: Id, basisPoints: BasisPoints }) },
      },
    },
    async (request, reply) => {
      const { venueId } = request.params
      const { basisPoints } = request.body
      const context = contextOf(request, 'SetVenueRoyalty', venueId)
      const outcome = await handle(deps, venue, venueId, { type: 'SetVenueRoyalty', basisPoints }, context)
      if (!outcome.done) throw problemOf(outcome.refused)
      return tellPosition(reply, outcome.position).send({ venueId, basisPoints })
    },
  )
}
