import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { Card } from '../../commands/payments.ts'
import { paymentsContract } from './payments.contract.ts'
import type { Race } from './sandbox.racer.world.ts'
import { AUTHORISES_AFTER_MS, DISPUTES_AFTER_MS, sandboxPayments } from './sandbox.ts'
import { ACCOUNTS } from './sandbox-sellers.ts'

const key = new Uint8Array(32).fill(7)
const now = () => new Date().toISOString()

const freshPath = () => {
  const folder = mkdtempSync(join(tmpdir(), 'bank-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'sandbox-bank.db')
}

paymentsContract('the sandbox', {
  fresh: async () => {
    const path = freshPath()
    return async () => {
      const bank = sandboxPayments({ path, key, now, deliver: async () => {} })
      return {
        payments: bank,
        pay: async ({ paymentId }, clientSecret, card) =>
          void (await bank.confirm(paymentId, clientSecret, card, 'entry')),
        close: bank.close,
      }
    }
  },
  sellers: { good: 'acct_seller', ...ACCOUNTS },
})

describe('the sandbox bank', () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date('2030-01-01T10:00:00.000Z') }))
  afterEach(() => void vi.useRealTimers())

  const opened = (path = freshPath()) => {
    const sent: [rawBody: string, signature: string][] = []
    const bank = sandboxPayments({ path, key, now, deliver: async (...webhook) => sent.push(webhook) })
    onTestFinished(bank.close)
    const told = () => Promise.all(sent.map((webhook) => bank.receive(...webhook)))
    return { bank, sent, told, path }
  }

  const requested = async () => {
    const { bank, sent, told, path } = opened()
    const { clientSecret } = await bank.request(p1)
    let entries = 0
    const confirm = (card: Card, entryId = `entry-${++entries}`) => bank.confirm('p1', clientSecret, card, entryId)
    return { bank, sent, path, confirm, told }
  }

  const DELIVERED_MS = 20
  const p1 = {
    paymentId: 'p1',
    reference: null,
    orderId: 'o1',
    tenant: 'acme',
    amount: { amount: 5_000, currency: 'EUR' },
  }
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
    expect(await bank.look(p1)).toEqual({ ...now, refunded: 0, disputes: [] })
    expect(await told()).toEqual([])
    await vi.advanceTimersByTimeAsync(DELIVERED_MS)
    expect(await told()).toEqual(Array.from({ length: webhooks }, () => webhook))
    expect(await bank.capture(p1)).toBe(
      ['good', 'webhook_lost', 'webhook_twice', 'disputed'].includes(card) ? 'captured' : 'refused',
    )
  })

  it('sends a webhook that comes twice with the same id', async () => {
    const { confirm, told } = await requested()
    await confirm('webhook_twice')
    await vi.advanceTimersByTimeAsync(DELIVERED_MS)
    const [first, second] = await told()
    expect(second).toEqual(first)
  })

  it('takes its time over a delayed card, and tells when it is done', async () => {
    const { bank, confirm, told } = await requested()
    await confirm('delayed')
    await vi.advanceTimersByTimeAsync(AUTHORISES_AFTER_MS - 1)
    expect(await bank.look(p1)).toEqual({ status: 'pending', refunded: 0, disputes: [] })
    expect(await confirm('good')).toBe('already_done')
    await vi.advanceTimersByTimeAsync(DELIVERED_MS)
    expect(await told()).toEqual([webhook])
    expect(await bank.capture(p1)).toBe('captured')
  })

  it('does not authorise a delayed card that was voided meanwhile', async () => {
    const { bank, confirm } = await requested()
    await confirm('delayed')
    await bank.void(p1)
    await vi.advanceTimersByTimeAsync(AUTHORISES_AFTER_MS + DELIVERED_MS)
    expect(await bank.look(p1)).toEqual({ status: 'voided', refunded: 0, disputes: [] })
  })

  it('sees a delayed card through a restart', async () => {
    const { bank, confirm, path } = await requested()
    await confirm('delayed')
    bank.close()
    await vi.advanceTimersByTimeAsync(AUTHORISES_AFTER_MS)
    expect((await opened(path).bank.look(p1)).status).toBe('authorised')
  })

  it.each(['won', 'lost'] as const)('disputes a captured payment, until that is %s', async (outcome) => {
    const { bank, confirm, told } = await requested()
    await confirm('disputed')
    await bank.capture(p1)
    await vi.advanceTimersByTimeAsync(DISPUTES_AFTER_MS - 1)
    expect(await bank.look(p1)).toEqual({ status: 'captured', refunded: 0, disputes: [] })
    expect(await bank.settleDispute('p1', outcome)).toBe('no_open_dispute')
    await vi.advanceTimersByTimeAsync(DELIVERED_MS)
    const dispute = { id: 'dispute-p1', reason: 'fraudulent' }
    expect(await bank.look(p1)).toEqual({
      status: 'captured',
      disputes: [{ ...dispute, status: 'open' }],
      refunded: 0,
    })
    expect(await told()).toHaveLength(2)

    expect(await bank.settleDispute('p1', outcome)).toBe('settled')
    expect(await bank.settleDispute('p1', 'won')).toBe('no_open_dispute')
    expect((await bank.look(p1)).disputes).toEqual([{ ...dispute, status: outcome }])
    await vi.advanceTimersByTimeAsync(DELIVERED_MS)
    expect(await told()).toHaveLength(3)
  })

  it('tells of a dispute again after a restart, for nobody would look of himself', async () => {
    const { bank, confirm, path } = await requested()
    await confirm('disputed')
    await bank.capture(p1)
    bank.close()
    for (const _ of ['due', 'open']) {
      const again = opened(path)
      await vi.advanceTimersByTimeAsync(DISPUTES_AFTER_MS + DELIVERED_MS)
      expect(await again.told()).toEqual([webhook])
      expect((await again.bank.look(p1)).disputes).toMatchObject([{ status: 'open' }])
      again.bank.close()
    }
  })

  it.each(['good', 'declined'] as const)('takes no second card after a %s one', async (card) => {
    const { bank, confirm } = await requested()
    const answer = await confirm(card)
    const seen = await bank.look(p1)
    expect(answer).not.toBe('already_done')
    for (const second of Card.options) expect(await confirm(second)).toBe('already_done')
    expect(await bank.look(p1)).toEqual(seen)
  })

  it.each([
    ['good', 'accepted'],
    ['declined', 'declined'],
  ] as const)(
    'answers the same entry of a %s card the same again, whatever has become of the payment',
    async (card, answer) => {
      const { bank, confirm } = await requested()
      expect(await confirm(card, 'entry')).toBe(answer)
      await bank.capture(p1)
      expect(await confirm(card, 'entry')).toBe(answer)
      expect(await confirm(card, 'another entry')).toBe('already_done')
    },
  )

  it('takes a card from the payer alone, and for a payment that it knows', async () => {
    const { bank } = await requested()
    const { clientSecret } = await bank.request({ ...p1, paymentId: 'p2', orderId: 'o2' })
    for (const wrong of ['', 'x', clientSecret])
      expect(await bank.confirm('p1', wrong, 'good', 'entry')).toBe('wrong_secret')
    expect(await bank.confirm('p3', clientSecret, 'good', 'entry')).toBe('unknown_payment')
    expect((await bank.look(p1)).status).toBe('pending')
  })

  describe('in two processes on one file', () => {
    const two = async () => {
      const path = freshPath()
      const [one, other] = [opened(path).bank, opened(path).bank]
      const { clientSecret } = await one.request(p1)
      await one.confirm('p1', clientSecret, 'good', 'entry')
      return { one, other, clientSecret }
    }

    it('shows the one what the other did', async () => {
      const { one, other, clientSecret } = await two()
      expect(await other.request(p1)).toEqual({ reference: null, clientSecret })
      expect(await other.confirm('p1', clientSecret, 'good', 'entry')).toBe('accepted')
      expect(await other.confirm('p1', clientSecret, 'good', 'another entry')).toBe('already_done')
      expect(await other.capture(p1)).toBe('captured')
      await one.refund(p1, 'r1', 2_000)
      await expect(other.refund(p1, 'r2', 3_001)).rejects.toThrow('3000 left')
      expect((await other.look(p1)).refunded).toBe(2_000)
    })

    it('lets a capture or a void win, never both, however they race', async () => {
      const path = freshPath()
      const { bank } = opened(path)
      const paymentIds = Array.from({ length: 200 }, (_, i) => `p${i}`)
      for (const paymentId of paymentIds)
        await bank.confirm(paymentId, (await bank.request({ ...p1, paymentId })).clientSecret, 'good', 'entry')
      const starts = new Int32Array(new SharedArrayBuffer(4 * paymentIds.length))
      const race = (deed: Race['deed']) =>
        once(
          new Worker(new URL('./sandbox.racer.world.ts', import.meta.url), {
            workerData: { path, key, deed, paymentIds, starts } satisfies Race,
          }),
          'message',
        )
      const [[captures], [voids]] = (await Promise.all([race('capture'), race('void')])) as [[string[]], [string[]]]
      for (const [i, paymentId] of paymentIds.entries()) {
        const { status } = await bank.look({ paymentId, reference: null })
        expect([captures[i], voids[i], status]).toEqual(
          status === 'captured' ? ['captured', 'captured', status] : ['refused', 'voided', 'voided'],
        )
      }
      expect(new Set(voids)).toEqual(new Set(['captured', 'voided']))
    })
  })

  it('lives on when nobody takes its webhook', async () => {
    const path = freshPath()
    const deliver = vi.fn(async () => Promise.reject(new Error('nobody there')))
    const bank = sandboxPayments({ path, key, now, deliver })
    onTestFinished(bank.close)
    const { clientSecret } = await bank.request(p1)
    await bank.confirm('p1', clientSecret, 'good', 'entry')
    await vi.advanceTimersByTimeAsync(DELIVERED_MS)
    expect(deliver).toHaveBeenCalledOnce()
    expect((await bank.look(p1)).status).toBe('authorised')
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
      expect(await bank.receive(rawBody, signature)).toEqual(webhook)
      expect(await bank.receive(rawBody.replace('p1', 'p2'), signature)).toBeUndefined()
      expect(await bank.receive(`${rawBody} `, signature)).toBeUndefined()
      expect(await bank.receive(rawBody, signature.replace(/t=\d+/, 't=1893492001'))).toBeUndefined()
      expect(await bank.receive(rawBody, signature.replace(/v1=.*/, `v1=${'0'.repeat(64)}`))).toBeUndefined()
      expect(await bank.receive(rawBody, undefined)).toBeUndefined()
    })

    it('so that one of another bank is refused', async () => {
      const { rawBody, signature } = await signed()
      const other = sandboxPayments({ path: freshPath(), key: new Uint8Array(32), now, deliver: async () => {} })
      onTestFinished(other.close)
      expect(await other.receive(rawBody, signature)).toBeUndefined()
    })

    it('so that one may come again within five minutes, and not after', async () => {
      const { bank, rawBody, signature } = await signed()
      await vi.advanceTimersByTimeAsync(299_000)
      expect(await bank.receive(rawBody, signature)).toEqual(webhook)
      await vi.advanceTimersByTimeAsync(2_000)
      expect(await bank.receive(rawBody, signature)).toBeUndefined()
    })
  })
})
