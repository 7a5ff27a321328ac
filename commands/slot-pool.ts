import type { Touched } from '../domain/order/facts.ts'

export type PoolKey = { readonly tenant: string; readonly eventId: string; readonly pool: string }

/** The slots of one pool that one ticket type draws from, both ends included. */
export type SlotRange = PoolKey & { readonly from: number; readonly to: number }

/**
 * Suggests slots that look free. A suggestion may be wrong, for the slot's own stream decides;
 * but nobody is told "sold out" before the availability view, caught up with the ledger, says so too.
 */
export type SlotPool = {
  /** Up to `count` different slots that nobody else is trying, and none that the order has: `own`. Fewer: the range is sold out. */
  readonly take: (range: SlotRange, count: number, own: readonly Touched[]) => Promise<readonly Touched[]>
  /** The slot's own stream has decided, so from now on the view tells whether it is free. */
  readonly tried: (pool: PoolKey, slot: Touched) => void
  /** For those that were never tried. */
  readonly giveBack: (range: SlotRange, slots: readonly Touched[]) => void
}
