import { z } from 'zod'
import { OrphanView } from '../../adapters/http/orphan-view.ts'
import { pageOf } from '../../adapters/http/pages.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { GRACE_SECONDS } from '../../domain/ticket/sale.ts'
import { At } from '../../domain/time.ts'
import type { WorkerReports } from '../../domain/vault.ts'
import { availability } from '../../projections/availability/model.ts'
import { orphans } from '../../projections/availability/read.ts'
import { caughtUp, type Deps } from '../reading.ts'

const tags = ['operations']

const WorkerView = z.object({
  name: z.string(),
  every: z.string().describe('A cron pattern of five fields, in the time zone of the process.'),
  nextRun: At.nullable().describe('Null while no process runs it.'),
  lastRun: z
    .object({ at: At, outcome: z.record(z.string(), z.unknown()).nullable(), error: z.string().nullable() })
    .nullable(),
})

/** What an operator looks at. */
export const operationRoutes = (
  server: HttpServer,
  deps: Deps & { readonly workers: Pick<WorkerReports, 'all'> },
): void => {
  server.get(
    '/api/v1/admin/reservations/orphans',
    {
      config: { action: 'operations.read' },
      schema: {
        tags,
        description: 'Reservations that no living order stands behind, and why.',
        response: { 200: pageOf(OrphanView) },
      },
    },
    async (request) => {
      const asOf = await caughtUp(deps, { query: { minPosition: await deps.ledger.head() } }, availability)
      const found = await orphans(deps.projections, { now: deps.now(), grace: GRACE_SECONDS })
      return { items: found.filter(({ tenant }) => tenant === request.caller.tenant), nextCursor: null, asOf }
    },
  )

  server.get(
    '/api/v1/admin/workers',
    {
      config: { action: 'operations.read' },
      schema: {
        tags,
        description: 'The periodic workers: when they ran last, what came of it, and when they run next.',
        response: { 200: pageOf(WorkerView) },
      },
    },
    async () => {
      const items = (await deps.workers.all()).map(({ lastRun, ...rest }) => ({
        ...rest,
        lastRun: lastRun && { ...lastRun, outcome: lastRun.outcome as Record<string, unknown> | null },
      }))
      return { items, nextCursor: null, asOf: await deps.ledger.head() }
    },
  )
}
