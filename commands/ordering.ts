import { type Drafted, event, termsNow } from '../domain/event/event.ts'
import { mayOrder, rangeOf, type Wish } from '../domain/event/selling.ts'
import { sum } from '../domain/money.ts'
import type { EndReason, Line, PayMethod, Placed, Touched } from '../domain/order/facts.ts'
import { type Order, order } from '../domain/order/order.ts'
import { dueFor, priceOf } from '../domain/order/pricing.ts'
import { quota } from '../domain/quota.ts'
import type { Refusal } from '../domain/refusals.ts'
import { load } from '../domain/stream.ts'
import { minutes, plus } from '../domain/time.ts'
import { type Fee, venue } from '../domain/venue.ts'
import { type Context, handle } from './handle.ts'
import { stepIdOf } from './ids.ts'
import { pump } from './order-process.ts'
import type { Deps as ProcessDeps } from './order-steps.ts'
import { syncOrder } from './payment-sync.ts'
import type { SlotRange } from './slot-pool.ts'

export type Deps = ProcessDeps & { readonly reservationMinutes: number }

export type OrderRequest = {
  readonly kind: Placed['kind']
  readonly eventId: string
  readonly payerId: string
  readonly items: readonly Wish[]
  /** By card, where none is named. */
  readonly method?: PayMethod
}

export type OpenOrder = Exclude<Order, { status: 'new' }>

export type Placing = { readonly placed: OpenOrder } | (NotPlaced & { readonly order?: OpenOrder })

/**
 * Places an order and runs it as far as it gets without its payer. Asked again with the same context, it answers the same order.
 * Everything that can be refused beforehand is, so that a refused request leaves nothing behind and its key can be used again.
 */
export const placeOrder = async (
  deps: Deps,
  orderId: string,
  request: OrderRequest,
  context: Context,
): Promise<Placing> => {
  const no = await placeOnce(deps, orderId, context, () => placeNew(deps, orderId, request, context))
  return no ?? answer(await pump(deps, orderId))
}

/** Why nothing was placed, and what of this request is so. */
export type NotPlaced = { readonly refused: Refusal; readonly detail?: string | undefined }

/** Undefined once the order is placed, now or by the same request before. */
export const placeOnce = async (
  deps: Deps,
  orderId: string,
  context: Context,
  place: () => Promise<NotPlaced | undefined>,
): Promise<NotPlaced | undefined> => {
  let found = await load(deps, order, orderId)
  if (found.state.status === 'new') {
    const no = await place()
    // The same request, asked twice at once, may have taken the last slots itself: then that order is the answer.
    if (no) found = await load(deps, order, orderId)
    if (no && found.state.status === 'new') return no
  }
  if (found.state.status === 'new') return undefined
  const repeated = found.commands.get(context.commandId)
  if (found.tenant !== context.tenant) return { refused: 'NotFound' }
  if (repeated?.request !== context.request) return { refused: 'KeyReused' }
  // It may have been paid meanwhile, and that word be lost: or it would lapse unheard.
  await syncOrder(deps, orderId)
  return undefined
}

const placeNew = async (
  deps: Deps,
  orderId: string,
  request: OrderRequest,
  context: Context,
): Promise<NotPlaced | undefined> => {
  const priced = await price(deps, request.eventId, request.items, context.tenant)
  if ('refused' in priced) return priced
  const allowed = mayOrder(priced.event, request.items, deps.now())
  if (allowed !== 'yes') return { refused: allowed }
  const limits = limitsOf(priced, request)
  for (const { quotaId, amount, limit } of limits) {
    const { state } = await load(deps, quota, quotaId)
    const claim = quota.decide({ type: 'ClaimQuota', claimId: orderId, amount, limit, at: deps.now() }, state)
    if ('refused' in claim) return claim
  }

  const slots = await takeSlots(deps, priced, request, context.tenant)
  if (!slots) return { refused: 'SoldOut' }
  return recordPlaced(deps, orderId, placedOrder(deps, orderId, priced, request, slots, limits), context)
}

/** Records that it is placed. */
export const recordPlaced = async (
  deps: Deps,
  orderId: string,
  placed: Placed,
  context: Context,
): Promise<NotPlaced | undefined> => {
  const outcome = await handle(deps, order, orderId, { type: 'PlaceOrder', placed }, context)
  return outcome.done ? undefined : { refused: outcome.refused }
}

