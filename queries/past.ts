import type { Caller } from '../adapters/http/auth.ts'
import { Problem, problemOf } from '../adapters/http/problem.ts'
import { type Position, streamOf } from '../domain/fact.ts'
import type { Ledger } from '../domain/ledger.ts'
import { ledgerAt, MomentText, momentOf } from '../domain/moment.ts'
import { type Known, known } from '../domain/registry.ts'
import { seesOthers } from '../domain/roles.ts'
import { memoryBatch } from '../projections/memory-batch.ts'
import { type TicketsTables, tickets } from '../projections/tickets/model.ts'
import type { ListedTicket } from '../projections/tickets/read.ts'

export const at = MomentText.optional().describe(
  'As it was: up to a time (ISO 8601, 2030-06-01T19:30:00Z) or a Ledger-Position, both included. ' +
    'To staff of the venue and auditors alone. Read from the ledger itself, so there is nothing to wait for.',
)

export type Past = {
  /** Streams end at the moment. */
  readonly ledger: Pick<Ledger, 'read'>
  /** How far the ledger was read. */
  readonly asOf: Position
}

type Deps = { readonly ledger: Pick<Ledger, 'read' | 'head'>; readonly now: () => string }

/** The ledger as it was then. Throws forbidden for whoever sees only what is their own, and validation_failed for a moment that was not. */
export const pastFor = async ({ ledger, now }: Deps, { role }: Caller, text: string): Promise<Past> => {
  if (!seesOthers(role))
    throw problemOf('forbidden', 'What was is for staff and auditors; leave out at to see what is.')
  const moment = momentOf(text, { head: await ledger.head(), now: now() })
  if ('wrong' in moment) throw new Problem('validation_failed', { errors: [{ field: 'at', message: moment.wrong }] })
  return { ledger: ledgerAt(ledger, moment), asOf: moment.position }
}

/** What the `tickets` read model showed of a ticket then: its own rules, over the facts of the streams that concern it. */
export const ticketIn = async (
  { ledger }: Past,
  tenant: string,
  ticketId: string,
): Promise<ListedTicket | undefined> => {
  const own = (await ledger.read(streamOf('ticket', ticketId))).map(known)
  const others = await Promise.all(namedBy(own).map((stream) => ledger.read(stream)))
  const facts = [...own, ...others.flat().map(known)].toSorted((a, b) => (a.position < b.position ? -1 : 1))
  const batch = memoryBatch()
  await tickets.apply(batch, facts)

  const find = async <T extends keyof TicketsTables>(table: T, key: Partial<TicketsTables[T]>) =>
    (await batch.load<TicketsTables[T]>(table, Object.keys(key), [key]))[0]
  const row = await find('ticket', { tenant, ticket_id: ticketId })
  if (!row) return undefined
  const { event_id, type_id } = row
  const [event, type] = await Promise.all([
    find('event', { tenant, event_id }),
    find('ticket_type', { tenant, event_id, type_id }),
  ])
  if (!event || !type) return undefined
  const { name: event_name, starts_at, ends_at, time_zone, chain } = event
  return { ...row, event_name, starts_at, ends_at, time_zone, chain, type_name: type.name, zone: row.zone ?? type.zone }
}

/** The streams of all that the facts of a ticket speak of by `eventId` or `orderId`. */
const namedBy = (facts: readonly Known[]): string[] => {
  const named = facts.flatMap(({ data }) => [
    ...('eventId' in data && data.eventId ? [streamOf('event', data.eventId)] : []),
    ...('orderId' in data ? [streamOf('order', data.orderId)] : []),
  ])
  return [...new Set(named)]
}
