import { type AccountCommand, type AccountRefusal, account } from '../../domain/account/account.ts'
import { type Deps as HandleDeps, handle, type Outcome } from '../handle.ts'
import { accountIdOf, stepIdOf } from '../ids.ts'
import { type Sale, saleOf } from './sale.ts'

export type Deps = HandleDeps & {
  /** From when the share of a sale may be paid out; null: once its event has ended, whenever that is. */
  readonly payableFrom: (sale: Sale) => Promise<string | null>
}

/**
 * Brings the accounts of a sale's sellers to where its order and payment are: credits, withholds and releases, takes back. Moves no
 * money. Harmless at any time and however often.
 */
export const followSale = async (deps: Deps, orderId: string): Promise<Sale | undefined> => {
  const sale = await saleOf(deps.ledger, orderId)
  if (!sale) return undefined
  const payableFrom = await deps.payableFrom(sale)
  for (const { sellerId, amount } of sale.sellers) {
    const { eventId, payment, currency, method } = sale
    const credited = { sellerId, orderId, eventId, paymentId: payment.paymentId, method, payableFrom }
    const commands: AccountCommand[] = [
      { type: 'CreditAccount', credited: { ...credited, amount: { amount, currency } } },
      ...debitsOf(sale, sellerId),
      ...[...sale.disputes].flatMap(([disputeId, outcome]) => commandsFor(orderId, disputeId, outcome)),
    ]
    for (const command of commands) await tellAccount(deps, { ...sale, sellerId }, command)
  }
  return sale
}

const debitsOf = ({ orderId, refunds }: Sale, sellerId: string): AccountCommand[] =>
  refunds.flatMap(({ refundId, shares }) => {
    const amount = shares.find((share) => share.account === `seller:${sellerId}`)?.amount ?? 0
    return amount > 0 ? [{ type: 'DebitAccount', orderId, debitId: refundId, amount, reason: 'refunded' }] : []
  })

const commandsFor = (orderId: string, disputeId: string, outcome: 'open' | 'won' | 'lost'): AccountCommand[] => {
  const withhold = { type: 'WithholdPayout', orderId, disputeId } as const
  if (outcome === 'open') return [withhold]
  if (outcome === 'won') return [withhold, { type: 'ReleasePayout', orderId, disputeId }]
  const debitId = stepIdOf(orderId, `dispute/${disputeId}`)
  return [{ type: 'DebitAccount', orderId, debitId, amount: null, reason: 'dispute_lost' }]
}

type Account = { readonly tenant: string; readonly sellerId: string; readonly orderId: string }

/** Throws where the account refuses: the books say something else than what was seen. */
export const tellAccount = async (deps: HandleDeps, of: Account, command: AccountCommand): Promise<void> => {
  const outcome = await askAccount(deps, of, command)
  if (!outcome.done) throw new Error(`${command.type} of order ${of.orderId} by ${of.sellerId}: ${outcome.refused}`)
}

/** The same, where a refusal is an answer. */
export const askAccount = (
  deps: HandleDeps,
  { tenant, sellerId, orderId }: Account,
  command: AccountCommand,
): Promise<Outcome<AccountRefusal>> =>
  handle(deps, account, accountIdOf(tenant, sellerId), command, {
    // When it is payable may have been settled otherwise since; a credit is one and the same command.
    commandId: stepIdOf(orderId, JSON.stringify(command.type === 'CreditAccount' ? [command.type, sellerId] : command)),
    correlationId: orderId,
    tenant,
    actor: { id: 'seller-payouts', role: 'process' },
    request: '',
  })
