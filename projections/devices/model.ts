import { sql } from 'kysely'
import { type Device, type DeviceFact, device, deviceFacts } from '../../domain/device.ts'
import { idOf } from '../../domain/fact.ts'
import type { Known } from '../../domain/registry.ts'
import { type Fold, foldInto } from '../fold.ts'
import type { ReadModel } from '../read-model.ts'

type Registered = Exclude<Device, { status: 'unknown' }>

export type DeviceRow = {
  tenant: string
  id: string
  /** What its owner calls it. */
  device_id: string
  name: string
  zone: string
  venue_id: string
  is_active: boolean
  assignment: Registered['assignment']
}

export type DevicesTables = { device: DeviceRow }

const deviceRows: Fold<Known, 'device', DeviceRow, 'tenant' | 'id'> = {
  table: 'device',
  key: ['tenant', 'id'],
  keysOf: (fact) => (isDeviceFact(fact) ? [{ tenant: fact.metadata.tenant, id: idOf(fact.stream) }] : []),
  evolve: (row, fact, key) => {
    // The device's own rules say what it keeps when it is registered again.
    const after = isDeviceFact(fact) ? device.evolve(stateOf(row), fact) : device.initial
    return after.status === 'unknown' ? row : { ...key, ...rowOf(after) }
  },
}

const isDeviceFact = (fact: Known): fact is Extract<Known, DeviceFact> => Object.hasOwn(deviceFacts, fact.type)

const stateOf = (row: DeviceRow | undefined): Device => {
  if (!row) return device.initial
  const { device_id, name, venue_id, zone, is_active, assignment } = row
  const registration = { deviceId: device_id, name, venueId: venue_id, zone }
  return { status: is_active ? 'active' : 'inactive', registration, assignment }
}

const rowOf = ({ status, registration: { deviceId, name, zone, venueId }, assignment }: Registered) => ({
  device_id: deviceId,
  name,
  zone,
  venue_id: venueId,
  is_active: status === 'active',
  assignment,
})

/** What scans, and where it stands. */
export const devices: ReadModel<Known, DevicesTables> = {
  name: 'devices',
  version: 1,
  create: async (tx) => {
    await sql`create table device (
      tenant text, id uuid, device_id text collate "C" not null, name text not null, zone text not null,
      venue_id uuid not null, is_active boolean not null, assignment jsonb, primary key (tenant, id))`.execute(tx)
    await sql`create index on device (tenant, device_id, id)`.execute(tx)
  },
  apply: (batch, facts) => foldInto(batch, deviceRows, facts),
}
