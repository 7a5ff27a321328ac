import { randomUUID } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { PaymentRef, PaymentRequest, Payments } from '../../commands/payments.ts'

/** A provider, and a payer who stands before it. Either keeps what it knows when opened again. */
export type Opened = {
  readonly payments: Payments
  /** Comes back when the card was taken or declined. */
  readonly pay: (
    payment: PaymentRef,
    clientSecret: string,
    card: 'good' | 'declined' | 'capture_refused',
  ) => Promise<void>
  readonly close?: () => void
}

/** Accounts of sellers: one that takes transfers, one that takes none, and one that has spent what it took. */
export type Sellers = { readonly good: string; readonly closed: string; readonly spent: string }

/** What a provider may be unable to do. */
type Inability = 'authorise' | 'decline' | 'keep requests' | 'keep voids' | 'reverse transfers'

type Options = {
  /** Makes a new provider; what it returns opens it, and opens it again. */
  readonly fresh: () => Promise<() => Promise<Opened>>
  /** Left out where there are none to transfer to: those tests are skipped then. */
  readonly sellers?: Sellers
  /** What it cannot do, and why not: what follows from that is skipped, or said otherwise. */
  readonly cannot?: { readonly [what in Inability]?: string }
}

/** What every payment provider must do. */
export const paymentsContract = (name: string, { fresh, sellers, cannot = {} }: Options) =>
  describe(`a payment provider: ${name}`, () => {
    const opened = async (open?: () => Promise<Opened>) => {
      const provider = await (open ?? (await fresh()))()
      onTestFinished(() => provider.close?.())
      return provider
    }

    const newPayment = (amount = 5_000): PaymentRequest => ({
      paymentId: randomUUID(),
      reference: null,
      orderId: randomUUID(),
      tenant: 'acme',
      amount: { amount, currency: 'EUR' },
    })

    /** A payment as it stands in the books after its request. */
    const requested = async (payments: Payments, payment = newPayment()) => {
      const { reference, clientSecret } = await payments.request(payment)
      return { payment: { ...payment, reference }, clientSecret }
    }

    const paid = async (card: 'good' | 'declined' | 'capture_refused') => {
      const { payments, pay } = await opened()
      const { payment, clientSecret } = await requested(payments)
      await pay(payment, clientSecret, card)
      return { payments, payment }
    }

    const captured = async () => {
      const { payments, payment } = await paid('good')
      expect(await payments.capture(payment)).toBe('captured')
      return { payments, payment }
    }

    const untouched = { disputes: [], refunded: 0 }
    /** Where nothing is authorised, who pays has paid. */
    const afterVoiding = cannot['keep voids'] ? 'pending' : 'voided'
    const afterPaying = cannot.authorise ? 'captured' : 'authorised'

    it('says of a payment that was never requested that it is unknown', async () =>
      expect(await (await opened()).payments.look(newPayment())).toEqual({ status: 'unknown', ...untouched }))

    it('answers a repeated request as it answered the first, whether or not that was recorded', async () => {
      const { payments } = await opened()
      const asked = newPayment()
      const answer = await payments.request(asked)
      expect(await payments.request(asked)).toEqual(answer)
      expect(await payments.request({ ...asked, reference: answer.reference })).toEqual(answer)
      expect(await payments.request(newPayment())).not.toEqual(answer)
      expect(await payments.look({ ...asked, reference: answer.reference })).toEqual({
        status: 'pending',
        ...untouched,
      })
    })

    it('answers requests that come at the same time with one payment', async () => {
      const { payments } = await opened()
      const asked = newPayment()
      const [one, other] = await Promise.all([payments.request(asked), payments.request(asked)])
      expect(other).toEqual(one)
    })

    const more = { amount: 6_000, currency: 'EUR' }

    it('throws when a payment is requested again with another amount', async () => {
      const { payments } = await opened()
      const { payment } = await requested(payments)
      await expect(payments.request({ ...payment, amount: more })).rejects.toThrow(payment.paymentId)
    })

    it.skipIf(cannot['keep requests'])('throws then even where nobody recorded the first request', async () => {
      const { payments } = await opened()
      const { payment } = await requested(payments)
      await expect(payments.request({ ...payment, amount: more, reference: null })).rejects.toThrow(payment.paymentId)
    })

    it('captures what was paid, once', async () => {
      const { payments, payment } = await paid('good')
      expect(await payments.look(payment)).toEqual({ status: afterPaying, ...untouched })
      expect(await payments.capture(payment)).toBe('captured')
      expect(await payments.capture(payment)).toBe('captured')
      expect(await payments.look(payment)).toEqual({ status: 'captured', ...untouched })
    })

    it('captures once what is captured twice at the same time', async () => {
      const { payments, payment } = await paid('good')
      expect(await Promise.all([payments.capture(payment), payments.capture(payment)])).toEqual([
        'captured',
        'captured',
      ])
    })

    it('lets either a capture or a void win, and tells both', async () => {
      const { payments, payment } = await paid('good')
      const [captured, voided] = await Promise.all([payments.capture(payment), payments.void(payment)])
      expect([captured, voided]).toEqual(captured === 'captured' ? ['captured', 'captured'] : ['refused', 'voided'])
      expect((await payments.look(payment)).status).toBe(voided)
    })

    it('refuses to capture what nobody has paid', async () => {
      const { payments } = await opened()
      expect(await payments.capture(newPayment())).toBe('refused')
      expect(await payments.capture((await requested(payments)).payment)).toBe('refused')
    })

    it.skipIf(cannot.decline)('says why a card was declined, and captures nothing from it', async () => {
      const { payments, payment } = await paid('declined')
      expect(await payments.look(payment)).toEqual({ status: 'declined', reason: expect.any(String), ...untouched })
      expect(await payments.capture(payment)).toBe('refused')
      expect(await payments.void(payment)).toBe('voided')
    })

    it.skipIf(cannot.authorise)('may refuse to capture what it authorised', async () => {
      const { payments, payment } = await paid('capture_refused')
      expect(await payments.capture(payment)).toBe('refused')
      expect(await payments.void(payment)).toBe('voided')
    })

    it.skipIf(cannot.authorise)('captures nothing after a void', async () => {
      const { payments, payment } = await paid('good')
      expect(await payments.void(payment)).toBe('voided')
      expect(await payments.void(payment)).toBe('voided')
      expect(await payments.capture(payment)).toBe('refused')
      expect(await payments.look(payment)).toEqual({ status: 'voided', ...untouched })
    })

    it('captures nothing that was voided before it was requested', async () => {
      const { payments } = await opened()
      const asked = newPayment()
      expect(await payments.void(asked)).toBe('voided')
      const { payment } = await requested(payments, asked)
      expect((await payments.look(payment)).status).toBe(afterVoiding)
      expect(await payments.capture(payment)).toBe('refused')
    })

    it('voids what was requested, even where the books have not recorded that', async () => {
      const { payments } = await opened()
      const { payment } = await requested(payments)
      expect(await payments.void({ ...payment, reference: null })).toBe('voided')
      expect((await payments.look(payment)).status).toBe(afterVoiding)
    })

    it('voids nothing after a capture, and says so', async () => {
      const { payments, payment } = await captured()
      expect(await payments.void(payment)).toBe('captured')
      expect((await payments.look(payment)).status).toBe('captured')
    })

    it('pays a repeated refund once', async () => {
      const { payments, payment } = await captured()
      const refundId = randomUUID()
      await payments.refund(payment, refundId, 2_000)
      await payments.refund(payment, refundId, 2_000)
      expect((await payments.look(payment)).refunded).toBe(2_000)
      await payments.refund(payment, randomUUID(), 3_000)
      expect((await payments.look(payment)).refunded).toBe(5_000)
    })

    it('never refunds more than was captured', async () => {
      const { payments, payment } = await captured()
      const refundId = randomUUID()
      await payments.refund(payment, refundId, 4_000)
      await expect(payments.refund(payment, randomUUID(), 1_001)).rejects.toThrow(payment.paymentId)
      await expect(payments.refund(payment, refundId, 1_000)).rejects.toThrow(refundId)
      expect((await payments.look(payment)).refunded).toBe(4_000)
    })

    it.skipIf(cannot.authorise)('refunds nothing of what was only authorised', async () => {
      const { payments, payment } = await paid('good')
      await expect(payments.refund(payment, randomUUID(), 1)).rejects.toThrow(payment.paymentId)
    })

    it.each([0, -1, 0.5])('refunds no amount of %s', async (amount) => {
      const { payments, payment } = await captured()
      await expect(payments.refund(payment, randomUUID(), amount)).rejects.toThrow(payment.paymentId)
      expect((await payments.look(payment)).refunded).toBe(0)
    })

    it('refunds nothing of a payment that was not captured', async () => {
      const { payments } = await opened()
      const { payment } = await requested(payments)
      await expect(payments.refund(payment, randomUUID(), 1)).rejects.toThrow(payment.paymentId)
      const unknown = newPayment()
      await expect(payments.refund(unknown, randomUUID(), 1)).rejects.toThrow(unknown.paymentId)
    })

    it('still knows everything after a restart', async () => {
      const open = await fresh()
      const before = await open()
      const { payment, clientSecret } = await requested(before.payments)
      const [voided, refundId] = [newPayment(), randomUUID()]
      await before.pay(payment, clientSecret, 'good')
      await before.payments.capture(payment)
      await before.payments.refund(payment, refundId, 2_000)
      await before.payments.void(voided)
      before.close?.()

      const { payments } = await opened(open)
      expect(await payments.request(payment)).toEqual({ reference: payment.reference, clientSecret })
      await payments.refund(payment, refundId, 2_000)
      expect(await payments.look(payment)).toEqual({ status: 'captured', disputes: [], refunded: 2_000 })
      expect((await payments.look((await requested(payments, voided)).payment)).status).toBe(afterVoiding)
    })

    it.each([undefined, '', 't=1,v1=00', 'nonsense'])('takes no webhook signed %j', async (signature) =>
      expect(await (await opened()).payments.receive('{}', signature)).toBeUndefined(),
    )

    describe.skipIf(!sellers)('pays sellers their share', () => {
      const { good, closed, spent } = sellers ?? { good: '', closed: '', spent: '' }

      const transferOf = (from: PaymentRef, amount = 3_000, account = good) => ({
        transferId: randomUUID(),
        from,
        account,
        amount,
      })

      const transferred = async (account: string) => {
        const { payments, payment } = await captured()
        const transfer = transferOf(payment, 3_000, account)
        const answer = await payments.transferToSeller(transfer)
        if ('refused' in answer) throw new Error(`${account} should take the transfer: ${answer.refused}`)
        return { payments, payment, transfer: { ...transfer, reference: answer.reference }, answer }
      }

      it('once, however often it is asked', async () => {
        const { payments, payment, transfer, answer } = await transferred(good)
        expect(await payments.transferToSeller(transfer)).toEqual(answer)
        await expect(payments.transferToSeller({ ...transfer, amount: 2_999 })).rejects.toThrow(transfer.transferId)
        expect(await payments.transferToSeller(transferOf(payment, 2_000))).not.toHaveProperty('refused')
      })

      it('out of what was captured, and never more than that', async () => {
        const { payments, payment } = await transferred(good)
        await expect(payments.transferToSeller(transferOf(payment, 2_001))).rejects.toThrow(payment.paymentId)
        await expect(payments.transferToSeller(transferOf(payment, 0))).rejects.toThrow(payment.paymentId)
      })

      it.skipIf(cannot.authorise)('not of what was only authorised', async () => {
        const { payments, payment } = await paid('good')
        await expect(payments.transferToSeller(transferOf(payment))).rejects.toThrow(payment.paymentId)
      })

      it('unless the account takes nothing', async () => {
        const { payments, payment } = await captured()
        expect(await payments.transferToSeller(transferOf(payment, 3_000, closed))).toEqual({
          refused: expect.stringMatching(/./),
        })
        expect(await payments.transferToSeller(transferOf(payment, 5_000))).not.toHaveProperty('refused')
      })

      it.skipIf(cannot['reverse transfers'])(
        'and takes it back in part, once each, never more than it paid',
        async () => {
          const { payments, transfer } = await transferred(good)
          const reversalId = randomUUID()
          expect(await payments.reverseTransfer(transfer, reversalId, 1_000)).toBe('reversed')
          expect(await payments.reverseTransfer(transfer, reversalId, 1_000)).toBe('reversed')
          await expect(payments.reverseTransfer(transfer, reversalId, 900)).rejects.toThrow(reversalId)
          await expect(payments.reverseTransfer(transfer, randomUUID(), 2_001)).rejects.toThrow(transfer.transferId)
          expect(await payments.reverseTransfer(transfer, randomUUID(), 2_000)).toBe('reversed')
        },
      )

      it('unless the seller has spent it', async () => {
        const { payments, transfer } = await transferred(spent)
        expect(await payments.reverseTransfer(transfer, randomUUID(), 1_000)).toBe('refused')
      })

      it('and takes back nothing that it never paid', async () => {
        const { payments } = await opened()
        const never = { transferId: randomUUID(), reference: null }
        await expect(payments.reverseTransfer(never, randomUUID(), 1)).rejects.toThrow(never.transferId)
      })
    })
  })
