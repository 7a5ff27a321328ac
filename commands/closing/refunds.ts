import { z } from 'zod'
import { idOf } from '../../domain/fact.ts'
import { Id } from '../../domain/id.ts'
import { order } from '../../domain/order/order.ts'
import { payment } from '../../domain/payment.ts'
import type { Known } from '../../domain/registry.ts'
import { load } from '../../domain/stream.ts'
import type { Refund } from '../../domain/ticket/facts.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { type Deps as HandleDeps, handle } from '../handle.ts'
import { stepIdOf } from '../ids.ts'
import type { Providers } from '../payments.ts'
import { type Acted, messageOf, type Reactor } from '../reactors/reactor.ts'

export type RefundDeps = HandleDeps & { readonly payments: Pick<Providers, 'called'> }

/** Which refund of which ticket. What it is, the ticket says. */
const Wanted = z.object({ ticketId: Id, refundId: Id })

/**
 * Gives money back for tickets that were closed for it: each refund once, under its own id, whoever asks and however often. It begins
 * with the first fact, for no payer may be forgotten; what was given back before is seen on its payment.
 */
export const refundReactor = (deps: RefundDeps): Reactor => ({
  name: 'refunds',
  begins: 'with-the-first-fact',
  together: 5,
  withinSeconds: 20,
  wants: { TicketRefunded: wanted, TicketCancelled: wanted },
  // One after the other: of several acts that go on at once there are enough.
  act: async (intents) => {
    const acted: Acted[] = []
    for (const { data } of intents) acted.push(await giveBack(deps, Wanted.parse(data)).catch(failedBy))
    return acted
  },
})

const wanted = ({ stream, data }: Extract<Known, { type: 'TicketRefunded' | 'TicketCancelled' }>) =>
  data.refunds
    .filter(({ paymentId }) => paymentId !== null)
    .map(({ refundId }): z.infer<typeof Wanted> => ({ ticketId: idOf(stream), refundId }))

const failedBy = (error: unknown) => ({ failed: messageOf(error) })

const giveBack = async (deps: RefundDeps, { ticketId, refundId }: z.infer<typeof Wanted>): Promise<Acted> => {
  const { state: closed, tenant } = await load(deps, ticket, ticketId)
  const refund = closed.status === 'closed' ? closed.refunds.find((one) => one.refundId === refundId) : undefined
  if (!refund) throw new Error(`ticket ${ticketId} was closed with refund ${refundId}, and does not say so any more`)
  const { state: sold } = await load(deps, order, refund.orderId)
  switch (sold.status) {
    case 'confirmed':
      return pay(deps, refund, tenant!)
    // It ended without tickets, and gives all of its payment back itself.
    case 'refunding':
    case 'refunded':
      return 'done'
    default:
      return { failed: `order ${refund.orderId} has not come to its end yet` }
  }
}

const pay = async (deps: RefundDeps, { refundId, orderId, ...refund }: Refund, tenant: string): Promise<Acted> => {
  const paymentId = refund.paymentId!
  const { state: paid } = await load(deps, payment, paymentId)
  if (paid.status !== 'captured') throw new Error(`order ${orderId} was confirmed with payment ${paymentId} not taken`)
  if (paid.refunds.has(refundId)) return 'done'
  const disputes = [...paid.disputes.values()]
  // Its bank may take the money back by itself: then it would go back twice.
  if (disputes.includes('open'))
    return { failed: `payment ${paymentId} is disputed: what its bank decides comes first` }
  if (disputes.includes('lost')) return 'done'

  const { amount } = refund.amount
  const { provider, reference } = paid.requested
  const taker = deps.payments.called(provider)
  // What a service took, the service gives back; the books say that it owes it.
  if (!taker && provider !== 'external')
    return { failed: `payment ${paymentId} was taken by ${provider}, which is not connected here` }
  await taker?.refund({ paymentId, reference }, refundId, amount)
  const outcome = await handle(
    deps,
    payment,
    paymentId,
    { type: 'RecordRefund', refundId, amount, shares: refund.shares },
    {
      commandId: stepIdOf(refundId, 'record'),
      correlationId: orderId,
      tenant,
      actor: { id: 'refunds', role: 'process' },
      request: '',
    },
  )
  return outcome.done ? 'done' : { refused: outcome.refused }
}
