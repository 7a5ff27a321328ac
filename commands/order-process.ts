import type { Decider } from '../domain/decider.ts'
import type { Event } from '../domain/event/event.ts'
import { event } from '../domain/event/event.ts'
import { rangeOf } from '../domain/event/selling.ts'
import type { Fact } from '../domain/fact.ts'
import type { EndReason, Line, Touched } from '../domain/order/facts.ts'
import { type Order, type OrderCommand, order, type Stage } from '../domain/order/order.ts'
import { type PaymentCommand, payment } from '../domain/payment.ts'
import { quota } from '../domain/quota.ts'
import { placeOf } from '../domain/slot.ts'
import type { ReleaseReason } from '../domain/ticket/facts.ts'
import type { SaleCommand } from '../domain/ticket/sale.ts'
import { ticket } from '../domain/ticket/ticket.ts'
import { minutes, plus } from '../domain/time.ts'
import { type Context, type Deps as HandleDeps, handle, load, type Outcome } from './handle.ts'
import { stepIdOf, ticketIdOf } from './ids.ts'
import type { Payments } from './payments.ts'
import type { SlotPool } from './slot-pool.ts'

export type Deps = HandleDeps & { readonly payments: Payments; readonly slots: SlotPool }

/** The longest honest path is eight, and a round for each slot that was taken meanwhile. */
const MAX_STEPS = 100

/** No money moves with less than this left on any lease: it is the time there is to sell what was paid. */
const LEASE_LEFT = minutes(10)

/** Extended to twice that, so that extending is rare, and its own duration does no harm. */
const LEASE_EXTENDED = minutes(20)

/** Nothing is wrong yet: look again. */
export class Unsettled extends Error {
  override name = 'Unsettled'
}

type Open = Exclude<Order, { status: 'new' }>

/** `waiting`: the next step is the payer's. */
type Progress = 'moved' | 'waiting'

/**
 * Runs an order as far as it gets without its payer. Safe to call twice, at once, or after a crash: state decides, never the caller.
 * Throws Unsettled, Conflict or Unavailable where looking again later is the answer.
 */
export const pump = async (deps: Deps, orderId: string): Promise<Order> => {
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const { state, tenant } = await load(deps, order, orderId)
    if (state.status === 'new' || hasEnded(state.status)) return state
    const progress = await nextStep(stepsOf(deps, orderId, tenant!, state))
    if (progress === 'waiting') return state
  }
  throw new Unsettled(`order ${orderId} did not settle in ${MAX_STEPS} steps; should it last, read its stream`)
}

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

const claimLimits = async ({ deps, orderId, order, run, record, giveUp }: Steps): Promise<Progress> => {
  for (const { quotaId, amount, limit } of order.placed.limits) {
    const claimed = await run(quota, `claim/${quotaId}`, quotaId, {
      type: 'ClaimQuota',
      claimId: orderId,
      amount,
      limit,
    })
    if (!claimed.done) return giveUp('limiting', 'limit_reached')
  }
  // Nobody should pay for what was over before it began.
  if (deps.now() >= order.placed.expiresAt) return giveUp('limiting', 'lapsed')
  return record({ type: 'RecordLimitClaimed' })
}

const reserve = async (s: Steps): Promise<Progress> => {
  const { deps, orderId, order, onTicket } = s
  const { eventId, venueId, lines, currency, expiresAt } = order.placed
  if (deps.now() >= expiresAt) return s.giveUp('reserving', 'lapsed')
  // One by one, in one order for everybody, stopping at the first refusal: all at once, two orders for the same slots stop each other.
  for (const line of lines.toSorted((a, b) => (a.slot < b.slot ? -1 : 1))) {
    const { typeId, slot, edition, price } = line
    const lease = { eventId, venueId, typeId, slot, edition, orderId, price: { amount: price, currency }, expiresAt }
    const reserved =
      (await isOpen(deps, eventId, line)) && (await onTicket('reserve', line, { type: 'ReserveTicket', ...lease }))
    if (!reserved) return suggestAnother(s, line)
  }
  return s.record({ type: 'RecordTicketsReserved' })
}

