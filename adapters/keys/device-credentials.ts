import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { DeviceKeys } from '../../commands/devices.ts'
import { device } from '../../domain/device.ts'
import { load, type Streams } from '../../domain/stream.ts'
import type { Vault } from '../../domain/vault.ts'
import type { Authenticate } from '../http/auth.ts'

type Secrets = Pick<Vault, 'keyFor' | 'deviceCredentials'>

/** `device_<id>_<secret>`: the device's stream, and 256 bits in base64url. */
const CREDENTIAL = /^device_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_([A-Za-z0-9_-]{43})$/

/** Makes credentials. The secret derives from the command that asks, so that it can be told again and need not be kept. */
export const deviceKeys = ({ keyFor, deviceCredentials }: Secrets): DeviceKeys => ({
  issue: async ({ tenant, id }, commandId, wanted) => {
    const key = await keyFor('device-credentials')
    const secret = createHmac('sha256', key)
      .update(JSON.stringify([id, commandId]))
      .digest('base64url')
    const credential = `device_${id}_${secret}`
    const secretHash = hashOf(secret)
    const kept = await deviceCredentials.find(id)
    if (kept && !wanted) return timingSafeEqual(kept.secretHash, secretHash) ? credential : null
    await deviceCredentials.save(tenant, id, secretHash)
    return credential
  },
})

/** The device that a credential is of, at its venue. One out of service is known all the same: it is for the gate to deny it. */
export const deviceAuthenticator =
  (deps: Streams & { readonly deviceCredentials: Pick<Vault['deviceCredentials'], 'find'> }): Authenticate =>
  async (bearer) => {
    const [, id, secret] = CREDENTIAL.exec(bearer) ?? []
    if (id === undefined || secret === undefined) return undefined
    const kept = await deps.deviceCredentials.find(id)
    if (!kept || !timingSafeEqual(kept.secretHash, hashOf(secret))) return undefined
    const { state } = await load(deps, device, id)
    const venues = state.status === 'unknown' ? [] : [state.registration.venueId]
    return { tenant: kept.tenant, actor: { id, role: 'scanner' }, role: 'scanner', venues, subject: id }
  }

const hashOf = (secret: string): Buffer => hash('sha256', secret, 'buffer')
