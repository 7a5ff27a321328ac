import { idOf } from '../../domain/fact.ts'
import { sum } from '../../domain/money.ts'
import type { Share } from '../../domain/order/facts.ts'
import type { Known } from '../../domain/registry.ts'

/** A payment as far as the journal has to know it. */
export type Paid = {
  readonly event_id: string
  readonly provider: string
  readonly currency: string
  /** Captured and not refunded, in minor units. */
  readonly kept: number
  readonly disputes_lost: number
}

/** Minor units. */
type Entry = { readonly account: string; readonly amount: number }

/** What a fact moves, in one currency; its entries add up to zero. */
export type Movement = {
  readonly order_id: string
  readonly event_id: string
  readonly currency: string
  readonly entries: readonly Entry[]
}

/** The payment that a fact of its stream is about, as it is after that fact. */
type PaidAfter = (fact: Known) => Paid | undefined

/**
 * Double entry. Plus is a debit: money that `processor` (or `external`) holds for us. Minus is a credit: what we owe to an order,
 * a venue, a seller, the platform or the tax office. What payers took back by disputes is in `chargebacks`, less what sellers gave
 * back of it; what sellers owed and no longer had is in `losses`: the platform bears both.
 */
export const movementOf =
  (paidAfter: PaidAfter) =>
  (fact: Known): Movement | undefined => {
    const { type, data, stream } = fact
    switch (type) {
      case 'OrderConfirmed': {
        const { eventId, currency, total, shares } = data
        return movement(idOf(stream), eventId, currency, [of('order', idOf(stream), total), ...shares.map(owed)])
      }
      case 'PaymentCaptured': {
        const { orderId, amount } = data
        const entries = [of('order', orderId, -amount.amount)]
        return takenFrom(fact, orderId, amount.amount, entries, paidAfter)
      }
      case 'PaymentRefunded': {
        const { orderId, amount, shares } = data
        const rest = amount.amount - sum(shares.map((share) => share.amount))
        return takenFrom(fact, orderId, -amount.amount, [of('order', orderId, rest), ...shares], paidAfter)
      }
      case 'PaymentDisputeClosed': {
        const { orderId, won } = data
        const paid = paidAfter(fact)
        // A bank takes back what there was to take, once.
        const lost = won || !paid || paid.disputes_lost > 1 ? 0 : paid.kept
        return takenFrom(fact, orderId, -lost, [{ account: 'chargebacks', amount: lost }], paidAfter)
      }
      case 'AccountDebited':
        // What is refunded, the refund itself takes back.
        return data.reason === 'refunded' ? undefined : onAccount(data, 'chargebacks', 1)
      case 'PayoutMade':
        return onAccount(data, 'processor', 1)
      case 'PayoutReversed':
        return onAccount(data, 'processor', -1)
      case 'PayoutReversalRefused':
        return onAccount(data, 'losses', -1)
      default:
        return undefined
    }
  }

const movement = (order_id: string, event_id: string, currency: string, entries: readonly Entry[]): Movement => ({
  order_id,
  event_id,
  currency,
  entries: entries.filter(({ amount }) => amount !== 0),
})

/** Money that came to whoever holds it for us, or with a minus left there. */
const takenFrom = (
  fact: Known,
  orderId: string,
  amount: number,
  entries: readonly Entry[],
  paidAfter: PaidAfter,
): Movement => {
  const paid = paidAfter(fact)
  if (!paid) throw new Error(`${fact.type} of ${fact.stream}, which was never requested: read its stream`)
  const holder = paid.provider === 'external' ? 'external' : 'processor'
  return movement(orderId, paid.event_id, paid.currency, [{ account: holder, amount }, ...entries])
}

type OnAccount = {
  readonly sellerId: string
  readonly orderId: string
  readonly eventId: string
  readonly amount: { readonly amount: number; readonly currency: string }
}

/** 1: from the seller's account to the other one; -1: the other way round. */
const onAccount = ({ sellerId, orderId, eventId, amount }: OnAccount, other: string, way: 1 | -1): Movement =>
  movement(orderId, eventId, amount.currency, [
    of('seller', sellerId, way * amount.amount),
    { account: other, amount: -way * amount.amount },
  ])

const of = (whose: 'order' | 'seller', id: string, amount: number): Entry => ({ account: `${whose}:${id}`, amount })

const owed = ({ account, amount }: Share): Entry => ({ account, amount: -amount })
