import type { Caller } from '../adapters/http/auth.ts'
import { type Page, page } from '../adapters/http/pages.ts'
import { atLeast } from '../adapters/http/positions.ts'
import { problemOf } from '../adapters/http/problem.ts'
import type { Position } from '../domain/fact.ts'
import type { Ledger } from '../domain/ledger.ts'
import type { Known } from '../domain/registry.ts'
import { BOUND_TO_VENUES } from '../domain/roles.ts'
import type { Streams } from '../domain/stream.ts'
import type { Addressees, People, Wallets } from '../domain/vault.ts'
import { catalogue, type EventRow } from '../projections/catalogue/model.ts'
import { eventOf } from '../projections/catalogue/read.ts'
import type { Projections } from '../projections/projector.ts'
import type { ReadModel } from '../projections/read-model.ts'
import type { Reading } from '../projections/reading.ts'

export type Deps = Streams & {
  readonly projections: Pick<Projections, 'waitFor' | 'positionOf' | keyof Reading>
  readonly ledger: Pick<Ledger, 'head' | 'tail' | 'readAll'>
  readonly people: Pick<People, 'find'>
  readonly wallets: Pick<Wallets, 'find'>
  readonly addressees: Pick<Addressees, 'find'>
  /** Whether a person has shown who they are, in a tenant. */
  readonly isVerified: (tenant: string, personId: string) => Promise<boolean>
  readonly now: () => string
}

type Asking = { readonly query: { readonly minPosition?: Position | undefined } }

/** Waits until a model shows what the client has seen, and tells what it shows. Throws read_model_behind. */
export const caughtUp = async ({ projections }: Deps, request: Asking, model: ReadModel<Known>): Promise<Position> => {
  await atLeast(request, (position, milliseconds) => projections.waitFor(model.name, position, milliseconds))
  return projections.positionOf(model.name)
}

/** An event of the caller's tenant. Throws EventNotFound, for a draft too where the caller may not see those. */
export const eventFor = async (
  deps: Deps,
  request: Asking & { readonly caller: Caller },
  eventId: string,
): Promise<{ event: EventRow; asOf: Position }> => {
  const asOf = await caughtUp(deps, request, catalogue)
  const event = await eventOf(deps.projections, request.caller.tenant, eventId)
  if (!event || (event.status === 'drafted' && !seesDrafts(request.caller, event.venue_id)))
    throw problemOf('EventNotFound')
  return { event, asOf }
}

/** Where drafts are shown to a caller. */
export const draftsFor = ({ role, venues }: Caller): 'all venues' | readonly string[] => {
  if (role === 'organizer' || role === 'admin' || role === 'auditor') return 'all venues'
  return role === 'venue_staff' ? venues : []
}

const seesDrafts = (caller: Caller, venueId: string): boolean => {
  const drafts = draftsFor(caller)
  return drafts === 'all venues' || drafts.includes(venueId)
}

/** The venues that a caller's lists are limited to; undefined for all of the tenant's. */
export const venuesFor = ({ role, venues }: Caller): readonly string[] | undefined =>
  BOUND_TO_VENUES.has(role) ? venues : undefined

/** A page of rows as the client sees them. Expects one row more than the limit where there are more. */
export const pageOfRows = <Row, View>(
  rows: readonly Row[],
  limit: number,
  asOf: Position,
  keyOf: (row: Row) => readonly unknown[],
  view: (row: Row) => View,
): Page<View> => {
  const { items, ...rest } = page(rows, limit, asOf, keyOf)
  return { ...rest, items: items.map(view) }
}
