import { createSecretKey } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sign } from '../adapters/payments/sandbox-webhooks.ts'
import { sqliteVault } from '../adapters/sqlite/vault.ts'
import { DEFAULT_RULES } from '../domain/event/rules.ts'
import type { TicketCommand } from '../domain/ticket/ticket.ts'
import { type Client, clientOf } from './client.ts'
import { type OwnTicket, type Page, type PlacedOrder, type World, wholeWorld } from './counterfoil.world.ts'
import { type Listing, refusal, resaleWorld, words } from './resale.world.ts'
import { factCounter } from './routes.world.ts'

type View = {
  holderId: string
  status: string
  moves: number
  generation: number
  priceCents: number
  orderId: string
  listing: object | null
}

let w: World
let m: ReturnType<typeof resaleWorld>
let facts: ReturnType<typeof factCounter>
beforeAll(async () => {
  w = await wholeWorld()
  m = resaleWorld(w)
  facts = factCounter(w.folder)
})
afterAll(async () => {
  facts.close()
  await m.close()
  await w.close()
})

const viewOf = async (person: Client, ticketId: string) =>
  (await person.call<View>('GET', `/tickets/${ticketId}?minPosition=${await m.head()}`)).body
const codeOf = async (person: Client, ticketId: string) =>
  (await person.call<{ code: string }>('GET', `/tickets/${ticketId}/qr`)).body.code
const idOf = async (person: Client) => (await person.call<{ personId: string }>('GET', '/me')).body.personId

const gateAt = async ({ olga, venueId, eventId }: { olga: Client; venueId: string; eventId: string }) => {
  const deviceId = crypto.randomUUID()
  const device = { deviceId, name: 'Gate', venueId, zone: 'GA' }
  const { credential } = (await olga.call<{ credential: string }>('POST', '/devices/register', device)).body
  await olga.call('POST', `/devices/${deviceId}/assign`, { eventId, zone: 'GA' })
  const gate = clientOf(w.url, credential)
  return async (code: string) =>
    (await gate.call<{ verdict: string; reason: string | null }>('POST', '/scan', { code })).body
}

/** Nothing is recorded by it. */
const withoutTrace = async <T>(work: () => Promise<T>): Promise<T> => {
  const before = facts.count()
  const answer = await work()
  expect(facts.count()).toBe(before)
  return answer
}

