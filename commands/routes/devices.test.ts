import { describe, expect, it } from 'vitest'
import { gateWorld, OTHER_VENUE, VENUE } from '../gate.world.ts'

const GATE = { deviceId: 'SN:4711', name: 'North left', venueId: VENUE, zone: 'GA' }

const yard = async () => {
  const world = await gateWorld()
  const staff = await world.token('venue_staff')
  const post = (path: string, body: object | undefined, bearer = staff, key?: string) =>
    world.call('POST', `/devices/${path}`, bearer, { ...(body && { body }), ...(key && { key }) })
  return {
    ...world,
    staff,
    post,
    register: (other = {}, bearer = staff, key?: string) => post('register', { ...GATE, ...other }, bearer, key),
  }
}

describe('registering a device', () => {
  it('F08.2 F08.7 gives it an id and a credential of its own, which scans', async () => {
    const { register, scan, ofType } = await yard()
    const { status, body, headers } = await register()
    expect(status).toBe(201)
    expect(body).toMatchObject({
      ...GATE,
      isActive: true,
      assignment: null,
      credential: expect.stringMatching(/^device_/),
    })
    expect(headers['ledger-position']).toBe(ofType('DeviceRegistered')[0]!.position)
    expect((await scan(body.credential as string, 'x')).body.reason).toBe('unreadable_code')
  })

  it('F08.4 again updates it, makes no second one, keeps its history and its credential', async () => {
    const { register, scan, ofType } = await yard()
    const first = (await register()).body
    const { status, body } = await register({ name: 'North right' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ id: first.id, name: 'North right', credential: null })
    expect(ofType('DeviceRegistered').map(({ stream }) => stream)).toEqual(Array(2).fill(`device-${first.id}`))
    expect((await scan(first.credential as string, 'x')).status).toBe(200)
  })

  it('answers the same credential when the request is repeated, also after the device was changed', async () => {
    const { register, staff } = await yard()
    const first = await register({}, staff, 'key-1')
    expect(await register({}, staff, 'key-1')).toMatchObject({ status: 201, body: first.body })
    await register({ name: 'North right' })
    expect((await register({}, staff, 'key-1')).body.credential).toBe(first.body.credential)
    expect((await register({ zone: 'VIP' }, staff, 'key-1')).body.code).toBe('KeyReused')
  })

  it('F08.7 replaces its credential where that is wanted: the older one is worthless then, and never comes back', async () => {
    const { register, scan, staff } = await yard()
    const first = (await register({}, staff, 'key-1')).body.credential as string
    const second = (await register({ newCredential: true })).body.credential as string
    expect(second).not.toBe(first)
    expect((await register({}, staff, 'key-1')).body.credential).toBeNull()
    expect([(await scan(first, 'x')).status, (await scan(second, 'x')).status]).toEqual([401, 200])
  })

  it('F08.4 puts it back in service', async () => {
    const { register, post } = await yard()
    await register()
    expect((await post('SN:4711/deactivate', undefined)).body.isActive).toBe(false)
    expect((await register()).body.isActive).toBe(true)
  })

  it.each([
    ['F08.3 a zone that there is not', { zone: 'MOON' }, 'zone'],
    ['a label that is none', { deviceId: 'a b' }, 'deviceId'],
    ['an unknown field', { tenant: 'other' }, 'tenant'],
  ])('is a 400 with %s', async (_, other, field) => {
    const { register } = await yard()
    expect(await register(other)).toMatchObject({ status: 400, body: { errors: [{ field }] } })
  })

  it('is refused at a venue that there is not', async () => {
    const { register, token } = await yard()
    const venueId = '0197e1a0-0000-7000-8000-0000000000ff'
    expect((await register({ venueId }, await token('admin'))).body.code).toBe('VenueNotFound')
  })

  it('is for staff of the venue, and of the one that it is taken away from', async () => {
    const { register, token } = await yard()
    expect(await register({ venueId: OTHER_VENUE })).toMatchObject({ status: 403, body: { code: 'wrong_venue' } })
    await register({ venueId: OTHER_VENUE }, await token('organizer'))
    expect((await register()).body.code).toBe('wrong_venue')
    const ofBoth = await token('venue_staff', 'kim', { venues: [VENUE, OTHER_VENUE] })
    expect((await register({}, ofBoth)).body.venueId).toBe(VENUE)
    expect((await register({}, await token('attendee'))).status).toBe(403)
  })
})

