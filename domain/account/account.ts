import { type Decider, type Decision, refuse, type Timed } from '../decider.ts'
import type { Money } from '../money.ts'
import { same } from '../same.ts'
import { type Credit, evolveCredit, isWithheld, leftOf } from './credit.ts'
import type { AccountFact, DebitReason, PayoutMethod } from './facts.ts'

type Credited = Extract<AccountFact, { type: 'AccountCredited' }>['data']

type CreditCommand =
  | { type: 'WithholdPayout' | 'ReleasePayout'; orderId: string; disputeId: string }
  /** `amount` in minor units, null for all that is left; what is more than that is not taken. */
  | { type: 'DebitAccount'; orderId: string; debitId: string; amount: number | null; reason: DebitReason }
  /** `payableFrom`: as the event stands now, where the credit itself does not say. */
  | { type: 'StartPayout'; orderId: string; transferId: string; destinationId: string; payableFrom: string }
  | { type: 'RecordPayout'; orderId: string; transferId: string; reference: string | null }
  | {
      type: 'RecordPayoutFailure'
      orderId: string
      transferId: string
      /** Null where there was none to pay to. */
      destinationId: string | null
      reason: string
    }
  | { type: 'RecordReversal'; orderId: string; debitId: string; outcome: 'reversed' | 'refused' }

export type AccountCommand =
  | { type: 'TellDestination'; sellerId: string; destinationId: string; method: PayoutMethod }
  | { type: 'CreditAccount'; credited: Credited }
  | CreditCommand

export type AccountRefusal = 'CreditNotFound' | 'CreditDiffers' | 'PayoutNotDue' | 'PayoutDiffers'

export type Account = {
  /** Where payouts go, by what the sale was paid by; none before the seller has told. */
  readonly destinations: { readonly [M in PayoutMethod]?: string }
  /** By order. */
  readonly credits: ReadonlyMap<string, Credit>
}

/** What a seller is owed out of resales, and what became of it: one stream for each person and tenant. */
export const account: Decider<AccountCommand, AccountFact, Account, AccountRefusal> = {
  category: 'account',
  initial: { destinations: {}, credits: new Map() },

  decide: (c, a) => {
    if (c.type === 'TellDestination') {
      const { sellerId, destinationId, method } = c
      return a.destinations[method] === destinationId
        ? []
        : [{ type: 'AccountDestinationTold', data: { sellerId, destinationId, method } }]
    }
    if (c.type === 'CreditAccount') return credit(c.credited, a.credits.get(c.credited.orderId))
    const known = a.credits.get(c.orderId)
    return known ? decideOn(c, known, a) : refuse('CreditNotFound')
  },

  evolve: (a, fact) => {
    if (fact.type === 'AccountDestinationTold') {
      const { method, destinationId } = fact.data
      return { ...a, destinations: { ...a.destinations, [method]: destinationId } }
    }
    const { orderId } = fact.data
    const evolved = evolveCredit(a.credits.get(orderId), fact)
    return evolved ? { ...a, credits: new Map(a.credits).set(orderId, evolved) } : a
  },
}

const credit = (credited: Credited, known: Credit | undefined): Decision<AccountFact, AccountRefusal> => {
  if (!known) return [{ type: 'AccountCredited', data: credited }]
  // When it is payable was settled with the first.
  return same(known.amount, credited.amount) && known.paymentId === credited.paymentId ? [] : refuse('CreditDiffers')
}

const decideOn = (
  c: Timed<CreditCommand>,
  credit: Credit,
  { destinations }: Account,
): Decision<AccountFact, AccountRefusal> => {
  const { sellerId, orderId, eventId, payout } = credit
  const of = { sellerId, orderId }
  const moved = { ...of, eventId }
  const money = (amount: number): Money => ({ ...credit.amount, amount })
  switch (c.type) {
    case 'WithholdPayout':
      if (credit.disputes[c.disputeId] !== undefined) return []
      return [{ type: 'PayoutWithheld', data: { ...of, disputeId: c.disputeId } }]
    case 'ReleasePayout':
      if (credit.disputes[c.disputeId] !== 'open') return []
      return [{ type: 'PayoutReleased', data: { ...of, disputeId: c.disputeId } }]
    case 'DebitAccount': {
      const { debitId, reason } = c
      const amount = Math.min(c.amount ?? Number.POSITIVE_INFINITY, leftOf(credit))
      if (amount === 0 || credit.debits.some((debit) => debit.debitId === debitId)) return []
      return [{ type: 'AccountDebited', data: { ...moved, amount: money(amount), debitId, reason } }]
    }
    case 'StartPayout': {
      if (payout) return payout.transferId === c.transferId ? [] : refuse('PayoutDiffers')
      const amount = leftOf(credit)
      if (amount === 0 || isWithheld(credit) || c.at < (credit.payableFrom ?? c.payableFrom))
        return refuse('PayoutNotDue')
      const { transferId, destinationId } = c
      return [{ type: 'PayoutStarted', data: { ...of, transferId, destinationId, amount: money(amount) } }]
    }
    case 'RecordPayout': {
      const { transferId, reference } = c
      if (payout?.transferId !== transferId) return refuse('PayoutDiffers')
      if (payout.state === 'made') return []
      return [{ type: 'PayoutMade', data: { ...moved, amount: money(payout.amount), transferId, reference } }]
    }
    case 'RecordPayoutFailure': {
      const { transferId, reason } = c
      if (credit.failed?.transferId === transferId) return []
      if (payout) {
        if (payout.transferId !== transferId || payout.state === 'made') return refuse('PayoutDiffers')
        return [{ type: 'PayoutFailed', data: { ...of, transferId, destinationId: payout.destinationId, reason } }]
      }
      // None was started, for want of an account: said once for each that was told, and not where one was told meanwhile.
      const isSaid = credit.failed?.reason === reason && credit.failed.destinationId === c.destinationId
      const destinationId = destinations[credit.method] ?? null
      if (isSaid || c.destinationId !== destinationId) return []
      return [{ type: 'PayoutFailed', data: { ...of, transferId, destinationId, reason } }]
    }
    case 'RecordReversal': {
      const { debitId } = c
      const debit = credit.debits.find((one) => one.debitId === debitId)
      if (!debit || debit.state === 'kept' || payout?.state !== 'made') return refuse('PayoutDiffers')
      if (debit.state !== 'owed') return []
      const type = c.outcome === 'reversed' ? 'PayoutReversed' : 'PayoutReversalRefused'
      return [{ type, data: { ...moved, amount: money(debit.amount), debitId } }]
    }
  }
}