describe('a listed ticket that somebody buys', () => {
  it('F11.1 F00.2 F00.3 is theirs: money is taken, the listing is gone, and every view names them', async () => {
    const { eventId, seller, own, listingId } = await m.listed()
    const buyer = await m.someone()
    const placed = await m.purchase(buyer, listingId)
    expect(placed).toMatchObject({
      status: 201,
      body: { kind: 'resale', status: 'authorising', total: { amount: 10_000 }, payment: { provider: 'sandbox' } },
    })
    const order = await m.pay(buyer, placed.body)
    expect(order).toMatchObject({ kind: 'resale', status: 'confirmed', ticketIds: [own.ticketId] })
    expect(m.taken(placed.body)).toEqual({ status: 'captured', amount: 10_000 })

    expect(await m.ticketsOf(buyer, eventId, order.asOf)).toMatchObject([{ ticketId: own.ticketId, slot: own.slot }])
    expect(await m.ticketsOf(seller, eventId, order.asOf)).toEqual([])
    expect(await refusal(seller.call('GET', `/tickets/${own.ticketId}`))).toMatchObject({ status: 404 })
    expect(await viewOf(buyer, own.ticketId)).toMatchObject({
      ...{ holderId: await idOf(buyer), status: 'TRANSFERRED', moves: 1, generation: 2, listing: null },
      ...{ priceCents: 10_000, orderId: placed.body.orderId },
    })
    expect((await m.open(eventId)).items).toEqual([])
    expect((await seller.call<Listing>('GET', `/listings/${listingId}`)).body.status).toBe('sold')
    const [listed] = (await buyer.call<Page<PlacedOrder & { kind: string }>>('GET', '/orders')).body.items
    expect(listed).toMatchObject({ kind: 'resale', orderId: placed.body.orderId })
  })

  it('F11.14 lets in its buyer alone: the codes that its seller kept are dead', async () => {
    const sale = await m.listed()
    const { seller, own, listingId } = sale
    const scan = await gateAt(sale)
    const kept = await codeOf(seller, own.ticketId)
    const buyer = await m.someone()
    await m.buy(buyer, listingId)
    expect(await scan(kept)).toMatchObject({ verdict: 'deny', reason: 'transferred_code' })
    expect(await refusal(codeOf(seller, own.ticketId))).toEqual({ code: 'NotFound', status: 404 })
    expect(await scan(await codeOf(buyer, own.ticketId))).toMatchObject({ verdict: 'allow' })
  })

  it('F11.12 F11.13 F00.7 pays the venue 5 % of it besides what the first sale brought, in balance and postings', async () => {
    const { olga, venueId, listingId } = await m.listed()
    const buyer = await m.someone()
    const { orderId } = await m.buy(buyer, listingId)
    const balance = async () =>
      (await olga.call<{ balances: object[] }>('GET', `/venues/${venueId}/balance`)).body.balances
    await expect.poll(balance).toMatchObject([{ amount: 2_500 + 500, currency: 'EUR' }])
    type Posting = { orderId: string; money: { amount: number } }
    const { items } = (await olga.call<Page<Posting>>('GET', `/venues/${venueId}/postings`)).body
    expect(items.filter((posting) => posting.orderId === orderId)).toMatchObject([{ money: { amount: 500 } }])
  })

  it('F11.13 shows the split in the settlement of the event and to the seller, and each of its parties once', async () => {
    const { olga, eventId, seller, own, listingId } = await m.listed()
    const { asOf, orderId } = await m.buy(await m.someone(), listingId)
    type Settled = { currencies: { gross: object; fees: object; venueNet: object; sellers: object }[] }
    const path = `/events/${eventId}/reports/settlement?minPosition=${asOf}`
    const amount = (amount: number) => ({ amount, currency: 'EUR' })
    expect((await olga.call<Settled>('GET', path)).body.currencies).toMatchObject([
      { gross: amount(12_500), fees: amount(250), venueNet: amount(3_000), sellers: amount(9_250) },
    ])
    type Payout = { ticketId: string; orderId: string }
    const owed = async () => (await seller.call<Page<Payout>>('GET', '/me/payouts')).body.items
    await expect.poll(owed, { timeout: 5_000 }).toMatchObject([{ orderId }])
    expect(JSON.stringify(await owed())).toContain('9250')
    expect(own.eventId).toBe(eventId)
  })

  it('F11.12 pays the venue the royalty that it asks, and in yen whole yen', async () => {
    const { olga, venueId, listingId } = await m.listed({ currency: 'JPY' })
    await olga.call('PUT', `/venues/${venueId}/royalty`, { basisPoints: 333 })
    await m.buy(await m.someone(), listingId)
    await expect
      .poll(async () => (await olga.call<{ balances: object[] }>('GET', `/venues/${venueId}/balance`)).body.balances)
      .toMatchObject([{ amount: 2_500 + 333, currency: 'JPY' }])
  })

  it('is no further sale in the report of the event’s, and takes nothing of what is available', async () => {
    const { olga, eventId, listingId } = await m.listed({ size: 3 })
    const { asOf } = await m.buy(await m.someone(), listingId)
    const read = async <T>(path: string) =>
      (await olga.call<T>('GET', `/events/${eventId}/${path}?minPosition=${asOf}`)).body
    const { sales } = await read<{ sales: { sold: number; gross: { amount: number } }[] }>('reports/sales')
    expect(sales).toMatchObject([{ sold: 1, gross: { amount: 2_500 } }])
    const { pools } = await read<{ pools: object[] }>('availability')
    expect(pools).toMatchObject([{ available: 2, reserved: 0, sold: 1 }])
  })

  it('is confirmed to its buyer by mail, with the price that they paid', async () => {
    const { listingId } = await m.listed()
    const buyer = await m.someone()
    await buyer.call('PUT', '/me', { name: 'Bea', email: 'bea@example.org' })
    await m.buy(buyer, listingId)
    const ada = await w.as('admin', 'ada')
    type Box = Page<{ to: string; subject: string; text: string }>
    const box = async () =>
      (await ada.call<Box>('GET', '/admin/outbox')).body.items.filter(({ to }) => to === 'bea@example.org')
    await expect.poll(box, { timeout: 10_000 }).toMatchObject([{ subject: expect.stringContaining('Your ticket') }])
  })

  it('F11.11 F07.18 is theirs by a signed webhook, as often as it comes; one with a wrong signature is refused', async () => {
    const { own, listingId } = await m.listed()
    const buyer = await m.someone()
    const { body: placed } = await m.purchase(buyer, listingId)
    const { id, clientSecret } = placed.payment
    await buyer.call('POST', `/sandbox/payments/${id}/confirm`, { clientSecret, card: 'webhook_lost' })
    const vault = sqliteVault(join(w.folder, 'vault.db'))
    const key = createSecretKey(await vault.keyFor('sandbox-bank'))
    await vault.close()
    const body = JSON.stringify({ webhookId: 'w1', paymentId: id })
    const now = new Date(Date.now() + w.clock.ahead).toISOString()
    const send = (by: typeof key) =>
      fetch(`${w.url}/api/v1/webhooks/payments`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'payment-signature': sign(by, body, now) },
        body,
      })
    expect((await send(createSecretKey(new Uint8Array(32)))).status).toBe(400)
    expect((await buyer.call<PlacedOrder>('GET', `/orders/${placed.orderId}`)).body.status).toBe('authorising')
    expect((await send(key)).status).toBe(204)
    expect((await buyer.call<PlacedOrder>('GET', `/orders/${placed.orderId}?wait=5s`)).body.status).toBe('confirmed')
    await withoutTrace(async () => expect((await send(key)).status).toBe(204))
    expect(await viewOf(buyer, own.ticketId)).toMatchObject({ moves: 1 })
  })

  it.each(['webhook_twice', 'delayed'])('F11.11 is theirs with the card %s', async (card) => {
    const { listingId } = await m.listed()
    expect(await m.buy(await m.someone(), listingId, card)).toMatchObject({ status: 'confirmed' })
  })

  it('F00.10 is one order under one key, also when asked for twice at once, and another price under it is refused', async () => {
    const { listingId } = await m.listed()
    const buyer = await m.someone()
    const key = { 'idempotency-key': 'mine' }
    const [first, second] = await Promise.all([1, 2].map(() => m.purchase(buyer, listingId, 10_000, key)))
    expect(second!.body).toEqual(first!.body)
    expect(await refusal(m.purchase(buyer, listingId, 9_000, key))).toEqual({ code: 'KeyReused', status: 422 })
    await m.pay(buyer, first!.body)
    expect((await m.purchase(buyer, listingId, 10_000, key)).body).toMatchObject({
      orderId: first!.body.orderId,
      status: 'confirmed',
    })
  })
})

