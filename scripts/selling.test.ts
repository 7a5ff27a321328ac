import { createSecretKey } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sign } from '../adapters/payments/sandbox-webhooks.ts'
import { sqliteVault } from '../adapters/sqlite/vault.ts'
import { type Page, type PlacedOrder, type World, wholeWorld } from './counterfoil.world.ts'

type Counts = { capacity: number; available: number; reserved: number; sold: number }
type Availability = { pools: Counts[]; types: ({ typeId: string } & Counts)[] }
type Balance = { balances: { amount: number; currency: string }[] }
type Posting = { money: { amount: number; currency: string } }

let w: World
beforeAll(async () => {
  w = await wholeWorld()
})
afterAll(() => w.close())

const poolOf = async (eventId: string): Promise<Counts> => {
  const service = await w.as('attendee', 'onlooker')
  // The view lags by milliseconds; a list of one's own with a position is what others wait with.
  await expect
    .poll(async () => (await service.call<{ asOf: string }>('GET', `/events/${eventId}/availability`)).status)
    .toBe(200)
  return (await service.call<Availability>('GET', `/events/${eventId}/availability`)).body.pools[0]!
}

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'not refused',
    (error: { code: string; status: number }) => ({ code: error.code, status: error.status }),
  )

/** The types of all that one order caused, in the ledger's order. */
const factsOf = (orderId: string): string[] => {
  const ledger = new DatabaseSync(join(w.folder, 'ledger.db'), { readOnly: true })
  const ofOrder = ledger.prepare(`select type from fact where metadata ->> '$."$correlationId"' = ? order by position`)
  const types = ofOrder.all(orderId).map(({ type }) => String(type))
  ledger.close()
  return types
}

