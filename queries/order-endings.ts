import { type Position, streamOf } from '../domain/fact.ts'
import type { Ledger } from '../domain/ledger.ts'
import { order } from '../domain/order/order.ts'

const ENDINGS: ReadonlySet<string> = new Set(['OrderConfirmed', 'OrderCancelled', 'OrderRefunded'])

/** As many facts as the projections take: while both are level, the embedded ledger reads a page once for both. */
const PAGE = 4_000

type Listening = {
  readonly orderId: string
  readonly timeoutMs: number
  /** The ledger's head before the order is read. */
  readonly after: Position
}

export type OrderEndings = {
  /** Starts listening at once; `seen` resolves when the order has ended or the time is over. */
  readonly listen: (wanted: Listening) => { readonly seen: Promise<void>; readonly stop: () => void }
  /** Lets everybody go who waits. */
  readonly close: () => void
}

/** Wakes those who wait for an order once its end is recorded, and nobody else. One look at the ledger serves them all. */
export const orderEndings = (ledger: Pick<Ledger, 'tail'>): OrderEndings => {
  const waiting = new Map<string, Set<() => void>>()
  const closing = new AbortController()
  let isFollowing = false

  const follow = async (after: Position): Promise<void> => {
    isFollowing = true
    try {
      for await (const facts of ledger.tail(after, PAGE, closing.signal))
        for (const { type, stream } of facts) {
          const waiters = waiting.get(stream)
          if (waiters && ENDINGS.has(type)) for (const stop of waiters) stop()
        }
    } catch {
      // Whoever waits is let go and meets what went wrong where the order is read; the next to come starts anew.
    } finally {
      isFollowing = false
      for (const waiters of waiting.values()) for (const stop of waiters) stop()
    }
  }

  return {
    listen: ({ orderId, timeoutMs, after }) => {
      const stream = streamOf(order.category, orderId)
      const { promise: seen, resolve } = Promise.withResolvers<void>()
      const stop = () => {
        // A second stop must not take away the list that others have begun since.
        if (!waiters.delete(stop)) return
        clearTimeout(timer)
        if (waiters.size === 0) waiting.delete(stream)
        resolve()
      }
      const timer = setTimeout(stop, timeoutMs)
      const waiters = waiting.get(stream) ?? new Set()
      waiting.set(stream, waiters.add(stop))
      if (!isFollowing) void follow(after)
      return { seen, stop }
    },
    close: () => closing.abort(),
  }
}
