import type { Books, EventBooks } from './books.ts'
import type { Exchange, OrderAnswer } from './history.ts'
import { at, euro, order, START, ticket, told, VENUE } from './telling.world.ts'

const MATINEE = 'event-2'
export const CALLED_OFF = 'event-3'
const TYPE = 'regular'

export const PEOPLE = Object.fromEntries(['ann', 'bob', 'cleo', 'dan', 'eve', 'fay', 'gus'].map((name) => [name, name]))

/** Where no tickets were closed but those that are told. */
export const closing = (tickets: Partial<EventBooks['closing']['tickets']>): EventBooks['closing'] => ({
  tickets: { sold: 0, held: 0, refunded: 0, revoked: 0, cancelled: 0, ...tickets },
  refunds: [],
})

/** Once it was paid, and so much of it went back. */
const confirmed = (placed: OrderAnswer, ticketIds: readonly string[], refunded = 0): OrderAnswer => ({
  ...{ ...placed, status: 'confirmed', ticketIds, changedAt: at(103) },
  payments: [
    {
      ...{ paymentId: `pay-${placed.orderId.at(-1)}`, amount: placed.total.amount, refunded },
      ...{ status: 'captured', disputed: false },
    },
  ],
})

const at2 = (...places: number[]) => ({ eventId: MATINEE, typeId: TYPE, places })
const cleos = confirmed(order('order-c', 'cleo', at2(1, 2)), ['ticket-2', 'ticket-3'])
const fays = confirmed(order('order-f', 'fay', at2(3)), ['ticket-4'])
const gus = confirmed(order('order-g', 'gus', at2(4)), ['ticket-5'], 2_600)
const lost = confirmed(order('order-h', 'fay', { eventId: CALLED_OFF, typeId: TYPE, places: [1] }), ['ticket-6'], 2_800)
const line = { ...cleos.lines[0]!, priceCents: 4_000, fees: [], taxes: [] }
const eves = confirmed({ ...order('order-e', 'eve', at2(1)), kind: 'resale', lines: [line], total: euro(4_000) }, [
  'ticket-2',
])

/**
 * Cleo bought places 1 and 2 of a matinee. She gave the first to Dan, who sold it on to Eve, who offers it for sale; the gate denied
 * Cleo's code from before. The second is locked. Fay's bank took the money back for place 3. Gus missed place 4, found it, and gave
 * it back. Fay had a ticket to an evening that was called off. All codes are shown to the gate of event-2.
 */
export const marketExchanges = (): Exchange[] => {
  const see = (client: string, seconds: number, body: OrderAnswer) =>
    told({
      ...{ ask: `${client}-sees-${body.orderId}`, client, wish: 'order', method: 'GET', key: null },
      ...{ path: `/orders/${body.orderId}`, sent: START + seconds * 1_000, body },
    })
  const does = (
    client: string,
    wish: Exchange['wish'],
    [path, seconds]: readonly [string, number],
    { request, body, ask = `${client}${path}`, ...rest }: { request?: object; body?: object } & Partial<Exchange>,
  ) => told({ ask, client, wish, path, sent: START + seconds * 1_000, request, body: body ?? null, ...rest })
  const code = (client: string, ticketId: string, seconds: number, code: string) =>
    does(client, 'code', [`/tickets/${ticketId}/qr`, seconds], {
      ...{ method: 'GET', key: null, body: { code, expiresAt: at(400) } },
    })
  const denied = (scanId: string, seconds: number, code: string, ticketId: string, reason: string) =>
    does('door', 'scan', ['/scan', seconds], {
      ...{ ask: scanId, request: { code } },
      body: { scanId, verdict: 'deny', reason, ticket: { ticketId }, admission: null },
    })
  const gift = { offerId: 'offer-1', ticketId: 'ticket-2', acceptanceCode: 'ABCD-EFGH' }
  const wanted = { listingId: 'listing-1', priceCents: 4_000 }
  return [
    does('olga', 'set-up', ['/devices/door/assign', 90], { request: { eventId: MATINEE } }),
    see('cleo', 103, cleos),
    see('fay', 103, fays),
    see('gus', 103, gus),
    see('fay', 104, lost),
    code('cleo', 'ticket-2', 110, 'code-2'),
    code('cleo', 'ticket-3', 110, 'code-3'),
    does('cleo', 'give', ['/transfers/gift', 120], { request: { ticketId: 'ticket-2', email: 'dan' }, body: gift }),
    does('cleo', 'give', ['/transfers/gift', 121], {
      ...{
        ask: 'cleo-again',
        key: 'cleo/transfers/gift',
        request: { ticketId: 'ticket-2', email: 'eve' },
        status: 422,
      },
    }),
    does('dan', 'answer', ['/transfers/offer-1/accept', 130], { request: { code: 'ABCD-EFGH' }, body: gift }),
    denied('scan-3', 140, 'code-2', 'ticket-2', 'transferred_code'),
    does('dan', 'list', ['/listings', 150], {
      request: { ticketId: 'ticket-2', priceCents: 4_000 },
      body: { listingId: 'listing-1', ticketId: 'ticket-2', price: euro(4_000) },
    }),
    does('eve', 'place', ['/transfers/purchase', 160], {
      request: wanted,
      status: 201,
      body: { ...eves, status: 'authorising' },
    }),
    see('eve', 165, eves),
    does('eve', 'list', ['/listings', 170], {
      request: { ticketId: 'ticket-2', priceCents: 4_500 },
      body: { listingId: 'listing-2', ticketId: 'ticket-2', price: euro(4_500) },
    }),
    does('desk', 'desk', ['/admin/tickets/ticket-3/lock', 180], {
      request: { reason: 'dispute' },
      body: { ticketId: 'ticket-3' },
    }),
    denied('scan-4', 190, 'code-3', 'ticket-3', 'locked'),
    does('fay', 'pay', ['/sandbox/payments/pay-f/confirm', 102], { request: { card: 'disputed' }, status: 202 }),
    does('desk', 'desk', ['/sandbox/payments/pay-f/dispute', 200], {
      request: { outcome: 'lost' },
      status: 202,
      body: { paymentId: 'pay-f' },
    }),
    does('desk', 'desk', ['/admin/tickets/ticket-5/refund', 210], {
      body: { ticketId: 'ticket-5', status: 'REFUNDED' },
    }),
    does('desk', 'desk', ['/events/event-3/cancel', 220], {
      request: { reason: 'weather' },
      body: { eventId: CALLED_OFF },
    }),
  ]
}

