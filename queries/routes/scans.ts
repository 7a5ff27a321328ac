import { z } from 'zod'
import { requireVenue } from '../../adapters/http/auth.ts'
import { pageOf, paging } from '../../adapters/http/pages.ts'
import { minPosition } from '../../adapters/http/positions.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Check, DenialReason } from '../../domain/admission/verdict.ts'
import { Id } from '../../domain/id.ts'
import { At } from '../../domain/time.ts'
import { type ScanRow, scanLog } from '../../projections/scan-log/model.ts'
import { attendanceOf, scansOf } from '../../projections/scan-log/read.ts'
import { caughtUp, type Deps, eventFor, pageOfRows, venuesFor } from '../reading.ts'

const Verdict = z.enum(['allow', 'deny'])

const ScanView = z.object({
  scanId: Id,
  at: At.describe('When it happened at the gate.'),
  verdict: Verdict,
  reason: DenialReason.nullable(),
  asked: z.enum(['scan', 'validation']).describe('validation: somebody only looked.'),
  ticketId: Id.nullable(),
  eventId: Id.nullable(),
  venueId: Id.nullable(),
  deviceId: Id.nullable(),
  deviceName: z.string().nullable(),
  entrance: z.string().nullable(),
  checks: z.array(Check).nullable().describe('Of a denial: what was checked, up to what failed.'),
})

const Attendance = z.object({
  eventId: Id,
  admitted: z.int().describe('Tickets that came in at least once.'),
  admissions: z.int().describe('How often one came in.'),
  byEntrance: z.array(z.object({ entrance: z.string().nullable(), admitted: z.int(), admissions: z.int() })),
  denied: z.array(z.object({ reason: DenialReason, count: z.int() })),
  asOf: z.string(),
})

/** What happened at the gates. */
export const scanRoutes = (server: HttpServer, deps: Deps): void => {
  const config = { action: 'scan-log.read' } as const

  server.get(
    '/api/v1/scans',
    {
      config,
      schema: {
        tags: ['gate'],
        description: 'Every scan, denied ones too, the newest first.',
        querystring: z.strictObject({
          ...paging(z.tuple([z.string()])),
          eventId: Id.optional(),
          deviceId: Id.optional().describe('The id of the device, not its label.'),
          verdict: Verdict.optional(),
          minPosition,
        }),
        response: { 200: pageOf(ScanView) },
      },
    },
    async (request) => {
      const asOf = await caughtUp(deps, request, scanLog)
      const { caller, query } = request
      const rows = await scansOf(deps.projections, {
        tenant: caller.tenant,
        eventId: query.eventId,
        deviceId: query.deviceId,
        verdict: query.verdict,
        venues: venuesFor(caller),
        before: query.cursor?.[0],
        limit: query.limit + 1,
      })
      return pageOfRows(rows, query.limit, asOf, (row) => [row.position], scanView)
    },
  )

  server.get(
    '/api/v1/events/:eventId/attendance',
    {
      config,
      schema: {
        tags: ['gate'],
        description: 'How many are in, by entrance, and what others were denied for.',
        params: z.strictObject({ eventId: Id }),
        querystring: z.strictObject({ minPosition }),
        response: { 200: Attendance },
      },
    },
    async (request) => {
      const { eventId } = request.params
      const { event } = await eventFor(deps, request, eventId)
      requireVenue(request.caller, event.venue_id)
      const asOf = await caughtUp(deps, request, scanLog)
      return { eventId, ...(await attendanceOf(deps.projections, request.caller.tenant, eventId)), asOf }
    },
  )
}

const scanView = (row: ScanRow): z.infer<typeof ScanView> => ({
  scanId: row.scan_id,
  at: row.at,
  verdict: row.verdict,
  reason: row.reason,
  asked: row.asked,
  ticketId: row.ticket_id,
  eventId: row.event_id,
  venueId: row.venue_id,
  deviceId: row.device_id,
  deviceName: row.device_name,
  entrance: row.entrance,
  checks: row.checks,
})