describe('buyers of one listing', () => {
  it('F11.6 are 64 at once: one gets it, and of the others nobody is charged', async () => {
    const { eventId, own, seller } = await m.owned({ size: 200 })
    const listingId = await m.list(seller, own, 31_337)
    const buyers = await Promise.all(Array.from({ length: 64 }, () => m.someone()))
    const answers = await Promise.all(
      buyers.map(async (buyer) => {
        const placed = await m.purchase(buyer, listingId, 31_337).catch((error: { code: string }) => error.code)
        return typeof placed === 'string' ? placed : m.pay(buyer, placed.body)
      }),
    )
    const won = answers.filter((answer) => typeof answer !== 'string')
    expect(won).toMatchObject([{ status: 'confirmed', ticketIds: [own.ticketId] }])
    const lost = answers.filter((answer) => typeof answer === 'string')
    expect(lost).toHaveLength(63)
    for (const code of lost) expect(['TicketIsClaimed', 'ListingGone']).toContain(code)
    expect(m.payments(31_337)).toEqual({ captured: 1 })
    const held = await Promise.all(buyers.map((buyer) => m.ticketsOf(buyer, eventId, won[0]!.asOf)))
    expect(held.flat()).toHaveLength(1)
  }, 60_000)

  it('F11.17 leave it open when their card is declined or the money is not to be had, and its seller keeps it', async () => {
    const { eventId, seller, own, listingId } = await m.listed()
    for (const card of ['declined', 'insufficient_funds', 'capture_refused']) {
      const buyer = await m.someone()
      const { body: placed } = await m.purchase(buyer, listingId)
      expect((await m.open(eventId)).items).toMatchObject([{ listingId, isClaimed: true }])
      expect(await m.pay(buyer, placed, card)).toMatchObject({ status: 'cancelled' })
      expect(m.taken(placed)?.status).not.toBe('captured')
      await expect.poll(async () => (await m.open(eventId)).items).toMatchObject([{ listingId, isClaimed: false }])
    }
    expect(await viewOf(seller, own.ticketId)).toMatchObject({
      holderId: await idOf(seller),
      status: 'ACTIVE',
      moves: 0,
    })
    expect(await m.buy(await m.someone(), listingId)).toMatchObject({ status: 'confirmed' })
  })

  it('F11.17 F04.2 leave it open when they never pay, once their minutes are over and the worker has looked', async () => {
    const { listingId } = await m.listed({ startsInHours: 10 })
    const slow = await m.someone()
    const { body: placed } = await m.purchase(slow, listingId)
    expect(await words(m.purchase(await m.someone(), listingId))).toContain(`is kept until ${placed.expiresAt}`)
    w.clock.ahead += 31 * 60_000
    const ada = await w.as('admin', 'ada')
    await ada.call('POST', '/admin/reservations/expire')
    expect((await slow.call<PlacedOrder>('GET', `/orders/${placed.orderId}`)).body).toMatchObject({ reason: 'lapsed' })
    expect(await m.buy(await m.someone(), listingId)).toMatchObject({ status: 'confirmed' })
  })

  it('may give it up themselves, and then it is open again', async () => {
    const { listingId } = await m.listed()
    const buyer = await m.someone()
    const { orderId } = (await m.purchase(buyer, listingId)).body
    await buyer.call('POST', `/orders/${orderId}/cancel`)
    expect(await m.buy(await m.someone(), listingId)).toMatchObject({ status: 'confirmed' })
  })

  it('F13.10 are not charged when it is locked while they pay', async () => {
    const { seller, own, listingId } = await m.listed()
    const buyer = await m.someone()
    const { body: placed } = await m.purchase(buyer, listingId)
    await m.onTicket(own.ticketId, { type: 'LockTicket', lockId: crypto.randomUUID(), reason: 'fraud_investigation' })
    expect(await m.pay(buyer, placed)).toMatchObject({ status: 'cancelled', reason: 'reservation_lost' })
    expect(m.taken(placed)).toMatchObject({ status: 'voided' })
    expect(await viewOf(seller, own.ticketId)).toMatchObject({
      moves: 0,
      listing: null,
      lockReason: 'fraud_investigation',
    })
  })
})

