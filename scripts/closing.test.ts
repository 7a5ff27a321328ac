import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Client, clientOf, type Refused } from './client.ts'
import { type OwnTicket, type Page, type PlacedOrder, type World, wholeWorld } from './counterfoil.world.ts'

type Money = { amount: number; currency: string }
type Refund = { orderId: string; money: Money; shares: { account: string; amount: number }[]; state: string }
type Closed = { ticketId: string; status: string; refunds: Refund[] }
type RefundedOrder = { tickets: (Closed & { refused: { code: string; detail: string } | null })[] }
type Settlement = { currencies: { gross: Money; fees: Money; taxes: Money; venueNet: Money }[] }
type SeenOrder = { status: string; reason: string | null; payments: { status: string; refunded: number }[] }
type Tally = { count: number; money: Money }
type Closing = {
  eventStatus: string
  tickets: Record<'sold' | 'held' | 'refunded' | 'cancelled' | 'expired' | 'used' | 'revoked', number>
  refunds: { open: Tally; paid: Tally; otherwise: Tally }[]
}

const soon = { timeout: 20_000, interval: 50 }
const HOUR = 3_600_000

let w: World
let ada: Client
beforeAll(async () => {
  w = await wholeWorld()
  ada = await w.as('admin', 'ada')
})
afterAll(() => w.close())
afterEach(() => {
  w.clock.ahead = 0
})

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    ({ status, code, message }: Refused) => ({ status, code, message }),
  )

/** €25.00 with 7 % in it, 10 % on top, €1.50 that the buyer pays and €0.80 that the venue pays: €29.00. */
const DEAR = {
  type: {
    taxes: [
      { name: 'VAT', basisPoints: 700, inclusive: true },
      { name: 'City', basisPoints: 1_000, inclusive: false },
    ],
  },
  fees: [
    { code: 'booking_fee', flat: [{ amount: 150, currency: 'EUR' }], basisPoints: 0, paidBy: 'buyer' },
    { code: 'service', flat: [{ amount: 80, currency: 'EUR' }], basisPoints: 0, paidBy: 'venue' },
  ],
}

const bought = async (subject: string, quantity = 1, options: Parameters<World['onSale']>[0] = {}) => {
  const event = await w.onSale(options)
  const buyer = await w.as('attendee', subject)
  const { orderId } = await w.buy(buyer, event.eventId, event.typeId, quantity)
  const { tickets, position } = await ticketsOf(buyer, event.eventId, quantity)
  return { ...event, buyer, orderId, tickets, position }
}

const ticketsOf = async (buyer: Client, eventId: string, quantity: number) => {
  const list = () => buyer.call<Page<OwnTicket>>('GET', `/tickets?eventId=${eventId}`)
  await expect.poll(async () => (await list()).body.items.map(({ status }) => status), soon).toHaveLength(quantity)
  const { body } = await list()
  return { tickets: body.items, position: body.asOf }
}

const statusesOf = async (buyer: Client, eventId: string) =>
  (await buyer.call<Page<OwnTicket>>('GET', `/tickets?eventId=${eventId}`)).body.items.map(({ status }) => status)

const settlementOf = async (eventId: string) =>
  (await ada.call<Settlement>('GET', `/events/${eventId}/reports/settlement`)).body.currencies.map(
    ({ gross, fees, taxes, venueNet }) => [gross, fees, taxes, venueNet].map(({ amount }) => amount),
  )

const orderOf = async (orderId: string) => (await ada.call<SeenOrder>('GET', `/orders/${orderId}`)).body

const closingOf = async (eventId: string) => (await ada.call<Closing>('GET', `/events/${eventId}/closing`)).body

const refundTicket = (ticketId: string, by = ada) => by.call<Closed>('POST', `/admin/tickets/${ticketId}/refund`)

const revokeTicket = (ticketId: string, by = ada) =>
  by.call<Closed>('POST', `/admin/tickets/${ticketId}/revoke`, { reason: 'fraud' })

