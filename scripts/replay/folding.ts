import { account } from '../../domain/account/account.ts'
import { anchor } from '../../domain/anchor.ts'
import { device } from '../../domain/device.ts'
import { event } from '../../domain/event/event.ts'
import { type Position, type Recorded, START } from '../../domain/fact.ts'
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
  [ticket, order, payment, event, venue, device, quota, person, account].map((one) => [one.category, one]),
)

/** Of every stream there is; those first that people ask for. */
export const categories: readonly string[] = [...aggregates.keys(), GATE, anchor.category]

/** In a word, how a stream stands: as its aggregate calls it. Null where it has no such word, undefined before the first fact. */
export type Status = string | null | undefined

/** A stream as far as it was folded. */
export type Folded = {
  readonly stream: string
  readonly category: string
  /** None where facts are only logged. */
  readonly aggregate: Aggregate | undefined
  readonly tenant: string
  /** Null where facts are only logged. */
  readonly state: object | null
  readonly status: Status
  readonly since: string
  readonly at: string
  readonly revision: number
  readonly position: Position
}

/** Folded into in place, for a whole ledger is: a copy for each fact would cost more than the folding. */
export type Folding = { -readonly [Field in keyof Folded]: Folded[Field] }

/** The stream of a fact before there was anything in it. */
export const emptyStreamOf = ({ stream, metadata: { tenant, at } }: Recorded): Folding => {
  const category = stream.slice(0, stream.indexOf('-'))
  const aggregate = aggregates.get(category)
  const state = aggregate?.initial ?? null
  const nothingYet = { status: undefined, revision: -1, position: START }
  return { stream, category, aggregate, tenant, state, since: at, at, ...nothingYet }
}

/** Takes the stream one fact further. */
export const foldInto = (folding: Folding, fact: Known): void => {
  if (folding.aggregate) folding.state = folding.aggregate.evolve(folding.state, fact)
  folding.status = statusOf(folding.state)
  folding.at = fact.metadata.at
  folding.revision = fact.revision
  folding.position = fact.position
}

/** Undefined where there are no facts. */
export const folded = ([first, ...others]: readonly Known[]): Folded | undefined => {
  if (!first) return undefined
  const folding = emptyStreamOf(first)
  for (const fact of [first, ...others]) foldInto(folding, fact)
  return folding
}

/** Of what is closed, how it was closed. */
const statusOf = (state: object | null): string | null => {
  const { status = null, closedAs = status } = (state ?? {}) as { status?: string; closedAs?: string }
  return closedAs
}
