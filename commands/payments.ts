import { z } from 'zod'
import type { Money } from '../domain/money.ts'

export type PaymentRequest = {
  readonly paymentId: string
  readonly orderId: string
  readonly tenant: string
  readonly amount: Money
}

export type Dispute = { readonly id: string; readonly reason: string; readonly status: 'open' | 'won' | 'lost' }

/** What the provider says of a payment now. `unknown`: it was never requested. `declined` is final. */
export type PaymentSeen = {
  readonly status: 'unknown' | 'pending' | 'authorised' | 'declined' | 'captured' | 'voided'
  /** Why it was declined, in the provider's own word. */
  readonly reason?: string
  readonly dispute?: Dispute
  /** Minor units, all refunds together. */
  readonly refunded: number
}

/** A webhook only ever says: look at this payment again. The same id may come twice. */
export type Webhook = { readonly webhookId: string; readonly paymentId: string }

/**
 * The port to a payment provider: authorise first, capture later. Every call may be repeated; one suite
 * (`adapters/payments/payments.contract.ts`) holds every adapter to it.
 */
export type Payments = {
  /** As facts record it: `sandbox`. */
  readonly provider: string
  /** The secret lets the payer, and nobody else, pay. Throws for the same payment with another amount. */
  readonly request: (payment: PaymentRequest) => Promise<{ clientSecret: string }>
  readonly look: (paymentId: string) => Promise<PaymentSeen>
  /** Refused for all that is neither authorised nor captured. */
  readonly capture: (paymentId: string) => Promise<'captured' | 'refused'>
  /** From then on a capture is refused, even of a payment requested later; `captured` if one came before, and nothing was voided. */
  readonly void: (paymentId: string) => Promise<'voided' | 'captured'>
  /** `amount` in minor units. Throws for more than is left of what was captured. */
  readonly refund: (paymentId: string, refundId: string, amount: number) => Promise<void>
  /** Undefined when the signature is wrong or more than five minutes old. Give it the body as it came, byte by byte. */
  readonly receive: (rawBody: string, signature: string | undefined) => Webhook | undefined
}

/** The sandbox's cards, named for what they do. */
export const Card = z.enum([
  'good',
  'declined',
  'insufficient_funds',
  'delayed',
  'capture_refused',
  'webhook_lost',
  'webhook_twice',
  'disputed',
])
export type Card = z.infer<typeof Card>

export type Confirmed = 'accepted' | 'declined' | 'wrong_secret' | 'unknown_payment' | 'already_done'

/** What the sandbox alone can do: a real provider takes the card itself, and disputes come from the payer's bank. */
export type SandboxDesk = {
  /** The payer enters a card. */
  readonly confirm: (paymentId: string, clientSecret: string, card: Card) => Promise<Confirmed>
  readonly settleDispute: (paymentId: string, outcome: 'won' | 'lost') => Promise<'settled' | 'no_open_dispute'>
}
