import { randomUUID } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Payments } from '../../commands/payments.ts'

/** A provider, and a payer who stands before it. Either keeps what it knows when opened again. */
export type Opened = {
  readonly payments: Payments
  readonly pay: (
    paymentId: string,
    clientSecret: string,
    card: 'good' | 'declined' | 'capture_refused',
  ) => Promise<void>
  readonly close?: () => void
}

/** What every payment provider must do. `fresh` makes a new one; what it returns opens it, and opens it again. */
export const paymentsContract = (name: string, fresh: () => Promise<() => Promise<Opened>>) =>
  describe(`a payment provider: ${name}`, () => {
    const opened = async (open?: () => Promise<Opened>) => {
      const provider = await (open ?? (await fresh()))()
      onTestFinished(() => provider.close?.())
      return provider
    }

    const euros = (amount: number) => ({ amount, currency: 'EUR' })
    const paymentOf = (paymentId: string, amount = 5_000) => ({
      paymentId,
      orderId: randomUUID(),
      tenant: 'acme',
      amount: euros(amount),
    })

    const paid = async (card: 'good' | 'declined' | 'capture_refused') => {
      const { payments, pay } = await opened()
      const paymentId = randomUUID()
      const { clientSecret } = await payments.request(paymentOf(paymentId))
      await pay(paymentId, clientSecret, card)
      return { payments, paymentId }
    }

    const captured = async () => {
      const { payments, paymentId } = await paid('good')
      expect(await payments.capture(paymentId)).toBe('captured')
      return { payments, paymentId }
    }

    it('says of a payment that was never requested that it is unknown', async () =>
      expect(await (await opened()).payments.look(randomUUID())).toEqual({ status: 'unknown', refunded: 0 }))

    it('answers a repeated request as it answered the first', async () => {
      const { payments } = await opened()
      const payment = paymentOf(randomUUID())
      const answer = await payments.request(payment)
      expect(await payments.request(payment)).toEqual(answer)
      expect(await payments.request(paymentOf(randomUUID()))).not.toEqual(answer)
      expect(await payments.look(payment.paymentId)).toEqual({ status: 'pending', refunded: 0 })
    })

    it('throws when a payment is requested again with another amount', async () => {
      const { payments } = await opened()
      const paymentId = randomUUID()
      await payments.request(paymentOf(paymentId, 5_000))
      await expect(payments.request(paymentOf(paymentId, 6_000))).rejects.toThrow(paymentId)
    })

    it('captures what was authorised, once', async () => {
      const { payments, paymentId } = await paid('good')
      expect(await payments.look(paymentId)).toEqual({ status: 'authorised', refunded: 0 })
      expect(await payments.capture(paymentId)).toBe('captured')
      expect(await payments.capture(paymentId)).toBe('captured')
      expect(await payments.look(paymentId)).toEqual({ status: 'captured', refunded: 0 })
    })

    it('refuses to capture what nobody has paid', async () => {
      const { payments } = await opened()
      const paymentId = randomUUID()
      expect(await payments.capture(paymentId)).toBe('refused')
      await payments.request(paymentOf(paymentId))
      expect(await payments.capture(paymentId)).toBe('refused')
    })

    it('says why a card was declined, and captures nothing from it', async () => {
      const { payments, paymentId } = await paid('declined')
      expect(await payments.look(paymentId)).toEqual({ status: 'declined', reason: expect.any(String), refunded: 0 })
      expect(await payments.capture(paymentId)).toBe('refused')
      expect(await payments.void(paymentId)).toBe('voided')
    })

    it('may refuse to capture what it authorised', async () => {
      const { payments, paymentId } = await paid('capture_refused')
      expect(await payments.capture(paymentId)).toBe('refused')
      expect(await payments.void(paymentId)).toBe('voided')
    })

    it('captures nothing after a void', async () => {
      const { payments, paymentId } = await paid('good')
      expect(await payments.void(paymentId)).toBe('voided')
      expect(await payments.void(paymentId)).toBe('voided')
      expect(await payments.capture(paymentId)).toBe('refused')
      expect(await payments.look(paymentId)).toEqual({ status: 'voided', refunded: 0 })
    })

    it('captures nothing that was voided before it was requested', async () => {
      const { payments } = await opened()
      const paymentId = randomUUID()
      expect(await payments.void(paymentId)).toBe('voided')
      await payments.request(paymentOf(paymentId))
      expect((await payments.look(paymentId)).status).toBe('voided')
      expect(await payments.capture(paymentId)).toBe('refused')
    })

    it('voids nothing after a capture, and says so', async () => {
      const { payments, paymentId } = await captured()
      expect(await payments.void(paymentId)).toBe('captured')
      expect((await payments.look(paymentId)).status).toBe('captured')
    })

    it('pays a repeated refund once', async () => {
      const { payments, paymentId } = await captured()
      const refundId = randomUUID()
      await payments.refund(paymentId, refundId, 2_000)
      await payments.refund(paymentId, refundId, 2_000)
      expect((await payments.look(paymentId)).refunded).toBe(2_000)
      await payments.refund(paymentId, randomUUID(), 3_000)
      expect((await payments.look(paymentId)).refunded).toBe(5_000)
    })

    it('never refunds more than was captured', async () => {
      const { payments, paymentId } = await captured()
      const refundId = randomUUID()
      await payments.refund(paymentId, refundId, 4_000)
      await expect(payments.refund(paymentId, randomUUID(), 1_001)).rejects.toThrow(paymentId)
      await expect(payments.refund(paymentId, refundId, 1_000)).rejects.toThrow(refundId)
      expect((await payments.look(paymentId)).refunded).toBe(4_000)
    })

    it.each([0, -1, 0.5])('refunds no amount of %s', async (amount) => {
      const { payments, paymentId } = await captured()
      await expect(payments.refund(paymentId, randomUUID(), amount)).rejects.toThrow()
      expect((await payments.look(paymentId)).refunded).toBe(0)
    })

    it('refunds nothing of a payment that was not captured', async () => {
      const { payments, paymentId } = await paid('good')
      await expect(payments.refund(paymentId, randomUUID(), 1)).rejects.toThrow(paymentId)
      await expect(payments.refund(randomUUID(), randomUUID(), 1)).rejects.toThrow()
    })

    it('still knows everything after a restart', async () => {
      const open = await fresh()
      const before = await open()
      const [kept, voided, refundId] = [randomUUID(), randomUUID(), randomUUID()]
      const answer = await before.payments.request(paymentOf(kept))
      await before.pay(kept, answer.clientSecret, 'good')
      await before.payments.capture(kept)
      await before.payments.refund(kept, refundId, 2_000)
      await before.payments.void(voided)
      before.close?.()

      const { payments } = await opened(open)
      expect(await payments.request(paymentOf(kept))).toEqual(answer)
      await payments.refund(kept, refundId, 2_000)
      expect(await payments.look(kept)).toEqual({ status: 'captured', refunded: 2_000 })
      expect(await payments.look(voided)).toEqual({ status: 'voided', refunded: 0 })
    })

    it.each([undefined, '', 't=1,v1=00', 'nonsense'])('takes no webhook signed %j', async (signature) =>
      expect((await opened()).payments.receive('{}', signature)).toBeUndefined(),
    )
  })