describe('assigning a device', () => {
  it('F08.7 stations it at an event, a zone and an entrance, and its admissions say so', async () => {
    const { register, post, draft, buy, scan } = await yard()
    const credential = (await register()).body.credential as string
    const event = await draft('Summer Night')
    const assignment = { eventId: event.eventId, zone: 'GA', entrance: 'North' }
    expect(await post('SN:4711/assign', assignment)).toMatchObject({ status: 200, body: { assignment, zone: 'GA' } })
    const { body } = await scan(credential, await (await buy(event)).code())
    expect(body.admission).toMatchObject({ deviceName: 'North left', entrance: 'North', zone: 'GA' })
    const tomorrow = await buy(await draft('Autumn Night'))
    expect((await scan(credential, await tomorrow.code())).body.reason).toBe('ticket_of_another_event')
  })

  it.each([
    ['F08.3 a zone that the event has not', { zone: 'MOON' }, 400, 'ZoneNotFound'],
    ['an entrance that the event has not', { entrance: 'South' }, 400, 'EntranceNotFound'],
    ['an entrance that leads elsewhere', { zone: 'VIP', entrance: 'North' }, 400, 'EntranceOfAnotherZone'],
    ['an event that there is not', { eventId: VENUE }, 404, 'EventNotFound'],
  ])('is refused with %s', async (_, other, status, code) => {
    const { register, post, draft } = await yard()
    await register()
    const { eventId } = await draft('Summer Night')
    const assignment = { eventId, zone: 'GA', entrance: null, ...other }
    expect(await post('SN:4711/assign', assignment)).toMatchObject({ status, body: { code } })
  })

  it('is refused to an event at another venue, or of another tenant', async () => {
    const { register, post, draft } = await yard()
    await register()
    const elsewhere = await draft('Club Night', { venueId: OTHER_VENUE })
    expect((await post('SN:4711/assign', { eventId: elsewhere.eventId, zone: 'GA' })).body.code).toBe(
      'EventAtAnotherVenue',
    )
    const theirs = await draft('Their Night', {}, 'other')
    expect((await post('SN:4711/assign', { eventId: theirs.eventId, zone: 'GA' })).body.code).toBe('EventNotFound')
  })

  it('is refused while it is out of service', async () => {
    const { register, post, draft } = await yard()
    await register()
    await post('SN:4711/deactivate', undefined)
    const { eventId } = await draft('Summer Night')
    expect((await post('SN:4711/assign', { eventId, zone: 'GA' })).body.code).toBe('DeviceInactive')
  })
})

describe("another tenant's devices", () => {
  it('F08.8 are as if they did not exist, and a label of theirs is free', async () => {
    const { register, post, put, token, ofType } = await yard()
    const { body } = await register()
    const stranger = await token('admin', 'eve', { tenant: 'other' })
    for (const path of ['SN:4711/deactivate', 'SN:4711/assign'])
      expect(
        await post(path, path.endsWith('assign') ? { eventId: VENUE, zone: 'GA' } : undefined, stranger),
      ).toMatchObject({
        status: 404,
        body: { code: 'DeviceNotFound' },
      })
    expect((await register({}, stranger)).body.code).toBe('VenueNotFound')
    const venueId = '0197e1a0-0000-7000-8000-0000000000ee'
    await put('venue', venueId, { type: 'VenueRegistered', data: { name: 'Theirs', timeZone: 'UTC' } }, 'other')
    const theirs = await register({ venueId }, stranger)
    expect(theirs.status).toBe(201)
    expect(theirs.body.id).not.toBe(body.id)
    expect(ofType('DeviceDeactivated')).toEqual([])
  })

  it('are not managed by staff of another venue', async () => {
    const { register, post, token } = await yard()
    await register()
    const stranger = await token('venue_staff', 'kim', { venues: [OTHER_VENUE] })
    expect((await post('SN:4711/deactivate', undefined, stranger)).body.code).toBe('wrong_venue')
  })
})
