import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import type { Card, Confirmed, PaymentSeen, Payments, SandboxDesk } from '../../commands/payments.ts'
import type { Money } from '../../domain/money.ts'
import { isToMove } from './portion.ts'
import { type Kept, sandboxBooks } from './sandbox-books.ts'
import { sandboxSellers } from './sandbox-sellers.ts'
import { readWebhook, type Send, webhooks } from './sandbox-webhooks.ts'

type Options = {
  /** The bank's own file. */
  readonly path: string
  /** 32 bytes: what client secrets and webhook signatures derive from. */
  readonly key: Uint8Array
  readonly now: () => string
  readonly deliver: Send
}

export type SandboxPayments = Payments & SandboxDesk & { readonly close: () => void }

/** How long the bank takes over a `delayed` card. */
export const AUTHORISES_AFTER_MS = 2_000

/** How long after the capture the payer of a `disputed` card complains. */
export const DISPUTES_AFTER_MS = 500

const DECLINES: { readonly [C in Card]?: string } = {
  declined: 'card_declined',
  insufficient_funds: 'insufficient_funds',
}

const COPIES: { readonly [C in Card]?: number } = { webhook_lost: 0, webhook_twice: 2 }

/**
 * A bank without money that behaves as its cards are named. What it said survives a restart, and processes may share its file;
 * of the webhooks under way those of late authorisations and of disputes are sent again. It tells by webhook what it learns by
 * itself; what a caller asked for, the caller was answered. It knows payments by our own id, so it gives them no reference.
 */
export const sandboxPayments = ({ path, key, now, deliver }: Options): SandboxPayments => {
  const secret = createSecretKey(key)
  const books = sandboxBooks(path)
  const outgoing = webhooks(secret, now, deliver)
  const clientSecretOf = (paymentId: string) =>
    createHmac('sha256', secret).update(`client-secret/${paymentId}`).digest('base64url')

  /** A payment as it is by now: what was due to happen of itself has happened. */
  const find = (paymentId: string): Kept | undefined => {
    const payment = books.find(paymentId)
    if (!payment?.dueAt || payment.dueAt > now()) return payment
    if (payment.status === 'captured') books.openDispute(paymentId, `dispute-${paymentId}`, 'fraudulent')
    else books.move(paymentId, 'authorised', null)
    return books.find(paymentId)
  }

  const port: Payments = {
    provider: 'sandbox',
    signatureHeader: 'payment-signature',

    request: async ({ paymentId, amount }) => {
      const payment = books.atomically(() => {
        books.open(paymentId, amount)
        return find(paymentId)!
      })
      if (!isFor(payment, amount)) throw new Error(`payment ${paymentId} was requested with another amount before`)
      return { reference: null, clientSecret: clientSecretOf(paymentId) }
    },

    look: async ({ paymentId }) => seen(books.atomically(() => find(paymentId))),

    capture: async ({ paymentId }) => {
      const { answer, disputed = false } = books.atomically(() => {
        const payment = find(paymentId)
        if (payment?.status === 'captured') return { answer: 'captured' as const }
        if (payment?.status !== 'authorised' || payment.card === 'capture_refused')
          return { answer: 'refused' as const }
        const disputed = payment.card === 'disputed'
        books.move(paymentId, 'captured', disputed ? later(now(), DISPUTES_AFTER_MS) : null)
        return { answer: 'captured' as const, disputed }
      })
      if (disputed) outgoing.send(paymentId, { afterMs: DISPUTES_AFTER_MS })
      return answer
    },

    void: async ({ paymentId }) =>
      books.atomically(() => {
        const payment = find(paymentId)
        if (payment?.status === 'captured') return 'captured'
        // An unknown one too: its request may still be on the way.
        if (!payment) books.openVoided(paymentId)
        else if (payment.status !== 'declined') books.move(paymentId, 'voided', null)
        return 'voided'
      }),

    refund: async ({ paymentId }, refundId, amount) =>
      books.atomically(() => {
        const payment = find(paymentId)
        const left = payment?.status === 'captured' ? payment.amount! - payment.refunded : 0
        const before = books.refundOf(paymentId, refundId)
        if (isToMove({ what: `refund ${refundId}`, from: `payment ${paymentId}`, amount, before, left }))
          books.refund(paymentId, refundId, amount)
      }),

    ...sandboxSellers(books),

    receive: async (rawBody, signature) => readWebhook(secret, rawBody, signature, now()),
  }

  const desk: SandboxDesk = {
    confirm: async (paymentId, clientSecret, card, entryId) => {
      const delayed = card === 'delayed'
      const reason = DECLINES[card] ?? null
      const answer = reason ? 'declined' : 'accepted'
      const before = books.atomically((): Confirmed | undefined => {
        const payment = find(paymentId)
        if (!payment) return 'unknown_payment'
        if (!isEqual(clientSecret, clientSecretOf(paymentId))) return 'wrong_secret'
        if (payment.entryId === entryId) return answer
        if (payment.status !== 'pending' || payment.card) return 'already_done'
        books.enter(paymentId, {
          entryId,
          card,
          reason,
          status: reason ? 'declined' : delayed ? 'pending' : 'authorised',
          dueAt: delayed ? later(now(), AUTHORISES_AFTER_MS) : null,
        })
        return undefined
      })
      if (before) return before
      outgoing.send(paymentId, { afterMs: delayed ? AUTHORISES_AFTER_MS : 0, copies: COPIES[card] ?? 1 })
      return answer
    },

    settleDispute: async (paymentId, outcome) => {
      const isOpen = books.atomically(() => {
        const isOpen = find(paymentId)?.disputeStatus === 'open'
        if (isOpen) books.closeDispute(paymentId, outcome)
        return isOpen
      })
      if (!isOpen) return 'no_open_dispute'
      outgoing.send(paymentId)
      return 'settled'
    },
  }

  for (const { paymentId, dueAt } of books.toTell())
    outgoing.send(paymentId, { afterMs: dueAt ? Math.max(0, Date.parse(dueAt) - Date.parse(now())) : 0 })

  const close = () => {
    outgoing.close()
    books.close()
  }

  return { ...port, ...desk, close }
}

/** Voided before it was requested, a payment has no amount to differ from. */
const isFor = (payment: Kept, { amount, currency }: Money): boolean =>
  payment.amount === null || (payment.amount === amount && payment.currency === currency)

const seen = (payment: Kept | undefined): PaymentSeen => {
  if (!payment) return { status: 'unknown', disputes: [], refunded: 0 }
  const { status, reason, refunded, disputeId, disputeReason, disputeStatus } = payment
  return {
    status,
    ...(reason && { reason }),
    disputes: disputeId ? [{ id: disputeId, reason: disputeReason!, status: disputeStatus! }] : [],
    refunded,
  }
}

const isEqual = (given: string, expected: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

const later = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString()
