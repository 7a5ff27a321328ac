import { setTimeout as sleep } from 'node:timers/promises'
import type { Caller } from './caller.ts'
import { hasEnded, type OrderAnswer, type Recorder, sightingsIn } from './history.ts'
import type { Programme } from './programme.ts'

/** The reservation, the worker's minute, the minute until it may be taken over, and one more of the worker's. */
const MUST_HAVE_ENDED_MS = 4 * 60_000

type Settling = {
  readonly history: Recorder
  readonly ada: Caller
  readonly byName: ReadonlyMap<string, Caller>
  readonly hurry: boolean
}

/** Looks at the open orders until there is none left, or they had the time that they may take. */
export const settle = async ({ history, ada, byName, hurry }: Settling): Promise<void> => {
  const deadline = Date.now() + MUST_HAVE_ENDED_MS
  const open = new Map(sightingsIn(history.exchanges).map(({ order }) => [order.orderId, order]))
  for (const [orderId, order] of open) if (hasEnded(order)) open.delete(orderId)
  if (hurry) await giveUp(open, history, byName)
  for (;;) {
    for (const orderId of open.keys()) {
      const { body } = await ada.ask<OrderAnswer>('GET', `/orders/${orderId}`, { wish: 'order' })
      if (hasEnded(body)) open.delete(orderId)
    }
    if (open.size === 0 || Date.now() > deadline) break
    await sleep(hurry ? 200 : 5_000)
  }
  // What stragglers left reserved is released by the worker within its minute, or by the operator at once.
  for (;;) {
    const { body } = await ada.ask<{ items: unknown[] }>('GET', '/admin/reservations/orphans')
    if (body.items.length === 0 || Date.now() > deadline) return
    if (hurry) await ada.ask('POST', '/admin/reservations/orphans/release')
    await sleep(hurry ? 200 : 5_000)
  }
}

/** Looks until every ticket is on chain as it is in the ledger, or had the time that it may take. */
export const followed = async (ada: Caller): Promise<void> => {
  const deadline = Date.now() + MUST_HAVE_ENDED_MS
  for (;;) {
    const { body } = await ada.ask<{ items: unknown[] }>('GET', '/admin/reconciliation')
    if (body.items.length === 0 || Date.now() > deadline) return
    await sleep(1_000)
  }
}

type Closing = {
  readonly tickets: { readonly held: number }
  readonly refunds: readonly { readonly open: { readonly count: number } }[]
}

type Quieting = {
  readonly ada: Caller
  readonly commandUrl: string
  readonly programme: Programme
  readonly disputed: readonly string[]
  readonly tell: (line: string) => void
}

/**
 * Settles what is disputed, for money waits for it, and waits until tickets of cancelled events are closed, what was given back is
 * paid, and nobody who reacts to facts has anything left to do; or they had the time that they may take.
 */
export const quiet = async ({ ada, commandUrl, programme, disputed, tell }: Quieting): Promise<void> => {
  for (const paymentId of new Set(disputed)) {
    const path = `/sandbox/payments/${paymentId}/dispute`
    await ada.ask('POST', path, { wish: 'desk', body: { outcome: paymentId < '8' ? 'won' : 'lost' } })
  }
  const deadline = Date.now() + MUST_HAVE_ENDED_MS
  for (let looked = 1; Date.now() < deadline; looked++) {
    const left = [...(await notClosed(ada, programme)), ...(await notIdle(commandUrl))]
    if (left.length === 0) return
    if (looked % 20 === 0) tell(`waiting for ${left.join(', ')}`)
    await sleep(300)
  }
}

const notClosed = async (ada: Caller, { events, cancelled }: Programme): Promise<string[]> => {
  const left: string[] = []
  for (const { eventId } of events) {
    const { tickets, refunds } = (await ada.ask<Closing>('GET', `/events/${eventId}/closing`)).body
    if (refunds.some(({ open }) => open.count > 0)) left.push(`refunds of event ${eventId}`)
    if (cancelled.has(eventId) && tickets.held > 0) left.push(`tickets of event ${eventId}`)
  }
  return left
}

type Backlog = { readonly open: number; readonly behindSeconds: number }

/** Mails and copies on chain move neither tickets nor money. */
const FOLLOWERS: ReadonlySet<string> = new Set(['mail', 'chain'])

const notIdle = async (commandUrl: string): Promise<string[]> => {
  const parts = (await (await fetch(`${commandUrl}/health`)).json()) as Record<string, unknown>
  return Object.entries(parts)
    .filter(([name, part]) => !FOLLOWERS.has(name) && isBacklog(part) && (part.open > 0 || part.behindSeconds > 0))
    .map(([name]) => name)
}

const isBacklog = (part: unknown): part is Backlog =>
  typeof part === 'object' && part !== null && 'behindSeconds' in part

/** Whoever asked for an order asks once more, which moves it on if it stood still, and then takes it back. */
const giveUp = async (
  open: ReadonlyMap<string, OrderAnswer>,
  { exchanges }: Recorder,
  byName: ReadonlyMap<string, Caller>,
): Promise<void> => {
  const placings = sightingsIn(exchanges).filter(({ exchange: { wish } }) => wish === 'place' || wish === 'reserve')
  for (const { exchange, order } of new Map(placings.map((placing) => [placing.order.orderId, placing])).values()) {
    if (!open.has(order.orderId)) continue
    const { client, wish, path, request: body, key } = exchange
    const caller = byName.get(client)!
    await caller.ask('POST', path, { wish, body, key: key! })
    if (wish === 'place') await caller.ask('POST', `/orders/${order.orderId}/cancel`, { wish: 'cancel' })
    else await caller.ask('POST', '/internal/tickets/release', { wish: 'release', body: { orderId: order.orderId } })
  }
}

/** One ticket, bought when nobody else wanted any more. */
export type LastSale = {
  readonly eventId: string
  readonly typeId: string
  /** Before it. */
  readonly available: number
  /** How the order ended, or what it was refused for. */
  readonly ended: string
}

type Availability = { readonly types: readonly { readonly typeId: string; readonly available: number }[] }

/** Buys one more ticket of every type that has no limit; `since` is where the ledger stands. */
export const sellTheRest = async (buyer: Caller, { events }: Programme, since: string): Promise<LastSale[]> => {
  const sales: LastSale[] = []
  for (const { eventId, types } of events)
    for (const { typeId } of types.filter(({ maxPerPerson }) => maxPerPerson === null)) {
      const counts = await buyer.ask<Availability>('GET', `/events/${eventId}/availability?minPosition=${since}`)
      const { available } = counts.body.types.find((type) => type.typeId === typeId)!
      const body = { eventId, items: [{ typeId, quantity: 1 }] }
      const placed = await buyer.ask<OrderAnswer & { code?: string }>('POST', '/orders', { wish: 'place', body })
      const ended = placed.isAccepted ? await payFor(buyer, placed.body) : placed.body.code!
      sales.push({ eventId, typeId, available, ended })
    }
  return sales
}

const payFor = async (buyer: Caller, { orderId, payment }: OrderAnswer): Promise<string> => {
  const card = { clientSecret: payment!.clientSecret, card: 'good' }
  await buyer.ask('POST', `/sandbox/payments/${payment!.id}/confirm`, { wish: 'pay', body: card })
  return (await buyer.ask<OrderAnswer>('GET', `/orders/${orderId}?wait=10s`, { wish: 'order' })).body.status
}
