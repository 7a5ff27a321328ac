import { idOf, type Recorded } from '../../domain/fact.ts'
import type { Moment } from '../../domain/moment.ts'
import type { Folded } from './folding.ts'
import type { Tally } from './tally.ts'
import { orderOf, whyOf } from './words.ts'

// One JSON object a line, told apart by `kind`. Programs rely on the names: add, never change.

/** A fact as it is stored. */
export const factLine = (fact: Recorded): string => {
  const { position, stream, revision, type, data, id, metadata } = fact
  const { at, tenant, actor, v, request, $causationId, $correlationId } = metadata
  return JSON.stringify({
    ...{ kind: 'fact', position, at, stream, revision, type, version: v, data, actor, tenant },
    ...{ orderId: orderOf(fact), why: whyOf(fact) },
    ...{ factId: id, commandId: $causationId, correlationId: $correlationId, request },
  })
}

/** A stream as it was. */
export const stateLine = (folded: Folded): string => {
  const { stream, category, tenant, status, since, at, revision, position, state } = folded
  const id = idOf(stream)
  return JSON.stringify(
    { kind: 'state', stream, category, id, tenant, status, since, at, revision, position, state },
    plain,
  )
}

/** How many there were of what, and whose the money was. */
export const summaryLine = (counted: Tally, { position, time }: Moment): string =>
  JSON.stringify(
    { kind: 'summary', position, time, facts: counted.facts(), streams: counted.streams, money: counted.balances() },
    plain,
  )

/** What JSON has no word for, in its own. */
const plain = (_: string, value: unknown): unknown => {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, one]) => [key ?? 'all', one]))
  return value instanceof Set ? [...value] : value
}
