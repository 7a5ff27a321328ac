import type { PayoutMethod } from '../../domain/account/facts.ts'
import { type Recorded, streamOf } from '../../domain/fact.ts'
import type { Ledger } from '../../domain/ledger.ts'
import type { Placed, Share } from '../../domain/order/facts.ts'
import { type Known, known } from '../../domain/registry.ts'

/** A confirmed sale in which sellers have a share, and what became of its money. */
export type Sale = {
  readonly tenant: string
  readonly orderId: string
  readonly eventId: string
  readonly confirmedAt: string
  readonly currency: string
  /** Who moved the money, as facts name it. */
  readonly provider: string
  readonly method: PayoutMethod
  readonly payment: Placed['payments'][number]
  readonly sellers: readonly { readonly sellerId: string; readonly amount: number }[]
  /** What each gives back by refund. */
  readonly refunds: readonly { readonly refundId: string; readonly shares: readonly Share[] }[]
  readonly disputes: ReadonlyMap<string, 'open' | 'won' | 'lost'>
}

/** The one that moves no money of cards. */
const SOLANA_PAY = 'solana-pay'

/** Whose account a share is on; undefined where it is no seller's. */
export const sellerOf = (account: string): string | undefined => /^seller:(.+)$/.exec(account)?.[1]

/** Undefined for an order that is not confirmed, or in which no seller has a share. Read anew, for a dispute may just have been recorded. */
export const saleOf = async (ledger: Pick<Ledger, 'read'>, orderId: string): Promise<Sale | undefined> => {
  const facts = await factsOf(ledger, 'order', orderId)
  const placed = facts.find(isA('OrderPlaced'))
  const confirmed = facts.find(isA('OrderConfirmed'))
  const payment = placed?.data.payments[0]
  if (!placed || !confirmed || !payment) return undefined
  const sellers = confirmed.data.shares.flatMap(({ account, amount }) => {
    const sellerId = sellerOf(account)
    return sellerId && amount > 0 ? [{ sellerId, amount }] : []
  })
  if (sellers.length === 0) return undefined
  const { metadata, data } = confirmed
  const payments = await factsOf(ledger, 'payment', payment.paymentId)
  const provider = payments.find(isA('PaymentRequested'))?.data.provider
  if (provider === undefined)
    throw new Error(`payment ${payment.paymentId} of order ${orderId} was never requested: read its stream`)
  return {
    tenant: metadata.tenant,
    orderId,
    eventId: data.eventId,
    confirmedAt: metadata.at,
    currency: data.currency,
    payment,
    provider,
    method: provider === SOLANA_PAY ? 'crypto' : 'card',
    sellers,
    ...whatBecameOf(payments),
  }
}

const whatBecameOf = (facts: readonly Known[]): Pick<Sale, 'refunds' | 'disputes'> => {
  const disputes = new Map<string, 'open' | 'won' | 'lost'>()
  for (const { type, data } of facts) {
    if (type === 'PaymentDisputed') disputes.set(data.disputeId, 'open')
    if (type === 'PaymentDisputeClosed') disputes.set(data.disputeId, data.won ? 'won' : 'lost')
  }
  return { refunds: facts.filter(isA('PaymentRefunded')).map(({ data }) => data), disputes }
}

const factsOf = async (ledger: Pick<Ledger, 'read'>, category: string, id: string): Promise<Known[]> =>
  (await ledger.read(streamOf(category, id))).map((fact: Recorded) => known(fact))

const isA =
  <T extends Known['type']>(type: T) =>
  (fact: Known): fact is Extract<Known, { type: T }> =>
    fact.type === type
