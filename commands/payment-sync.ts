import { type Order, order } from '../domain/order/order.ts'
import { type Payment, type PaymentCommand, payment } from '../domain/payment.ts'
import { load } from '../domain/stream.ts'
import { handle } from './handle.ts'
import { stepIdOf } from './ids.ts'
import { pump } from './order-process.ts'
import { type Deps, stepsOf } from './order-steps.ts'
import { returnLate } from './order-undoing.ts'
import type { Dispute, PaymentSeen } from './payments.ts'

/**
 * Looks at a payment again and moves its order on. Webhooks, workers and operators all come here:
 * what counts is what the provider says now, never what a message said, so twice, late and out of order do no harm.
 */
export const syncPayment = async (deps: Deps, paymentId: string): Promise<void> => {
  const { state, tenant } = await load(deps, payment, paymentId)
  if (state.status === 'new') return
  await recordSeen(deps, paymentId, tenant!, state)
  const { orderId } = state.requested
  const ordered = await pump(deps, orderId)
  if (ordered.status === 'cancelled') await returnLate(stepsOf(deps, orderId, tenant!, ordered))
}

/** The same, starting from the order. */
export const syncOrder = async (deps: Deps, orderId: string): Promise<Order> => {
  const { state, tenant } = await load(deps, order, orderId)
  if (state.status === 'authorising')
    for (const { paymentId } of state.placed.payments) {
      const { state: known } = await load(deps, payment, paymentId)
      if (known.status !== 'new') await recordSeen(deps, paymentId, tenant!, known)
    }
  return pump(deps, orderId)
}

const recordSeen = async (
  deps: Deps,
  paymentId: string,
  tenant: string,
  known: Exclude<Payment, { status: 'new' }>,
) => {
  const { provider, reference, orderId } = known.requested
  const seen = await deps.payments.called(provider)?.look({ paymentId, reference })
  for (const command of seen ? commandsFor(seen) : []) {
    const commandId = stepIdOf(paymentId, JSON.stringify(command))
    const actor = { id: provider, role: 'process' } as const
    await handle(deps, payment, paymentId, command, { commandId, correlationId: orderId, tenant, actor, request: '' })
  }
}

const commandsFor = ({ status, reason, disputes }: PaymentSeen): PaymentCommand[] => {
  const commands: PaymentCommand[] = []
  if (status === 'authorised') commands.push({ type: 'RecordAuthorised' })
  if (status === 'declined') commands.push({ type: 'RecordDeclined', reason: reason ?? 'declined' })
  if (status === 'captured') commands.push({ type: 'RecordCaptured' })
  // Not by us alone: an authorisation that nobody captures, the provider voids itself.
  if (status === 'voided') commands.push({ type: 'RecordVoided' })
  return [...commands, ...disputes.flatMap(commandsForDispute)]
}

const commandsForDispute = ({ id: disputeId, reason, status }: Dispute): PaymentCommand[] => [
  { type: 'RecordDispute', disputeId, reason },
  ...(status === 'open' ? [] : [{ type: 'RecordDisputeClosed', disputeId, won: status === 'won' } as const]),
]
