import { z } from 'zod'
import type { FactOf } from '../fact.ts'
import { Id } from '../id.ts'
import { Money } from '../money.ts'
import { At } from '../time.ts'

const OfCredit = z.object({ sellerId: Id, orderId: Id })

/** What moves money says of which event, for the books. */
const Moved = OfCredit.extend({ eventId: Id, amount: Money })

/** `no_account`: the seller has told none; else the provider's own word. */
const FailureReason = z.string()

/** What a sale was paid by, and so a share of it is paid out by. */
export const PayoutMethod = z.enum(['card', 'crypto'])
export type PayoutMethod = z.infer<typeof PayoutMethod>

export const DebitReason = z.enum(['refunded', 'dispute_lost'])
export type DebitReason = z.infer<typeof DebitReason>

/** Stored forever: add, never edit. What a provider calls a seller's account is in the vault, by the id of the destination. */
export const accountFacts = {
  AccountDestinationTold: z.object({ sellerId: Id, destinationId: Id, method: PayoutMethod }),
  /** A seller's share of a resale, in whose order it is named. */
  AccountCredited: Moved.extend({
    paymentId: Id,
    method: PayoutMethod,
    /** Null: once the event has ended, whenever that is. */
    payableFrom: At.nullable(),
  }),
  /** So much of the share is not the seller's any more: what is still here is kept, what was paid out is owed back. */
  AccountDebited: Moved.extend({ debitId: Id, reason: DebitReason }),
  PayoutWithheld: OfCredit.extend({ disputeId: z.string() }),
  PayoutReleased: OfCredit.extend({ disputeId: z.string() }),
  /** Recorded before the provider is asked, so that whoever asks again asks for the same. */
  PayoutStarted: OfCredit.extend({ transferId: Id, destinationId: Id, amount: Money }),
  PayoutMade: Moved.extend({
    transferId: Id,
    /** What the provider calls it, where that is not our own id. */
    reference: z.string().nullable(),
  }),
  PayoutFailed: OfCredit.extend({ transferId: Id, destinationId: Id.nullable(), reason: FailureReason }),
  PayoutReversed: Moved.extend({ debitId: Id }),
  /** The seller's account no longer has it: the platform bears it. */
  PayoutReversalRefused: Moved.extend({ debitId: Id }),
}
export type AccountFact = FactOf<typeof accountFacts>
