import { type Money, sum } from '../money.ts'
import type { AccountFact, PayoutMethod } from './facts.ts'

/** `kept`: it had not been paid out. `owed`: it was, and is to be reversed. */
export type Debit = {
  readonly debitId: string
  /** Minor units, as everywhere here. */
  readonly amount: number
  readonly state: 'kept' | 'owed' | 'reversed' | 'refused'
}

export type Payout = {
  readonly state: 'started' | 'made'
  readonly transferId: string
  readonly destinationId: string
  readonly amount: number
  readonly reference: string | null
}

/** A seller's share of one resale. Survives JSON, since the read model keeps it. */
export type Credit = {
  readonly sellerId: string
  readonly orderId: string
  readonly eventId: string
  readonly paymentId: string
  readonly method: PayoutMethod
  readonly amount: Money
  /** Null: once the event has ended. */
  readonly payableFrom: string | null
  /** By dispute. The first outcome stands. */
  readonly disputes: Readonly<Record<string, 'open' | 'closed'>>
  readonly debits: readonly Debit[]
  /** Under way or made; null again where one failed. */
  readonly payout: Payout | null
  /** How many failed. */
  readonly failures: number
  /** The last failure, until the next try. */
  readonly failed: {
    readonly transferId: string
    readonly destinationId: string | null
    readonly reason: string
  } | null
}

/** `due`: the seller's, and not paid out yet. `reversing`: paid out, and owed back. */
export const CREDIT_STATUSES = ['due', 'withheld', 'cancelled', 'paid', 'reversing', 'reversed'] as const
export type CreditStatus = (typeof CREDIT_STATUSES)[number]

/** How much of it is the seller's in the end, as things are. */
export const leftOf = ({ amount, debits }: Credit): number => amount.amount - sum(debits.map((debit) => debit.amount))

export const isWithheld = (credit: Credit): boolean =>
  leftOf(credit) > 0 && Object.values(credit.disputes).includes('open')

export const statusOf = (credit: Credit): CreditStatus => {
  const { payout, debits } = credit
  if (payout?.state !== 'made') {
    if (leftOf(credit) === 0) return 'cancelled'
    return isWithheld(credit) ? 'withheld' : 'due'
  }
  if (debits.some(({ state }) => state === 'owed')) return 'reversing'
  return reversedOf(credit) === payout.amount ? 'reversed' : 'paid'
}

const reversedOf = (credit: Credit): number => debitedAs(credit, 'reversed')

/** How much of it was owed back and could not be got: the platform bears it. */
export const lostOf = (credit: Credit): number => debitedAs(credit, 'refused')

const debitedAs = ({ debits }: Credit, as: Debit['state']): number =>
  sum(debits.filter(({ state }) => state === as).map(({ amount }) => amount))

export type Act =
  | { readonly act: 'pay'; readonly amount: number }
  /** Whether one that was started came through, nobody knows. */
  | { readonly act: 'finish'; readonly payout: Payout }
  | { readonly act: 'reverse'; readonly payout: Payout; readonly debit: Debit }

/** What is to be done with the provider, time apart. */
export const nextOf = (credit: Credit): Act | undefined => {
  const { payout, debits } = credit
  if (payout?.state === 'made') {
    const debit = debits.find(({ state }) => state === 'owed')
    return debit && { act: 'reverse', payout, debit }
  }
  if (isWithheld(credit)) return undefined
  if (payout) return { act: 'finish', payout }
  const amount = leftOf(credit)
  return amount > 0 ? { act: 'pay', amount } : undefined
}

/** Undefined before it was credited. */
export const evolveCredit = (credit: Credit | undefined, { type, data }: AccountFact): Credit | undefined => {
  if (type === 'AccountCredited')
    return credit ?? { ...data, disputes: {}, debits: [], payout: null, failures: 0, failed: null }
  if (!credit) return undefined
  switch (type) {
    case 'AccountDestinationTold':
      return credit
    case 'AccountDebited': {
      const debit = {
        debitId: data.debitId,
        amount: data.amount.amount,
        state: credit.payout ? 'owed' : 'kept',
      } as const
      return { ...credit, debits: [...credit.debits, debit] }
    }
    case 'PayoutWithheld':
      return { ...credit, disputes: { ...credit.disputes, [data.disputeId]: 'open' } }
    case 'PayoutReleased':
      return { ...credit, disputes: { ...credit.disputes, [data.disputeId]: 'closed' } }
    case 'PayoutStarted': {
      const { transferId, destinationId, amount } = data
      const payout = { state: 'started', transferId, destinationId, amount: amount.amount, reference: null } as const
      return { ...credit, payout, failed: null }
    }
    case 'PayoutMade':
      return credit.payout
        ? { ...credit, payout: { ...credit.payout, state: 'made', reference: data.reference } }
        : credit
    case 'PayoutFailed': {
      const { transferId, destinationId, reason } = data
      const debits = credit.debits.map((debit) => ({ ...debit, state: 'kept' as const }))
      const failed = { transferId, destinationId, reason }
      return { ...credit, payout: null, debits, failures: credit.failures + 1, failed }
    }
    case 'PayoutReversed':
      return { ...credit, debits: settled(credit.debits, data.debitId, 'reversed') }
    case 'PayoutReversalRefused':
      return { ...credit, debits: settled(credit.debits, data.debitId, 'refused') }
  }
}

const settled = (debits: readonly Debit[], debitId: string, state: 'reversed' | 'refused'): Debit[] =>
  debits.map((debit) => (debit.debitId === debitId ? { ...debit, state } : debit))
