import type { Caller } from './caller.ts'
import { disputesIn, type Exchange, type Money, type OrderAnswer, sightingsIn } from './history.ts'
import type { EventOnSale, Programme } from './programme.ts'
import type { Person } from './shopper.ts'

export type ClosingAnswer = {
  readonly tickets: {
    readonly sold: number
    readonly held: number
    readonly refunded: number
    readonly revoked: number
    readonly cancelled: number
  }
  readonly refunds: readonly { readonly open: Counted; readonly paid: Counted; readonly otherwise: Counted }[]
}

type Counted = { readonly count: number; readonly money: Money }

type Counts = {
  readonly capacity: number
  readonly available: number
  readonly reserved: number
  readonly sold: number
}

export type TicketAnswer = {
  readonly ticketId: string
  readonly eventId: string
  readonly slot: string
  readonly orderId: string
  readonly holderId: string | null
  readonly status: string
  readonly generation: number | null
  readonly moves: number
  readonly locks: readonly { readonly lockId: string; readonly reason: string }[]
  readonly offer: { readonly offerId: string } | null
  readonly listing: { readonly listingId: string; readonly priceCents: number; readonly isClaimed: boolean } | null
  readonly report: { readonly kind: string } | null
  readonly admissions: { readonly count: number } | null
  readonly chain: { readonly state: string }
}

/** How something that was given or sold on came out, as one side sees it. */
export type TransferAnswer = {
  /** The offer's id; of a resale, its order's. */
  readonly transferId: string
  readonly kind: 'gift' | 'transfer' | 'resale'
  readonly from: string | null
  readonly to: string | null
  readonly ticketId: string
  readonly status: string
  readonly endedAt: string | null
  readonly priceCents: number | null
}

export type OnListAnswer = {
  readonly listingId: string
  readonly ticketId: string
  readonly price: Money
  readonly isClaimed: boolean
}

/** A seller's share of a resale. */
export type ShareAnswer = {
  readonly orderId: string
  readonly eventId: string
  readonly sellerId: string
  readonly status: string
  readonly share: Money
  readonly left: Money
}

export type EventBooks = {
  readonly eventId: string
  readonly venueId: string
  readonly types: EventOnSale['types']
  readonly feesRefunded: boolean
  readonly status: string
  readonly listings: readonly OnListAnswer[]
  readonly closing: ClosingAnswer
  readonly orders: readonly OrderAnswer[]
  readonly availability: {
    readonly pools: readonly (Counts & { readonly pool: string })[]
    readonly types: readonly (Counts & { readonly typeId: string })[]
  }
  readonly settlement: readonly { gross: Money; fees: Money; taxes: Money; venueNet: Money; sellers: Money }[]
  readonly sales: readonly { typeId: string; sold: number; refunded: number; gross: Money }[]
  readonly attendance: {
    readonly admitted: number
    readonly admissions: number
    readonly denied: readonly { readonly reason: string; readonly count: number }[]
  }
  readonly scans: readonly { scanId: string; verdict: 'allow' | 'deny'; ticketId: string | null }[]
  /** Where the view of its slots and the ledger do not say the same. */
  readonly differences: readonly { readonly slot: string }[]
}

export type VenueBooks = {
  readonly venueId: string
  readonly balances: readonly Money[]
  readonly postings: readonly { readonly orderId: string; readonly eventId: string; readonly money: Money }[]
}

/** All that the API tells once everything is quiet. */
export type Books = {
  /** Every order that a client was told of, as the ledger has it, by id. */
  readonly orders: readonly OrderAnswer[]
  readonly events: readonly EventBooks[]
  readonly venues: readonly VenueBooks[]
  /** What each person holds, and held when it was closed. */
  readonly tickets: Readonly<Record<string, readonly TicketAnswer[]>>
  /** What each person gave, got, sold on and bought of others. */
  readonly transfers: Readonly<Record<string, readonly TransferAnswer[]>>
  /** Of all sellers. */
  readonly shares: readonly ShareAnswer[]
  /** Payments that their payers' banks took back, or may have. */
  readonly lostPayments: readonly string[]
  /** Tickets that staff see as reported. */
  readonly reports: readonly { readonly ticketId: string; readonly kind: string }[]
  readonly orphans: readonly { readonly ticketId: string }[]
}

type Deps = {
  readonly ada: Caller
  readonly olga: Caller
  readonly people: readonly Person[]
  readonly programme: Programme
  readonly exchanges: readonly Exchange[]
}

const NAMED = /^Order ([0-9a-f-]{36}) of /

/** The orders that somebody was told of; of one that ended as soon as it was placed, in the problem that says so. */
const knownOrders = (exchanges: readonly Exchange[]): string[] => {
  const problems = exchanges.filter((exchange) => (exchange.status ?? 0) >= 400)
  const named = problems.flatMap(
    ({ body }) => NAMED.exec((body as { detail?: string } | null)?.detail ?? '')?.[1] ?? [],
  )
  return [...new Set([...sightingsIn(exchanges).map(({ order }) => order.orderId), ...named])]
}

