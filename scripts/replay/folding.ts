import { device } from '../../domain/device.ts'
import { event } from '../../domain/event/event.ts'
import { idOf, type Position } from '../../domain/fact.ts'
import { GATE } from '../../domain/gate.ts'
import { order } from '../../domain/order/order.ts'
import { payment } from '../../domain/payment.ts'
import { person } from '../../domain/person.ts'
import { quota } from '../../domain/quota.ts'
import type { Known } from '../../domain/registry.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { venue } from '../../domain/venue.ts'

/** What is known of a decider here: the facts of a stream are those of its category. */
type Aggregate = {
  readonly category: string
  readonly initial: object
  // biome-ignore lint/suspicious/noExplicitAny: states and facts of every aggregate there is
  readonly evolve: (state: any, fact: any) => object
}

const aggregates = new Map<string, Aggregate>(
  [ticket, order, payment, event, venue, device, quota, person].map((one) => [one.category, one]),
)

/** Of every stream there is; those first that people ask for. */
export const categories: readonly string[] = [...aggregates.keys(), GATE]

/** A stream as far as it was folded. */
export type Folded = {
  readonly stream: string
  readonly category: string
  readonly id: string
  readonly tenant: string
  /** Null where facts are only logged. */
  readonly state: object | null
  readonly since: string
  readonly at: string
  readonly revision: number
  readonly position: Position
}

/** The stream one fact further. */
export const foldedWith = (before: Folded | undefined, fact: Known): Folded => {
  const { stream, revision, position, metadata } = fact
  const category = before?.category ?? stream.slice(0, stream.indexOf('-'))
  const aggregate = aggregates.get(category)
  const state = aggregate ? aggregate.evolve(before?.state ?? aggregate.initial, fact) : null
  if (before) return { ...before, state, at: metadata.at, revision, position }
  const { tenant, at } = metadata
  return { stream, category, id: idOf(stream), tenant, state, since: at, at, revision, position }
}

/** Undefined where there are no facts. */
export const folded = (facts: readonly Known[]): Folded | undefined =>
  facts.reduce<Folded | undefined>(foldedWith, undefined)

/** In a word, how it stands: as the aggregate calls it, and for what is closed, how it was closed. Null where it has no such word. */
export const statusOf = ({ state }: Folded): string | null => {
  const { status = null, closedAs = status } = (state ?? {}) as { status?: string; closedAs?: string }
  return closedAs
}