export const marketBooks = (): Books => {
  const counts = (capacity: number, sold: number) => ({ capacity, available: capacity - sold, reserved: 0, sold })
  const availability = (capacity: number, sold: number) => ({
    pools: [{ pool: 'GA', ...counts(capacity, sold) }],
    types: [{ typeId: TYPE, ...counts(capacity, sold) }],
  })
  const types = [{ typeId: TYPE, pool: 'GA', from: 1, to: null, maxPerPerson: null }]
  const posting = (orderId: string, eventId: string, amount: number) => ({ orderId, eventId, money: euro(amount) })
  const move = { ticketId: 'ticket-2', status: 'accepted', priceCents: null }
  const gift = { ...move, transferId: 'offer-1', kind: 'gift' as const, endedAt: at(130) }
  const resale = { ...move, transferId: 'order-e', kind: 'resale' as const, endedAt: at(164), priceCents: 4_000 }
  const lock = (lockId: string, reason: string) => ({ locks: [{ lockId, reason }] })
  const sold = {
    ...ticket('ticket-2', MATINEE, 1, 'order-e', 'eve'),
    ...{ status: 'TRANSFERRED', generation: 3, moves: 2 },
    listing: { listingId: 'listing-2', priceCents: 4_500, isClaimed: false },
  }
  const gone = { ...ticket('ticket-6', CALLED_OFF, 1, 'order-h', 'fay'), status: 'CANCELLED' }
  return {
    orders: [cleos, eves, fays, gus, lost],
    events: [
      {
        ...{ eventId: MATINEE, venueId: VENUE, types, feesRefunded: false, status: 'published' },
        ...{ orders: [cleos, eves, fays, gus], availability: availability(4, 3) },
        listings: [{ listingId: 'listing-2', ticketId: 'ticket-2', price: euro(4_500), isClaimed: false }],
        closing: closing({ sold: 4, held: 3, refunded: 1 }),
        settlement: [
          {
            ...{ gross: euro(12_600), fees: euro(900), taxes: euro(300), venueNet: euro(7_700) },
            sellers: euro(3_700),
          },
        ],
        sales: [{ typeId: TYPE, sold: 3, refunded: 1, gross: euro(8_400) }],
        attendance: { admitted: 0, admissions: 0, denied: [] },
        scans: [
          { scanId: 'scan-3', verdict: 'deny', ticketId: 'ticket-2' },
          { scanId: 'scan-4', verdict: 'deny', ticketId: 'ticket-3' },
        ],
        differences: [],
      },
      {
        ...{ eventId: CALLED_OFF, venueId: VENUE, types, feesRefunded: false, status: 'cancelled', listings: [] },
        ...{ orders: [lost], availability: availability(1, 0), closing: closing({ sold: 1, cancelled: 1 }) },
        ...{ settlement: [], sales: [{ typeId: TYPE, sold: 0, refunded: 1, gross: euro(0) }] },
        ...{ attendance: { admitted: 0, admissions: 0, denied: [] }, scans: [], differences: [] },
      },
    ],
    venues: [
      {
        venueId: VENUE,
        balances: [euro(7_700)],
        postings: [
          ...[posting('order-c', MATINEE, 5_000), posting('order-e', MATINEE, 200), posting('order-f', MATINEE, 2_500)],
          ...[posting('order-g', MATINEE, 2_500), posting('order-g', MATINEE, -2_500)],
          ...[posting('order-h', CALLED_OFF, 2_500), posting('order-h', CALLED_OFF, -2_500)],
        ],
      },
    ],
    tickets: {
      cleo: [{ ...ticket('ticket-3', MATINEE, 2, 'order-c', 'cleo'), ...lock('lock-1', 'dispute') }],
      dan: [],
      eve: [sold],
      fay: [{ ...ticket('ticket-4', MATINEE, 3, 'order-f', 'fay'), ...lock('lock-2', 'chargeback_pending') }, gone],
      gus: [{ ...ticket('ticket-5', MATINEE, 4, 'order-g', 'gus'), status: 'REFUNDED' }],
    },
    transfers: {
      cleo: [{ ...gift, from: 'you', to: null }],
      dan: [
        { ...resale, from: 'you', to: null },
        { ...gift, from: null, to: 'you' },
      ],
      eve: [{ ...resale, from: null, to: 'you' }],
    },
    shares: [
      {
        ...{ orderId: 'order-e', eventId: MATINEE, sellerId: 'dan', status: 'due' },
        ...{ share: euro(3_700), left: euro(3_700) },
      },
    ],
    ...{ lostPayments: ['pay-f'], reports: [], orphans: [] },
  }
}
