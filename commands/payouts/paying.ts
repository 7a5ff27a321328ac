import { account } from '../../domain/account/account.ts'
import { type Act, type Credit, nextOf } from '../../domain/account/credit.ts'
import { event } from '../../domain/event/event.ts'
import { load } from '../../domain/stream.ts'
import type { PayoutAccounts } from '../../domain/vault.ts'
import { accountIdOf, stepIdOf } from '../ids.ts'
import { inTurns } from '../in-turns.ts'
import { isPassing } from '../order-process.ts'
import { requestOf } from '../payment-request.ts'
import type { Payments } from '../payments.ts'
import { askAccount, type Deps as FollowDeps, followSale, tellAccount } from './following.ts'
import type { Sale } from './sale.ts'
import { isUndone } from './undone.ts'

/** A seller's share of one sale. */
export type CreditRef = { readonly tenant: string; readonly sellerId: string; readonly orderId: string }

type Sellers = Pick<Payments, 'transferToSeller' | 'reverseTransfer'>

export type Deps = FollowDeps & {
  /** The provider of that name; undefined where it is not in use here. */
  readonly providerCalled: (name: string) => Sellers | undefined
  readonly payoutAccounts: Pick<PayoutAccounts, 'find'>
  /** What the read model knows to be due. It may lag, so the account is asked first. */
  readonly duePayouts: (now: string) => Promise<readonly CreditRef[]>
}

/** `failed`: the provider refused the account. `lost`: what is owed back could not be got. `waiting`: not now, or the seller told no account. */
const OUTCOMES = ['paid', 'failed', 'reversed', 'lost', 'waiting'] as const
type Outcome = (typeof OUTCOMES)[number]

export type Payouts = { looked: number } & Record<Outcome, number>

/** Pays sellers what is due, and takes back what was paid out and is not theirs any more. Counts what came of each. Of one tenant's, or of all. */
export const paySellers = async (deps: Deps, tenant?: string): Promise<Payouts> => {
  const due = (await deps.duePayouts(deps.now())).filter((one) => tenant === undefined || one.tenant === tenant)
  const counts = { paid: 0, failed: 0, reversed: 0, lost: 0, waiting: 0 }
  // Those of one seller after each other, for they are on one stream.
  const bySeller = [...Map.groupBy(due, ({ tenant, sellerId }) => accountIdOf(tenant, sellerId)).values()]
  await inTurns(bySeller, async (refs) => {
    const broken: unknown[] = []
    for (const ref of refs)
      try {
        for (const outcome of await settle(deps, ref)) counts[outcome]++
      } catch (error) {
        if (!isPassing(error)) broken.push(error)
      }
    if (broken.length > 0)
      throw new AggregateError(broken, `${broken.length} of ${refs.length} shares of a seller: ${broken[0]}`)
  })
  return { looked: due.length, ...counts }
}

/** Of one credit: all there is to do, as its account and its payment stand now. May be cut short anywhere, and go on later. */
const settle = async (deps: Deps, ref: CreditRef): Promise<Outcome[]> => {
  const sale = await followSale(deps, ref.orderId)
  if (!sale) throw new Error(`order ${ref.orderId}, of which a share is due to ${ref.sellerId}, is no confirmed sale`)
  const outcomes: Outcome[] = []
  for (;;) {
    const { state } = await load(deps, account, accountIdOf(ref.tenant, ref.sellerId))
    const credit = state.credits.get(ref.orderId)
    const next = credit && nextOf(credit)
    if (!next) return outcomes
    const outcome = await carryOut(
      deps,
      { ref, sale, credit, destinationId: state.destinations[credit.method] ?? null },
      next,
    )
    if (outcome) outcomes.push(outcome)
    if (outcome === 'waiting' || outcome === 'failed') return outcomes
  }
}

type Settling = {
  readonly ref: CreditRef
  readonly sale: Sale
  readonly credit: Credit
  /** Where payouts of such a sale go now. */
  readonly destinationId: string | null
}

/** Undefined where it is only a step on the way. */
const carryOut = (deps: Deps, settling: Settling, next: Act): Promise<Outcome | undefined> => {
  switch (next.act) {
    case 'pay':
      return start(deps, settling)
    case 'finish':
      return transfer(deps, settling, next.payout)
    case 'reverse':
      return reverse(deps, settling, next)
  }
}

const start = async (deps: Deps, { ref, credit, destinationId }: Settling): Promise<'waiting' | undefined> => {
  const { orderId, sellerId } = ref
  const payableFrom = credit.payableFrom ?? (await endOf(deps, credit.eventId))
  if (deps.now() < payableFrom || (await isUndone(deps, orderId))) return 'waiting'
  // Another id once one has failed: a provider may answer under the old one what it answered then.
  const transferId = stepIdOf(orderId, `payout/${sellerId}/${credit.failures + 1}`)
  if (destinationId !== null && (await deps.payoutAccounts.find(sellerId, destinationId)) !== undefined) {
    const starting = { type: 'StartPayout', orderId, transferId, destinationId, payableFrom } as const
    // A dispute may have come in between, or another process.
    return (await askAccount(deps, ref, starting)).done ? undefined : 'waiting'
  }
  const failure = { orderId, transferId, destinationId, reason: 'no_account' }
  await tellAccount(deps, ref, { type: 'RecordPayoutFailure', ...failure })
  return 'waiting'
}

const endOf = async (deps: Deps, eventId: string): Promise<string> => {
  const { state } = await load(deps, event, eventId)
  if (state.status === 'unknown') throw new Error(`event ${eventId}, of which a ticket was sold, has no stream`)
  return state.details.endsAt
}

const transfer = async (
  deps: Deps,
  { ref, sale }: Settling,
  { transferId, destinationId, amount }: Extract<Act, { act: 'finish' }>['payout'],
): Promise<'paid' | 'failed'> => {
  const { orderId, sellerId, tenant } = ref
  const destination = await deps.payoutAccounts.find(sellerId, destinationId)
  if (destination === undefined)
    throw new Error(
      `whether transfer ${transferId} came through nobody knows, and its account ${destinationId} is erased`,
    )
  const order = { placed: { currency: sale.currency } }
  const from = await requestOf(deps, { orderId, tenant, order }, sale.payment)
  const answer = await providerOf(deps, sale).transferToSeller({ transferId, from, account: destination, amount })
  if ('refused' in answer) {
    const failure = { orderId, transferId, destinationId, reason: answer.refused }
    await tellAccount(deps, ref, { type: 'RecordPayoutFailure', ...failure })
    return 'failed'
  }
  await tellAccount(deps, ref, { type: 'RecordPayout', orderId, transferId, reference: answer.reference })
  return 'paid'
}

const reverse = async (
  deps: Deps,
  { ref, sale }: Settling,
  { payout, debit }: Extract<Act, { act: 'reverse' }>,
): Promise<'reversed' | 'lost'> => {
  const { transferId, reference } = payout
  const { debitId, amount } = debit
  const outcome = await providerOf(deps, sale).reverseTransfer({ transferId, reference }, debitId, amount)
  await tellAccount(deps, ref, { type: 'RecordReversal', orderId: ref.orderId, debitId, outcome })
  return outcome === 'reversed' ? 'reversed' : 'lost'
}

const providerOf = ({ providerCalled }: Deps, { provider, orderId }: Sale): Sellers => {
  const found = providerCalled(provider)
  if (!found) throw new Error(`order ${orderId} was paid by ${provider}, which is not in use here: see the settings`)
  return found
}