describe('a purchase', () => {
  it('F07.2 F07.9 leaves the same facts through either entry, a payment among them: there is no other way to a ticket', async () => {
    const { eventId, typeId } = await w.onSale()
    const recorded: string[][] = []
    for (const path of ['/orders', '/purchase']) {
      const ann = await w.as('attendee', `ann by ${path}`)
      const { orderId, payment } = (
        await ann.call<PlacedOrder>('POST', path, { eventId, items: [{ typeId, quantity: 1 }] })
      ).body
      const { id, clientSecret } = payment
      await ann.call('POST', `/sandbox/payments/${id}/confirm`, { clientSecret, card: 'good' })
      await ann.call('GET', `/orders/${orderId}?wait=10s`)
      recorded.push(factsOf(orderId))
    }
    expect(recorded[1]).toEqual(recorded[0])
    expect(recorded[0]).toEqual([
      'OrderPlaced',
      'TicketReserved',
      'OrderTicketsReserved',
      'PaymentRequested',
      'PaymentAuthorised',
      'OrderPaymentAuthorised',
      'PaymentCaptured',
      'OrderPaymentCaptured',
      'TicketSold',
      'OrderConfirmed',
    ])
  })

  it('F07.1 F07.2 F00.2 leads to a confirmed order with that many held tickets, through either entry', async () => {
    const { eventId, typeId } = await w.onSale()
    for (const [i, path] of ['/orders', '/purchase'].entries()) {
      const ann = await w.as('attendee', `ann ${i}`)
      const placed = await ann.call<PlacedOrder>('POST', path, { eventId, items: [{ typeId, quantity: 2 }] })
      expect(placed.status).toBe(201)
      expect(placed.body).toMatchObject({ status: 'authorising', total: { amount: 5_000, currency: 'EUR' } })
      const { id, clientSecret } = placed.body.payment
      await ann.call('POST', `/sandbox/payments/${id}/confirm`, { clientSecret, card: 'good' })
      const order = (await ann.call<PlacedOrder>('GET', `/orders/${placed.body.orderId}?wait=10s`)).body
      expect(order.status).toBe('confirmed')
      const mine = await ann.call<Page<{ status: string }>>('GET', `/tickets?minPosition=${placed.position}`)
      await expect
        .poll(async () => (await ann.call<Page<{ status: string }>>('GET', '/tickets')).body.items.map((t) => t.status))
        .toEqual(['ACTIVE', 'ACTIVE'])
      expect(mine.status).toBe(200)
    }
  })

  it('F07.17 F00.10 is one order under one key, through either entry, and two under two', async () => {
    const { eventId, typeId } = await w.onSale()
    const ann = await w.as('attendee', 'ann key')
    const body = { eventId, items: [{ typeId, quantity: 1 }] }
    const place = (path: string, key: string, sent: object = body) =>
      ann.call<PlacedOrder>('POST', path, sent, { 'idempotency-key': key })
    const first = (await place('/orders', 'k1')).body
    expect((await place('/purchase', 'k1')).body).toEqual(first)
    expect((await place('/orders', 'k2')).body.orderId).not.toBe(first.orderId)
    const other = place('/orders', 'k1', { eventId, items: [{ typeId, quantity: 3 }] })
    expect(await refusal(other)).toEqual({ code: 'KeyReused', status: 422 })
  })

  it('F07.17 is one order when it is asked for twice at once, and took the last tickets', async () => {
    const { eventId, typeId } = await w.onSale({ size: 1 })
    const ann = await w.as('attendee', 'ann impatient')
    const place = () =>
      ann.call<PlacedOrder>(
        'POST',
        '/orders',
        { eventId, items: [{ typeId, quantity: 1 }] },
        { 'idempotency-key': 'only one' },
      )
    const [first, second] = await Promise.all([place(), place()])
    expect(second.body.orderId).toBe(first.body.orderId)
  })

  it('F00.10 is paid once under one key, and answers so again', async () => {
    const { eventId, typeId } = await w.onSale()
    const ann = await w.as('attendee', 'ann pays twice')
    const { payment } = (await ann.call<PlacedOrder>('POST', '/orders', { eventId, items: [{ typeId, quantity: 1 }] }))
      .body
    const pay = (key: string) => {
      const body = { clientSecret: payment.clientSecret, card: 'good' }
      return ann.call('POST', `/sandbox/payments/${payment.id}/confirm`, body, { 'idempotency-key': key })
    }
    const first = await pay('once')
    expect((await pay('once')).body).toEqual(first.body)
    expect(await refusal(pay('twice'))).toMatchObject({ code: 'PaymentAlreadyConfirmed' })
  })

  it('F00.4 takes its price from the server: one that a client sends is an unknown field', async () => {
    const { eventId, typeId } = await w.onSale()
    const ann = await w.as('attendee', 'ann price')
    const cheap = ann.call('POST', '/orders', { eventId, items: [{ typeId, quantity: 1, priceCents: 0 }] })
    expect(await refusal(cheap)).toEqual({ code: 'validation_failed', status: 400 })
  })

  it('works in yen, which has no minor unit, with fees and taxes as lines', async () => {
    const fees = [{ code: 'booking_fee', flat: [{ amount: 100, currency: 'JPY' }], basisPoints: 250, paidBy: 'buyer' }]
    const taxes = [{ name: 'consumption tax', basisPoints: 1_000, inclusive: false }]
    const { olga, venueId, eventId, typeId } = await w.onSale({
      currency: 'JPY',
      type: { priceCents: 5_000, taxes },
      fees,
    })
    const order = await w.buy(await w.as('attendee', 'aiko'), eventId, typeId)
    // 5,000 + 10 % tax + (100 + 2.5 %) fee
    expect(order).toMatchObject({ status: 'confirmed', total: { amount: 5_725, currency: 'JPY' } })
    await expect
      .poll(async () => (await olga.call<Balance>('GET', `/venues/${venueId}/balance`)).body.balances)
      .toMatchObject([{ amount: 5_000, currency: 'JPY' }])
  })

  it('F04.8 is sold out at once for who wants more than are left, of one type or of two that share the pool', async () => {
    const { olga, eventId, typeId } = await w.onSale({ size: 1 })
    const late = { name: 'Late', pool: 'GA', priceCents: 3_000, zone: 'GA' }
    const second = (await olga.call<{ typeId: string }>('POST', `/events/${eventId}/ticket-types`, late)).body.typeId
    const ann = await w.as('attendee', 'ann greedy')
    const order = (items: object[]) => refusal(ann.call('POST', '/orders', { eventId, items }))
    const soldOut = { code: 'SoldOut', status: 409 }
    expect(await order([{ typeId, quantity: 2 }])).toEqual(soldOut)
    const one = { quantity: 1 }
    expect(
      await order([
        { typeId, ...one },
        { typeId: second, ...one },
      ]),
    ).toEqual(soldOut)
    expect(await w.buy(ann, eventId, typeId)).toMatchObject({ status: 'confirmed' })
  })

  it('F07.11 F04.11 with a declined card is cancelled with a reason, its slots free at once, nothing charged', async () => {
    const { eventId, typeId } = await w.onSale({ size: 2 })
    const ann = await w.as('attendee', 'ann declined')
    expect(await w.buy(ann, eventId, typeId, 2, 'declined')).toMatchObject({
      status: 'cancelled',
      reason: 'payment_declined',
    })
    expect(await w.buy(await w.as('attendee', 'bob'), eventId, typeId, 2)).toMatchObject({ status: 'confirmed' })
  })

  it.each([
    ['capture_refused', 'cancelled'],
    ['webhook_twice', 'confirmed'],
    ['delayed', 'confirmed'],
  ])('F07.12 F07.18 with the card %s is %s', async (card, status) => {
    const { eventId, typeId } = await w.onSale()
    const ann = await w.as('attendee', `ann ${card}`)
    expect(await w.buy(ann, eventId, typeId, 1, card)).toMatchObject({ status })
  })

  it('F07.18 goes on when the worker looks, should its webhook be lost', async () => {
    const { eventId, typeId } = await w.onSale()
    const ann = await w.as('attendee', 'ann lost')
    const placed = (await ann.call<PlacedOrder>('POST', '/orders', { eventId, items: [{ typeId, quantity: 1 }] })).body
    const { id, clientSecret } = placed.payment
    await ann.call('POST', `/sandbox/payments/${id}/confirm`, { clientSecret, card: 'webhook_lost' })
    w.clock.ahead += 61_000
    const admin = await w.as('admin', 'ada')
    await admin.call('POST', '/admin/reservations/expire')
    expect((await ann.call<PlacedOrder>('GET', `/orders/${placed.orderId}?wait=5s`)).body.status).toBe('confirmed')
  })

  it('F07.13 has no code to show until it is confirmed', async () => {
    const { eventId, typeId } = await w.onSale()
    const ann = await w.as('attendee', 'ann early')
    const placed = await ann.call('POST', '/orders', { eventId, items: [{ typeId, quantity: 1 }] })
    const mine = await ann.call<Page<{ ticketId: string; status: string }>>(
      'GET',
      `/tickets?minPosition=${placed.position}`,
    )
    expect(mine.body.items).toMatchObject([{ status: 'RESERVED' }])
    expect(await refusal(ann.call('GET', `/tickets/${mine.body.items[0]!.ticketId}/qr`))).toMatchObject({
      status: 409,
      code: 'TicketHasNoCode',
    })
  })

  it('F07.19 shows its order to its payer, and to other people not even that it exists', async () => {
    const { eventId, typeId } = await w.onSale()
    const order = await w.buy(await w.as('attendee', 'ann own'), eventId, typeId)
    const bob = await w.as('attendee', 'bob')
    expect(await refusal(bob.call('GET', `/orders/${order.orderId}`))).toMatchObject({ status: 404 })
    expect(await refusal(bob.call('POST', `/orders/${order.orderId}/cancel`))).toMatchObject({ status: 404 })
    const rival = await w.as('admin', 'rita', { tenant: 'rival' })
    expect(await refusal(rival.call('GET', `/orders/${order.orderId}`))).toMatchObject({ status: 404 })
  })

  it('F07.10 F07.14 F00.7 credits the venue net of fees; every posting is there, and all of an order’s add up to zero', async () => {
    const fees = [{ code: 'service_fee', flat: [{ amount: 50, currency: 'EUR' }], basisPoints: 300, paidBy: 'venue' }]
    const taxes = [{ name: 'VAT', basisPoints: 900, inclusive: true }]
    const { olga, venueId, eventId, typeId } = await w.onSale({ type: { taxes }, fees })
    await w.buy(await w.as('attendee', 'ann journal'), eventId, typeId, 3)
    // Each: 25.00, of which 2.06 VAT, and 0.50 + 0.75 fee out of the venue's share.
    const net = 3 * (2_500 - 206 - 125)
    const balance = () => olga.call<Balance>('GET', `/venues/${venueId}/balance`)
    await expect.poll(async () => (await balance()).body.balances).toMatchObject([{ amount: net, currency: 'EUR' }])
    const postings = (await olga.call<Page<Posting>>('GET', `/venues/${venueId}/postings`)).body.items
    expect(postings.reduce((sum, posting) => sum + posting.money.amount, 0)).toBe(net)
  })

  it('can be cancelled until it is confirmed, again and again, and not after', async () => {
    const { eventId, typeId } = await w.onSale({ size: 1 })
    const ann = await w.as('attendee', 'ann cancel')
    const { orderId } = (await ann.call<PlacedOrder>('POST', '/orders', { eventId, items: [{ typeId, quantity: 1 }] }))
      .body
    for (const _ of [1, 2])
      expect((await ann.call<PlacedOrder>('POST', `/orders/${orderId}/cancel`)).body).toMatchObject({
        status: 'cancelled',
      })
    const bob = await w.as('attendee', 'bob cancel')
    const bought = await w.buy(bob, eventId, typeId)
    expect(bought.status).toBe('confirmed')
    expect(await refusal(bob.call('POST', `/orders/${bought.orderId}/cancel`))).toEqual({
      code: 'OrderAlreadyPaid',
      status: 409,
    })
  })

  it('is refused beyond what one person may have, also over several orders and many at once', async () => {
    const { eventId, typeId } = await w.onSale({ type: { maxPerPerson: 3 } })
    const ann = await w.as('attendee', 'ann limit')
    const place = () => ann.call('POST', '/orders', { eventId, items: [{ typeId, quantity: 1 }] })
    const answers = await Promise.all(Array.from({ length: 8 }, () => refusal(place())))
    expect(answers.filter((answer) => answer === 'not refused')).toHaveLength(3)
    expect(answers.filter((answer) => answer !== 'not refused')).toEqual(
      Array(5).fill({ code: 'LimitReached', status: 409 }),
    )
  })
})

