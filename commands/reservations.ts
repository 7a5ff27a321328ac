import { order } from '../domain/order/order.ts'
import { load } from '../domain/stream.ts'
import type { ReleaseReason } from '../domain/ticket/facts.ts'
import { GRACE_SECONDS } from '../domain/ticket/sale.ts'
import { ticket } from '../domain/ticket/ticket.ts'
import { plus } from '../domain/time.ts'
import { handle } from './handle.ts'
import { stepIdOf } from './ids.ts'
import { inTurns } from './in-turns.ts'
import { hasEnded } from './order-process.ts'
import type { Deps as OrderDeps } from './ordering.ts'
import { syncOrder } from './payment-sync.ts'

export type OrphanReason = Extract<ReleaseReason, 'no_order' | 'order_failed' | 'should_be_expired'>

/** A reservation that no living order stands behind. */
export type Orphan = {
  readonly tenant: string
  readonly ticketId: string
  readonly eventId: string
  readonly slot: string
  readonly orderId: string
  readonly reservedAt: string
  readonly expiresAt: string
  readonly reason: OrphanReason
}

/** What the read models know to be due. They may lag, so whoever acts on them asks the streams first. */
export type Overdue = {
  /** Orders not at their end that nothing has happened to for a minute. */
  readonly orders: (now: string) => Promise<readonly { tenant: string; orderId: string }[]>
  readonly orphans: (now: string) => Promise<readonly Orphan[]>
}

export type Deps = OrderDeps & { readonly overdue: Overdue }

/**
 * Looks again at every order that stands still: one whose lease is over reverts, one whose webhook was lost goes on.
 * Only wakes them; what is to be done is for each order's state to say. Of one tenant's, or of all.
 */
export const expireReservations = async (deps: Deps, tenant?: string): Promise<{ looked: number; ended: number }> => {
  const due = (await deps.overdue.orders(deps.now())).filter((one) => tenant === undefined || one.tenant === tenant)
  let ended = 0
  await inTurns(due, async ({ orderId }) => {
    if (hasEnded((await syncOrder(deps, orderId)).status)) ended++
  })
  return { looked: due.length, ended }
}

/** Releases every reservation that is left over, under the reason that the streams give for it. */
export const releaseOrphans = async (deps: Deps, tenant?: string): Promise<{ released: readonly Orphan[] }> => {
  const found = (await deps.overdue.orphans(deps.now())).filter((one) => tenant === undefined || one.tenant === tenant)
  const released: Orphan[] = []
  await inTurns(found, async (orphan) => {
    const reason = await reasonFor(deps, orphan)
    if (reason && (await release(deps, orphan, reason))) released.push({ ...orphan, reason })
  })
  return { released }
}

/** Asked of the order itself, since a view that lags behind would release what is being paid for. */
const reasonFor = async (deps: Deps, { orderId, ticketId }: Orphan): Promise<OrphanReason | undefined> => {
  const { state } = await load(deps, order, orderId)
  if (state.status === 'new') return 'no_order'
  if (state.status === 'cancelled' || state.status === 'refunded') return 'order_failed'
  const isOver = async () => {
    const { state } = await load(deps, ticket, ticketId)
    return state.status === 'reserved' && plus(state.lease.expiresAt, GRACE_SECONDS) <= deps.now()
  }
  if (!(await isOver())) return undefined
  await syncOrder(deps, orderId)
  return (await isOver()) ? 'should_be_expired' : undefined
}

const release = async (deps: Deps, { tenant, ticketId, orderId, expiresAt }: Orphan, reason: OrphanReason) => {
  const before = await load(deps, ticket, ticketId)
  const outcome = await handle(
    deps,
    ticket,
    ticketId,
    { type: 'ReleaseReservation', orderId, reason },
    {
      commandId: stepIdOf(orderId, `orphan/${ticketId}/${expiresAt}`),
      correlationId: orderId,
      tenant,
      actor: { id: 'orphan-worker', role: 'process' },
      request: reason,
    },
  )
  return outcome.done && outcome.position !== before.position
}
