import { z } from 'zod'
import type { Money } from '../domain/money.ts'
import type { PayMethod } from '../domain/order/facts.ts'

/** A payment as the books know it. */
export type PaymentRef = {
  readonly paymentId: string
  /** What the provider calls it, as the books recorded it; null where that is our own id, or where they have recorded nothing yet. */
  readonly reference: string | null
}

export type PaymentRequest = PaymentRef & {
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
  /** All there ever were. */
  readonly disputes: readonly Dispute[]
  /** Minor units, all refunds together. */
  readonly refunded: number
}

/** A seller's share of a captured payment. */
export type Transfer = {
  readonly transferId: string
  readonly from: PaymentRef
  /** The seller's account, as the provider calls it. */
  readonly account: string
  /** Minor units of the payment's currency. */
  readonly amount: number
}

/** A transfer as the books know it; the reference as with a payment. */
export type TransferRef = { readonly transferId: string; readonly reference: string | null }

/** A webhook only ever says: look at this payment again. So the same one may come twice, and one that is replayed does no harm. */
export type Webhook = {
  readonly webhookId: string
  /** Null for what is no payment of ours, or changes nothing of one. */
  readonly paymentId: string | null
}

/** The provider charges no such amount of this currency, so no payment can exist for it. */
export class Unchargeable extends Error {
  override name = 'Unchargeable'
}

/**
 * The port to a payment provider: authorise first, capture later; where a payment cannot be authorised it is captured as it is made. Every call may be repeated, at any time and by any process; one suite
 * (`adapters/payments/payments.contract.ts`) holds every adapter to it. Where the provider cannot be asked, or does not know yet, a call
 * throws Unavailable: it may have happened, so look again.
 */
export type Payments = {
  /** As facts record it: `sandbox`, `stripe`, `solana-pay`. */
  readonly provider: string
  /** The HTTP header, in lower case, that its webhooks are signed in. */
  readonly signatureHeader: string
  /**
   * The secret lets the payer, and nobody else, pay. The reference is to be recorded before it is told to anybody.
   * Throws Unchargeable for an amount that cannot be charged, and for the same payment with another amount.
   */
  readonly request: (payment: PaymentRequest) => Promise<{ reference: string | null; clientSecret: string }>
  readonly look: (payment: PaymentRef) => Promise<PaymentSeen>
  /** Refused for all that is neither authorised nor captured. */
  readonly capture: (payment: PaymentRef) => Promise<'captured' | 'refused'>
  /** From then on a capture is refused, even of a payment requested later; `captured` if one came before, and nothing was voided. */
  readonly void: (payment: PaymentRequest) => Promise<'voided' | 'captured'>
  /** `amount` in minor units. Throws for more than is left of what was captured. */
  readonly refund: (payment: PaymentRef, refundId: string, amount: number) => Promise<void>
  /** Refused, with the provider's reason, where the account cannot take it. Throws for more than was captured, all transfers of the payment together. */
  readonly transferToSeller: (transfer: Transfer) => Promise<{ reference: string | null } | { refused: string }>
  /** Refused where the account no longer has the money. Throws for more than is left of the transfer. */
  readonly reverseTransfer: (
    transfer: TransferRef,
    reversalId: string,
    amount: number,
  ) => Promise<'reversed' | 'refused'>
  /** Undefined when the signature is wrong or more than five minutes old. Give it the body as it came, byte by byte. */
  readonly receive: (rawBody: string, signature: string | undefined) => Promise<Webhook | undefined>
}

/** The providers in use, one for each way to pay. */
export type Providers = {
  readonly by: (method: PayMethod | undefined) => Payments
  /** As facts name it; undefined where it is not in use here, or took the money elsewhere. */
  readonly called: (provider: string) => Payments | undefined
}

/** What a provider can do that calls nobody back, so that somebody has to watch. */
export type Watched = {
  /** Whether anybody may be paying just now, as far as this process knows. */
  readonly isAwaiting: () => boolean
  /** Payments that something came for since it was asked last; the first time, in the last day. One may be told again. */
  readonly arrivals: () => Promise<readonly string[]>
  /** Sends back what came besides the payment itself: too little, too much, or once more. May be repeated. */
  readonly returnStrays: (payment: PaymentRef) => Promise<void>
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
  /** The payer enters a card. The same entry again gets the same answer, whatever has become of the payment. */
  readonly confirm: (paymentId: string, clientSecret: string, card: Card, entryId: string) => Promise<Confirmed>
  readonly settleDispute: (paymentId: string, outcome: 'won' | 'lost') => Promise<'settled' | 'no_open_dispute'>
}

/** On the embedded chain alone: somebody who pays by crypto, without a wallet of their own. */
export type CryptoDesk = {
  /** The same entry again gets the same answer. */
  readonly confirm: (payment: PaymentRequest, clientSecret: string, entryId: string) => Promise<Confirmed>
}