describe('an order that is given back', () => {
  it('F00.7 F07.14 pays back all but the fees of the buyer, and the books show who gave back what', async () => {
    const { eventId, venueId, buyer, orderId, tickets } = await bought('ann whole', 2, DEAR)
    await expect.poll(() => settlementOf(eventId), soon).toEqual([[5_800, 460, 828, 4_512]])
    const { body } = await ada.call<RefundedOrder>('POST', `/orders/${orderId}/refund`)
    expect(body.tickets.map(({ ticketId }) => ticketId).toSorted()).toEqual(
      tickets.map(({ ticketId }) => ticketId).toSorted(),
    )
    for (const ticket of body.tickets)
      expect(ticket).toMatchObject({
        status: 'REFUNDED',
        refused: null,
        refunds: [
          {
            ...{ orderId, money: { amount: 2_750, currency: 'EUR', formatted: '€27.50' } },
            shares: [
              { account: `venue:${venueId}`, amount: 2_336 },
              { account: 'tax', amount: 414 },
            ],
          },
        ],
      })
    await expect
      .poll(async () => (await orderOf(orderId)).payments, soon)
      .toMatchObject([{ status: 'captured', refunded: 5_500 }])
    // The platform keeps what it earned, of the buyer and of the venue.
    await expect.poll(() => settlementOf(eventId), soon).toEqual([[300, 460, 0, -160]])
    const { balances } = (await ada.call<{ balances: Money[] }>('GET', `/venues/${venueId}/balance`)).body
    expect(balances).toMatchObject([{ amount: -160, currency: 'EUR' }])
    await expect.poll(() => statusesOf(buyer, eventId), soon).toEqual(['REFUNDED', 'REFUNDED'])
    expect((await refundTicket(tickets[0]!.ticketId)).body.refunds[0]!.state).toBe('paid')
    expect(await closingOf(eventId)).toMatchObject({
      tickets: { sold: 2, held: 0, refunded: 2 },
      refunds: [{ open: { count: 0 }, paid: { count: 2, money: { amount: 5_500 } } }],
    })
  })

  it('F12.2 in part, leaves its other tickets as they are, and their places are on sale again', async () => {
    const { eventId, typeId, buyer, orderId, tickets } = await bought('ann part', 2, { size: 2 })
    const [first, second] = tickets as [OwnTicket, OwnTicket]
    const asked = { ticketIds: [first.ticketId] }
    const refund = (key: string, body: object = asked) =>
      ada.call<RefundedOrder>('POST', `/orders/${orderId}/refund`, body, { 'idempotency-key': key })
    const { body } = await refund('part')
    expect(body.tickets).toMatchObject([{ ticketId: first.ticketId, status: 'REFUNDED', refused: null }])
    expect((await refund('part')).body.tickets[0]).toMatchObject({ ticketId: first.ticketId, status: 'REFUNDED' })
    const other = await refusal(refund('part', { ticketIds: [second.ticketId] }))
    expect(other).toMatchObject({ status: 422, code: 'KeyReused' })
    await expect.poll(() => statusesOf(buyer, eventId), soon).toEqual(expect.arrayContaining(['REFUNDED', 'ACTIVE']))
    const bob = await w.as('attendee', 'bob part')
    expect((await w.buy(bob, eventId, typeId)).status).toBe('confirmed')
    // Whole, with what is given back already.
    expect((await refund('rest', {})).body.tickets.map(({ status }) => status)).toEqual(['REFUNDED', 'REFUNDED'])
    await expect.poll(async () => (await orderOf(orderId)).payments[0]!.refunded, soon).toBe(5_000)
  })

  it('is told of each ticket what came of it; refused where nothing can be given back', async () => {
    const { orderId, tickets, eventId, typeId, buyer } = await bought('ann mixed', 2)
    const [first, second] = tickets as [OwnTicket, OwnTicket]
    await revokeTicket(first.ticketId)
    const { body } = await ada.call<RefundedOrder>('POST', `/orders/${orderId}/refund`)
    const of = (id: string) => body.tickets.find(({ ticketId }) => ticketId === id)
    expect(of(second.ticketId)).toMatchObject({ status: 'REFUNDED', refused: null })
    const detail = `Ticket ${first.ticketId} is REVOKED, and cannot become REFUNDED.`
    expect(of(first.ticketId)).toMatchObject({
      status: 'REVOKED',
      refused: { code: 'TicketClosed', detail: expect.stringContaining(detail) },
    })
    const alone = ada.call('POST', `/orders/${orderId}/refund`, { ticketIds: [first.ticketId] })
    expect(await refusal(alone)).toMatchObject({
      ...{ status: 409, code: 'TicketClosed', message: expect.stringContaining(detail) },
    })
    const stranger = ada.call('POST', `/orders/${orderId}/refund`, { ticketIds: [crypto.randomUUID()] })
    expect(await refusal(stranger)).toMatchObject({ status: 404, code: 'NotFound' })
    const items = [{ typeId, quantity: 1 }]
    const unpaid = (await buyer.call<PlacedOrder>('POST', '/orders', { eventId, items })).body.orderId
    expect(await refusal(ada.call('POST', `/orders/${unpaid}/refund`))).toMatchObject({
      ...{ status: 409, code: 'NothingToRefund', message: expect.stringContaining('is authorising') },
    })
  })

  it('leaves a ticket that was sold on to who bought it', async () => {
    const { buyer: ann, orderId, tickets } = await bought('ann sells one', 2)
    const [first, second] = tickets as [OwnTicket, OwnTicket]
    const { ticketId } = first
    const { listingId } = (await ann.call<{ listingId: string }>('POST', '/listings', { ticketId, priceCents: 4_000 }))
      .body
    const dan = await w.as('attendee', 'dan buys one')
    const resale = (await dan.call<PlacedOrder>('POST', '/transfers/purchase', { listingId, priceCents: 4_000 })).body
    const { id, clientSecret } = resale.payment
    await dan.call('POST', `/sandbox/payments/${id}/confirm`, { clientSecret, card: 'good' })
    await expect.poll(async () => (await orderOf(resale.orderId)).status, soon).toBe('confirmed')

    const { body } = await ada.call<RefundedOrder>('POST', `/orders/${orderId}/refund`)
    const of = (wanted: string) => body.tickets.find((ticket) => ticket.ticketId === wanted)
    expect(of(second.ticketId)).toMatchObject({ status: 'REFUNDED', refused: null })
    expect(of(ticketId)).toMatchObject({
      status: 'TRANSFERRED',
      refused: { code: 'TicketMoved', detail: expect.stringContaining(`sold on by order ${resale.orderId}`) },
    })
    expect((await ada.call<RefundedOrder>('POST', `/orders/${resale.orderId}/refund`)).body.tickets).toMatchObject([
      { ticketId, status: 'REFUNDED', refunds: [{ orderId }, { orderId: resale.orderId }] },
    ])
  })

  it('F12.11 of a service, is recorded as what the service owes its customer', async () => {
    const { eventId, typeId } = await w.onSale(DEAR)
    const shop = await w.as('service', 'shop')
    const { personId } = (await (await w.as('attendee', 'ann outside')).call<{ personId: string }>('GET', '/me')).body
    const orderId = crypto.randomUUID()
    const items = [{ typeId, quantity: 1 }]
    await shop.call('POST', '/internal/tickets/reserve', { orderId, eventId, buyerId: personId, items })
    const payment = { reference: `inv-${orderId}`, amountCents: 2_900, currency: 'EUR' }
    await shop.call('POST', '/internal/tickets/confirm', { orderId, payment })
    await ada.call('POST', `/orders/${orderId}/refund`)
    await expect.poll(async () => (await orderOf(orderId)).payments[0]!.refunded, soon).toBe(2_750)
    await expect.poll(() => settlementOf(eventId), soon).toEqual([[150, 230, 0, -80]])
  })
})