describe('what is left of an event', () => {
  it('F04.3 adds up to its capacity at every moment', async () => {
    const { eventId, typeId } = await w.onSale({ size: 10 })
    const ann = await w.as('attendee', 'ann counts')
    const { orderId } = (await ann.call<PlacedOrder>('POST', '/orders', { eventId, items: [{ typeId, quantity: 3 }] }))
      .body
    await expect.poll(() => poolOf(eventId)).toMatchObject({ capacity: 10, available: 7, reserved: 3, sold: 0 })
    await ann.call('POST', `/orders/${orderId}/cancel`)
    await expect.poll(() => poolOf(eventId)).toMatchObject({ capacity: 10, available: 10, reserved: 0, sold: 0 })
    await w.buy(ann, eventId, typeId, 4)
    await expect.poll(() => poolOf(eventId)).toMatchObject({ capacity: 10, available: 6, reserved: 0, sold: 4 })
  })

  it('F04.4 of 100 who ask at once for the last place one gets it, and the others are charged nothing', async () => {
    const { eventId, typeId } = await w.onSale({ size: 1 })
    const buyers = await Promise.all(Array.from({ length: 100 }, (_, i) => w.as('attendee', `crowd ${i}`)))
    const answers = await Promise.all(
      buyers.map((buyer) => refusal(buyer.call('POST', '/orders', { eventId, items: [{ typeId, quantity: 1 }] }))),
    )
    expect(answers.filter((answer) => answer === 'not refused')).toHaveLength(1)
    expect(answers.filter((answer) => answer !== 'not refused')).toEqual(
      Array(99).fill({ code: 'SoldOut', status: 409 }),
    )
  })

  it('F04.1 F04.2 F04.5 is free again when a lease of 30 minutes is over and the worker, or an operator, looks', async () => {
    const { eventId, typeId } = await w.onSale({ size: 1, type: { maxPerPerson: 1 } })
    const ann = await w.as('attendee', 'ann late')
    const placed = (await ann.call<PlacedOrder>('POST', '/orders', { eventId, items: [{ typeId, quantity: 1 }] })).body
    const minutes = (Date.parse(placed.expiresAt) - (Date.now() + w.clock.ahead)) / 60_000
    expect(Math.round(minutes)).toBe(30)
    w.clock.ahead += 30 * 60_000
    const admin = await w.as('admin', 'ada')
    await admin.call('POST', '/admin/reservations/expire')
    await expect.poll(() => poolOf(eventId)).toMatchObject({ available: 1, reserved: 0 })
    const again = (await admin.call<{ ended: number }>('POST', '/admin/reservations/expire')).body
    expect(again.ended).toBe(0)
    expect((await ann.call<PlacedOrder>('GET', `/orders/${placed.orderId}`)).body).toMatchObject({
      status: 'cancelled',
      reason: 'lapsed',
    })
    // Its claim went with it.
    expect(await w.buy(ann, eventId, typeId)).toMatchObject({ status: 'confirmed' })
  })

  it('F04.7 agrees with the ledger, slot by slot', async () => {
    const { eventId, typeId } = await w.onSale({ size: 20 })
    await w.buy(await w.as('attendee', 'ann inventory'), eventId, typeId, 3)
    const admin = await w.as('admin', 'ada')
    const result = await admin.call('POST', `/admin/inventory/${eventId}/reconcile`, { repair: true })
    expect(result.body).toEqual({ eventId, compared: 20, differences: [], repaired: false })
  })
})

