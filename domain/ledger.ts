import type { Position, Proposed, Recorded } from './fact.ts'

/** The revision that an append relies on. `any` is for categories that only log (`gate`). */
export type Expected = number | 'none' | 'any'

/**
 * The port to the append-only store. One suite (`adapters/ledger.contract.ts`) holds every adapter to it.
 * Only one stream changes at a time: nothing may rely on two streams changing together.
 */
export type Ledger = {
  /** A stream's facts after a revision, oldest first; none if nobody has written to it. */
  readonly read: (stream: string, after?: number) => Promise<readonly Recorded[]>
  /** Whole or not at all, at the exact revision; durable when it resolves. Throws Conflict or Unavailable. */
  readonly append: (stream: string, expected: Expected, facts: readonly Proposed[]) => Promise<Position>
  /** Everything after a position, in order and without gaps. */
  readonly readAll: (after: Position, limit: number) => Promise<readonly Recorded[]>
  /** The same, without end: a backlog in pages, then each new fact soon after it is recorded. Ends when the signal does. */
  readonly tail: (after: Position, limit: number, signal: AbortSignal) => AsyncIterable<readonly Recorded[]>
  /** The position of the newest fact; START when there is none. */
  readonly head: () => Promise<Position>
  readonly close: () => Promise<void>
}

/** Someone else appended first. Nothing was written. */
export class Conflict extends Error {
  override name = 'Conflict'
}

/** The append may or may not have happened, or may yet: a time-out, a change of leader, a dropped connection. */
export class Unavailable extends Error {
  override name = 'Unavailable'
}
