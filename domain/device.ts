import { z } from 'zod'
import { type Decider, refuse } from './decider.ts'
import type { FactOf } from './fact.ts'
import { Id } from './id.ts'
import { same } from './same.ts'
import { ZoneName } from './zone.ts'

/** What the hardware or its owner calls it: a serial number, say. The stream has an id of its own. */
export const DeviceLabel = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, 'is 1 to 64 letters, digits, dots, colons, _ or -')

const Registration = z.object({
  deviceId: DeviceLabel,
  name: z.string().trim().min(1).max(100),
  venueId: Id,
  zone: ZoneName,
})
const Assignment = z.object({ eventId: Id, zone: ZoneName, entrance: z.string().nullable() })

/** Stored forever: add, never edit. */
export const deviceFacts = {
  DeviceRegistered: Registration,
  DeviceAssigned: Assignment,
  DeviceDeactivated: z.object({}),
}
export type DeviceFact = FactOf<typeof deviceFacts>

export type DeviceCommand =
  | ({ type: 'RegisterDevice' } & z.infer<typeof Registration>)
  | ({ type: 'AssignDevice' } & z.infer<typeof Assignment>)
  | { type: 'DeactivateDevice' }

export type DeviceRefusal = 'DeviceNotFound' | 'DeviceInactive'

export type Device =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'active' | 'inactive'
      readonly registration: z.infer<typeof Registration>
      /** The one event it stands at; null for whatever is on at its venue. */
      readonly assignment: z.infer<typeof Assignment> | null
    }

/** Registering again changes what is known of a device, puts it back in service, and keeps its history. */
export const device: Decider<DeviceCommand, DeviceFact, Device, DeviceRefusal> = {
  category: 'device',
  initial: { status: 'unknown' },

  decide: (c, d) => {
    switch (c.type) {
      case 'RegisterDevice': {
        const { deviceId, name, venueId, zone } = c
        const registration = { deviceId, name, venueId, zone }
        const known = d.status === 'active' && same(d.registration, registration)
        return known ? [] : [{ type: 'DeviceRegistered', data: registration }]
      }
      case 'AssignDevice': {
        if (d.status === 'unknown') return refuse('DeviceNotFound')
        if (d.status === 'inactive') return refuse('DeviceInactive')
        const { eventId, zone, entrance } = c
        const assignment = { eventId, zone, entrance }
        return same(d.assignment, assignment) ? [] : [{ type: 'DeviceAssigned', data: assignment }]
      }
      case 'DeactivateDevice':
        if (d.status === 'unknown') return refuse('DeviceNotFound')
        return d.status === 'inactive' ? [] : [{ type: 'DeviceDeactivated', data: {} }]
    }
  },

  evolve: (d, { type, data }) => {
    if (type === 'DeviceRegistered') {
      const moved = d.status !== 'unknown' && d.registration.venueId !== data.venueId
      return { status: 'active', registration: data, assignment: d.status === 'unknown' || moved ? null : d.assignment }
    }
    if (d.status === 'unknown') return d
    switch (type) {
      case 'DeviceAssigned':
        return { ...d, assignment: data }
      case 'DeviceDeactivated':
        return { ...d, status: 'inactive' }
    }
  },
}