describe('closing a ticket', () => {
  it('F12.4 requires an admin: every other role is 403', async () => {
    const { eventId, orderId, tickets, venueId } = await bought('ann roles')
    const { ticketId } = tickets[0]!
    for (const role of [
      'attendee',
      'venue_staff',
      'scanner',
      'box_office',
      'organizer',
      'auditor',
      'service',
    ] as const) {
      const other = await w.as(role, `a ${role}`, { venues: [venueId] })
      const told = [
        await refusal(refundTicket(ticketId, other)),
        await refusal(revokeTicket(ticketId, other)),
        await refusal(other.call('POST', `/orders/${orderId}/refund`)),
        await refusal(other.call('POST', `/events/${eventId}/cancel`, { reason: 'weather' })),
      ]
      expect({ role, told: told.map((one) => one?.status) }).toEqual({ role, told: [403, 403, 403, 403] })
    }
  })

  it('is nobody’s of another tenant, and of no ticket that there is not', async () => {
    const { tickets, eventId, orderId } = await bought('ann rival')
    const rita = await w.as('admin', 'rita', { tenant: 'rival' })
    for (const close of [refundTicket, revokeTicket]) {
      expect(await refusal(close(tickets[0]!.ticketId, rita))).toMatchObject({ status: 404, code: 'NotFound' })
      expect(await refusal(close(crypto.randomUUID()))).toMatchObject({ status: 404, code: 'NotFound' })
    }
    const ends = [
      [eventId, (id: string) => rita.call('POST', `/events/${id}/cancel`, { reason: 'weather' })],
      [orderId, (id: string) => rita.call('POST', `/orders/${id}/cancel`)],
      [orderId, (id: string) => rita.call('POST', `/orders/${id}/refund`)],
    ] as const
    for (const [ours, end] of ends) {
      const none = crypto.randomUUID()
      const { message, ...refused } = (await refusal(end(none)))!
      expect(refused.status).toBe(404)
      expect(await refusal(end(ours))).toEqual({ ...refused, message: message.replaceAll(none, ours) })
    }
  })

  it('F12.2 F12.3 is refused with both states named, and a second time changes nothing', async () => {
    const { tickets } = await bought('ann twice', 2)
    const [{ ticketId: revoked }, { ticketId: refunded }] = tickets as [OwnTicket, OwnTicket]
    expect((await revokeTicket(revoked)).body).toEqual({ ticketId: revoked, status: 'REVOKED', refunds: [] })
    expect((await revokeTicket(revoked)).body.status).toBe('REVOKED')
    expect((await refundTicket(refunded)).body).toMatchObject({ status: 'REFUNDED', refunds: [{}] })
    expect(await refusal(refundTicket(revoked))).toMatchObject({
      message: expect.stringContaining('is REVOKED, and cannot become REFUNDED'),
    })
    expect(await refusal(revokeTicket(refunded))).toMatchObject({
      message: expect.stringContaining('is REFUNDED, and cannot become REVOKED'),
    })
  })
})