/** Another slot for a line whose own was taken. None left means sold out. */
const suggestAnother = async (s: Steps, line: Line): Promise<Progress> => {
  const { deps, tenant, order } = s
  const { eventId, lines } = order.placed
  const { state } = await load(deps, event, eventId)
  const range = state.status === 'unknown' ? undefined : rangeFor(state, line)
  const [other] = range ? await deps.slots.take({ tenant, eventId, ...range }, 1) : []
  if (!other || lines.some(({ slot }) => slot === other.slot)) return s.giveUp('reserving', 'tickets_taken')
  const instead = { slot: line.slot, edition: line.edition }
  // Recorded before it is tried, so that reverting covers every slot that was ever touched.
  const command = { type: 'SuggestSlot', line: lines.indexOf(line), ...other, instead } as const
  return s.record(command, `${instead.slot}/${instead.edition} to ${other.slot}/${other.edition}`)
}

const rangeFor = (event: Extract<Event, { details: unknown }>, { typeId, slot }: Line) => {
  const type = event.types.get(typeId)
  return type && { pool: placeOf(slot).pool, ...rangeOf(event, type) }
}

/** An edition is sold only when the one before it is closed for good. Closed is forever, so what another stream says of it stays true. */
const isOpen = async (deps: Deps, eventId: string, { slot, edition }: Touched): Promise<boolean> => {
  if (edition === 1) return true
  const before = await load(deps, ticket, ticketIdOf(eventId, slot, edition - 1))
  return before.state.status === 'closed'
}

const awaitAuthorisation = async (s: Steps): Promise<Progress> => {
  const { deps, orderId, tenant, order, onPayment } = s
  const { eventId, payerId, currency, payments, expiresAt } = order.placed
  const lapsed = deps.now() >= expiresAt
  const seen = await Promise.all(
    payments.map(async ({ paymentId, amount }) => {
      const { state } = await load(deps, payment, paymentId)
      if (state.status !== 'new' || lapsed) return state.status
      const money = { amount, currency }
      await deps.payments.request({ paymentId, orderId, tenant, amount: money })
      const requested = { orderId, eventId, payerId, amount: money, provider: deps.payments.provider, reference: null }
      await onPayment('request', paymentId, { type: 'RequestPayment', requested })
      return 'requested'
    }),
  )
  if (seen.some((status) => status === 'declined' || status === 'voided'))
    return s.giveUp('authorising', 'payment_declined')
  if (seen.every((status) => status === 'authorised' || status === 'captured'))
    return s.record({ type: 'RecordPaymentAuthorised', paymentId: payments[0]!.paymentId })
  return lapsed ? s.giveUp('authorising', 'lapsed') : 'waiting'
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
  if (plus(deps.now(), LEASE_LEFT) > order.placed.expiresAt) {
    const expiresAt = plus(deps.now(), LEASE_EXTENDED)
    // The step names the time, or the second extension would be taken for the first one repeated.
    const kept = await onEach(`extend/${expiresAt}`, ({ orderId }) => ({
      type: 'ExtendReservation',
      orderId,
      expiresAt,
    }))
    if (!kept) return s.giveUp('capturing', 'reservation_lost')
    // Extending took so long that it is to be done again.
    if (plus(deps.now(), LEASE_LEFT) > expiresAt) return 'moved'
  }
  for (const { paymentId } of order.placed.payments) {
    if (order.placed.kind === 'external') continue
    if ((await deps.payments.capture(paymentId)) === 'refused') return s.giveUp('capturing', 'capture_refused')
    await onPayment('capture', paymentId, { type: 'RecordCaptured' })
  }
  return s.record({ type: 'RecordPaymentCaptured', paymentId: order.placed.payments[0]!.paymentId })
}

const sell = async (s: Steps): Promise<Progress> => {
  const { eventId, payerId, currency, lines, delivery } = s.order.placed
  const sold = await s.onEach('sell', ({ orderId }, { holderId, price, zone, validDates }) => ({
    type: 'SellTicket',
    orderId,
    payerId,
    holderId,
    price: { amount: price, currency },
    zone,
    validDates,
    delivery,
    transferable: true,
  }))
  if (!sold) return s.giveUp('selling', 'reservation_lost')
  await releaseDiscarded(s)
  return s.record({
    type: 'ConfirmOrder',
    ticketIds: lines.map((line) => ticketIdOf(eventId, line.slot, line.edition)),
  })
}

