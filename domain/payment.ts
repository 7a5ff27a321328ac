import { z } from 'zod'
import { type Decider, refuse } from './decider.ts'
import type { FactOf } from './fact.ts'
import { Id } from './id.ts'
import { Currency, sum, Total } from './money.ts'
import { Share } from './order/facts.ts'

/** Of a whole order. */
const Paid = z.object({ amount: Total, currency: Currency })

const Requested = z.object({
  orderId: Id,
  eventId: Id,
  payerId: Id,
  amount: Paid,
  /** Who moves the money: `sandbox`, `stripe`, or `external` where a service of the tenant's took it. */
  provider: z.string(),
  /** What the provider calls it, where that is not our own id. */
  reference: z.string().nullable(),
})
type Requested = z.infer<typeof Requested>
const Refund = z.object({
  orderId: Id,
  refundId: Id,
  amount: Paid,
  /** What each gives back of it who had a share of the payment. Empty where nobody had one yet. */
  shares: z.array(Share),
})

/** Stored forever: add, never edit. */
export const paymentFacts = {
  PaymentRequested: Requested,
  PaymentAuthorised: z.object({ orderId: Id }),
  PaymentDeclined: z.object({ orderId: Id, reason: z.string() }),
  PaymentCaptured: z.object({ orderId: Id, amount: Paid }),
  PaymentVoided: z.object({ orderId: Id }),
  PaymentRefunded: Refund,
  PaymentDisputed: z.object({ orderId: Id, disputeId: z.string(), reason: z.string() }),
  PaymentDisputeClosed: z.object({ orderId: Id, disputeId: z.string(), won: z.boolean() }),
}
export type PaymentFact = FactOf<typeof paymentFacts>

export type PaymentCommand =
  | { type: 'RequestPayment'; requested: Requested }
  /** Taken elsewhere: requested and captured in one. */
  | { type: 'RecordExternalPayment'; requested: Requested }
  | { type: 'RecordAuthorised' }
  | { type: 'RecordDeclined'; reason: string }
  | { type: 'RecordCaptured' }
  | { type: 'RecordVoided' }
  | { type: 'RecordRefund'; refundId: string; amount: number; shares?: readonly Share[] }
  | { type: 'RecordDispute'; disputeId: string; reason: string }
  | { type: 'RecordDisputeClosed'; disputeId: string; won: boolean }

export type PaymentRefusal = 'PaymentNotFound' | 'PaymentDiffers' | 'RefundExceedsPayment'

export type Payment =
  | { readonly status: 'new' }
  | {
      readonly status: 'requested' | 'authorised' | 'declined' | 'captured' | 'voided'
      readonly requested: Requested
      /** Why it was declined. */
      readonly reason: string | null
      /** Minor units by refund id. */
      readonly refunds: ReadonlyMap<string, number>
      readonly disputes: ReadonlyMap<string, 'open' | 'won' | 'lost'>
    }

/** What a provider said of one payment. Reports may come twice, late or out of order: one that is behind records nothing. */
export const payment: Decider<PaymentCommand, PaymentFact, Payment, PaymentRefusal> = {
  category: 'payment',
  initial: { status: 'new' },

  decide: (c, p) => {
    if (c.type === 'RequestPayment' || c.type === 'RecordExternalPayment') {
      const { orderId, amount, reference } = c.requested
      if (p.status === 'new') {
        const requested: PaymentFact = { type: 'PaymentRequested', data: c.requested }
        return c.type === 'RequestPayment'
          ? [requested]
          : [requested, { type: 'PaymentCaptured', data: { orderId, amount } }]
      }
      return p.requested.reference === reference ? [] : refuse('PaymentDiffers')
    }
    if (p.status === 'new') return refuse('PaymentNotFound')
    const { orderId, amount } = p.requested
    switch (c.type) {
      case 'RecordAuthorised':
        return p.status === 'requested' ? [{ type: 'PaymentAuthorised', data: { orderId } }] : []
      case 'RecordDeclined':
        return p.status === 'requested' ? [{ type: 'PaymentDeclined', data: { orderId, reason: c.reason } }] : []
      case 'RecordCaptured':
        return p.status === 'captured' ? [] : [{ type: 'PaymentCaptured', data: { orderId, amount } }]
      case 'RecordVoided':
        return p.status === 'requested' || p.status === 'authorised'
          ? [{ type: 'PaymentVoided', data: { orderId } }]
          : []
      case 'RecordRefund': {
        if (p.refunds.has(c.refundId)) return []
        if (p.status !== 'captured' || sum([...p.refunds.values()]) + c.amount > amount.amount)
          return refuse('RefundExceedsPayment')
        const refunded = { ...amount, amount: c.amount }
        return [
          {
            type: 'PaymentRefunded',
            data: { orderId, refundId: c.refundId, amount: refunded, shares: [...(c.shares ?? [])] },
          },
        ]
      }
      case 'RecordDispute':
        if (p.disputes.has(c.disputeId)) return []
        return [{ type: 'PaymentDisputed', data: { orderId, disputeId: c.disputeId, reason: c.reason } }]
      case 'RecordDisputeClosed':
        if (p.disputes.get(c.disputeId) !== 'open') return []
        return [{ type: 'PaymentDisputeClosed', data: { orderId, disputeId: c.disputeId, won: c.won } }]
    }
  },

  evolve: (p, { type, data }) => {
    if (type === 'PaymentRequested')
      return { status: 'requested', requested: data, reason: null, refunds: new Map(), disputes: new Map() }
    if (p.status === 'new') return p
    switch (type) {
      case 'PaymentAuthorised':
        return { ...p, status: 'authorised' }
      case 'PaymentDeclined':
        return { ...p, status: 'declined', reason: data.reason }
      case 'PaymentCaptured':
        return { ...p, status: 'captured' }
      case 'PaymentVoided':
        return { ...p, status: 'voided' }
      case 'PaymentRefunded':
        return { ...p, refunds: new Map(p.refunds).set(data.refundId, data.amount.amount) }
      case 'PaymentDisputed':
        return { ...p, disputes: new Map(p.disputes).set(data.disputeId, 'open') }
      case 'PaymentDisputeClosed':
        return { ...p, disputes: new Map(p.disputes).set(data.disputeId, data.won ? 'won' : 'lost') }
    }
  },
}
