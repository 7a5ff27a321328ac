import { setTimeout } from 'node:timers/promises'
import { payment } from '../domain/payment.ts'
import { load } from '../domain/stream.ts'
import { isPassing } from './order-process.ts'
import type { Deps } from './order-steps.ts'
import { syncPayment } from './payment-sync.ts'
import type { Watched } from './payments.ts'

export type PaymentWatch = { readonly stop: () => Promise<void> }

type Options = {
  /** Whether to look now and then though nobody has been asked to pay since the start: for what comes late. */
  readonly always: boolean
  readonly log: { readonly warn: (context: object, message: string) => void }
}

/** Milliseconds: while somebody may be paying, and otherwise. */
const EVERY = 2_000
const SELDOM = 60_000

/**
 * Watches for payments whose provider calls nobody back. Every process does so for itself: that something came is told to all, and
 * looking at a payment twice does no harm.
 */
export const watchPayments = (deps: Deps, watched: Watched, { always, log }: Options): PaymentWatch => {
  const closing = new AbortController()
  /** Those that something came for, until it has been seen to, and when to do so. */
  const arrived = new Map<string, number>()
  const due = () => [...arrived].flatMap(([paymentId, at]) => (at <= performance.now() ? [paymentId] : []))
  let lookedAt = always ? 0 : undefined

  const see = async (paymentId: string) => {
    const { state } = await load(deps, payment, paymentId)
    if (state.status === 'new') return
    await syncPayment(deps, paymentId)
    await watched.returnStrays({ paymentId, reference: state.requested.reference })
  }
  const look = async () => {
    for (const paymentId of await watched.arrivals()) arrived.set(paymentId, 0)
    for (const paymentId of due())
      try {
        await see(paymentId)
        arrived.delete(paymentId)
      } catch (err) {
        if (isPassing(err)) continue
        arrived.set(paymentId, performance.now() + SELDOM)
        log.warn({ err, paymentId }, 'a payment that came could not be seen to')
      }
  }
  const run = async () => {
    while (!closing.signal.aborted) {
      const isDue = lookedAt !== undefined && performance.now() - lookedAt >= SELDOM
      if (watched.isAwaiting() || due().length > 0 || isDue) {
        lookedAt = performance.now()
        await look().catch((err) => log.warn({ err }, 'the chain could not be asked for payments'))
      }
      await setTimeout(EVERY, undefined, { signal: closing.signal, ref: false }).catch(() => {})
    }
  }
  const running = run()

  return {
    stop: () => {
      closing.abort()
      return running
    },
  }
}
