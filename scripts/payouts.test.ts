import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sandboxPayments } from '../adapters/payments/sandbox.ts'
import { sqliteLedger } from '../adapters/sqlite/ledger.ts'
import { sqliteVault } from '../adapters/sqlite/vault.ts'
import { record } from '../commands/handle.ts'
import { stepIdOf } from '../commands/ids.ts'
import type { Card } from '../commands/payments.ts'
import { newWallet } from '../commands/wallet.world.ts'
import type { Line, Placed, Share } from '../domain/order/facts.ts'
import type { AnyFact } from '../domain/registry.ts'
import { plus } from '../domain/time.ts'
import type { Client, Refused } from './client.ts'
import { type Page, type World, wholeWorld } from './counterfoil.world.ts'

type Money = { amount: number; currency: string }
type Payout = {
  orderId: string
  status: string
  share: Money
  left: Money
  payableFrom: string
  paidAt: string | null
  problem: string | null
}
type Accounts = { card: string | null; crypto: string | null }
type Account = { accounts: Accounts; balances: Money[] }
type Settlement = { currencies: Record<'gross' | 'fees' | 'taxes' | 'venueNet' | 'sellers', Money>[] }

const PRICE = 5_000
const AFTER = 6 * 3_600_000

let w: World
let books: Awaited<ReturnType<typeof beside>>
beforeAll(async () => {
  w = await wholeWorld()
  books = await beside(w)
})
afterAll(async () => {
  await books.close()
  await w.close()
})

/** The ledger and the bank of a running server, opened beside it: resales are recorded there as the order process would record them. */
const beside = async ({ folder, url, clock }: World) => {
  const [ledger, vault] = [sqliteLedger(join(folder, 'ledger.db')), sqliteVault(join(folder, 'vault.db'))]
  const now = () => new Date(Date.now() + clock.ahead).toISOString()
  const bank = sandboxPayments({
    path: join(folder, 'sandbox-bank.db'),
    key: await vault.keyFor('sandbox-bank'),
    now,
    deliver: async (body, signature) => {
      const headers = { 'content-type': 'application/json', 'payment-signature': signature }
      await fetch(`${url}/api/v1/webhooks/payments`, { method: 'POST', body, headers })
    },
  })

  const tell = (orderId: string, category: string, id: string, fact: AnyFact) => {
    const commandId = crypto.randomUUID()
    const actor = { id: 'order-process', role: 'process' } as const
    const context = { commandId, correlationId: orderId, tenant: 'demo', actor, request: '' }
    return record({ ledger, now, sleep: async () => {} }, category, id, fact, context)
  }

  /** Sold on by one person to another, and paid. */
  const resell = async (eventId: string, venueId: string, sellerId: string, card: Card = 'good') => {
    const [orderId, payerId, typeId] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()]
    const paymentId = stepIdOf(orderId, 'payment/1')
    const amount = { amount: PRICE, currency: 'EUR' }
    const requested = { paymentId, reference: null, orderId, tenant: 'demo', amount }
    const { clientSecret } = await bank.request(requested)
    await bank.confirm(paymentId, clientSecret, card, paymentId)
    await bank.capture(requested)

    const line: Line = {
      kind: 'ticket',
      typeId,
      slot: 'pool:GA:1',
      edition: 1,
      holderId: payerId,
      price: PRICE,
      fees: [],
      taxes: [],
      zone: 'GA',
      validDates: null,
      transferable: true,
    }
    const sale = { eventId, venueId, payerId, currency: 'EUR', total: PRICE }
    const payments = [{ paymentId, amount: PRICE }]
    const shares = [
      { account: 'platform', amount: 125 },
      { account: `venue:${venueId}`, amount: 250 },
      { account: `seller:${sellerId}`, amount: 4_625 },
    ]
    const expiresAt = plus(now(), 1_800)
    const delivery = 'digital' as const
    const placed: Placed = {
      ...sale,
      kind: 'purchase',
      lines: [line],
      payments,
      limits: [],
      delivery,
      terms: 0,
      expiresAt,
    }
    const facts: [string, string, AnyFact][] = [
      ['order', orderId, { type: 'OrderPlaced', data: placed }],
      [
        'payment',
        paymentId,
        { type: 'PaymentRequested', data: { orderId, eventId, payerId, amount, provider: 'sandbox', reference: null } },
      ],
      ['payment', paymentId, { type: 'PaymentCaptured', data: { orderId, amount } }],
      [
        'order',
        orderId,
        { type: 'OrderConfirmed', data: { ...sale, ticketIds: [stepIdOf(orderId, 'ticket')], shares } },
      ],
    ]
    for (const [category, id, fact] of facts) await tell(orderId, category, id, fact)
    return { orderId, paymentId, shares }
  }

  /** Of the whole price, as it would be recorded once the money is back with the buyer. */
  const refund = (orderId: string, shares: Share[]) => {
    const paymentId = stepIdOf(orderId, 'payment/1')
    const data = {
      orderId,
      refundId: stepIdOf(orderId, 'refund/1'),
      amount: { amount: PRICE, currency: 'EUR' },
      shares,
    }
    return tell(orderId, 'payment', paymentId, { type: 'PaymentRefunded', data })
  }

  return {
    resell,
    refund,
    close: async () => {
      bank.close()
      await ledger.close()
      await vault.close()
    },
  }
}