describe('who buys', () => {
  it('F11.7 states the price that they saw: another is refused, with that of now, and nothing recorded', async () => {
    const { seller, listingId } = await m.listed()
    const buyer = await m.someone()
    await seller.call('PUT', `/listings/${listingId}`, { priceCents: 12_000 })
    for (const priceCents of [10_000, 0, -12_000])
      await withoutTrace(async () => {
        const said = await words(m.purchase(buyer, listingId, priceCents))
        expect(said).toContain('409 PriceChanged')
        expect(said).toContain('costs €120.00 now')
      })
    const other = { listingId, priceCents: 12_000, currency: 'USD' }
    await withoutTrace(async () =>
      expect(await refusal(buyer.call('POST', '/transfers/purchase', other))).toMatchObject({ code: 'WrongCurrency' }),
    )
    expect(await refusal(m.purchase(buyer, listingId, 12_000))).toBe('not refused')
  })

  it('F11.8 cannot be its seller', async () => {
    const { seller, listingId } = await m.listed()
    await withoutTrace(async () =>
      expect(await refusal(m.purchase(seller, listingId))).toEqual({ code: 'SelfPurchase', status: 409 }),
    )
  })

  it('is of the same tenant, and the listing is one that there is', async () => {
    const { listingId } = await m.listed()
    const rita = await w.as('attendee', 'rita', { tenant: 'rival' })
    const none = { code: 'ListingNotFound', status: 404 }
    await withoutTrace(async () => {
      expect(await refusal(m.purchase(rita, listingId))).toEqual(none)
      expect(await refusal(m.purchase(await m.someone(), crypto.randomUUID()))).toEqual(none)
    })
  })

  it('buys nothing of an event that is over or cancelled', async () => {
    const off = await m.listed()
    await m.onEvent(off.eventId, { type: 'CancelEvent', reason: 'weather' })
    expect(await refusal(m.purchase(await m.someone(), off.listingId))).toMatchObject({ code: 'EventIsCancelled' })
    await expect.poll(async () => (await m.open(off.eventId)).items).toEqual([])
    const over = await m.listed()
    w.clock.ahead += 6 * 3_600_000
    expect(await refusal(m.purchase(await m.someone(), over.listingId))).toMatchObject({ code: 'EventOver' })
    expect((await m.open(over.eventId)).items).toEqual([])
    expect(await words(m.list(over.seller, over.own))).toContain('409 EventOver')
  })
})

