import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { requireVenue } from '../../adapters/http/auth.ts'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { DeviceLabel } from '../../domain/device.ts'
import { EntranceName } from '../../domain/event/facts.ts'
import { Id } from '../../domain/id.ts'
import { DEFAULT_ZONES, ZoneName } from '../../domain/zone.ts'
import { assignDevice, type Deps, deactivateDevice, findDevice, type Kept, registerDevice } from '../devices.ts'
import { deviceIdOf } from '../ids.ts'

const tags = ['devices']
const action = 'device.manage'
const params = z.strictObject({ deviceId: DeviceLabel })

const Name = z.string().trim().min(1).max(100)

const NewDevice = z.strictObject({
  deviceId: DeviceLabel.describe('What the hardware or its owner calls it. Registering it again changes the rest.'),
  name: Name,
  venueId: Id,
  zone: ZoneName.refine((zone) => DEFAULT_ZONES.includes(zone), `is none of ${DEFAULT_ZONES.join(', ')}`),
  newCredential: z.boolean().default(false).describe('Replaces the credential that the device has.'),
})

const Assignment = z.strictObject({
  eventId: Id.describe('An event at the venue of the device.'),
  zone: ZoneName.describe('One of the zones of the event.'),
  entrance: EntranceName.nullable().default(null).describe('An entrance of the event that leads into the zone.'),
})

const DeviceView = z.object({
  id: Id.describe('What facts and reports call the device.'),
  deviceId: DeviceLabel,
  name: z.string(),
  zone: ZoneName,
  venueId: Id,
  isActive: z.boolean(),
  assignment: Assignment.nullable(),
})
const NewDeviceView = DeviceView.extend({
  credential: z.string().nullable().describe('A bearer token, shown when it is made and never again.'),
})

/** Scanning devices, each by the label that its owner gave it. Staff bound to venues manage those at theirs. */
export const deviceRoutes = (server: HttpServer, deps: Deps): void => {
  server.post(
    '/api/v1/devices/register',
    {
      config: { action },
      schema: {
        tags,
        description: 'Registers a device, or changes what is known of it and puts it back in service.',
        body: NewDevice,
        response: { 200: NewDeviceView, 201: NewDeviceView },
      },
    },
    async (request, reply) => {
      const { deviceId, venueId } = request.body
      const id = deviceIdOf(request.caller.tenant, deviceId)
      requireVenue(request.caller, venueId)
      // One that stands elsewhere is taken away from there only by who may do so.
      const before = await findDevice(deps, id, request.caller.tenant)
      if ('device' in before) requireVenue(request.caller, before.device.registration.venueId)
      const registered = await registerDevice(deps, id, request.body, contextOf(request, 'RegisterDevice', deviceId))
      if ('refused' in registered) throw problemOf(registered.refused)
      const { isNew, credential, position } = registered
      return tellPosition(reply, position)
        .code(isNew ? 201 : 200)
        .send({ ...viewOf(id, registered), credential })
    },
  )

  server.post(
    '/api/v1/devices/:deviceId/assign',
    {
      config: { action },
      schema: {
        tags,
        description: 'Stations a device at an event, a zone and an entrance.',
        params,
        body: Assignment,
        response: { 200: DeviceView },
      },
    },
    async (request, reply) => {
      const id = await idOf(request)
      const context = contextOf(request, 'AssignDevice', request.params.deviceId)
      const assigned = await assignDevice(deps, id, request.body, context)
      if ('refused' in assigned) throw problemOf(assigned.refused)
      return tellPosition(reply, assigned.position).send(viewOf(id, assigned))
    },
  )

  server.post(
    '/api/v1/devices/:deviceId/deactivate',
    {
      config: { action },
      schema: { tags, description: 'Takes a device out of service.', params, response: { 200: DeviceView } },
    },
    async (request, reply) => {
      const id = await idOf(request)
      const context = contextOf(request, 'DeactivateDevice', request.params.deviceId)
      const deactivated = await deactivateDevice(deps, id, context)
      if ('refused' in deactivated) throw problemOf(deactivated.refused)
      return tellPosition(reply, deactivated.position).send(viewOf(id, deactivated))
    },
  )

  /** Of a device that the caller may manage. */
  const idOf = async ({ caller, params }: FastifyRequest<{ Params: { deviceId: string } }>): Promise<string> => {
    const id = deviceIdOf(caller.tenant, params.deviceId)
    const found = await findDevice(deps, id, caller.tenant)
    if ('refused' in found) throw problemOf(found.refused)
    requireVenue(caller, found.device.registration.venueId)
    return id
  }
}

const viewOf = (id: string, { device: { status, registration, assignment } }: Kept): z.infer<typeof DeviceView> => ({
  id,
  ...registration,
  isActive: status === 'active',
  assignment,
})