/** An event, and somebody who sold a ticket of it on. */
const sold = async (name: string, card?: Card) => {
  w.clock.ahead = 0
  const { olga, venueId, eventId } = await w.onSale()
  const sue = await w.as('attendee', name)
  const { personId } = (await sue.call<{ personId: string }>('GET', '/me')).body
  const { orderId, paymentId, shares } = await books.resell(eventId, venueId, personId, card)
  const ada = await w.as('admin', 'ada')
  const payouts = async () => (await sue.call<Page<Payout>>('GET', '/me/payouts')).body.items
  const account = async () => (await sue.call<Account>('GET', '/me/payout-account')).body
  const tell = (account: string) => sue.call('PUT', '/me/payout-account', { account })
  const stands = (status: string) => soon(async () => (await payouts())[0]?.status).toBe(status)
  /** What the worker does of itself each minute, and may just have done. */
  const run = async () => (await ada.call<Record<string, number>>('POST', '/admin/payouts/run')).body
  const settlement = async () =>
    (await olga.call<Settlement>('GET', `/events/${eventId}/reports/settlement`)).body.currencies[0]!
  await stands('due')
  return { ada, orderId, paymentId, shares, payouts, account, tell, stands, run, settlement }
}

/** Read models and reactors follow; on a busy machine they take their time. */
const soon = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 15_000 })

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    ({ status }: Refused) => status,
  )