describe('who sells', () => {
  it('F11.2 F00.2 lists, reads, changes and withdraws, and everybody sees what stands, the cheapest first', async () => {
    const { eventId, typeId, seller } = await m.owned()
    const own = await w.buyTickets(seller, eventId, typeId, 2)
    const made = await seller.call<Listing>('POST', '/listings', { ticketId: own[0]!.ticketId, priceCents: 3_000 })
    expect(made).toMatchObject({ status: 201, body: { status: 'open', price: { amount: 3_000, formatted: '€30.00' } } })
    const { listingId } = made.body
    const other = await m.list(seller, own[1]!, 4_000)
    const ids = async () => (await m.open(eventId)).items.map((listing) => listing.listingId)
    expect(await ids()).toEqual([listingId, other])
    const changed = await seller.call<Listing>('PUT', `/listings/${listingId}`, { priceCents: 5_000, currency: 'EUR' })
    expect(changed.body).toMatchObject({ listingId, price: { amount: 5_000 } })
    expect(await ids()).toEqual([other, listingId])
    const [first] = (await m.open(eventId, '&limit=1')).items
    const { nextCursor } = await m.open(eventId, '&limit=1')
    const [second] = (await m.open(eventId, `&limit=1&cursor=${nextCursor}`)).items
    expect([first, second]).toMatchObject([{ listingId: other }, { listingId }])
    expect((await m.open(eventId, `&typeId=${typeId}`)).items).toHaveLength(2)
    expect((await m.open(eventId, `&typeId=${eventId}`)).items).toEqual([])

    const read = async (path: string, at: string | null) =>
      (await seller.call<Listing & Page<Listing>>('GET', `${path}?minPosition=${at}`)).body
    expect(await read(`/listings/${listingId}`, changed.position)).toMatchObject({
      status: 'open',
      price: { amount: 5_000 },
    })
    for (const _ of [1, 2]) {
      const gone = await seller.call<Listing>('DELETE', `/listings/${listingId}`)
      expect(gone).toMatchObject({ status: 200, body: { status: 'ended', price: null } })
      expect(await read(`/listings/${listingId}`, gone.position)).toMatchObject({ status: 'ended' })
    }
    expect(await ids()).toEqual([other])
    expect((await read('/me/listings', await m.head())).items).toMatchObject([
      { listingId: other, status: 'open' },
      { listingId, status: 'withdrawn' },
    ])
    expect(await refusal(seller.call('PUT', `/listings/${listingId}`, { priceCents: 1 }))).toMatchObject({
      code: 'ListingGone',
    })
  })

  it('says nothing of themselves to who looks at it', async () => {
    const { eventId, seller, listingId } = await m.listed()
    const personId = await idOf(seller)
    const onlooker = await m.someone()
    expect(JSON.stringify(await m.open(eventId))).not.toContain(personId)
    expect(JSON.stringify((await onlooker.call('GET', `/listings/${listingId}`)).body)).not.toContain(personId)
  })

  it('F11.7 is refused a price of nothing, below it, above the cap or in another currency, by name and with nothing recorded', async () => {
    const { eventId, seller, own } = await m.owned()
    const rules = { ...DEFAULT_RULES.resale, cap: { basisPoints: 12_000 } }
    await m.onEvent(eventId, { type: 'SetResaleRules', rules })
    const { typeId } = (await seller.call<{ typeId: string }>('GET', `/tickets/${own.ticketId}`)).body
    const buyer = await m.someone()
    // Who bought before there was a cap is bound by none.
    const [capped] = (await w.buyTickets(buyer, eventId, typeId)) as [OwnTicket]
    const listing = (body: object) => buyer.call('POST', '/listings', { ticketId: capped.ticketId, ...body })
    await withoutTrace(async () => {
      for (const priceCents of [0, -1]) {
        const said = await words(listing({ priceCents }))
        expect(said).toContain('409 PriceNotPositive')
        expect(said).toContain(capped.ticketId)
      }
      expect(await words(listing({ priceCents: 3_001 }))).toContain(
        'may be listed for €30.00 at most, and not for €30.01',
      )
      expect(await refusal(listing({ priceCents: 3_000, currency: 'USD' }))).toMatchObject({ code: 'WrongCurrency' })
      expect(await refusal(listing({ priceCents: 30.5 }))).toMatchObject({ code: 'validation_failed' })
      expect(await refusal(listing({ priceCents: 1e12 }))).toMatchObject({ code: 'validation_failed' })
    })
    expect(await refusal(listing({ priceCents: 3_000 }))).toBe('not refused')
    expect(await refusal(m.list(seller, own, 99_000))).toBe('not refused')
  })

  it('has the ticket: another’s is not there for them, and neither is another’s listing', async () => {
    const { own, listingId } = await m.listed()
    const bob = await m.someone()
    await withoutTrace(async () => {
      expect(await refusal(m.list(bob, own))).toEqual({ code: 'NotTheHolder', status: 404 })
      const none = { code: 'ListingNotFound', status: 404 }
      expect(await refusal(bob.call('PUT', `/listings/${listingId}`, { priceCents: 1 }))).toEqual(none)
      expect(await refusal(bob.call('DELETE', `/listings/${listingId}`))).toEqual(none)
    })
  })

  it('lists a ticket once: under its key again it is the same listing, under another it is refused', async () => {
    const { seller, own } = await m.owned()
    const key = { 'idempotency-key': 'once' }
    const post = (headers: Record<string, string>) =>
      seller.call<Listing>('POST', '/listings', { ticketId: own.ticketId, priceCents: 10_000 }, headers)
    const first = (await post(key)).body
    expect((await post(key)).body).toEqual(first)
    expect(await words(post({}))).toContain(`is listed for €100.00 as ${first.listingId}`)
  })

  it('F00.10 refuses another ticket under the key of a listing, so that no two are one listing', async () => {
    const { seller, own, eventId, typeId } = await m.owned()
    const [other] = (await w.buyTickets(seller, eventId, typeId)) as [OwnTicket]
    const post = ({ ticketId }: OwnTicket) =>
      seller.call<Listing>('POST', '/listings', { ticketId, priceCents: 10_000 }, { 'idempotency-key': 'one of two' })
    const { listingId } = (await post(own)).body
    expect(await withoutTrace(() => refusal(post(other)))).toEqual({ code: 'KeyReused', status: 422 })
    expect((await m.open(eventId)).items).toMatchObject([{ listingId, ticketId: own.ticketId }])
  })
})

