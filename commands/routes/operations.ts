import { z } from 'zod'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import { type Deps as InventoryDeps, reconcileInventory } from '../inventory.ts'
import { expireReservations, type Deps as ReservationDeps, releaseOrphans } from '../reservations.ts'
import type { Workers } from '../workers.ts'

const tags = ['operations']

const Orphan = z.object({
  ticketId: Id,
  eventId: Id,
  slot: z.string(),
  orderId: Id,
  reservedAt: z.string(),
  expiresAt: z.string(),
  reason: z.enum(['no_order', 'order_failed', 'should_be_expired']),
})

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

/** What the workers do by themselves, for an operator to see and to set going. Each may be repeated without harm. */
export const operationRoutes = (
  server: HttpServer,
  deps: ReservationDeps & InventoryDeps & { readonly workers: Workers },
): void => {
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

  server.get(
    '/api/v1/admin/reservations/orphans',
    {
      config: { action: 'operations.read' },
      schema: {
        tags,
        description: 'Reservations that no living order stands behind, and why.',
        response: { 200: z.object({ items: z.array(Orphan), nextCursor: z.null(), asOf: z.string() }) },
      },
    },
    async (request) => {
      const asOf = await deps.ledger.head()
      const found = await deps.overdue.orphans(deps.now())
      return { items: found.filter(({ tenant }) => tenant === request.caller.tenant), nextCursor: null, asOf }
    },
  )

  server.post(
    '/api/v1/admin/reservations/orphans/release',
    {
      config: { action: 'operations.run' },
      schema: {
        tags,
        description: 'Releases them now, as the cleanup worker does each minute.',
        response: { 200: z.object({ released: z.array(Orphan) }) },
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

  server.get(
    '/api/v1/admin/workers',
    {
      config: { action: 'operations.read' },
      schema: { tags, description: 'The periodic workers: when they ran, what came of it, and when they run next.' },
    },
    async () => ({ items: deps.workers.status(), nextCursor: null, asOf: await deps.ledger.head() }),
  )
}
