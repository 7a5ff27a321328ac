import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { SOL, walletsOn } from '../adapters/payments/solana-pay.world.ts'
import { embeddedChain } from '../adapters/solana/embedded/chain.ts'
import { deployed } from '../adapters/solana/embedded/deployed.ts'
import type { Client } from './client.ts'
import { type PlacedOrder, type World, wholeWorld } from './counterfoil.world.ts'
import { resaleWorld } from './resale.world.ts'

type SeenOrder = {
  status: string
  reason: string | null
  payments: { status: string; provider: string; refunded: number }[]
}

const soon = { timeout: 10_000, interval: 100 }

/** What 25 euros are at the rates of the chain in the process. */
const PRICE = 0.25 * SOL
const FEE = 5_000

let w: World
beforeAll(async () => {
  w = await wholeWorld()
})
afterAll(() => w.close())

/** A wallet, with the server's chain as a node shows it. */
const wallets = () => {
  const now = () => new Date(Date.now() + w.clock.ahead).toISOString()
  const chain = embeddedChain({ path: join(w.folder, 'chain.db'), programs: deployed(), now })
  onTestFinished(chain.close)
  return walletsOn(chain.fetch)
}

const placed = async (buyer: Client, eventId: string, typeId: string, path = '/orders') =>
  (await buyer.call<PlacedOrder>('POST', path, { eventId, items: [{ typeId, quantity: 1 }], method: 'crypto' })).body

const seen = async (buyer: Client, orderId: string, query = '') =>
  (await buyer.call<SeenOrder>('GET', `/orders/${orderId}${query}`)).body

/** The order of one ticket of an event that has no more, and who is to pay for it. */
const waiting = async (name: string) => {
  const { eventId, typeId } = await w.onSale({ size: 1 })
  const ann = await w.as('attendee', name)
  const { orderId, payment } = await placed(ann, eventId, typeId)
  const { funded, pay, balanceOf } = wallets()
  const wallet = await funded()
  return {
    ...{ eventId, typeId, ann, orderId, payment },
    pay: (lamports?: number) => pay(payment.clientSecret, wallet, lamports),
    balance: () => balanceOf(wallet.publicKey.toBase58()),
  }
}

const lapse = async () => {
  w.clock.ahead += 31 * 60_000
  await (await w.as('admin', 'ada')).call('POST', '/admin/reservations/expire')
}

describe('an order paid by crypto', () => {
  it('F11.10 starts no chain before somebody pays so', async () => {
    const { eventId, typeId } = await w.onSale()
    await w.buy(await w.as('attendee', 'ann card'), eventId, typeId)
    expect(existsSync(join(w.folder, 'chain.db'))).toBe(false)
  })

  it('F11.10 is confirmed once the chain shows its payment, through either entry', async () => {
    const { eventId, typeId } = await w.onSale()
    const ann = await w.as('attendee', 'ann')
    for (const path of ['/orders', '/purchase']) {
      const { orderId, payment } = await placed(ann, eventId, typeId, path)
      expect(payment).toMatchObject({
        provider: 'solana-pay',
        clientSecret: expect.stringMatching(/^solana:\w+\?amount=0\.25&/),
      })
      const { id, clientSecret } = payment
      await ann.call('POST', `/sandbox/payments/${id}/confirm`, { clientSecret })
      expect(await seen(ann, orderId, '?wait=10s')).toMatchObject({
        status: 'confirmed',
        payments: [{ status: 'captured', provider: 'solana-pay' }],
      })
    }
  })

  it('F11.10 is confirmed when a wallet pays what it was asked for', async () => {
    const { ann, orderId, pay, balance } = await waiting('ann wallet')
    await pay()
    expect(await seen(ann, orderId, '?wait=10s')).toMatchObject({ status: 'confirmed' })
    expect(await balance()).toBe(10 * SOL - PRICE - FEE)
  })

  it('F00.10 is paid once under one key, and only with its own secret', async () => {
    const { ann, payment, orderId } = await waiting('ann twice')
    const { id, clientSecret } = payment
    const confirm = (key: string, secret = clientSecret) =>
      ann.call('POST', `/sandbox/payments/${id}/confirm`, { clientSecret: secret }, { 'idempotency-key': key })
    await expect(confirm('wrong', 'solana:nobody')).rejects.toMatchObject({ code: 'WrongClientSecret' })
    const first = await confirm('once')
    expect((await confirm('once')).body).toEqual(first.body)
    await expect(confirm('twice')).rejects.toMatchObject({ code: 'PaymentAlreadyConfirmed' })
    expect(await seen(ann, orderId, '?wait=10s')).toMatchObject({ status: 'confirmed' })
  })

  it('goes on when the server was away while its payer paid', async () => {
    const { orderId, pay } = await waiting('ann restart')
    await pay()
    await w.restart()
    w.clock.ahead += 61_000
    await (await w.as('admin', 'ada')).call('POST', '/admin/reservations/expire')
    const again = await w.as('attendee', 'ann restart')
    expect(await seen(again, orderId, '?wait=10s')).toMatchObject({ status: 'confirmed' })
  })

  it('F11.10 lapses where nobody pays, and its tickets are free again', async () => {
    const { eventId, typeId, ann, orderId } = await waiting('ann idle')
    await lapse()
    expect(await seen(ann, orderId)).toMatchObject({
      ...{ status: 'cancelled', reason: 'lapsed' },
      payments: [{ status: 'voided' }],
    })
    const order = await w.buy(await w.as('attendee', 'bob'), eventId, typeId)
    expect(order).toMatchObject({ status: 'confirmed' })
  })

  it('F11.10 gives back what comes when it has lapsed, and the books say so', async () => {
    const { ann, orderId, pay, balance } = await waiting('ann late')
    await lapse()
    await pay()
    await expect
      .poll(() => seen(ann, orderId), soon)
      .toMatchObject({ status: 'cancelled', payments: [{ status: 'captured', refunded: 2_500 }] })
    expect(await balance()).toBe(10 * SOL - FEE)
  })

  it('gives back on chain what was paid for an order that is given up', async () => {
    const { ann, orderId, pay, balance } = await waiting('ann regrets')
    await pay()
    await ann.call('POST', `/orders/${orderId}/cancel`)
    expect(await seen(ann, orderId)).toMatchObject({
      ...{ status: 'cancelled', reason: 'cancelled' },
      payments: [{ status: 'captured', refunded: 2_500 }],
    })
    expect(await balance()).toBe(10 * SOL - FEE)
  })

  it('is not paid by too little, which goes back; it still may be paid', async () => {
    const { ann, orderId, pay, balance } = await waiting('ann short')
    await pay(PRICE - 1)
    await expect.poll(balance, soon).toBe(10 * SOL - 2 * FEE)
    expect(await seen(ann, orderId)).toMatchObject({ status: 'authorising' })
    await pay()
    expect(await seen(ann, orderId, '?wait=10s')).toMatchObject({ status: 'confirmed' })
  })

  it('is refused in a currency without a rate, its tickets free at once', async () => {
    const { eventId, typeId } = await w.onSale({ currency: 'SEK', size: 1 })
    const ann = await w.as('attendee', 'ann crowns')
    await expect(placed(ann, eventId, typeId)).rejects.toMatchObject({ code: 'NotChargeable' })
    expect(await w.buy(ann, eventId, typeId)).toMatchObject({ status: 'confirmed' })
  })
})

