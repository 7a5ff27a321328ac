/** The stand-in for what Stripe keeps, and its rules, as https://docs.stripe.com/api tells them: as far as our adapter can notice. */

export type Params = { readonly [name: string]: string | Params }

type Bag = { [field: string]: unknown }
type Kept = Bag & { id: string; metadata: Params }
type Intent = Kept & {
  amount: number
  currency: string
  status: string
  latest_charge: string | null
  client_secret: string
}
type Charge = Kept & { amount: number; amount_captured: number; amount_refunded: number; payment_intent: string }
type Transfer = Kept & { amount: number; amount_reversed: number; destination: string; source_transaction: string }
type Part = Kept & { amount: number }

/** What Stripe answers instead of an object. */
export class Problem extends Error {
  readonly status: number
  readonly error: Bag

  constructor(status: number, error: Bag & { message: string }) {
    super(error.message)
    this.status = status
    this.error = error
  }
}

/** Test payment methods, and what they are declined with. `captureRefused` is the stand-in's own. */
const DECLINES: Readonly<Record<string, string>> = {
  pm_card_visa_chargeDeclined: 'generic_decline',
  pm_card_visa_chargeDeclinedInsufficientFunds: 'insufficient_funds',
}
const CARDS = ['pm_card_visa', 'pm_card_createDispute', 'pm_card_authenticationRequired', 'pm_card_captureRefused']

/** Connected accounts. */
export const ACCOUNTS = { good: 'acct_1Good', closed: 'acct_1Closed', spent: 'acct_1Spent' } as const

const DAY = 86_400

type Tell = (type: string, object: object) => void

