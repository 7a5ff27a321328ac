import { describe, expect, it } from 'vitest'
import { idFor } from '../spec.ts'
import { type Credit, type CreditStatus, evolveCredit, nextOf, statusOf } from './credit.ts'
import type { AccountFact } from './facts.ts'

const of = { sellerId: idFor('ann'), orderId: idFor('order') }
const moved = (amount: number) => ({ ...of, eventId: idFor('event'), amount: { amount, currency: 'EUR' } })
const [transferId, destinationId, debitId] = [idFor('one'), idFor('bank'), idFor('debit')]

const facts = {
  credited: {
    type: 'AccountCredited',
    data: { ...moved(100), paymentId: idFor('pay'), method: 'card', payableFrom: null },
  },
  withheld: { type: 'PayoutWithheld', data: { ...of, disputeId: 'dp_1' } },
  released: { type: 'PayoutReleased', data: { ...of, disputeId: 'dp_1' } },
  partBack: { type: 'AccountDebited', data: { ...moved(40), debitId, reason: 'refunded' } },
  allBack: { type: 'AccountDebited', data: { ...moved(100), debitId, reason: 'dispute_lost' } },
  started: { type: 'PayoutStarted', data: { ...of, transferId, destinationId, amount: moved(100).amount } },
  made: { type: 'PayoutMade', data: { ...moved(100), transferId, reference: null } },
  failed: { type: 'PayoutFailed', data: { ...of, transferId, destinationId, reason: 'account_closed' } },
  reversed: { type: 'PayoutReversed', data: { ...moved(100), debitId } },
  notReversed: { type: 'PayoutReversalRefused', data: { ...moved(100), debitId } },
} as const satisfies Record<string, AccountFact>

type Case = readonly [past: readonly (keyof typeof facts)[], CreditStatus, next: string | undefined]

const cases: readonly Case[] = [
  [['credited'], 'due', 'pay 100'],
  [['credited', 'partBack'], 'due', 'pay 60'],
  [['credited', 'allBack'], 'cancelled', undefined],
  [['credited', 'withheld'], 'withheld', undefined],
  [['credited', 'withheld', 'released'], 'due', 'pay 100'],
  [['credited', 'withheld', 'allBack'], 'cancelled', undefined],
  [['credited', 'started'], 'due', 'finish 100'],
  [['credited', 'started', 'withheld'], 'withheld', undefined],
  [['credited', 'started', 'allBack'], 'cancelled', 'finish 100'],
  [['credited', 'started', 'failed'], 'due', 'pay 100'],
  [['credited', 'started', 'allBack', 'failed'], 'cancelled', undefined],
  [['credited', 'started', 'made'], 'paid', undefined],
  [['credited', 'started', 'made', 'withheld'], 'paid', undefined],
  [['credited', 'started', 'made', 'allBack'], 'reversing', 'reverse 100'],
  [['credited', 'started', 'allBack', 'made'], 'reversing', 'reverse 100'],
  [['credited', 'started', 'made', 'partBack'], 'reversing', 'reverse 40'],
  [['credited', 'started', 'made', 'partBack', 'reversed'], 'paid', undefined],
  [['credited', 'started', 'made', 'allBack', 'reversed'], 'reversed', undefined],
  [['credited', 'started', 'made', 'allBack', 'notReversed'], 'paid', undefined],
]

const told = (credit: Credit) => {
  const next = nextOf(credit)
  if (!next) return undefined
  const amount = next.act === 'pay' ? next.amount : next.act === 'finish' ? next.payout.amount : next.debit.amount
  return `${next.act} ${amount}`
}

describe('a seller’s share that was', () => {
  it.each(cases)('%j is %s, and next is %s', (past, status, next) => {
    const credit = past.map((name): AccountFact => facts[name]).reduce(evolveCredit, undefined as Credit | undefined)!
    expect([statusOf(credit), told(credit)]).toEqual([status, next])
  })

  it('never credited is none', () => expect(evolveCredit(undefined, facts.made)).toBeUndefined())

  it('kept as JSON is the same', () => {
    const credit = Object.values(facts).reduce<Credit | undefined>(evolveCredit, undefined)
    expect(JSON.parse(JSON.stringify(credit))).toEqual(credit)
  })
})