const doorOf = async (olga: Client, venueId: string, eventId: string) => {
  const deviceId = `gate-${eventId}`
  const device = { deviceId, name: 'North', venueId, zone: 'GA' }
  const { credential } = (await olga.call<{ credential: string }>('POST', '/devices/register', device)).body
  await olga.call('POST', `/devices/${deviceId}/assign`, { eventId, zone: 'GA' })
  return clientOf(w.url, credential)
}

const codeOf = async (holder: Client, ticketId: string) =>
  (await holder.call<{ code: string }>('GET', `/tickets/${ticketId}/qr`)).body.code

const scan = async (gate: Client, code: string) =>
  (await gate.call<{ verdict: string; reason: string | null; explanation: string }>('POST', '/scan', { code })).body

describe('a ticket whose event is over', () => {
  it('F12.6 F12.7 F12.8 stays as it was for 24 hours, then expires, or is used where it was admitted', async () => {
    const { olga, eventId, venueId, buyer, tickets } = await bought('ann late', 4, { startsInHours: 1 })
    const gate = await doorOf(olga, venueId, eventId)
    const [first, second, third] = tickets as [OwnTicket, OwnTicket, OwnTicket]
    const code = await codeOf(buyer, second.ticketId)
    expect(await scan(gate, await codeOf(buyer, first.ticketId))).toMatchObject({ verdict: 'allow' })
    expect(await refusal(refundTicket(first.ticketId))).toMatchObject({
      ...{ code: 'TicketIsAdmitted', message: expect.stringContaining('is CHECKED_IN since') },
    })
    await refundTicket(third.ticketId)
    const expire = () => ada.call<{ done: number }>('POST', '/admin/tickets/expire')

    w.clock.ahead = (1 + 4 + 24) * HOUR - 60_000
    await expire()
    const before = ['ACTIVE', 'ACTIVE', 'CHECKED_IN', 'REFUNDED']
    await expect.poll(async () => (await statusesOf(buyer, eventId)).toSorted(), soon).toEqual(before)

    w.clock.ahead = (1 + 4 + 24) * HOUR + 60_000
    await expire()
    const after = ['EXPIRED', 'EXPIRED', 'REFUNDED', 'USED']
    await expect.poll(async () => (await statusesOf(buyer, eventId)).toSorted(), soon).toEqual(after)
    expect(await closingOf(eventId)).toMatchObject({ tickets: { held: 0, expired: 2, used: 1, refunded: 1 } })
    expect((await expire()).body).toEqual({ done: 0, refused: 0 })

    const qr = buyer.call('GET', `/tickets/${second.ticketId}/qr`)
    expect(await refusal(qr)).toMatchObject({ status: 409, code: 'TicketHasNoCode' })
    expect((await scan(gate, code)).verdict).toBe('deny')
    expect(await refusal(refundTicket(second.ticketId))).toMatchObject({
      message: expect.stringContaining('is EXPIRED, and cannot become REFUNDED'),
    })
  })

  it('F12.10 is found by a worker, which is seen beside those that look after reservations', async () => {
    const { items } = (await ada.call<Page<{ name: string; nextRun: string | null }>>('GET', '/admin/workers')).body
    const names = ['reservation-expiry', 'orphan-cleanup', 'ticket-expiry', 'event-cancellation', 'event-rescheduling']
    for (const name of names)
      expect(items).toContainEqual(expect.objectContaining({ name, every: '* * * * *', nextRun: expect.any(String) }))
  })
})

