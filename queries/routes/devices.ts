import { z } from 'zod'
import { pageOf, paging } from '../../adapters/http/pages.ts'
import { minPosition } from '../../adapters/http/positions.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import { type DeviceRow, devices } from '../../projections/devices/model.ts'
import { devicesOf } from '../../projections/devices/read.ts'
import { caughtUp, type Deps, pageOfRows, venuesFor } from '../reading.ts'

const DeviceView = z.object({
  id: Id,
  deviceId: z.string().describe('What its owner calls it.'),
  name: z.string(),
  zone: z.string(),
  venueId: Id,
  isActive: z.boolean(),
  assignment: z
    .object({ eventId: Id, zone: z.string(), entrance: z.string().nullable() })
    .nullable()
    .describe('The one event it stands at; null for whatever is on at its venue.'),
})

/** The scanning devices of a tenant or, to those bound to venues, of theirs. */
export const deviceRoutes = (server: HttpServer, deps: Deps): void => {
  server.get(
    '/api/v1/devices',
    {
      config: { action: 'device.manage' },
      schema: {
        tags: ['devices'],
        querystring: z.strictObject({
          ...paging(z.tuple([z.string(), Id])),
          active: z
            .stringbool({ truthy: ['true'], falsy: ['false'] })
            .optional()
            .describe('true or false; both without it.'),
          minPosition,
        }),
        response: { 200: pageOf(DeviceView) },
      },
    },
    async (request) => {
      const asOf = await caughtUp(deps, request, devices)
      const { caller, query } = request
      const rows = await devicesOf(deps.projections, {
        tenant: caller.tenant,
        isActive: query.active,
        venues: venuesFor(caller),
        after: query.cursor,
        limit: query.limit + 1,
      })
      return pageOfRows(rows, query.limit, asOf, (row) => [row.device_id, row.id], deviceView)
    },
  )
}

const deviceView = (row: DeviceRow): z.infer<typeof DeviceView> => ({
  id: row.id,
  deviceId: row.device_id,
  name: row.name,
  zone: row.zone,
  venueId: row.venue_id,
  isActive: row.is_active,
  assignment: row.assignment,
})
