import type { ChainMode } from '../../domain/event/facts.ts'
import { type Recorded, START } from '../../domain/fact.ts'
import type { Ledger } from '../../domain/ledger.ts'
import type { Answer, Client } from '../client.ts'
import type { Server } from './server.ts'

/** An event on sale, with one ticket type on one pool. */
export type OnSale = { readonly venueId: string; readonly eventId: string; readonly typeId: string }

export type Order = {
  readonly orderId: string
  readonly status: string
  readonly reason: string | null
  readonly lines: readonly { readonly slot: string; readonly edition: number }[]
  readonly payment: { readonly id: string; readonly clientSecret: string }
}

/** An event that begins in an hour, so that its gates are open already. Copied to the chain as by default, unless told. */
export const putOnSale = async (organizer: Client, size: number, chain?: ChainMode): Promise<OnSale> => {
  const venue = { name: 'Paradiso', timeZone: 'Europe/Amsterdam' }
  const { venueId } = (await organizer.call<{ venueId: string }>('POST', '/venues', venue)).body
  const fees = [{ code: 'booking_fee', flat: [{ amount: 150, currency: 'EUR' }], basisPoints: 200, paidBy: 'buyer' }]
  await organizer.call('PUT', `/venues/${venueId}/fees`, { fees })
  const startsAt = Date.now() + 3_600_000
  const event = {
    venueId,
    name: 'Night of the Long Queue',
    startsAt: new Date(startsAt).toISOString(),
    endsAt: new Date(startsAt + 4 * 3_600_000).toISOString(),
    timeZone: venue.timeZone,
    currency: 'EUR',
    chain,
  }
  const { eventId } = (await organizer.call<{ eventId: string }>('POST', '/events', event)).body
  await organizer.call('PUT', `/events/${eventId}/pools/GA`, { size })
  const taxes = [{ name: 'VAT', basisPoints: 900, inclusive: true }]
  const type = { name: 'Regular', pool: 'GA', priceCents: 3_250, taxes, zone: 'GA', maxPerOrder: 50 }
  const { typeId } = (await organizer.call<{ typeId: string }>('POST', `/events/${eventId}/ticket-types`, type)).body
  await organizer.call('POST', `/events/${eventId}/publish`)
  await organizer.call('POST', `/events/${eventId}/sales/open`)
  return { venueId, eventId, typeId }
}

export const buyersOf = (server: Pick<Server, 'as'>, count: number): Promise<Client[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => server.as('attendee', `buyer-${i}`)))

/** Buys tickets as a shop does: places the order, pays, waits for its confirmation. Throws unless it is confirmed. */
export const buy = async (buyer: Client, { eventId, typeId }: OnSale, quantity: number): Promise<Order> =>
  pay(buyer, await buyer.call<Order>('POST', '/orders', { eventId, items: [{ typeId, quantity }] }))

/** The second half of it. */
export const pay = async (buyer: Client, { body: placed, position }: Answer<Order>): Promise<Order> => {
  const { orderId, payment } = placed
  await buyer.call('POST', `/sandbox/payments/${payment.id}/confirm`, {
    clientSecret: payment.clientSecret,
    card: 'good',
  })
  const { body: order } = await buyer.call<Order>('GET', `/orders/${orderId}?wait=10s&minPosition=${position}`)
  if (order.status !== 'confirmed')
    throw new Error(`order ${orderId} was paid for and is ${order.status} after 10 s (${order.reason})`)
  return placed
}

/** How many tickets of an event are in which state, by the availability view once it has caught up. */
export const countsOf = async (server: Server, { eventId }: OnSale) => {
  const service = await server.as('service', 'bench')
  type Counts = { types: { available: number; reserved: number; sold: number }[] }
  const { types } = (await service.call<Counts>('POST', '/internal/tickets/availability', { eventId })).body
  return types[0]!
}

/** How many facts of a type the ledger holds on an event. */
export const countFacts = async ({ ledger }: Server, type: string, eventId: string): Promise<number> => {
  let count = 0
  for await (const fact of allFacts(ledger))
    if (fact.type === type && (fact.data as { eventId?: string }).eventId === eventId) count++
  return count
}

export async function* allFacts(ledger: Pick<Ledger, 'readAll'>): AsyncGenerator<Recorded> {
  for (let after = START; ; ) {
    const page = await ledger.readAll(after, 1_000)
    if (page.length === 0) return
    yield* page
    after = page.at(-1)!.position
  }
}
