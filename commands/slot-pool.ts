import type { Touched } from '../domain/order/facts.ts'

/** The slots of one pool that one ticket type draws from, both ends included. */
export type SlotRange = {
  readonly tenant: string
  readonly eventId: string
  readonly pool: string
  readonly from: number
  readonly to: number
}

/**
 * Suggests slots that look free. A suggestion may be wrong, for the slot's own stream decides;
 * but nobody is told "sold out" before the availability view, caught up with the ledger, says so too.
 */
export type SlotPool = {
  /** Up to `count` slots, none of which was suggested to somebody else a moment ago. Fewer: the range is sold out. */
  readonly take: (range: SlotRange, count: number) => Promise<readonly Touched[]>
  /** For those that were not used after all. */
  readonly giveBack: (range: SlotRange, slots: readonly Touched[]) => void
}