describe('a service that takes orders and money itself', () => {
  const ids = [
    '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1b01',
    '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1b02',
    '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1b03',
  ]
  const buyerId = '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1bff'

  it('F07.3 F07.7 sees counts and prices, with fees and taxes as lines', async () => {
    const fees = [{ code: 'booking_fee', flat: [], basisPoints: 1_000, paidBy: 'buyer' }]
    const { eventId, typeId } = await w.onSale({ size: 5, fees })
    const shop = await w.as('service', 'shop')
    const counts = await shop.call('POST', '/internal/tickets/availability', { eventId })
    expect(counts.body).toMatchObject({ types: [{ typeId, capacity: 5, available: 5, reserved: 0, sold: 0 }] })
    const prices = await shop.call('POST', '/internal/tickets/prices', { eventId, items: [{ typeId, quantity: 2 }] })
    expect(prices.body).toMatchObject({
      currency: 'EUR',
      lines: [{ priceCents: 2_500, fees: [{ code: 'booking_fee', amount: 250 }], taxes: [], dueCents: 2_750 }],
      totalCents: 5_500,
    })
  })

  it('F07.4 F07.5 reserves under its own order id, once, and sells for exactly the total', async () => {
    const { eventId, typeId } = await w.onSale({ size: 5 })
    const shop = await w.as('service', 'shop')
    const [orderId] = ids
    const reserve = () =>
      shop.call<PlacedOrder>('POST', '/internal/tickets/reserve', {
        orderId,
        eventId,
        buyerId,
        items: [{ typeId, quantity: 2 }],
      })
    const first = await reserve()
    expect((await reserve()).body).toEqual(first.body)
    await expect.poll(() => poolOf(eventId)).toMatchObject({ reserved: 2 })
    const confirm = (amountCents: number, reference = 'inv-1') =>
      shop.call<PlacedOrder>('POST', '/internal/tickets/confirm', {
        orderId,
        payment: { reference, amountCents, currency: 'EUR' },
      })
    expect(await refusal(confirm(4_999))).toEqual({ code: 'AmountDiffers', status: 409 })
    expect((await confirm(5_000)).body).toMatchObject({ status: 'confirmed' })
    expect((await confirm(5_000)).body).toMatchObject({ status: 'confirmed' })
    expect(await refusal(confirm(5_000, 'inv-2'))).toEqual({ code: 'PaymentDiffers', status: 409 })
    await expect.poll(() => poolOf(eventId)).toMatchObject({ available: 3, reserved: 0, sold: 2 })
  })

  it('F07.5 is refused for a reservation that has lapsed, or is not its tenant’s', async () => {
    const { eventId, typeId } = await w.onSale({ size: 5 })
    const shop = await w.as('service', 'shop')
    const orderId = ids[1]
    await shop.call('POST', '/internal/tickets/reserve', {
      orderId,
      eventId,
      buyerId,
      items: [{ typeId, quantity: 1 }],
    })
    const payment = { reference: 'inv-3', amountCents: 2_500, currency: 'EUR' }
    const rival = await w.as('service', 'shop', { tenant: 'rival' })
    expect(await refusal(rival.call('POST', '/internal/tickets/confirm', { orderId, payment }))).toMatchObject({
      status: 404,
    })
    w.clock.ahead += 31 * 60_000
    expect(await refusal(shop.call('POST', '/internal/tickets/confirm', { orderId, payment }))).toEqual({
      code: 'ReservationLapsed',
      status: 409,
    })
  })

  it('F07.6 frees its reservations, once; those of others stay', async () => {
    const { eventId, typeId } = await w.onSale({ size: 5 })
    const shop = await w.as('service', 'shop')
    const orderId = ids[2]
    await shop.call('POST', '/internal/tickets/reserve', {
      orderId,
      eventId,
      buyerId,
      items: [{ typeId, quantity: 4 }],
    })
    const rival = await w.as('service', 'shop', { tenant: 'rival' })
    expect(await refusal(rival.call('POST', '/internal/tickets/release', { orderId }))).toMatchObject({ status: 404 })
    await expect.poll(() => poolOf(eventId)).toMatchObject({ available: 1, reserved: 4 })
    for (const _ of [1, 2])
      expect((await shop.call('POST', '/internal/tickets/release', { orderId })).body).toMatchObject({
        status: 'cancelled',
      })
    await expect.poll(() => poolOf(eventId)).toMatchObject({ available: 5, reserved: 0 })
  })
})

