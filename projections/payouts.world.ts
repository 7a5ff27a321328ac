import { accountIdOf, stepIdOf } from '../commands/ids.ts'
import type { AccountFact, DebitReason } from '../domain/account/facts.ts'
import { share, sum } from '../domain/money.ts'
import type { AnyFact } from '../domain/registry.ts'
import { idFor, type StoryOrder } from './story.world.ts'

type Tell = (category: string, id: string, fact: AnyFact, correlation?: string) => Promise<unknown>

/** What becomes of a seller's share, told fact by fact. Everything is sold on by one person. */
export const payoutActs = (tell: Tell, tenant: string) => {
  const sellerId = idFor('person/sue')
  const destinationId = idFor('destination/sue')
  const paymentIdOf = ({ placed }: StoryOrder) => placed.payments[0]!.paymentId
  const sharesOf = ({ placed: { venueId, total } }: StoryOrder) => {
    const others = [
      { account: 'platform', amount: share(total, 250) },
      { account: `venue:${venueId}`, amount: share(total, 500) },
    ]
    return [...others, { account: `seller:${sellerId}`, amount: total - sum(others.map(({ amount }) => amount)) }]
  }
  const amountOf = (order: StoryOrder) => ({ amount: sharesOf(order).at(-1)!.amount, currency: order.placed.currency })
  const onAccount = (fact: AccountFact, orderId: string) =>
    tell('account', accountIdOf(tenant, sellerId), fact, orderId)
  const onPayment = (order: StoryOrder, fact: AnyFact) => tell('payment', paymentIdOf(order), fact, order.orderId)

  const creditOf = ({ orderId }: StoryOrder) => ({ sellerId, orderId })
  const movedOf = (order: StoryOrder) => ({ ...creditOf(order), eventId: order.eventId, amount: amountOf(order) })
  const disputeOf = ({ orderId }: StoryOrder) => ({ orderId, disputeId: 'dp_1' })
  const debitIdOf = ({ orderId }: StoryOrder) => stepIdOf(orderId, 'debit')
  const debit = (order: StoryOrder, reason: DebitReason) =>
    onAccount({ type: 'AccountDebited', data: { ...movedOf(order), debitId: debitIdOf(order), reason } }, order.orderId)
  const transferIdOf = ({ orderId }: StoryOrder) => stepIdOf(orderId, 'payout/1')

  const startPayout = (order: StoryOrder) => {
    const data = { ...creditOf(order), transferId: transferIdOf(order), destinationId, amount: amountOf(order) }
    return onAccount({ type: 'PayoutStarted', data }, order.orderId)
  }

  return {
    sellerId,

    tellDestination: (id = destinationId) =>
      onAccount({ type: 'AccountDestinationTold', data: { sellerId, destinationId: id, method: 'card' } }, sellerId),

    confirmResale: (order: StoryOrder) => {
      const { eventId, venueId, payerId, currency, total } = order.placed
      const ticketIds = order.tickets.map(({ ticketId }) => ticketId)
      const data = { eventId, venueId, payerId, ticketIds, currency, total, shares: sharesOf(order) }
      return tell('order', order.orderId, { type: 'OrderConfirmed', data })
    },

    credit: (order: StoryOrder, payableFrom: string | null = null) => {
      const data = { ...movedOf(order), paymentId: paymentIdOf(order), method: 'card' as const, payableFrom }
      return onAccount({ type: 'AccountCredited', data }, order.orderId)
    },

    dispute: async (order: StoryOrder) => {
      await onPayment(order, { type: 'PaymentDisputed', data: { ...disputeOf(order), reason: 'fraudulent' } })
      const data = { ...creditOf(order), disputeId: 'dp_1' }
      await onAccount({ type: 'PayoutWithheld', data }, order.orderId)
    },

    winDispute: async (order: StoryOrder) => {
      await onPayment(order, { type: 'PaymentDisputeClosed', data: { ...disputeOf(order), won: true } })
      await onAccount({ type: 'PayoutReleased', data: { ...creditOf(order), disputeId: 'dp_1' } }, order.orderId)
    },

    loseDispute: async (order: StoryOrder) => {
      await onPayment(order, { type: 'PaymentDisputeClosed', data: { ...disputeOf(order), won: false } })
      await debit(order, 'dispute_lost')
    },

    startPayout,

    payOut: async (order: StoryOrder) => {
      await startPayout(order)
      const data = { ...movedOf(order), transferId: transferIdOf(order), reference: null }
      await onAccount({ type: 'PayoutMade', data }, order.orderId)
    },

    failPayout: (order: StoryOrder, reason = 'no_account', triedId: string | null = null) => {
      const data = { ...creditOf(order), transferId: transferIdOf(order), destinationId: triedId, reason }
      return onAccount({ type: 'PayoutFailed', data }, order.orderId)
    },

    /** Refunded whole: everybody gives back their share. */
    giveBack: async (order: StoryOrder) => {
      const amount = { amount: order.placed.total, currency: order.placed.currency }
      const data = { orderId: order.orderId, refundId: stepIdOf(order.orderId, 'refund'), amount }
      await onPayment(order, { type: 'PaymentRefunded', data: { ...data, shares: sharesOf(order) } })
      await debit(order, 'refunded')
    },

    reversePayout: (order: StoryOrder) =>
      onAccount({ type: 'PayoutReversed', data: { ...movedOf(order), debitId: debitIdOf(order) } }, order.orderId),

    loseReversal: (order: StoryOrder) => {
      const data = { ...movedOf(order), debitId: debitIdOf(order) }
      return onAccount({ type: 'PayoutReversalRefused', data }, order.orderId)
    },
  }
}
