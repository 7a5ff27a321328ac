import { setTimeout as sleep } from 'node:timers/promises'
import type { SignedTransaction, SignedTransactions } from '../../domain/vault.ts'
import type { Chain, Outcome } from './chain.ts'

export type CarryDeps = {
  readonly chain: Pick<Chain, 'send' | 'look'>
  readonly signed: SignedTransactions
}

/** What came of a transaction. Expired: it was never carried out, and never will be. */
export type Carried = {
  readonly transaction: SignedTransaction
  readonly outcome: 'final' | 'expired' | { readonly failed: string }
}

/** Milliseconds. */
const LOOK_EVERY = 400

/** Nodes forget what they could not place, so what nobody has seen is sent again after so many looks. */
const LOOKS_UNTIL_SENT_AGAIN = 5

/**
 * Sends transactions, each kept in the vault before it is first sent, and waits until it is settled what becomes of each. Whoever dies
 * on the way leaves the kept ones to be found again (`underway`). Throws ChainUnavailable, and where the signal aborts first.
 */
export const carry = async (
  deps: CarryDeps,
  transactions: readonly SignedTransaction[],
  signal: AbortSignal,
): Promise<readonly Carried[]> => {
  if (transactions.length === 0) return []
  await deps.signed.keep(transactions)
  await Promise.all(transactions.map((transaction) => deps.chain.send(transaction)))
  return await outcomesOf(deps, transactions, signal)
}

/** The same for those that were kept before and bring any of these to the chain: by now they may be final, failed, expired or none of it. */
export const carryOn = async (
  deps: CarryDeps,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly Carried[]> => {
  const kept = await deps.signed.of(ids)
  return kept.length === 0 ? [] : await outcomesOf(deps, kept, signal)
}

const outcomesOf = async (
  { chain }: CarryDeps,
  transactions: readonly SignedTransaction[],
  signal: AbortSignal,
): Promise<readonly Carried[]> => {
  const carried: Carried[] = []
  let open = transactions
  for (let looks = 1; ; looks++) {
    const { outcomes, height } = await chain.look(open.map(({ signature }) => signature))
    const looked = open.map((transaction, i) => ({ transaction, outcome: outcomes[i]! }))
    carried.push(...looked.flatMap((one) => settledOf(one, height)))
    open = open.filter((transaction) => !carried.some((one) => one.transaction === transaction))
    if (open.length === 0) return carried
    if (looks % LOOKS_UNTIL_SENT_AGAIN === 0) {
      const unseen = looked.filter(({ transaction, outcome }) => outcome === 'unknown' && open.includes(transaction))
      await Promise.all(unseen.map(({ transaction }) => chain.send(transaction)))
    }
    await sleep(LOOK_EVERY, undefined, { signal })
  }
}

type Looked = { readonly transaction: SignedTransaction; readonly outcome: Outcome }

const settledOf = ({ transaction, outcome }: Looked, height: number): Carried[] => {
  if (outcome === 'underway') return []
  if (outcome !== 'unknown') return [{ transaction, outcome }]
  return height > transaction.lastValidBlockHeight ? [{ transaction, outcome: 'expired' }] : []
}
