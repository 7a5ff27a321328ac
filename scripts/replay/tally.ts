import { sum } from '../../domain/money.ts'
import type { Payment } from '../../domain/payment.ts'
import type { Known } from '../../domain/registry.ts'
import { movementOf, type Paid } from '../../projections/journal/movement.ts'
import { emptyStreamOf, type Folded, foldInto, type Status } from './folding.ts'

/** What somebody's account has come to, in minor units. Plus: held for us. Minus: owed by us. */
export type Balance = {
  readonly tenant: string
  readonly currency: string
  readonly account: string
  readonly amount: number
}

export type Tally = {
  /** How many there are: by category, then by status. */
  readonly streams: ReadonlyMap<string, ReadonlyMap<string | null, number>>
  /** Without accounts that are at zero. The accounts of all orders are one. */
  readonly balances: () => readonly Balance[]
  readonly facts: () => number
  /** A fact, its stream after it, and how that stood before. */
  readonly count: (before: Status, after: Folded, fact: Known) => void
  /** The same for all the facts of a stream; the stream as they leave it. */
  readonly countAll: (facts: readonly Known[]) => Folded
}

/** Counts streams and money as facts go by, in any order of streams. */
export const tally = (): Tally => {
  const streams = new Map<string, Map<string | null, number>>()
  const money = new Map<string, Balance>()
  let facts = 0

  const add = (category: string, status: string | null, change: number) => {
    const counts = streams.get(category) ?? new Map<string | null, number>()
    streams.set(category, counts)
    const count = (counts.get(status) ?? 0) + change
    if (count === 0) counts.delete(status)
    else counts.set(status, count)
  }

  const post = (after: Folded, fact: Known) => {
    const movement = movementOf(() => paidOf(after))(fact)
    for (const { account: exact, amount } of movement?.entries ?? []) {
      const account = exact.startsWith('order:') ? 'orders' : exact
      const { tenant } = fact.metadata
      const { currency } = movement!
      const key = `${tenant} ${currency} ${account}`
      money.set(key, { tenant, currency, account, amount: (money.get(key)?.amount ?? 0) + amount })
    }
  }

  const count: Tally['count'] = (before, after, fact) => {
    facts++
    const { category, status } = after
    if (status !== before) {
      if (before !== undefined) add(category, before, -1)
      add(category, status!, 1)
    }
    post(after, fact)
  }

  return {
    streams,
    facts: () => facts,
    balances: () =>
      [...money].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, one]) => (one.amount === 0 ? [] : one)),
    count,
    countAll: (all) => {
      const stream = emptyStreamOf(all[0]!)
      for (const fact of all) {
        const before = stream.status
        foldInto(stream, fact)
        count(before, stream, fact)
      }
      return stream
    },
  }
}

/** What is left per tenant and currency when all accounts are added up: nothing, or the books are wrong. */
export const unbalanced = (balances: readonly Balance[]): readonly Omit<Balance, 'account'>[] => {
  const sums = new Map<string, Omit<Balance, 'account'>>()
  for (const { tenant, currency, amount } of balances) {
    const key = `${tenant} ${currency}`
    sums.set(key, { tenant, currency, amount: (sums.get(key)?.amount ?? 0) + amount })
  }
  return [...sums.values()].filter(({ amount }) => amount !== 0)
}

/** As the journal wants to know it: of a payment, who moved its money, and how much of it is still here. */
const paidOf = ({ category, state }: Folded): Paid | undefined => {
  const payment = state as Payment
  if (category !== 'payment' || payment.status === 'new') return undefined
  const { requested, status, refunds, disputes } = payment
  const { eventId: event_id, provider, amount } = requested
  const kept = (status === 'captured' ? amount.amount : 0) - sum([...refunds.values()])
  const disputes_lost = [...disputes.values()].filter((outcome) => outcome === 'lost').length
  return { event_id, provider, currency: amount.currency, kept, disputes_lost }
}