describe('what befell a ticket', () => {
  const orderOf = async (seller: Client, ticketId: string): Promise<TicketCommand> => {
    const { orderId } = await viewOf(seller, ticketId)
    type Order = { payments: { paymentId: string }[] }
    const { paymentId } = (await seller.call<Order>('GET', `/orders/${orderId}`)).body.payments[0]!
    const amount = { amount: 2_500, currency: 'EUR' }
    const shares = [{ account: 'platform', amount: 2_500 }]
    return { type: 'RefundTicket', refunds: [{ refundId: crypto.randomUUID(), orderId, paymentId, amount, shares }] }
  }
  const befalls: Record<string, (seller: Client, ticketId: string) => TicketCommand | Promise<TicketCommand>> = {
    locked: () => ({ type: 'LockTicket', lockId: crypto.randomUUID(), reason: 'dispute' }),
    reported: async (seller) => ({
      ...{ type: 'ReportTicket', reportId: crypto.randomUUID(), by: await idOf(seller), kind: 'lost' },
    }),
    refunded: orderOf,
    revoked: () => ({ type: 'RevokeTicket', reason: 'fraud' }),
    expired: () => ({ type: 'ExpireTicket' }),
  }

  it.each([
    ['locked', 'TicketIsLocked', 'ListingGone'],
    ['reported', 'TicketIsReported', 'ListingGone'],
    ['refunded', 'TicketClosed', 'TicketClosed'],
    ['revoked', 'TicketClosed', 'TicketClosed'],
    ['expired', 'TicketClosed', 'TicketClosed'],
  ])(
    'F11.15 takes it off the market once it is %s: it is neither listed nor bought',
    async (what, toSeller, toBuyer) => {
      const { eventId, seller, own, listingId } = await m.listed()
      await m.onTicket(own.ticketId, await befalls[what]!(seller, own.ticketId))
      await withoutTrace(async () => {
        const sold = await words(m.list(seller, own))
        expect(sold).toContain(`409 ${toSeller}`)
        expect(sold).toContain(own.ticketId)
        expect(await refusal(m.purchase(await m.someone(), listingId))).toEqual({ code: toBuyer, status: 409 })
      })
      await expect.poll(async () => (await m.open(eventId)).items).toEqual([])
    },
  )

  it('F11.15 takes it off the market once it is offered to somebody, and who is to have it comes first', async () => {
    const { seller, own } = await m.owned()
    const terms = { ...DEFAULT_RULES.transfer, startsAt: new Date(Date.now() + 864e5).toISOString() }
    const isVerified = { from: false, to: false }
    await m.onTicket(own.ticketId, {
      ...{ type: 'OfferTicket', offerId: crypto.randomUUID(), kind: 'gift', from: await idOf(seller), to: null },
      ...{ terms, isVerified },
    })
    await withoutTrace(async () =>
      expect(await refusal(m.list(seller, own))).toMatchObject({ code: 'TicketIsOffered' }),
    )
  })

  it('F11.15 takes it off the market once it is admitted, and it is listed no more', async () => {
    const sale = await m.listed()
    const { eventId, seller, own, listingId } = sale
    const scan = await gateAt(sale)
    expect(await scan(await codeOf(seller, own.ticketId))).toMatchObject({ verdict: 'allow' })
    await expect.poll(async () => (await m.open(eventId)).items).toEqual([])
    const mine = (await seller.call<Page<Listing>>('GET', '/me/listings')).body.items
    expect(mine).toMatchObject([{ listingId, status: 'admitted' }])
    await withoutTrace(async () => {
      expect(await refusal(m.purchase(await m.someone(), listingId))).toMatchObject({ code: 'ListingGone' })
      expect(await words(m.list(seller, own))).toContain('409 TicketIsAdmitted')
    })
  })

  it('is not let in while somebody pays for it, and is once they have not', async () => {
    const sale = await m.listed()
    const { seller, own, listingId } = sale
    const scan = await gateAt(sale)
    const code = await codeOf(seller, own.ticketId)
    const buyer = await m.someone()
    const { body: placed } = await m.purchase(buyer, listingId)
    expect(await scan(code)).toMatchObject({ verdict: 'deny' })
    await m.pay(buyer, placed, 'declined')
    expect(await scan(code)).toMatchObject({ verdict: 'allow' })
  })

  it.each([
    ['locked', 'TicketIsLocked'],
    ['refunded', 'TicketHasNoCode'],
    ['revoked', 'TicketHasNoCode'],
    ['expired', 'TicketHasNoCode'],
  ])('F20.10 gives its holder no code once it is %s, and the reason', async (what, code) => {
    const { seller, own } = await m.owned()
    await m.onTicket(own.ticketId, await befalls[what]!(seller, own.ticketId))
    const said = await words(codeOf(seller, own.ticketId))
    expect(said).toContain(`409 ${code}`)
    expect(said.toLowerCase()).toContain(what)
  })
})
