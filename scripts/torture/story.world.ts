import type { Books } from './books.ts'
import type { Exchange, OrderAnswer } from './history.ts'
import type { Evidence } from './invariants/invariant.ts'
import { CALLED_OFF, closing, marketBooks, marketExchanges, PEOPLE } from './market.world.ts'
import { at, euro, order, START, ticket, told, VENUE } from './telling.world.ts'

/** An evidence whose every part a test may change. */
export type Doctored = Mutable<Evidence>
type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T

const EVENT = 'event-1'
const TYPE = 'early-bird'

/**
 * Ann bought place 1 and came in, and a second gate denied her. Bob wanted place 2, which his bank declined. Each lost one reply
 * on the way and asked again. And `market.world.ts`.
 */
export const soundStory = (): Doctored => {
  const anns = order('order-a', 'ann', { eventId: EVENT, typeId: TYPE, places: [1] })
  const bobs = order('order-b', 'bob', { eventId: EVENT, typeId: TYPE, places: [2] })
  const payment = (id: string) => ({ payment: { id, clientSecret: `secret of ${id}` } })
  const confirmed: OrderAnswer = {
    ...{ ...anns, status: 'confirmed', ticketIds: ['ticket-1'], changedAt: at(3) },
    payments: [{ paymentId: 'pay-a', amount: 2_800, refunded: 0, status: 'captured', disputed: false }],
  }
  const cancelled: OrderAnswer = {
    ...{ ...bobs, status: 'cancelled', reason: 'payment_declined', ticketIds: null, changedAt: at(3) },
    payments: [{ paymentId: 'pay-b', amount: 2_800, refunded: 0, status: 'voided', disputed: false }],
  }
  const wanted = { eventId: EVENT, items: [{ typeId: TYPE, quantity: 1 }] }
  const more = { eventId: EVENT, items: [{ typeId: TYPE, quantity: 2 }] }
  const place = (ask: string, client: string, sent: number, body: object | null) =>
    told({
      ask,
      client,
      wish: 'place',
      path: '/orders',
      sent,
      key: ask,
      request: wanted,
      body,
      status: body ? 201 : null,
    })
  const pay = (id: string, client: string, card: string, status: number) =>
    told({
      ask: `${client}-pay`,
      client,
      wish: 'pay',
      path: `/sandbox/payments/${id}/confirm`,
      sent: START + 1_500,
      request: { card },
      status,
    })
  const see = (ask: string, client: string, sent: number, body: OrderAnswer) =>
    told({ ask, client, wish: 'order', method: 'GET', key: null, path: `/orders/${body.orderId}`, sent, body })
  const scan = (ask: string, sent: number, reason: string | null, scanId: string) =>
    told({
      ...{ ask, client: 'gate', wish: 'scan', path: '/scan', sent, key: ask, request: { code: 'code-1' } },
      body: {
        ...{ scanId, reason, verdict: reason ? 'deny' : 'allow', ticket: { ticketId: 'ticket-1' } },
        admission: reason ? null : { at: at(10), deviceName: 'gate' },
      },
    })
  const exchanges: Exchange[] = [
    place('ann-1', 'ann', START, null),
    place('ann-1', 'ann', START + 200, { ...anns, ...payment('pay-a') }),
    place('bob-1', 'bob', START + 100, { ...bobs, ...payment('pay-b') }),
    {
      ...place('ann-1', 'ann', START + 900, {}),
      ask: 'ann-2',
      request: more,
      status: 422,
      body: { code: 'KeyReused' },
    },
    pay('pay-a', 'ann', 'good', 202),
    pay('pay-b', 'bob', 'declined', 402),
    see('ann-3', 'ann', START + 4_000, confirmed),
    see('bob-2', 'bob', START + 4_000, cancelled),
    {
      ...place('bob-1', 'bob', START + 5_000, {}),
      ask: 'bob-3',
      status: 402,
      body: { detail: 'Order order-b of €28.00 is cancelled.' },
    },
    told({
      ...{ ask: 'ann-4', client: 'ann', wish: 'code', method: 'GET', key: null, path: '/tickets/ticket-1/qr' },
      ...{ sent: START + 9_000, body: { code: 'code-1', expiresAt: at(30) } },
    }),
    scan('gate-1', START + 10_000, null, 'scan-1'),
    { ...scan('gate-1', START + 11_000, null, 'scan-1'), ask: 'gate-2' },
    scan('gate-3', START + 12_000, 'replayed_code', 'scan-2'),
    told({
      ask: 'olga-1',
      client: 'olga',
      wish: 'set-up',
      path: '/venues',
      sent: START - 9_000,
      status: 201,
      body: { venueId: VENUE },
    }),
    told({
      ask: 'olga-2',
      client: 'olga',
      wish: 'set-up',
      path: '/venues',
      sent: START - 8_000,
      key: 'olga-1',
      status: 201,
      body: { venueId: VENUE },
    }),
    told({
      ...{ ask: 'olga-3', client: 'olga', wish: 'set-up', path: '/devices/gate/assign', sent: START - 7_000 },
      request: { eventId: EVENT },
    }),
  ]
  const books = together(booksOf(confirmed, cancelled), marketBooks())
  const faults = [{ fault: 'SIGKILL', process: 'counterfoil', at: START }]
  const lastSales = [
    { eventId: EVENT, typeId: 'regular', available: 1, ended: 'confirmed' },
    { eventId: EVENT, typeId: 'balcony', available: 0, ended: 'SoldOut' },
    { eventId: CALLED_OFF, typeId: 'regular', available: 1, ended: 'EventIsCancelled' },
  ]
  // Not structuredClone, under which what is one object would stay one, and be doctored everywhere at once.
  return JSON.parse(
    JSON.stringify({
      ...{ exchanges: [...exchanges, ...marketExchanges()], faults, people: PEOPLE, books, rebuilt: books },
      ...{ lastSales, mismatches: [] },
    }),
  )
}