describe('an event that is moved to another time', () => {
  const move = (by: Client, eventId: string, startsAt: number, endsAt: number) =>
    by.call<{ startsAt: string; endsAt: string; refundsUntil: string | null }>(
      'POST',
      `/events/${eventId}/reschedule`,
      {
        startsAt: new Date(startsAt).toISOString(),
        endsAt: new Date(endsAt).toISOString(),
      },
    )

  it('F12.9 F12.5 takes all with it: catalogue, tickets, gates, sales and the expiry of its tickets', async () => {
    const { olga, venueId, eventId, typeId, buyer, tickets } = await bought('ann moved')
    const { ticketId } = tickets[0]!
    const gate = await doorOf(olga, venueId, eventId)
    const start = Date.now() + 48 * HOUR
    const { body, position } = await move(olga, eventId, start, start + 2 * HOUR)
    const startsAt = new Date(start).toISOString()
    expect(body).toMatchObject({ startsAt, endsAt: new Date(start + 2 * HOUR).toISOString(), refundsUntil: null })
    const shown = await buyer.call<{ startsAt: string }>('GET', `/events/${eventId}?minPosition=${position}`)
    expect(shown.body.startsAt).toBe(startsAt)
    const ticket = () => buyer.call<{ eventDate: string }>('GET', `/tickets/${ticketId}?minPosition=${position}`)
    expect((await ticket()).body.eventDate).toBe(startsAt)

    const denied = await scan(gate, await codeOf(buyer, ticketId))
    expect(denied).toMatchObject({ verdict: 'deny', reason: 'too_early' })
    // By the old times it would have expired by now.
    w.clock.ahead = 40 * HOUR
    await ada.call('POST', '/admin/tickets/expire')
    expect(await statusesOf(buyer, eventId)).toEqual(['ACTIVE'])
    const bob = await w.as('attendee', 'bob moved')
    expect((await w.buy(bob, eventId, typeId)).status).toBe('confirmed')
    w.clock.ahead = 45 * HOUR
    expect(await scan(gate, await codeOf(buyer, ticketId))).toMatchObject({ verdict: 'allow' })
    w.clock.ahead = (48 + 2 + 25) * HOUR
    await ada.call('POST', '/admin/tickets/expire')
    await expect.poll(() => statusesOf(buyer, eventId), soon).toEqual(['USED'])
    await expect.poll(() => statusesOf(bob, eventId), soon).toEqual(['EXPIRED'])
  })

  it('is refused where the times are none, and once it is over or cancelled', async () => {
    const { olga, eventId } = await w.onSale()
    const inADay = Date.now() + 24 * HOUR
    expect(await refusal(move(olga, eventId, inADay, inADay))).toMatchObject({ code: 'EventEndsBeforeItStarts' })
    w.clock.ahead = 6 * HOUR
    expect(await refusal(move(olga, eventId, inADay, inADay + HOUR))).toMatchObject({ code: 'EventOver' })
    const late = ada.call('POST', `/events/${eventId}/cancel`, { reason: 'other' })
    expect(await refusal(late)).toMatchObject({ code: 'EventOver' })
    w.clock.ahead = 0
    await ada.call('POST', `/events/${eventId}/cancel`, { reason: 'other' })
    expect(await refusal(move(olga, eventId, inADay, inADay + HOUR))).toMatchObject({
      ...{ code: 'EventIsCancelled', message: expect.stringContaining('is cancelled') },
    })
  })
})

