import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { Card } from '../../commands/payments.ts'
import { paymentsContract } from './payments.contract.ts'
import { AUTHORISES_AFTER_MS, DISPUTES_AFTER_MS, sandboxPayments } from './sandbox.ts'

const key = new Uint8Array(32).fill(7)
const now = () => new Date().toISOString()

const freshPath = () => {
  const folder = mkdtempSync(join(tmpdir(), 'bank-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'sandbox-bank.db')
}

paymentsContract('the sandbox', async () => {
  const path = freshPath()
  return async () => {
    const bank = sandboxPayments({ path, key, now, deliver: async () => {} })
    return {
      payments: bank,
      pay: async (paymentId, clientSecret, card) => void (await bank.confirm(paymentId, clientSecret, card)),
      close: bank.close,
    }
  }
})

describe('the sandbox bank', () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date('2030-01-01T10:00:00.000Z') }))
  afterEach(() => void vi.useRealTimers())

  const opened = (path = freshPath()) => {
    const sent: [rawBody: string, signature: string][] = []
    const bank = sandboxPayments({ path, key, now, deliver: async (...webhook) => sent.push(webhook) })
    onTestFinished(bank.close)
    return { bank, sent, path }
  }

  const requested = async () => {
    const { bank, sent, path } = opened()
    const { clientSecret } = await bank.request({
      paymentId: 'p1',
      orderId: 'o1',
      tenant: 'acme',
      amount: { amount: 5_000, currency: 'EUR' },
    })
    const confirm = (card: Card) => bank.confirm('p1', clientSecret, card)
    const told = () => sent.map(([rawBody, signature]) => bank.receive(rawBody, signature))
    return { bank, sent, path, confirm, told }
  }

  const DELIVERED_MS = 20
  const webhook = { webhookId: expect.any(String), paymentId: 'p1' }

  it.each([
    ['good', 'accepted', { status: 'authorised' }, 1],
    ['declined', 'declined', { status: 'declined', reason: 'card_declined' }, 1],
    ['insufficient_funds', 'declined', { status: 'declined', reason: 'insufficient_funds' }, 1],
    ['delayed', 'accepted', { status: 'pending' }, 0],
    ['capture_refused', 'accepted', { status: 'authorised' }, 1],
    ['webhook_lost', 'accepted', { status: 'authorised' }, 0],
    ['webhook_twice', 'accepted', { status: 'authorised' }, 2],
    ['disputed', 'accepted', { status: 'authorised' }, 1],
  ] as const)('answers the card %s with %s', async (card, answer, now, webhooks) => {
    const { bank, confirm, told } = await requested()
    expect(await confirm(card)).toBe(answer)
    expect(await bank.look('p1')).toEqual({ ...now, refunded: 0 })
    expect(told()).toEqual([])
    await vi.advanceTimersByTimeAsync(DELIVERED_MS)
    expect(told()).toEqual(Array.from({ length: webhooks }, () => webhook))
    expect(await bank.capture('p1')).toBe(
      ['good', 'webhook_lost', 'webhook_twice', 'disputed'].includes(card) ? 'captured' : 'refused',
    )
  })

  it('sends a webhook that comes twice with the same id', async () => {
    const { confirm, told } = await requested()
    await confirm('webhook_twice')
    await vi.advanceTimersByTimeAsync(DELIVERED_MS)
    const [first, second] = told()
    expect(second).toEqual(first)
  })

  it('takes its time over a delayed card, and tells when it is done', async () => {
    const { bank, confirm, told } = await requested()
    await confirm('delayed')
    await vi.advanceTimersByTimeAsync(AUTHORISES_AFTER_MS - 1)
    expect(await bank.look('p1')).toEqual({ status: 'pending', refunded: 0 })
    expect(await confirm('good')).toBe('already_done')
    await vi.advanceTimersByTimeAsync(DELIVERED_MS)
    expect(told()).toEqual([webhook])
    expect(await bank.capture('p1')).toBe('captured')
  })

  it('does not authorise a delayed card that was voided meanwhile', async () => {
    const { bank, confirm } = await requested()
    await confirm('delayed')
    await bank.void('p1')
    await vi.advanceTimersByTimeAsync(AUTHORISES_AFTER_MS + DELIVERED_MS)
    expect(await bank.look('p1')).toEqual({ status: 'voided', refunded: 0 })
  })

  it('sees a delayed card through a restart', async () => {
    const { bank, confirm, path } = await requested()
    await confirm('delayed')
    bank.close()
    await vi.advanceTimersByTimeAsync(AUTHORISES_AFTER_MS)
    expect((await opened(path).bank.look('p1')).status).toBe('authorised')
  })

  it.each(['won', 'lost'] as const)('disputes a captured payment, until that is %s', async (outcome) => {
    const { bank, confirm, told } = await requested()
    await confirm('disputed')
    await bank.capture('p1')
    await vi.advanceTimersByTimeAsync(DISPUTES_AFTER_MS - 1)
    expect(await bank.look('p1')).toEqual({ status: 'captured', refunded: 0 })
    expect(await bank.settleDispute('p1', outcome)).toBe('no_open_dispute')
    await vi.advanceTimersByTimeAsync(DELIVERED_MS)
    const dispute = { id: 'dispute-p1', reason: 'fraudulent' }
    expect(await bank.look('p1')).toEqual({ status: 'captured', dispute: { ...dispute, status: 'open' }, refunded: 0 })
    expect(told()).toHaveLength(2)

    expect(await bank.settleDispute('p1', outcome)).toBe('settled')
    expect(await bank.settleDispute('p1', 'won')).toBe('no_open_dispute')
    expect((await bank.look('p1')).dispute).toEqual({ ...dispute, status: outcome })
    await vi.advanceTimersByTimeAsync(DELIVERED_MS)
    expect(told()).toHaveLength(3)
  })

  it('tells of a dispute again after a restart, for nobody would look of himself', async () => {
    const { bank, confirm, path } = await requested()
    await confirm('disputed')
    await bank.capture('p1')
    bank.close()
    for (const _ of ['due', 'open']) {
      const again = opened(path)
      await vi.advanceTimersByTimeAsync(DISPUTES_AFTER_MS + DELIVERED_MS)
      expect(again.sent.map(([rawBody, signature]) => again.bank.receive(rawBody, signature))).toEqual([webhook])
      expect((await again.bank.look('p1')).dispute).toMatchObject({ status: 'open' })
      again.bank.close()
    }
  })

  it.each(['good', 'declined'] as const)('takes no second card after a %s one', async (card) => {
    const { bank, confirm } = await requested()
    const answer = await confirm(card)
    const seen = await bank.look('p1')
    expect(answer).not.toBe('already_done')
    for (const second of Card.options) expect(await confirm(second)).toBe('already_done')
    expect(await bank.look('p1')).toEqual(seen)
  })

  it('takes a card from the payer alone, and for a payment that it knows', async () => {
    const { bank } = await requested()
    const { clientSecret } = await bank.request({
      paymentId: 'p2',
      orderId: 'o2',
      tenant: 'acme',
      amount: { amount: 1, currency: 'EUR' },
    })
    for (const wrong of ['', 'x', clientSecret]) expect(await bank.confirm('p1', wrong, 'good')).toBe('wrong_secret')
    expect(await bank.confirm('p3', clientSecret, 'good')).toBe('unknown_payment')
    expect((await bank.look('p1')).status).toBe('pending')
  })

  it('lives on when nobody takes its webhook', async () => {
    const path = freshPath()
    const deliver = vi.fn(async () => Promise.reject(new Error('nobody there')))
    const bank = sandboxPayments({ path, key, now, deliver })
    onTestFinished(bank.close)
    const amount = { amount: 5_000, currency: 'EUR' }
    const { clientSecret } = await bank.request({ paymentId: 'p1', orderId: 'o1', tenant: 'acme', amount })
    await bank.confirm('p1', clientSecret, 'good')
    await vi.advanceTimersByTimeAsync(DELIVERED_MS)
    expect(deliver).toHaveBeenCalledOnce()
    expect((await bank.look('p1')).status).toBe('authorised')
  })

  it('sends nothing once it is closed', async () => {
    const { bank, confirm, sent } = await requested()
    await confirm('good')
    bank.close()
    await vi.advanceTimersByTimeAsync(DELIVERED_MS)
    expect(sent).toEqual([])
  })

  describe('signs its webhooks', () => {
    const signed = async () => {
      const { bank, sent, confirm, path } = await requested()
      await confirm('good')
      await vi.advanceTimersByTimeAsync(DELIVERED_MS)
      const [rawBody, signature] = sent[0]!
      return { bank, rawBody, signature, path }
    }

    it('so that a body or a signature that was touched is refused', async () => {
      const { bank, rawBody, signature } = await signed()
      expect(bank.receive(rawBody, signature)).toEqual(webhook)
      expect(bank.receive(rawBody.replace('p1', 'p2'), signature)).toBeUndefined()
      expect(bank.receive(`${rawBody} `, signature)).toBeUndefined()
      expect(bank.receive(rawBody, signature.replace(/t=\d+/, 't=1893492001'))).toBeUndefined()
      expect(bank.receive(rawBody, signature.replace(/v1=.*/, `v1=${'0'.repeat(64)}`))).toBeUndefined()
      expect(bank.receive(rawBody, undefined)).toBeUndefined()
    })

    it('so that one of another bank is refused', async () => {
      const { rawBody, signature } = await signed()
      const other = sandboxPayments({ path: freshPath(), key: new Uint8Array(32), now, deliver: async () => {} })
      onTestFinished(other.close)
      expect(other.receive(rawBody, signature)).toBeUndefined()
    })

    it('so that one may come again within five minutes, and not after', async () => {
      const { bank, rawBody, signature } = await signed()
      await vi.advanceTimersByTimeAsync(299_000)
      expect(bank.receive(rawBody, signature)).toEqual(webhook)
      await vi.advanceTimersByTimeAsync(2_000)
      expect(bank.receive(rawBody, signature)).toBeUndefined()
    })
  })
})