describe('a webhook', () => {
  it('F07.18 over HTTP is taken when its signature is right, as often as it comes, and refused otherwise', async () => {
    const { eventId, typeId } = await w.onSale()
    const ann = await w.as('attendee', 'ann webhook')
    const placed = (await ann.call<PlacedOrder>('POST', '/orders', { eventId, items: [{ typeId, quantity: 1 }] })).body
    const { id, clientSecret } = placed.payment
    await ann.call('POST', `/sandbox/payments/${id}/confirm`, { clientSecret, card: 'webhook_lost' })
    const vault = sqliteVault(join(w.folder, 'vault.db'))
    const key = await vault.keyFor('sandbox-bank')
    await vault.close()
    const body = JSON.stringify({ webhookId: 'w1', paymentId: id })
    const now = new Date(Date.now() + w.clock.ahead).toISOString()
    const send = (signature: string) =>
      fetch(`${w.url}/api/v1/webhooks/payments`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'payment-signature': signature },
        body,
      })
    const forged = await send(sign(createSecretKey(new Uint8Array(32)), body, now))
    expect([forged.status, ((await forged.json()) as { code: string }).code]).toEqual([400, 'WebhookUnverified'])
    for (const _ of [1, 2]) expect((await send(sign(createSecretKey(key), body, now))).status).toBe(204)
    expect((await ann.call<PlacedOrder>('GET', `/orders/${placed.orderId}?wait=5s`)).body.status).toBe('confirmed')
  })
})