describe('a listed ticket paid by crypto', () => {
  const claimed = async () => {
    const m = resaleWorld(w)
    onTestFinished(m.close)
    const { seller, own } = await m.owned({ startsInHours: 10 })
    const listingId = await m.list(seller, own, 2_500)
    const buyer = await m.someone()
    const wanted = { listingId, priceCents: 2_500, method: 'crypto' }
    const { orderId, payment } = (await buyer.call<PlacedOrder>('POST', '/transfers/purchase', wanted)).body
    const { funded, pay, balanceOf } = wallets()
    const wallet = await funded()
    const balance = () => balanceOf(wallet.publicKey.toBase58())
    return { m, own, seller, listingId, buyer, orderId, pay: () => pay(payment.clientSecret, wallet), balance }
  }

  it('F11.10 is its buyer’s once the chain shows the payment', async () => {
    const { m, own, buyer, orderId, pay } = await claimed()
    await pay()
    expect(await seen(buyer, orderId, '?wait=10s')).toMatchObject({
      status: 'confirmed',
      payments: [{ status: 'captured', provider: 'solana-pay' }],
    })
    const mine = await m.ticketsOf(buyer, own.eventId, await m.head())
    expect(mine).toMatchObject([{ ticketId: own.ticketId }])
  })

  it('F11.10 F11.17 is free again when nobody has paid in time, and what comes late goes back', async () => {
    const { m, listingId, buyer, orderId, pay, balance } = await claimed()
    await lapse()
    expect(await seen(buyer, orderId)).toMatchObject({ status: 'cancelled', reason: 'lapsed' })
    await pay()
    await expect.poll(balance, soon).toBe(10 * SOL - FEE)
    const other = await m.someone()
    expect(await m.pay(other, (await m.purchase(other, listingId, 2_500)).body)).toMatchObject({ status: 'confirmed' })
  })

  it('F13.10 is not sold when it is locked meanwhile, and what was paid goes back', async () => {
    const { m, own, buyer, orderId, pay, balance } = await claimed()
    await m.onTicket(own.ticketId, { type: 'LockTicket', lockId: crypto.randomUUID(), reason: 'dispute' })
    await pay()
    expect(await seen(buyer, orderId, '?wait=10s')).toMatchObject({ status: 'cancelled', reason: 'reservation_lost' })
    await expect.poll(balance, soon).toBe(10 * SOL - FEE)
  })
})
