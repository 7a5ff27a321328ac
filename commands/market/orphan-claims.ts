import { order } from '../../domain/order/order.ts'
import { load } from '../../domain/stream.ts'
import { GRACE_SECONDS } from '../../domain/ticket/sale.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { plus } from '../../domain/time.ts'
import { type Deps as HandleDeps, handle } from '../handle.ts'
import { stepIdOf } from '../ids.ts'
import { inTurns } from '../in-turns.ts'
import { hasEnded } from '../order-process.ts'

/** A buyer's claim on a listed ticket. */
export type StandingClaim = {
  readonly tenant: string
  readonly ticketId: string
  readonly orderId: string
  readonly expiresAt: string
}

export type Deps = HandleDeps & {
  /** Claims made before a time that stand, of all tenants, as a read model that may lag knows them. */
  readonly claims: (before: string) => Promise<readonly StandingClaim[]>
}

/**
 * Releases claims whose order is at its end: a straggler may have made one after its order gave up, and until it is gone the seller can
 * neither withdraw the ticket nor use it. Orders that are not at their end are woken elsewhere, and release their own.
 */
export const releaseOrphanClaims = async (deps: Deps): Promise<{ looked: number; released: number }> => {
  const standing = await deps.claims(plus(deps.now(), -GRACE_SECONDS))
  let released = 0
  await inTurns(standing, async (claim) => {
    if (await release(deps, claim)) released++
  })
  return { looked: standing.length, released }
}

const release = async (deps: Deps, { tenant, ticketId, orderId, expiresAt }: StandingClaim): Promise<boolean> => {
  // Asked of the order itself, since a view that lags behind would release what is being paid for. It is placed before it claims.
  const { state } = await load(deps, order, orderId)
  if (state.status !== 'new' && !hasEnded(state.status)) return false
  const before = await load(deps, ticket, ticketId)
  const outcome = await handle(
    deps,
    ticket,
    ticketId,
    { type: 'ReleaseClaim', orderId },
    {
      commandId: stepIdOf(orderId, `orphan-claim/${ticketId}/${expiresAt}`),
      correlationId: orderId,
      tenant,
      actor: { id: 'claim-worker', role: 'process' },
      request: 'order_ended',
    },
  )
  return outcome.done && outcome.position !== before.position
}