export const readBooks = async ({ ada, olga, people, programme, exchanges }: Deps): Promise<Books> => {
  const orders = await inTurns(knownOrders(exchanges), (orderId) => get<OrderAnswer & AsOf>(ada, `/orders/${orderId}`))
  const at = { minPosition: await headOf(ada) }
  const events = await inTurns(programme.events, async (event): Promise<EventBooks> => {
    const { eventId, venueId, types, feesRefunded } = event
    const path = `/events/${eventId}`
    return {
      ...{ eventId, venueId, types, feesRefunded },
      status: (await get<{ status: string }>(ada, path, at)).status,
      listings: await all(ada, `${path}/listings`, at),
      closing: withoutAsOf(await get<ClosingAnswer & AsOf>(ada, `${path}/closing`, at)),
      orders: await all(ada, '/orders', { ...at, eventId }),
      availability: withoutAsOf(await get<EventBooks['availability'] & AsOf>(ada, `${path}/availability`, at)),
      settlement: (await get<{ currencies: EventBooks['settlement'] }>(olga, `${path}/reports/settlement`, at))
        .currencies,
      sales: (await get<{ sales: EventBooks['sales'] }>(olga, `${path}/reports/sales`, at)).sales,
      attendance: withoutAsOf(await get<EventBooks['attendance'] & AsOf>(olga, `${path}/attendance`, at)),
      scans: await all(olga, '/scans', { ...at, eventId }),
      differences: await differencesOf(ada, eventId),
    }
  })
  const venues = await inTurns(
    programme.venues,
    async (venueId): Promise<VenueBooks> => ({
      venueId,
      balances: (await get<{ balances: Money[] }>(olga, `/venues/${venueId}/balance`, at)).balances,
      postings: await all(olga, `/venues/${venueId}/postings`, at),
    }),
  )
  const tickets = await inTurns(
    people,
    async ({ personId }): Promise<[string, TicketAnswer[]]> => [
      personId,
      await all(ada, `/tickets/users/${personId}`, at),
    ],
  )
  const transfers = await inTurns(
    people,
    async ({ personId, caller }): Promise<[string, TransferAnswer[]]> => [
      personId,
      await all(caller, '/transfers', at),
    ],
  )
  const shares: ShareAnswer[] = await all(ada, '/admin/payouts', at)
  const reports: Books['reports'][number][] = await all(ada, '/admin/reports', at)
  const orphans = (await operations<Books['orphans']>(ada, '/admin/reservations/orphans')).items
  const lostPayments = [...disputesIn(exchanges)].flatMap(([paymentId, { mayBe }]) =>
    mayBe.has('lost') ? [paymentId] : [],
  )
  return {
    ...{ orders: orders.map(withoutAsOf), events, venues, shares, reports, orphans, lostPayments },
    ...{ tickets: Object.fromEntries(tickets), transfers: Object.fromEntries(transfers) },
  }
}

type AsOf = { readonly asOf: string }

const withoutAsOf = <T extends AsOf>({ asOf: _, ...rest }: T): Omit<T, 'asOf'> => rest

/** Where the ledger stands. */
export const headOf = async (ada: Caller): Promise<string> => (await operations(ada, '/admin/workers')).asOf

/** Operators ask the processes that take commands; what they answer says where the ledger stands. */
const operations = async <T>(ada: Caller, path: string): Promise<{ items: T; asOf: string }> => {
  const answer = await ada.ask<{ items: T; asOf: string }>('GET', path)
  if (!answer.isAccepted) throw new Error(`GET ${path} was refused: ${JSON.stringify(answer.body)}`)
  return answer.body
}

const get = async <T>(caller: Caller, path: string, query: Record<string, string> = {}): Promise<T> => {
  const answer = await caller.ask<T>(
    'GET',
    Object.keys(query).length > 0 ? `${path}?${new URLSearchParams(query)}` : path,
  )
  if (!answer.isAccepted) throw new Error(`GET ${path} was refused: ${JSON.stringify(answer.body)}`)
  return answer.body
}

/** Every page of a list. */
const all = async <T>(caller: Caller, path: string, query: Record<string, string>): Promise<T[]> => {
  const items: T[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { items: T[]; nextCursor: string | null } = await get(caller, path, {
      ...query,
      limit: '200',
      ...(cursor && { cursor }),
    })
    items.push(...page.items)
    cursor = page.nextCursor
  }
  return items
}

const differencesOf = async (ada: Caller, eventId: string): Promise<EventBooks['differences']> => {
  const body = { repair: false }
  const answer = await ada.ask<{ differences: EventBooks['differences'] }>(
    'POST',
    `/admin/inventory/${eventId}/reconcile`,
    { body },
  )
  if (!answer.isAccepted) throw new Error(`reconciling ${eventId} was refused: ${JSON.stringify(answer.body)}`)
  return answer.body.differences
}

const AT_ONCE = 8

const inTurns = async <T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = []
  const queue = items.entries()
  const take = async () => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, take))
  return results
}
