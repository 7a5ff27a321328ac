import { event } from '../domain/event/event.ts'
import { Conflict, Unavailable } from '../domain/ledger.ts'
import { type Order, order } from '../domain/order/order.ts'
import { payment } from '../domain/payment.ts'
import { load, recall } from '../domain/stream.ts'
import { minutes, plus } from '../domain/time.ts'
import { ticketIdOf } from './ids.ts'
import { commandsFor } from './order-lines.ts'
import { claimLimits, reserve } from './order-reserving.ts'
import { type Deps, type Progress, type Steps, stepsOf } from './order-steps.ts'
import { refund, releaseDiscarded, revert } from './order-undoing.ts'
import { requestOf } from './payment-request.ts'
import { Unchargeable } from './payments.ts'

/** The longest honest path is eight, and a round for each slot that was taken meanwhile. */
const MAX_STEPS = 100

/** No money moves with less than this left on any lease: it is the time there is to sell what was paid. */
const LEASE_LEFT = minutes(10)

/** Extended to twice that, so that extending is rare, and its own duration does no harm. */
const LEASE_EXTENDED = minutes(20)

/** Nothing is wrong yet: look again. */
export class Unsettled extends Unavailable {
  override name = 'Unsettled'
}

/**
 * Runs an order as far as it gets without its payer. Safe to call twice, at once, or after a crash: state decides, never the caller.
 * Throws Unsettled, Conflict or Unavailable where looking again later is the answer.
 */
export const pump = async (deps: Deps, orderId: string): Promise<Order> => {
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    // After the first, the steps themselves have left it in the cache; one that is old by now does no harm.
    const recalled = steps > 0 ? recall(deps, order, orderId) : undefined
    const { state, tenant } = recalled ?? (await load(deps, order, orderId))
    if (state.status === 'new' || hasEnded(state.status)) return state
    const progress = await nextStep(stepsOf(deps, orderId, tenant!, state))
    if (progress === 'waiting') return state
  }
  throw new Unsettled(`order ${orderId} did not settle in ${MAX_STEPS} steps; should it last, read its stream`)
}

/** Whether looking again later is all there is to do about an error. */
export const isPassing = (error: unknown): boolean => error instanceof Conflict || error instanceof Unavailable

export const hasEnded = (status: Order['status']): boolean =>
  status === 'confirmed' || status === 'cancelled' || status === 'refunded'

const nextStep = (s: Steps): Promise<Progress> => {
  switch (s.order.status) {
    case 'limiting':
      return claimLimits(s)
    case 'reserving':
      return reserve(s)
    case 'authorising':
      return s.order.placed.kind === 'external' ? awaitExternalPayment(s) : awaitAuthorisation(s)
    case 'capturing':
      return capture(s)
    case 'selling':
      return sell(s)
    case 'reverting':
      return revert(s)
    case 'refunding':
      return refund(s)
    case 'confirmed':
    case 'cancelled':
    case 'refunded':
      return Promise.resolve('waiting')
  }
}

const awaitAuthorisation = async (s: Steps): Promise<Progress> => {
  const { deps, orderId, tenant, order, onPayment } = s
  const { eventId, payerId, currency, payments, expiresAt } = order.placed
  const lapsed = deps.now() >= expiresAt
  // As it was last seen here: before the money moves it is read again.
  if (recall(deps, event, eventId)?.state.status === 'cancelled') return s.giveUp('authorising', 'event_cancelled')
  const seen = await Promise.all(
    payments.map(async ({ paymentId, amount, method }) => {
      const { state } = await load(deps, payment, paymentId)
      if (state.status !== 'new' || lapsed) return state.status
      const money = { amount, currency }
      const asked = { paymentId, reference: null, orderId, tenant, amount: money }
      const provider = deps.payments.by(method)
      const answer = await provider.request(asked).catch(unlessUnchargeable)
      if (answer === 'not_chargeable') return answer
      const { reference } = answer
      const requested = { orderId, eventId, payerId, amount: money, provider: provider.provider, reference }
      await onPayment('request', paymentId, { type: 'RequestPayment', requested })
      return 'requested'
    }),
  )
  if (seen.includes('not_chargeable')) return s.giveUp('authorising', 'not_chargeable')
  if (seen.some((status) => status === 'declined' || status === 'voided'))
    return s.giveUp('authorising', 'payment_declined')
  if (seen.every((status) => status === 'authorised' || status === 'captured'))
    return s.record({ type: 'RecordPaymentAuthorised', paymentId: payments[0]!.paymentId })
  return lapsed ? s.giveUp('authorising', 'lapsed') : 'waiting'
}

const unlessUnchargeable = (error: unknown): 'not_chargeable' => {
  if (error instanceof Unchargeable) return 'not_chargeable'
  throw error
}

/** Its service takes the money and tells us so (`commands/external-orders.ts`). */
const awaitExternalPayment = async (s: Steps): Promise<Progress> => {
  const { paymentId } = s.order.placed.payments[0]!
  const { state } = await load(s.deps, payment, paymentId)
  if (state.status === 'captured') return s.record({ type: 'RecordPaymentAuthorised', paymentId })
  return s.deps.now() >= s.order.placed.expiresAt ? s.giveUp('authorising', 'lapsed') : 'waiting'
}

const capture = async (s: Steps): Promise<Progress> => {
  const { deps, order, onEach, onPayment } = s
  const ours = order.placed.kind === 'external' ? [] : order.placed.payments
  // Read before the leases are judged: from then on no time is to be lost.
  const asked = await Promise.all(
    ours.map(async (due) => ({ provider: deps.payments.by(due.method), due: await requestOf(deps, s, due) })),
  )
  const { state: happening } = await load(deps, event, order.placed.eventId)
  if (happening.status === 'cancelled') return s.giveUp('capturing', 'event_cancelled')
  // A lock ends a claim, and its buyer is not to be charged for that; a reservation ends by time alone.
  if (order.placed.kind === 'resale') {
    const stands = await onEach('keep', (line) => commandsFor(line).extend(s.orderId, order.placed.expiresAt))
    if (!stands) return s.giveUp('capturing', 'reservation_lost')
  }
  if (plus(deps.now(), LEASE_LEFT) > order.placed.expiresAt) {
    const expiresAt = plus(deps.now(), LEASE_EXTENDED)
    // The step names the time, or the second extension would be taken for the first one repeated.
    const kept = await onEach(`extend/${expiresAt}`, (line) => commandsFor(line).extend(s.orderId, expiresAt))
    if (!kept) return s.giveUp('capturing', 'reservation_lost')
    // Extending took so long that it is to be done again.
    if (plus(deps.now(), LEASE_LEFT) > expiresAt) return 'moved'
  }
  for (const { provider, due } of asked) {
    if ((await provider.capture(due)) === 'refused') return s.giveUp('capturing', 'capture_refused')
    await onPayment('capture', due.paymentId, { type: 'RecordCaptured' })
  }
  return s.record({ type: 'RecordPaymentCaptured', paymentId: order.placed.payments[0]!.paymentId })
}

const sell = async (s: Steps): Promise<Progress> => {
  const { eventId, lines } = s.order.placed
  const sold = await s.onEach('sell', (line) => commandsFor(line).sell(s.orderId, s.order.placed))
  if (!sold) return s.giveUp('selling', 'reservation_lost')
  await releaseDiscarded(s)
  return s.record({
    type: 'ConfirmOrder',
    ticketIds: lines.map((line) => ticketIdOf(eventId, line.slot, line.edition)),
  })
}
