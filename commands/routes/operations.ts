import { z } from 'zod'
import { OrphanView } from '../../adapters/http/orphan-view.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import { type Deps as InventoryDeps, reconcileInventory } from '../inventory.ts'
import { expireReservations, type Deps as ReservationDeps, releaseOrphans } from '../reservations.ts'

const tags = ['operations']

const SlotState = z.object({
  slot: z.string(),
  edition: z.int(),
  status: z.enum(['free', 'reserved', 'sold', 'closed']),
  orderId: Id.nullable(),
})

const Reconciliation = z.object({
  eventId: Id,
  compared: z.int(),
  differences: z.array(z.object({ slot: z.string(), ledger: SlotState, view: SlotState.nullable() })),
  repaired: z.boolean(),
})

/** What the workers do by themselves, for an operator to set going. Each may be repeated without harm. */
export const operationRoutes = (server: HttpServer, deps: ReservationDeps & InventoryDeps): void => {
  server.post(
    '/api/v1/admin/reservations/expire',
    {
      config: { action: 'operations.run' },
      schema: {
        tags,
        description: 'Looks at every order that stands still now, as the worker does each minute.',
        response: { 200: z.object({ looked: z.int(), ended: z.int() }) },
      },
    },
    async (request) => expireReservations(deps, request.caller.tenant),
  )

  server.post(
    '/api/v1/admin/reservations/orphans/release',
    {
      config: { action: 'operations.run' },
      schema: {
        tags,
        description: 'Releases them now, as the cleanup worker does each minute.',
        response: { 200: z.object({ released: z.array(OrphanView) }) },
      },
    },
    async (request) => {
      const { released } = await releaseOrphans(deps, request.caller.tenant)
      return { released: [...released] }
    },
  )

  server.post(
    '/api/v1/admin/inventory/:eventId/reconcile',
    {
      config: { action: 'operations.run' },
      schema: {
        tags,
        description:
          'Compares the availability view of an event with the ledger, slot by slot; with repair, a view that differs is rebuilt.',
        params: z.strictObject({ eventId: Id }),
        body: z.strictObject({ repair: z.boolean() }),
        response: { 200: Reconciliation },
      },
    },
    async (request) => {
      const { eventId } = request.params
      const result = await reconcileInventory(deps, request.caller.tenant, eventId, request.body.repair)
      if ('refused' in result) throw problemOf(result.refused)
      return { eventId, ...result, differences: [...result.differences] }
    },
  )
}