const revert = async (s: Steps): Promise<Progress> => {
  await releaseAll(s)
  for (const { paymentId, amount } of s.order.placed.payments) await giveBack(s, paymentId, amount)
  return s.record({ type: 'RecordCancelled' })
}

const refund = async (s: Steps): Promise<Progress> => {
  // Each was either sold or is known to be lost. The money goes back last.
  await s.onEach('close', ({ orderId }) => ({ type: 'RefundTicket', orderId }))
  await releaseAll(s)
  for (const { paymentId, amount } of s.order.placed.payments) await giveBack(s, paymentId, amount)
  return s.record({ type: 'RecordRefunded' })
}

/** Every line, not only those seen to succeed: a lost reply can hide a reservation. Slots given up on the way as well. */
const releaseAll = async (s: Steps): Promise<void> => {
  const { orderId, order, onEach, run } = s
  await onEach('release', () => release(orderId, 'order_ended'))
  await releaseDiscarded(s)
  for (const { quotaId } of order.placed.limits)
    await run(quota, `release/${quotaId}`, quotaId, { type: 'ReleaseQuota', claimId: orderId })
}

const releaseDiscarded = ({ orderId, order, onTicket }: Steps): Promise<unknown> =>
  Promise.all(order.discarded.map((slot) => onTicket('release', slot, release(orderId, 'slot_replaced'))))

const release = (orderId: string, reason: ReleaseReason) => ({ type: 'ReleaseReservation', orderId, reason }) as const

/** A straggler may have captured before it could read that the order was given up. */
const giveBack = async (
  { deps, orderId, order, onPayment }: Steps,
  paymentId: string,
  amount: number,
): Promise<void> => {
  const refundId = stepIdOf(orderId, `refund/${paymentId}`)
  if (order.placed.kind !== 'external') {
    if ((await deps.payments.void(paymentId)) === 'voided') {
      await onPayment('void', paymentId, { type: 'RecordVoided' })
      return
    }
    await onPayment('capture', paymentId, { type: 'RecordCaptured' })
    await deps.payments.refund(paymentId, refundId, amount)
  }
  // What a service took, the service gives back; the books say that it owes it.
  await onPayment('refund', paymentId, { type: 'RecordRefund', refundId, amount })
}

type Steps = ReturnType<typeof stepsOf>

/** The order at hand, and the ways to act for it: every command is named by its step, so a repeated step is the same command. */
const stepsOf = (deps: Deps, orderId: string, tenant: string, order_: Open) => {
  const run = <C, F extends Fact, S, R extends string>(
    decider: Decider<C, F, S, R>,
    step: string,
    id: string,
    command: C,
  ) => handle(deps, decider, id, command, contextOf(orderId, tenant, step)) as Promise<Outcome<R>>
  const record = async (command: OrderCommand, occasion = ''): Promise<Progress> => {
    await run(order, `${command.type}/${occasion}`, orderId, command)
    return 'moved'
  }
  const onTicket = async (step: string, { slot, edition }: Touched, command: SaleCommand): Promise<boolean> => {
    const id = ticketIdOf(order_.placed.eventId, slot, edition)
    return (await run(ticket, `${step}/${id}`, id, command)).done
  }
  return {
    deps,
    orderId,
    tenant,
    order: order_,
    run,
    record,
    onTicket,
    giveUp: (during: Stage, reason: EndReason) => record({ type: 'GiveUp', during, reason }, during),
    onEach: async (
      step: string,
      command: (order: { orderId: string }, line: Line) => SaleCommand,
    ): Promise<boolean> => {
      const done = await Promise.all(
        order_.placed.lines.map((line) => onTicket(step, line, command({ orderId }, line))),
      )
      return done.every(Boolean)
    },
    onPayment: (step: string, paymentId: string, command: PaymentCommand) =>
      run(payment, `${step}/${paymentId}`, paymentId, command),
  }
}

const contextOf = (orderId: string, tenant: string, step: string): Context => ({
  commandId: stepIdOf(orderId, step),
  correlationId: orderId,
  tenant,
  actor: { id: 'order-process', role: 'process' },
  request: step,
})