const booksOf = (confirmed: OrderAnswer, cancelled: OrderAnswer): Books => {
  const counts = { capacity: 3, available: 2, reserved: 0, sold: 1 }
  return {
    orders: [confirmed, cancelled],
    events: [
      {
        ...{ eventId: EVENT, venueId: VENUE, feesRefunded: false, status: 'published', listings: [] },
        ...{ orders: [confirmed, cancelled], closing: closing({ sold: 1, held: 1 }) },
        types: [{ typeId: TYPE, pool: 'GA', from: 1, to: null, maxPerPerson: 1 }],
        availability: { pools: [{ pool: 'GA', ...counts }], types: [{ typeId: TYPE, ...counts }] },
        settlement: [
          { gross: euro(2_800), fees: euro(200), taxes: euro(100), venueNet: euro(2_500), sellers: euro(0) },
        ],
        sales: [{ typeId: TYPE, sold: 1, refunded: 0, gross: euro(2_800) }],
        attendance: { admitted: 1, admissions: 1, denied: [{ reason: 'replayed_code', count: 1 }] },
        scans: [
          { scanId: 'scan-1', verdict: 'allow', ticketId: 'ticket-1' },
          { scanId: 'scan-2', verdict: 'deny', ticketId: 'ticket-1' },
        ],
        differences: [],
      },
    ],
    venues: [
      {
        venueId: VENUE,
        balances: [euro(2_500)],
        postings: [{ orderId: 'order-a', eventId: EVENT, money: euro(2_500) }],
      },
    ],
    tickets: {
      ann: [{ ...ticket('ticket-1', EVENT, 1, 'order-a', 'ann'), status: 'CHECKED_IN', admissions: { count: 1 } }],
      bob: [],
    },
    ...{ transfers: {}, shares: [], lostPayments: [], reports: [], orphans: [] },
  }
}

/** Two stories at one venue. */
const together = (one: Books, other: Books): Books => {
  const [venue, alsoVenue] = [one.venues[0]!, other.venues[0]!]
  const balance = venue.balances[0]!.amount + alsoVenue.balances[0]!.amount
  return {
    orders: [...one.orders, ...other.orders],
    events: [...one.events, ...other.events],
    venues: [{ ...venue, balances: [euro(balance)], postings: [...venue.postings, ...alsoVenue.postings] }],
    tickets: { ...one.tickets, ...other.tickets },
    transfers: { ...one.transfers, ...other.transfers },
    shares: [...one.shares, ...other.shares],
    lostPayments: [...one.lostPayments, ...other.lostPayments],
    reports: [...one.reports, ...other.reports],
    orphans: [...one.orphans, ...other.orphans],
  }
}
