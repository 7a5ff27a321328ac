import type Stripe from 'stripe'
import type { Payments } from '../../commands/payments.ts'
import { sum } from '../../domain/money.ts'
import { isToMove } from './portion.ts'
import { fromStripe, toStripe } from './stripe-amounts.ts'
import { ask, StripeRefused, unlessRefused } from './stripe-calls.ts'
import { capturedOf } from './stripe-intents.ts'
import { ALL } from './stripe-refunds.ts'

/** The account, not the request, is the reason. */
const ACCOUNT_UNABLE = [
  'account_closed',
  'account_invalid',
  'insufficient_capabilities_for_transfer',
  'resource_missing',
  'transfers_not_allowed',
]

/**
 * Connect, with separate charges and transfers: the platform takes the whole payment, and pays shares out of it.
 * As with refunds, what was done is looked for in Stripe's lists.
 */
export const stripeSellers = (stripe: Stripe): Pick<Payments, 'transferToSeller' | 'reverseTransfer'> => ({
  transferToSeller: async ({ transferId, from, account, amount }) => {
    const { paymentId } = from
    const wish = `transfer ${amount} of payment ${paymentId} as ${transferId}`
    const { intent, charge, currency } = await capturedOf(stripe, from)
    const group = intent.transfer_group!
    const transfers = await ask(wish, () =>
      stripe.transfers.list({ transfer_group: group, limit: 100 }).autoPagingToArray(ALL),
    )
    const done = transfers.find(({ metadata }) => metadata.transferId === transferId)
    if (done && done.destination !== account)
      throw new Error(`transfer ${transferId} went to ${String(done.destination)} before, and not to ${account}`)
    const before = done && fromStripe(done.amount, currency)
    const siblings = transfers.filter(({ source_transaction }) => source_transaction === charge.id)
    const left = fromStripe(intent.amount_received - sum(siblings.map((sibling) => sibling.amount)), currency)
    if (!isToMove({ what: `transfer ${transferId}`, from: `payment ${paymentId}`, amount, before, left }))
      return { reference: done!.id }
    const params = {
      ...toStripe({ amount, currency }),
      destination: account,
      // Out of this very charge, and so before its money is available.
      source_transaction: charge.id,
      transfer_group: group,
      metadata: { transferId, paymentId },
    }
    try {
      const idempotencyKey = `transfer/${transferId}`
      return { reference: (await ask(wish, () => stripe.transfers.create(params, { idempotencyKey }))).id }
    } catch (error) {
      if (error instanceof StripeRefused && ACCOUNT_UNABLE.includes(error.code)) return { refused: error.code }
      throw error
    }
  },

  reverseTransfer: async ({ transferId, reference }, reversalId, amount) => {
    const wish = `reverse ${amount} of transfer ${transferId} as ${reversalId}`
    if (!reference) throw new Error(`transfer ${transferId} was never made, so nothing of it can be reversed`)
    const transfer = await ask(wish, () => stripe.transfers.retrieve(reference))
    const currency = transfer.currency.toUpperCase()
    const reversals = await ask(wish, () =>
      stripe.transfers.listReversals(reference, { limit: 100 }).autoPagingToArray(ALL),
    )
    const done = reversals.find(({ metadata }) => metadata?.reversalId === reversalId)
    const before = done && fromStripe(done.amount, currency)
    const left = fromStripe(transfer.amount - transfer.amount_reversed, currency)
    if (!isToMove({ what: `reversal ${reversalId}`, from: `transfer ${transferId}`, amount, before, left }))
      return 'reversed'
    const params = { amount: toStripe({ amount, currency }).amount, metadata: { reversalId } }
    const idempotencyKey = `reversal/${reversalId}`
    const reversed = await unlessRefused(
      ['balance_insufficient'],
      ask(wish, () => stripe.transfers.createReversal(reference, params, { idempotencyKey })),
    )
    return reversed ? 'reversed' : 'refused'
  },
})
