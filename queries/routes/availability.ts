import { z } from 'zod'
import { minPosition } from '../../adapters/http/positions.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import { availability } from '../../projections/availability/model.ts'
import { availabilityOf } from '../../projections/availability/read.ts'
import { caughtUp, type Deps, eventFor } from '../reading.ts'

const counts = { capacity: z.int(), available: z.int(), reserved: z.int(), sold: z.int() }

const Answer = z.object({
  eventId: Id,
  pools: z.array(z.object({ pool: z.string(), ...counts })).describe('available + reserved + sold = capacity.'),
  types: z
    .array(z.object({ typeId: Id, name: z.string(), pool: z.string(), ...counts }))
    .describe('Over the slots that each draws from; types may share slots.'),
  asOf: z.string(),
})

/** How much of an event is left. */
export const availabilityRoutes = (server: HttpServer, deps: Deps): void => {
  server.get(
    '/api/v1/events/:eventId/availability',
    {
      config: { action: 'catalogue.read' },
      schema: {
        tags: ['events'],
        params: z.strictObject({ eventId: Id }),
        querystring: z.strictObject({ minPosition }),
        response: { 200: Answer },
      },
    },
    async (request) => {
      const { eventId } = request.params
      await eventFor(deps, request, eventId)
      const asOf = await caughtUp(deps, request, availability)
      return { eventId, ...(await availabilityOf(deps.projections, request.caller.tenant, eventId)), asOf }
    },
  )
}