describe('what was recorded', () => {
  it('F00.11 is all there after a restart', async () => {
    const { eventId, typeId } = await w.onSale()
    const bought = await w.buy(await w.as('attendee', 'ann restart'), eventId, typeId, 2)
    await w.restart()
    const ann = await w.as('attendee', 'ann restart')
    const { asOf: _, ...after } = (await ann.call<PlacedOrder & { asOf: string }>('GET', `/orders/${bought.orderId}`))
      .body
    expect(bought).toMatchObject(after)
    expect((await ann.call<Page<object>>('GET', '/tickets')).body.items).toHaveLength(2)
  })

  it('holds no name and no address of anybody', async () => {
    const { eventId, typeId } = await w.onSale()
    const zelda = await w.as('attendee', 'subject-of-zelda')
    await zelda.call('PUT', '/me', { name: 'Zelda Quux', email: 'zelda@quux.example' })
    await w.buy(zelda, eventId, typeId)
    const ledger = new DatabaseSync(join(w.folder, 'ledger.db'), { readOnly: true })
    const facts = ledger.prepare('select data, metadata from fact').all()
    ledger.close()
    const text = JSON.stringify(facts)
    expect(facts.length).toBeGreaterThan(100)
    for (const personal of ['Zelda', 'Quux', 'zelda', 'quux', 'subject-of', 'ann ', 'aiko'])
      expect(text).not.toContain(personal)
  })
})