describe('an event that is cancelled', () => {
  it('F12.11 F12.8 leads every ticket to CANCELLED with all of its money back, and the orders under way to no charge', async () => {
    const { eventId, typeId, olga, venueId, buyer, orderId, tickets } = await bought('ann cancelled', 3, DEAR)
    const gate = await doorOf(olga, venueId, eventId)
    const code = await codeOf(buyer, tickets[0]!.ticketId)
    const bob = await w.as('attendee', 'bob cancelled')
    const items = [{ typeId, quantity: 1 }]
    const open = (await bob.call<PlacedOrder>('POST', '/orders', { eventId, items })).body
    const cancel = () =>
      ada.call<{ status: string; salesOpen: boolean }>('POST', `/events/${eventId}/cancel`, { reason: 'weather' })
    expect((await cancel()).body).toMatchObject({ status: 'cancelled', salesOpen: false })

    const { id, clientSecret } = open.payment
    await bob.call('POST', `/sandbox/payments/${id}/confirm`, { clientSecret, card: 'good' })
    const ended = () => bob.call<SeenOrder>('GET', `/orders/${open.orderId}?wait=5s`)
    await expect
      .poll(async () => (await ended()).body, soon)
      .toMatchObject({
        ...{ status: 'cancelled', reason: 'event_cancelled' },
        payments: [{ status: 'voided' }],
      })
    await expect.poll(() => statusesOf(buyer, eventId), soon).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED'])
    await expect
      .poll(async () => (await closingOf(eventId)).refunds, soon)
      .toMatchObject([{ open: { count: 0 }, paid: { count: 3, money: { amount: 3 * 2_900 } } }])
    expect(await closingOf(eventId)).toMatchObject({
      eventStatus: 'cancelled',
      tickets: { sold: 3, held: 0, cancelled: 3 },
    })
    expect((await orderOf(orderId)).payments[0]!.refunded).toBe(3 * 2_900)
    await expect.poll(() => settlementOf(eventId), soon).toEqual([[0, 0, 0, 0]])

    expect(await refusal(bob.call('POST', '/orders', { eventId, items }))).toMatchObject({ code: 'EventIsCancelled' })
    expect((await scan(gate, code)).verdict).toBe('deny')
    expect(await refusal(buyer.call('GET', `/tickets/${tickets[0]!.ticketId}/qr`))).toMatchObject({
      code: 'TicketHasNoCode',
    })
    expect((await cancel()).body.status).toBe('cancelled')
    expect((await orderOf(orderId)).payments[0]!.refunded).toBe(3 * 2_900)
  })
})

it('F12.5 the document tells which moment of the event each side of the check-in window counts from', async () => {
  const document = (await (await fetch(`${w.url}/docs/json`)).json()) as {
    paths: Record<string, { post: { description: string } }>
  }
  const { description } = document.paths['/api/v1/scan']!.post
  expect(description).toContain('from 4 hours before the start of the event to 2 hours after its end')
})