export type Priced = {
  readonly event: Drafted
  readonly items: readonly (Wish & { readonly each: ReturnType<typeof priceOf> })[]
}

/** What these tickets cost now, on sale or not. */
export const price = async (
  deps: Pick<Deps, 'ledger' | 'cache'>,
  eventId: string,
  items: readonly Wish[],
  tenant: string,
): Promise<Priced | { refused: 'EventNotFound' | 'TicketTypeNotFound' }> => {
  const { state, tenant: owner } = await load(deps, event, eventId)
  if (state.status === 'unknown' || owner !== tenant) return { refused: 'EventNotFound' }
  const { details, types } = state
  if (items.some(({ typeId }) => !types.has(typeId))) return { refused: 'TicketTypeNotFound' }
  const fees = await feesOf(deps, details.venueId)
  return {
    event: state,
    items: items.map((item) => ({ ...item, each: priceOf(types.get(item.typeId)!, fees, details.currency) })),
  }
}

const feesOf = async (deps: Pick<Deps, 'ledger' | 'cache'>, venueId: string): Promise<readonly Fee[]> => {
  const { state } = await load(deps, venue, venueId)
  return state.status === 'unknown' ? [] : state.fees
}

const limitsOf = ({ event, items }: Priced, { eventId, payerId }: OrderRequest): Placed['limits'] =>
  items.flatMap(({ typeId, quantity }) => {
    const limit = event.types.get(typeId)!.maxPerPerson
    return limit === null ? [] : [{ quotaId: stepIdOf(eventId, `limit/${typeId}/${payerId}`), amount: quantity, limit }]
  })

/** As many slots as are wanted of each type, or none at all. */
const takeSlots = async ({ slots }: Deps, { event, items }: Priced, { eventId }: OrderRequest, tenant: string) => {
  const taken: { range: SlotRange; slots: readonly Touched[] }[] = []
  for (const { typeId, quantity } of items) {
    const type = event.types.get(typeId)!
    const range = { tenant, eventId, pool: type.pool, ...rangeOf(event, type) }
    const own = taken.flatMap(({ range: { pool }, slots }) => (pool === type.pool ? slots : []))
    const found = await slots.take(range, quantity, own)
    taken.push({ range, slots: found })
    if (found.length < quantity) {
      for (const { range, slots: unused } of taken) slots.giveBack(range, unused)
      return undefined
    }
  }
  return taken.map(({ slots }) => slots)
}

const placedOrder = (
  { now, reservationMinutes }: Deps,
  orderId: string,
  { event, items }: Priced,
  { kind, eventId, payerId, method }: OrderRequest,
  slots: readonly (readonly Touched[])[],
  limits: Placed['limits'],
): Placed => {
  const { details, types } = event
  const lines = items.flatMap(({ typeId, each }, item): Line[] =>
    slots[item]!.map((slot) => {
      const { zone, validDates, transferable } = types.get(typeId)!
      return { kind: 'ticket', typeId, ...slot, holderId: payerId, ...each, zone, validDates, transferable }
    }),
  )
  const total = sum(lines.map(dueFor))
  return {
    kind,
    eventId,
    venueId: details.venueId,
    payerId,
    currency: details.currency,
    lines,
    total,
    payments: paymentsOf(orderId, total, method),
    limits,
    delivery: 'digital',
    terms: termsNow(event),
    expiresAt: plus(now(), minutes(reservationMinutes)),
  }
}

/** How it is paid: at once and by one, or not at all where nothing is to pay. */
export const paymentsOf = (orderId: string, amount: number, method?: PayMethod): Placed['payments'] =>
  amount === 0 ? [] : [{ paymentId: stepIdOf(orderId, 'payment/1'), amount, ...(method === 'crypto' && { method }) }]

/** An order that ended without tickets is a refusal to whoever asked for it. */
export const answer = (state: Order): Placing => {
  if (state.status === 'new') return { refused: 'OrderNotFound' }
  return state.status === 'cancelled' || state.status === 'refunded'
    ? { refused: refusalFor(state.reason), order: state }
    : { placed: state }
}

const refusalFor = (reason: EndReason | null): Refusal => {
  switch (reason) {
    case 'tickets_taken':
      return 'SoldOut'
    case 'limit_reached':
      return 'LimitReached'
    case 'not_chargeable':
      return 'NotChargeable'
    case 'payment_declined':
      return 'CardDeclined'
    default:
      return 'OrderFailed'
  }
}
