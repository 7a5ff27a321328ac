import { describe, expect, it } from 'vitest'
import { type DeviceCommand, type DeviceFact, device } from './device.ts'
import { idFor, specOf } from './spec.ts'

const given = specOf(device)

const registration = { deviceId: 'SCANNER-07', name: 'North door', venueId: idFor('venue'), zone: 'GA' }
const assignment = { eventId: idFor('event'), zone: 'VIP', entrance: 'North' }

const register = (changed: Partial<typeof registration> = {}): DeviceCommand => ({
  type: 'RegisterDevice',
  ...registration,
  ...changed,
})
const assign: DeviceCommand = { type: 'AssignDevice', ...assignment }
const deactivate: DeviceCommand = { type: 'DeactivateDevice' }

const registered = (changed: Partial<typeof registration> = {}): DeviceFact => ({
  type: 'DeviceRegistered',
  data: { ...registration, ...changed },
})
const assigned: DeviceFact = { type: 'DeviceAssigned', data: assignment }
const deactivated: DeviceFact = { type: 'DeviceDeactivated', data: {} }

const stateOf = (...facts: DeviceFact[]) => facts.reduce(device.evolve, device.initial)

describe('a device', () => {
  it('is registered (F08.2)', () => given().when(register()).then(registered()))

  it('that registers again as it is changes nothing (F08.4)', () => given(registered()).when(register()).thenNothing())

  it('that registers again updates what is known of it, and is no second device (F08.4)', () =>
    given(registered())
      .when(register({ name: 'South door', zone: 'BACKSTAGE' }))
      .then(registered({ name: 'South door', zone: 'BACKSTAGE' })))

  it('keeps its post when it registers again at its venue (F08.4)', () =>
    expect(stateOf(registered(), assigned, registered({ name: 'South door' }))).toMatchObject({ assignment }))

  it('loses its post when it moves to another venue (F15.8)', () =>
    expect(stateOf(registered(), assigned, registered({ venueId: idFor('other') }))).toMatchObject({
      assignment: null,
    }))
})

describe('a post', () => {
  it('is at an event, a zone and an entrance (F08.7)', () => given(registered()).when(assign).then(assigned))

  it('is given once', () => given(registered(), assigned).when(assign).thenNothing())

  it('may change', () =>
    given(registered(), assigned)
      .when({ ...assign, entrance: null })
      .then({ type: 'DeviceAssigned', data: { ...assignment, entrance: null } }))

  it('is not given to a device that nobody registered', () => given().when(assign).thenRefused('DeviceNotFound'))

  it('is not given to a device out of service (F08.6)', () =>
    given(registered(), deactivated).when(assign).thenRefused('DeviceInactive'))
})

describe('a device out of service', () => {
  it('was put there (F08.5)', () => {
    given(registered()).when(deactivate).then(deactivated)
    expect(stateOf(registered(), deactivated).status).toBe('inactive')
  })

  it('was put there once', () => given(registered(), deactivated).when(deactivate).thenNothing())

  it('must have been registered before', () => given().when(deactivate).thenRefused('DeviceNotFound'))

  it('is put back by registering again, even as it was', () => {
    given(registered(), deactivated).when(register()).then(registered())
    expect(stateOf(registered(), deactivated, registered()).status).toBe('active')
  })
})