export const stripeBank = (now: () => number, tell: Tell) => {
  const intents = new Map<string, Intent>()
  const charges = new Map<string, Charge>()
  const disputes: (Kept & { payment_intent: string; status: string })[] = []
  const refunds: (Part & { payment_intent: string; status: string })[] = []
  const transfers = new Map<string, Transfer>()
  const reversals: (Part & { transfer: string })[] = []
  let made = 0
  const kept = (prefix: string, object: string, { metadata = {} }: Params = {}) => ({
    id: `${prefix}_3Q${String(++made).padStart(8, '0')}`,
    object,
    created: now(),
    metadata: metadata as Params,
  })

  const moved = (intent: Intent, status: string, event: string, change: Bag = {}): Intent => {
    Object.assign(intent, { status, ...change })
    tell(`payment_intent.${event}`, intent)
    return intent
  }

  const intentOf = (id: string): Intent => {
    const intent = found(intents.get(id), 'payment_intent', id)
    const authorised = charges.get(intent.latest_charge ?? '')
    if (intent.status === 'requires_capture' && Number(authorised!.created) + 7 * DAY <= now())
      moved(intent, 'canceled', 'canceled', {
        cancellation_reason: 'expired',
        canceled_at: now(),
        amount_capturable: 0,
      })
    return intent
  }

  const expect = (intent: Intent, deed: string, ...statuses: string[]) => {
    if (statuses.includes(intent.status)) return
    const message = `This PaymentIntent's ${deed} because it has a status of ${intent.status}.`
    throw invalid(message, { code: 'payment_intent_unexpected_state', payment_intent: intent })
  }

  const create = (p: Params): Intent => {
    const amount = wholeAmount(p.amount)
    if (amount < 50)
      throw invalid('Amount must convert to at least 50 cents.', { code: 'amount_too_small', param: 'amount' })
    const base = kept('pi', 'payment_intent', p)
    const intent = {
      ...base,
      amount,
      amount_capturable: 0,
      amount_received: 0,
      automatic_payment_methods: { allow_redirects: 'always', enabled: true },
      canceled_at: null,
      cancellation_reason: null,
      capture_method: p.capture_method ?? 'automatic_async',
      client_secret: `${base.id}_secret_${base.id.split('').reverse().join('')}`,
      currency: String(p.currency),
      last_payment_error: null,
      latest_charge: null,
      livemode: false,
      next_action: null,
      payment_method: null,
      status: 'requires_payment_method',
      transfer_group: p.transfer_group ?? null,
    }
    intents.set(intent.id, intent)
    tell('payment_intent.created', intent)
    return intent
  }

  const chargeOf = (intent: Intent, change: Bag): Charge => {
    const charge = {
      ...kept('ch', 'charge', { metadata: intent.metadata }),
      amount: intent.amount,
      amount_captured: 0,
      amount_refunded: 0,
      captured: false,
      currency: intent.currency,
      disputed: false,
      livemode: false,
      paid: true,
      payment_intent: intent.id,
      refunded: false,
      transfer_group: intent.transfer_group,
      ...change,
    }
    charges.set(charge.id, charge)
    return charge
  }

  const confirm = (intent: Intent, p: Params): Intent => {
    const card = String(p.payment_method)
    expect(intent, 'payment_method could not be confirmed', 'requires_payment_method', 'requires_action')
    const decline = DECLINES[card]
    if (decline) {
      const charge = chargeOf(intent, { paid: false })
      const error = {
        type: 'card_error',
        code: 'card_declined',
        decline_code: decline,
        charge: charge.id,
        message: 'Your card was declined.',
      }
      moved(intent, 'requires_payment_method', 'payment_failed', {
        last_payment_error: error,
        latest_charge: charge.id,
      })
      throw new Problem(402, { ...error, payment_intent: intent })
    }
    if (!CARDS.includes(card))
      throw invalid(`No such PaymentMethod: '${card}'`, { code: 'resource_missing', param: 'payment_method' })
    if (card === 'pm_card_authenticationRequired' && intent.status !== 'requires_action')
      return moved(intent, 'requires_action', 'requires_action', { next_action: { type: 'use_stripe_sdk' } })
    const charge = chargeOf(intent, { payment_method: card })
    return moved(intent, 'requires_capture', 'amount_capturable_updated', {
      ...{ latest_charge: charge.id, amount_capturable: intent.amount, last_payment_error: null, next_action: null },
      payment_method: card,
    })
  }

  const capture = (intent: Intent): Intent => {
    expect(intent, 'could not be captured', 'requires_capture')
    const charge = charges.get(intent.latest_charge!)!
    if (charge.payment_method === 'pm_card_captureRefused')
      throw new Problem(402, {
        type: 'card_error',
        code: 'card_declined',
        decline_code: 'do_not_honor',
        message: 'The bank refuses.',
      })
    Object.assign(charge, { captured: true, amount_captured: charge.amount })
    moved(intent, 'succeeded', 'succeeded', { amount_received: intent.amount, amount_capturable: 0 })
    if (charge.payment_method === 'pm_card_createDispute') dispute(intent.id)
    return intent
  }

  const cancel = (intent: Intent, p: Params): Intent => {
    const open = ['requires_payment_method', 'requires_confirmation', 'requires_action', 'requires_capture']
    expect(intent, 'could not be canceled', ...open)
    const why = { cancellation_reason: p.cancellation_reason ?? null, canceled_at: now() }
    return moved(intent, 'canceled', 'canceled', { ...why, amount_capturable: 0 })
  }

  const refund = (p: Params) => {
    const intent = intentOf(String(p.payment_intent))
    const charge = charges.get(intent.latest_charge ?? '')
    if (intent.status !== 'succeeded' || !charge)
      throw invalid(`This PaymentIntent (${intent.id}) does not have a successful charge to refund.`)
    const amount = wholeAmount(p.amount)
    if (amount > charge.amount - charge.amount_refunded)
      throw invalid('Refund amount is greater than unrefunded amount on charge.', { param: 'amount' })
    charge.amount_refunded += amount
    const refund = {
      ...kept('re', 'refund', p),
      amount,
      charge: charge.id,
      currency: charge.currency,
      payment_intent: intent.id,
      status: 'succeeded',
    }
    refunds.push(refund)
    tell('charge.refunded', charge)
    return refund
  }

  const failRefund = (refundId: string): void => {
    const refund = refunds.find(({ metadata, status }) => metadata.refundId === refundId && status === 'succeeded')!
    charges.get(String((refund as Bag).charge))!.amount_refunded -= refund.amount
    Object.assign(refund, { status: 'failed', failure_reason: 'expired_or_canceled_card' })
    tell('refund.failed', refund)
  }

  const dispute = (intentId: string, reason = 'fraudulent'): string => {
    const { amount, currency, latest_charge } = intentOf(intentId)
    const dispute = {
      ...kept('du', 'dispute'),
      amount,
      charge: latest_charge,
      currency,
      livemode: false,
      payment_intent: intentId,
      reason,
      status: 'needs_response',
    }
    disputes.push(dispute)
    Object.assign(charges.get(latest_charge!)!, { disputed: true })
    tell('charge.dispute.created', dispute)
    return dispute.id
  }

  const settleDispute = (id: string, status: string): void => {
    const dispute = disputes.find((dispute) => dispute.id === id)!
    dispute.status = status
    tell('charge.dispute.closed', dispute)
  }

  const transfer = (p: Params): Transfer => {
    const account = String(p.destination)
    if (!(Object.values(ACCOUNTS) as string[]).includes(account))
      throw invalid(`No such destination: '${account}'`, { code: 'resource_missing', param: 'destination' })
    if (account === ACCOUNTS.closed)
      throw invalid('Your destination account needs to have the transfers capability enabled.', {
        code: 'insufficient_capabilities_for_transfer',
      })
    const source = found(charges.get(String(p.source_transaction)), 'charge', String(p.source_transaction))
    const amount = wholeAmount(p.amount)
    const siblings = [...transfers.values()].filter((other) => other.source_transaction === source.id)
    if (siblings.reduce((spent, other) => spent + other.amount, amount) > source.amount_captured)
      throw invalid('Transfers using this transaction as a source must not exceed the source amount.')
    const group = p.transfer_group ?? source.transfer_group
    const transfer = {
      ...kept('tr', 'transfer', p),
      amount,
      amount_reversed: 0,
      currency: p.currency,
      destination: account,
      livemode: false,
      reversed: false,
      source_transaction: source.id,
      transfer_group: group,
    }
    transfers.set(transfer.id, transfer)
    return transfer
  }

  const reverse = (transfer: Transfer, p: Params) => {
    const amount = wholeAmount(p.amount)
    if (amount > transfer.amount - transfer.amount_reversed)
      throw invalid('Reversal amount is greater than what is left.')
    if (transfer.destination === ACCOUNTS.spent)
      throw invalid('The connected account has insufficient funds.', { code: 'balance_insufficient' })
    transfer.amount_reversed += amount
    const reversal = {
      ...kept('trr', 'transfer_reversal', p),
      amount,
      currency: transfer.currency,
      transfer: transfer.id,
    }
    reversals.push(reversal)
    return reversal
  }

  const expanded = (intent: Intent, { expand = {} }: Params): Bag =>
    Object.values(expand).includes('latest_charge')
      ? { ...intent, latest_charge: charges.get(intent.latest_charge ?? '') ?? null }
      : intent

  /** One request, by somebody who may. */
  const answer = (method: string, path: string, p: Params): object => {
    const [, , kind, id = '', deed = ''] = path.split('/')
    switch (`${method} ${kind}${id && '/:id'}${deed && `/${deed}`}`) {
      case 'POST payment_intents':
        return create(p)
      case 'GET payment_intents/:id':
        return expanded(intentOf(id), p)
      case 'POST payment_intents/:id/confirm':
        return confirm(intentOf(id), p)
      case 'POST payment_intents/:id/capture':
        return capture(intentOf(id))
      case 'POST payment_intents/:id/cancel':
        return cancel(intentOf(id), p)
      case 'POST refunds':
        return refund(p)
      case 'GET refunds':
        return listOf(
          path,
          refunds.filter(({ payment_intent }) => payment_intent === p.payment_intent),
          p,
        )
      case 'GET disputes':
        return listOf(
          path,
          disputes.filter(({ payment_intent }) => payment_intent === p.payment_intent),
          p,
        )
      case 'POST transfers':
        return transfer(p)
      case 'GET transfers':
        return listOf(
          path,
          [...transfers.values()].filter((one) => one.transfer_group === p.transfer_group),
          p,
        )
      case 'GET transfers/:id':
        return found(transfers.get(id), 'transfer', id)
      case 'POST transfers/:id/reversals':
        return reverse(found(transfers.get(id), 'transfer', id), p)
      case 'GET transfers/:id/reversals':
        return listOf(
          path,
          reversals.filter((one) => one.transfer === id),
          p,
        )
      default:
        throw new Problem(404, {
          type: 'invalid_request_error',
          message: `Unrecognized request URL (${method}: ${path}).`,
        })
    }
  }

  return { answer, dispute, settleDispute, failRefund, intents }
}

const found = <T>(object: T | undefined, kind: string, id: string): T => {
  if (object) return object
  throw new Problem(404, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param: 'id',
  })
}

const invalid = (message: string, more: Bag = {}) =>
  new Problem(400, { type: 'invalid_request_error', message, ...more })

const wholeAmount = (given: unknown): number => {
  if (typeof given === 'string' && /^[1-9]\d*$/.test(given)) return Number(given)
  throw invalid(`Invalid positive integer: ${String(given)}`, { code: 'parameter_invalid_integer', param: 'amount' })
}

/** Newest first. */
const listOf = (url: string, all: readonly Kept[], { limit = '10', starting_after: after }: Params) => {
  const newest = all.toReversed()
  const rest = newest.slice(after ? newest.findIndex(({ id }) => id === after) + 1 : 0)
  return { object: 'list', url, has_more: rest.length > Number(limit), data: rest.slice(0, Number(limit)) }
}