describe('what a seller is owed', () => {
  it('F11.9 F11.13 is listed, and paid to their account once the event has ended', async () => {
    const s = await sold('sue')
    await s.tell('acct_sue')
    const [due] = await s.payouts()
    expect(due).toMatchObject({ orderId: s.orderId, status: 'due', paidAt: null, problem: null })
    expect(due).toMatchObject({ share: { amount: 4_625, currency: 'EUR' }, left: { amount: 4_625 } })
    await soon(s.account).toMatchObject({
      accounts: { card: 'acct_sue', crypto: null },
      balances: [{ amount: 4_625, currency: 'EUR' }],
    })
    expect(await s.run()).toMatchObject({ looked: 0 })

    w.clock.ahead = AFTER
    expect(new Date(due!.payableFrom).getTime()).toBeLessThan(Date.now() + AFTER)
    await s.run()
    await s.stands('paid')
    expect((await s.payouts())[0]!.paidAt).not.toBeNull()
    await soon(async () => (await s.account()).balances).toMatchObject([{ amount: 0 }])
    expect(await s.run()).toMatchObject({ looked: 0 })
  })

  it('F11.13 is part of the settlement, before and after it is paid out', async () => {
    const s = await sold('sal')
    await s.tell('acct_sal')
    const parts = { gross: 5_000, fees: 125, taxes: 0, venueNet: 250, sellers: 4_625 }
    const seen = async () =>
      Object.fromEntries(Object.entries(await s.settlement()).map(([part, { amount }]) => [part, amount]))
    await soon(seen).toEqual(parts)
    w.clock.ahead = AFTER
    await s.run()
    await s.stands('paid')
    await soon(seen).toEqual(parts)
  })

  it('waits for an account, says so, and is paid once one is told', async () => {
    const s = await sold('sid')
    w.clock.ahead = AFTER
    await s.run()
    await soon(async () => (await s.payouts())[0]!.problem).toBe('no_account')
    await s.tell('acct_sid')
    await s.run()
    await s.stands('paid')
    expect((await s.payouts())[0]!.problem).toBeNull()
  })

  it.each(['won', 'lost'])('F11.9 waits while the buyer disputes, and then is paid or not: %s', async (outcome) => {
    const s = await sold(`disputed ${outcome}`, 'disputed')
    await s.tell('acct_sam')
    await s.stands('withheld')
    w.clock.ahead = AFTER
    expect(await s.run()).toMatchObject({ looked: 0 })
    await s.ada.call('POST', `/sandbox/payments/${s.paymentId}/dispute`, { outcome })
    await s.stands(outcome === 'won' ? 'due' : 'cancelled')
    await s.run()
    await s.stands(outcome === 'won' ? 'paid' : 'cancelled')
    await soon(async () => (await s.account()).balances).toMatchObject([{ amount: 0 }])
  })

  it('that was paid and cannot be got back is shown to those who look after the system', async () => {
    const s = await sold('spender', 'disputed')
    await s.tell('acct_spent')
    await s.stands('withheld')
    await s.ada.call('POST', `/sandbox/payments/${s.paymentId}/dispute`, { outcome: 'won' })
    w.clock.ahead = AFTER
    await s.stands('due')
    await s.run()
    await s.stands('paid')
    const listed = async () =>
      (await s.ada.call<Page<Payout & { lost: Money }>>('GET', '/admin/payouts?status=paid')).body.items.find(
        ({ orderId }) => orderId === s.orderId,
      )
    await soon(listed).toMatchObject({ left: { amount: 4_625 }, lost: { amount: 0 } })
    await books.refund(s.orderId, s.shares)
    await s.stands('reversing')
    await s.run()
    await s.stands('paid')
    await soon(listed).toMatchObject({ left: { amount: 0 }, lost: { amount: 4_625 } })
    await soon(async () => (await s.account()).balances).toMatchObject([{ amount: 0 }])
  })

  it('is nobody else’s to see', async () => {
    await sold('sol')
    const bob = await w.as('attendee', 'bob')
    expect((await bob.call<Page<Payout>>('GET', '/me/payouts')).body.items).toEqual([])
    expect((await bob.call<Account>('GET', '/me/payout-account')).body).toMatchObject({
      accounts: { card: null, crypto: null },
      balances: [],
    })
    expect(await refusal(bob.call('POST', '/admin/payouts/run'))).toBe(403)
  })
})

describe('the account that a seller is paid to', () => {
  const PATH = '/me/payout-account'
  const told = async (sue: Client) => (await sue.call<Account>('GET', PATH)).body.accounts

  it.each(['', 'acct_', 'sue', 'acct_a b', 'ACCT_1', `acct_${'x'.repeat(201)}`, 7, null])(
    'is not %j',
    async (account) => {
      const sue = await w.as('attendee', 'strict')
      expect(await refusal(sue.call('PUT', PATH, { account }))).toBe(400)
    },
  )

  it('is one for sales by card, and another for sales by crypto', async () => {
    const sue = await w.as('attendee', 'both')
    const { address } = newWallet()
    await sue.call('PUT', PATH, { account: 'acct_card' })
    const { body, position } = await sue.call<Accounts>('PUT', PATH, { account: address })
    expect(body).toEqual({ card: 'acct_card', crypto: address })
    const read = await sue.call<Account>('GET', `${PATH}?minPosition=${position}`)
    expect(read.body.accounts).toEqual(body)
  })

  it('is replaced by another, erased with the person, and not brought back by a repetition', async () => {
    const sue = await w.as('attendee', 'forgetful')
    for (const account of ['acct_old', 'acct_new']) await sue.call('PUT', PATH, { account })
    await soon(() => told(sue)).toEqual({ card: 'acct_new', crypto: null })
    await sue.call('PUT', PATH, { account: 'acct_last' }, { 'idempotency-key': 'last' })
    await sue.call('DELETE', '/me')
    await soon(() => told(sue)).toEqual({ card: null, crypto: null })
    const again = await sue.call<Accounts>('PUT', PATH, { account: 'acct_last' }, { 'idempotency-key': 'last' })
    expect(again.body).toEqual({ card: null, crypto: null })
  })
})
