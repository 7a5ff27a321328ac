import { z } from 'zod'
import { idOf } from '../../domain/fact.ts'
import { Id } from '../../domain/id.ts'
import { order } from '../../domain/order/order.ts'
import { payment } from '../../domain/payment.ts'
import { load } from '../../domain/stream.ts'
import type { LockCommand } from '../../domain/ticket/locking.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { type Deps, handle } from '../handle.ts'
import { stepIdOf, ticketIdOf } from '../ids.ts'
import type { Acted, Reactor } from '../reactors/reactor.ts'

const Wanted = z.object({ paymentId: Id, disputeId: z.string() })
type Wanted = z.infer<typeof Wanted>

/**
 * Locks what was bought with a payment that is disputed, and lifts that lock once the dispute is won; a lost one leaves it for staff to
 * act on. A ticket that its payer has resold since is another's, who did pay: it stays open.
 */
export const disputes = (deps: Deps): Reactor => ({
  name: 'disputes',
  begins: 'with-the-first-fact',
  withinSeconds: 30,
  wants: {
    PaymentDisputed: ({ stream, data }) => [{ paymentId: idOf(stream), disputeId: data.disputeId }],
    PaymentDisputeClosed: ({ stream, data }) => [{ paymentId: idOf(stream), disputeId: data.disputeId }],
  },
  together: 1,
  act: async ([intent]) => {
    const wanted = Wanted.parse(intent!.data)
    let standing = await standingOf(deps, wanted)
    for (;;) {
      const acted = await follow(deps, wanted, standing)
      const now = await standingOf(deps, wanted)
      // Of a dispute that ends meanwhile the end may have been seen to first, when there was no lock to lift yet.
      if (now.isWon === standing.isWon) return [acted]
      standing = now
    }
  },
})

type Standing = { readonly orderId: string; readonly tenant: string; readonly isWon: boolean }

const standingOf = async (deps: Deps, { paymentId, disputeId }: Wanted): Promise<Standing> => {
  const { state, tenant } = await load(deps, payment, paymentId)
  if (state.status === 'new' || tenant === undefined)
    throw new Error(`payment ${paymentId} is disputed and has no stream`)
  return { orderId: state.requested.orderId, tenant, isWon: state.disputes.get(disputeId) === 'won' }
}

const follow = async (
  deps: Deps,
  { paymentId, disputeId }: Wanted,
  { orderId, tenant, isWon }: Standing,
): Promise<Acted> => {
  const { state } = await load(deps, order, orderId)
  if (state.status === 'new') return { refused: `order ${orderId} of the payment was never placed` }
  const { status, placed } = state
  if (status === 'cancelled' || status === 'refunded') return 'done'
  // It is paid, so its tickets are about to be sold or to be given up.
  if (status !== 'confirmed') return { failed: `order ${orderId} is ${status}: its tickets are not sold yet` }

  const lockId = stepIdOf(paymentId, disputeId)
  const command: LockCommand = isWon
    ? { type: 'UnlockTicket', lockId }
    : { type: 'LockTicket', lockId, reason: 'chargeback_pending', soldBy: orderId }
  for (const { slot, edition } of placed.lines) {
    const ticketId = ticketIdOf(placed.eventId, slot, edition)
    // Refused where it is closed or another's by now: nothing is left to lock.
    await handle(deps, ticket, ticketId, command, {
      commandId: stepIdOf(lockId, `${command.type}/${ticketId}`),
      correlationId: orderId,
      tenant,
      actor: { id: 'disputes', role: 'process' },
      request: command.type,
    })
  }
  return 'done'
}
