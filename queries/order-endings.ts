import { idOf } from '../domain/fact.ts'
import type { Projections } from '../projections/projector.ts'

const ENDINGS: ReadonlySet<string> = new Set(['OrderConfirmed', 'OrderCancelled', 'OrderRefunded'])

export type OrderEndings = {
  /** Starts listening at once; `seen` resolves when the order has ended or the time, in milliseconds, is over. */
  readonly listen: (orderId: string, timeoutMs: number) => { readonly seen: Promise<void>; readonly stop: () => void }
  /** Lets everybody go who waits. */
  readonly close: () => void
}

/** Wakes those who wait for an order once the `orders` read model shows its end, and nobody else. */
export const orderEndings = (projections: Pick<Projections, 'onApplied'>): OrderEndings => {
  const waiting = new Map<string, Set<() => void>>()
  const wake = (orderId: string) => {
    for (const stop of waiting.get(orderId) ?? []) stop()
  }
  projections.onApplied('orders', (facts) => {
    for (const { type, stream } of facts) if (ENDINGS.has(type)) wake(idOf(stream))
  })
  return {
    listen: (orderId, timeoutMs) => {
      const { promise: seen, resolve } = Promise.withResolvers<void>()
      const stop = () => {
        clearTimeout(timer)
        waiters.delete(stop)
        if (waiters.size === 0) waiting.delete(orderId)
        resolve()
      }
      const timer = setTimeout(stop, timeoutMs)
      const waiters = waiting.get(orderId) ?? new Set()
      waiting.set(orderId, waiters.add(stop))
      return { seen, stop }
    },
    close: () => {
      for (const orderId of waiting.keys()) wake(orderId)
    },
  }
}
