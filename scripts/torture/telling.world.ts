import type { Exchange, OrderAnswer } from './history.ts'

export const START = Date.parse('2026-05-01T18:00:00.000Z')
export const VENUE = 'venue-1'

export const at = (seconds: number): string => new Date(START + seconds * 1_000).toISOString()

export const euro = (amount: number) => ({ amount, currency: 'EUR' })

/** 2,500 with a fee of 200 that its buyer pays and a tax of 100 on top. */
const line = (typeId: string, number: number) => ({
  ...{ typeId, slot: `pool:GA:${number}`, edition: 1, priceCents: 2_500 },
  fees: [{ amount: 200, paidBy: 'buyer' }],
  taxes: [{ amount: 100, inclusive: false }],
})

/** Of one place or several of one type. */
export const order = (
  orderId: string,
  payerId: string,
  { eventId, typeId, places }: { eventId: string; typeId: string; places: readonly number[] },
): OrderAnswer => ({
  ...{ orderId, kind: 'purchase', eventId, venueId: VENUE, payerId, status: 'authorising', reason: null },
  expiresAt: at(60),
  total: euro(2_800 * places.length),
  lines: places.map((place) => line(typeId, place)),
})

export const told = ({
  status,
  ...given
}: Pick<Exchange, 'ask' | 'client' | 'wish' | 'path' | 'sent'> & Partial<Exchange>): Exchange => ({
  method: 'POST',
  key: given.ask,
  request: undefined,
  received: given.sent + 50,
  status: status === undefined ? 200 : status,
  body: null,
  ...given,
})

/** A ticket that nothing befell. */
export const ticket = (ticketId: string, eventId: string, place: number, orderId: string, holderId: string) => ({
  ...{ ticketId, eventId, slot: `pool:GA:${place}`, orderId, holderId, status: 'ACTIVE', generation: 1, moves: 0 },
  ...{ locks: [], offer: null, listing: null, report: null, admissions: null, chain: { state: 'settled' } },
})
