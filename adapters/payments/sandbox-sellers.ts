import type { Payments } from '../../commands/payments.ts'
import { isToMove } from './portion.ts'
import type { sandboxBooks } from './sandbox-books.ts'

/** Any other account takes what it is sent. */
export const ACCOUNTS = {
  /** Takes nothing. */
  closed: 'acct_closed',
  /** Has spent at once what it took. */
  spent: 'acct_spent',
} as const

/** The sandbox bank's other side: sellers, and their shares of what was paid. */
export const sandboxSellers = (
  books: ReturnType<typeof sandboxBooks>,
): Pick<Payments, 'transferToSeller' | 'reverseTransfer'> => ({
  transferToSeller: async ({ transferId, from: { paymentId }, account, amount }) =>
    books.atomically(() => {
      const before = books.findTransfer(transferId)
      if (before && before.account !== account)
        throw new Error(`transfer ${transferId} went to ${before.account} before, and not to ${account}`)
      const payment = books.find(paymentId)
      const left = payment?.status === 'captured' ? payment.amount! - books.transferred(paymentId) : 0
      const portion = { what: `transfer ${transferId}`, from: `payment ${paymentId}`, amount, left }
      if (isToMove({ ...portion, before: before?.amount })) {
        if (account === ACCOUNTS.closed) return { refused: 'account_closed' }
        books.transfer(transferId, { paymentId, account, amount })
      }
      return { reference: null }
    }),

  reverseTransfer: async ({ transferId }, reversalId, amount) =>
    books.atomically(() => {
      const transfer = books.findTransfer(transferId)
      const left = transfer ? transfer.amount - transfer.reversed : 0
      const before = books.reversalOf(transferId, reversalId)
      if (isToMove({ what: `reversal ${reversalId}`, from: `transfer ${transferId}`, amount, before, left })) {
        if (transfer!.account === ACCOUNTS.spent) return 'refused'
        books.reverse(transferId, reversalId, amount)
      }
      return 'reversed'
    }),
})
