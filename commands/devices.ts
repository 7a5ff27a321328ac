import { type Device, device } from '../domain/device.ts'
import { event } from '../domain/event/event.ts'
import type { Position } from '../domain/fact.ts'
import type { Refusal } from '../domain/refusals.ts'
import { type Folded, load } from '../domain/stream.ts'
import { venue } from '../domain/venue.ts'
import { type Context, type Deps as HandleDeps, handle } from './handle.ts'

/** The port to what devices prove themselves with. */
export type DeviceKeys = {
  /**
   * The credential that a command makes for a device: the same for the same command. Null where the device has another
   * one, which is replaced only if that is `wanted`.
   */
  readonly issue: (
    device: { readonly tenant: string; readonly id: string },
    commandId: string,
    wanted: boolean,
  ) => Promise<string | null>
}

export type Deps = HandleDeps & { readonly deviceKeys: DeviceKeys }

type Registered = Extract<Device, { registration: unknown }>
export type Registration = Registered['registration']
export type Assignment = NonNullable<Registered['assignment']>

export type Kept = { readonly device: Registered; readonly position: Position }
type Refused = { readonly refused: Refusal }

/** A device of the tenant's, or why there is none to speak of. */
export const findDevice = async (deps: HandleDeps, id: string, tenant: string): Promise<Kept | Refused> => {
  const { state, tenant: owner, position } = await load(deps, device, id)
  return state.status === 'unknown' || owner !== tenant ? { refused: 'DeviceNotFound' } : { device: state, position }
}

/**
 * Registers a device, or changes what is known of it. `isNew` is so, and the credential the same, however often the command is repeated.
 * A credential comes with the first registration, and after that only when a new one is wanted.
 */
export const registerDevice = async (
  deps: Deps,
  id: string,
  { newCredential, ...registration }: Registration & { readonly newCredential: boolean },
  context: Context,
): Promise<(Kept & { readonly isNew: boolean; readonly credential: string | null }) | Refused> => {
  const { tenant, commandId } = context
  const at = await load(deps, venue, registration.venueId)
  if (at.state.status === 'unknown' || at.tenant !== tenant) return { refused: 'VenueNotFound' }
  const outcome = await handle(deps, device, id, { type: 'RegisterDevice', ...registration }, context)
  if (!outcome.done) return outcome
  const kept = await findDevice(deps, id, tenant)
  if ('refused' in kept) return kept
  const credential = await deps.deviceKeys.issue({ tenant, id }, commandId, newCredential)
  return { ...kept, credential, isNew: firstCommandOf(await load(deps, device, id)) === commandId }
}

/** Stations a device at an event of its venue, at one of the event's zones and, if that has one, an entrance into it. */
export const assignDevice = async (
  deps: HandleDeps,
  id: string,
  assignment: Assignment,
  context: Context,
): Promise<Kept | Refused> => {
  const found = await findDevice(deps, id, context.tenant)
  if ('refused' in found) return found
  const refused = await objectionTo(deps, found.device.registration, assignment, context.tenant)
  if (refused) return { refused }
  const outcome = await handle(deps, device, id, { type: 'AssignDevice', ...assignment }, context)
  return outcome.done ? findDevice(deps, id, context.tenant) : outcome
}

/** Takes a device out of service: it is denied until it is registered again. */
export const deactivateDevice = async (deps: HandleDeps, id: string, context: Context): Promise<Kept | Refused> => {
  const outcome = await handle(deps, device, id, { type: 'DeactivateDevice' }, context)
  return outcome.done ? findDevice(deps, id, context.tenant) : outcome
}

const objectionTo = async (
  deps: HandleDeps,
  { venueId }: Registration,
  { eventId, zone, entrance }: Assignment,
  tenant: string,
): Promise<Refusal | undefined> => {
  const at = await load(deps, event, eventId)
  if (at.state.status === 'unknown' || at.tenant !== tenant) return 'EventNotFound'
  const { details, entrances } = at.state
  if (details.venueId !== venueId) return 'EventAtAnotherVenue'
  if (!details.zones.includes(zone)) return 'ZoneNotFound'
  if (entrance === null) return undefined
  const leadsInto = entrances.get(entrance)
  if (leadsInto === undefined) return 'EntranceNotFound'
  return leadsInto === zone ? undefined : 'EntranceOfAnotherZone'
}

const firstCommandOf = ({ commands }: Folded<Device>): string | undefined => commands.keys().next().value
