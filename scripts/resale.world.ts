import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sqliteLedger } from '../adapters/sqlite/ledger.ts'
import { type Context, handle } from '../commands/handle.ts'
import { type EventCommand, event } from '../domain/event/event.ts'
import { type TicketCommand, ticket } from '../domain/ticket/ticket.ts'
import type { Client, Refused } from './client.ts'
import type { OwnTicket, PlacedOrder, World } from './counterfoil.world.ts'

export type Listing = {
  listingId: string
  ticketId: string
  status: string
  price: { amount: number; currency: string; formatted: string }
  isClaimed: boolean
}

/** What befalls tickets and events by other ways than the market: recorded in the ledger of a running world, beside it. */
const backstage = (w: World) => {
  const ledger = sqliteLedger(join(w.folder, 'ledger.db'))
  const now = () => new Date(Date.now() + w.clock.ahead).toISOString()
  const deps = { ledger, now, sleep: async () => {} }
  const context = (): Context => {
    const id = crypto.randomUUID()
    const actor = { id, role: 'admin' } as const
    return { commandId: id, correlationId: id, tenant: 'demo', actor, request: '' }
  }
  const mustBeDone = (outcome: Awaited<ReturnType<typeof handle>>) => {
    if (!outcome.done) throw new Error(`refused: ${outcome.refused}`)
  }
  return {
    onTicket: async (id: string, command: TicketCommand) =>
      mustBeDone(await handle(deps, ticket, id, command, context())),
    onEvent: async (id: string, command: EventCommand) => mustBeDone(await handle(deps, event, id, command, context())),
    /** Where the ledger stands, to read what was written before. */
    head: ledger.head,
    close: ledger.close,
  }
}

/** A world with people who sell on what they bought, and others who buy it. */
export const resaleWorld = (w: World) => {
  const { close, ...beside } = backstage(w)
  let people = 0
  const someone = () => w.as('attendee', `person ${++people}`)

  const list = async (
    seller: Client,
    { ticketId }: Pick<OwnTicket, 'ticketId'>,
    priceCents = 10_000,
  ): Promise<string> => (await seller.call<Listing>('POST', '/listings', { ticketId, priceCents })).body.listingId

  /** An event of which somebody has a ticket, for 25.00. */
  const owned = async (options: Parameters<World['onSale']>[0] = {}) => {
    const sale = await w.onSale(options)
    const seller = await someone()
    const [own] = (await w.buyTickets(seller, sale.eventId, sale.typeId)) as [OwnTicket]
    return { ...sale, seller, own }
  }

  const purchase = (buyer: Client, listingId: string, priceCents = 10_000, headers = {}) =>
    buyer.call<PlacedOrder & { kind: string }>('POST', '/transfers/purchase', { listingId, priceCents }, headers)

  /** Enters a card; the order as it is once nothing moves any more. */
  const pay = async (buyer: Client, { orderId, payment }: PlacedOrder, card = 'good') => {
    await buyer
      .call('POST', `/sandbox/payments/${payment.id}/confirm`, { clientSecret: payment.clientSecret, card })
      .catch((error: { code?: string }) => {
        if (error.code !== 'CardDeclined') throw error
      })
    type Ended = PlacedOrder & { kind: string; asOf: string; ticketIds: string[] | null }
    return (await buyer.call<Ended>('GET', `/orders/${orderId}?wait=10s`)).body
  }

  return {
    ...beside,
    close,
    someone,
    owned,
    /** The same, and it is listed for 100.00. */
    listed: async (options: Parameters<World['onSale']>[0] = {}) => {
      const { seller, own, ...sale } = await owned(options)
      return { ...sale, seller, own, listingId: await list(seller, own) }
    },
    list,
    purchase,
    pay,
    buy: async (buyer: Client, listingId: string, card = 'good') =>
      pay(buyer, (await purchase(buyer, listingId)).body, card),
    ticketsOf: async (person: Client, eventId: string, asOf = '') =>
      (await person.call<{ items: OwnTicket[] }>('GET', `/tickets?eventId=${eventId}&minPosition=${asOf}`)).body.items,
    open: async (eventId: string, query = '') => {
      const onlooker = await w.as('attendee', 'onlooker')
      const path = `/events/${eventId}/listings?minPosition=${await beside.head()}${query}`
      return (await onlooker.call<{ items: Listing[]; nextCursor: string | null }>('GET', path)).body
    },
    /** What the bank has taken for an order, and whether it was ever asked to. */
    taken: (order: PlacedOrder) => {
      const bank = new DatabaseSync(join(w.folder, 'sandbox-bank.db'), { readOnly: true })
      const found = bank.prepare('select status, amount from payment where payment_id = ?').get(order.payment.id)
      bank.close()
      return found as { status: string; amount: number } | undefined
    },
    /** How many payments of an amount the bank knows of, by what became of them. */
    payments: (amount: number): Record<string, number> => {
      const bank = new DatabaseSync(join(w.folder, 'sandbox-bank.db'), { readOnly: true })
      const counted = bank
        .prepare('select status, count(*) as n from payment where amount = ? group by status')
        .all(amount)
      bank.close()
      return Object.fromEntries(counted.map(({ status, n }) => [String(status), Number(n)]))
    },
  }
}

export const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'not refused',
    ({ code, status }: Refused) => ({ code, status }),
  )

/** All that a refusal says. */
export const words = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'not refused',
    (error: Refused) => error.message,
  )
