import { describe, expect, it } from 'vitest'
import { device } from '../../domain/device.ts'
import { Unavailable } from '../../domain/ledger.ts'
import { memoryLedger } from '../memory-ledger.ts'
import { sqliteVault } from '../sqlite/vault.ts'
import { authenticator } from './authenticate.ts'
import { deviceAuthenticator, deviceKeys } from './device-credentials.ts'
import { personIdOf } from './person-id.ts'
import { embeddedIssuer, tokenVerifier } from './tokens.ts'

const ID = '0197e1a0-0000-7000-8000-0000000000d1'
const VENUE = '0197e1a0-0000-7000-8000-00000000000a'
const FIRST = '0197e1a0-0000-7000-8000-000000000001'
const SECOND = '0197e1a0-0000-7000-8000-000000000002'

const parts = async () => {
  const vault = sqliteVault(':memory:')
  const issuer = await embeddedIssuer(vault)
  const ledger = memoryLedger()
  const registered = { deviceId: 'SN-1', name: 'Scanner', venueId: VENUE, zone: 'GA' }
  const metadata = {
    $correlationId: ID,
    $causationId: ID,
    tenant: 'acme',
    at: '2030-01-01T00:00:00.000Z',
    v: 1,
    request: '',
  }
  await ledger.append(`${device.category}-${ID}`, 'none', [
    {
      id: FIRST,
      type: 'DeviceRegistered',
      data: registered,
      metadata: { ...metadata, actor: { id: ID, role: 'admin' } },
    },
  ])
  const authenticate = authenticator({
    verifyToken: tokenVerifier(issuer),
    authenticateDevice: deviceAuthenticator({ ledger, deviceCredentials: vault.deviceCredentials }),
  })
  return { vault, issuer, authenticate, keys: deviceKeys(vault), device: { tenant: 'acme', id: ID } }
}

describe('a device credential', () => {
  it('F08.7 speaks for its device, in its tenant, at its venue', async () => {
    const { authenticate, keys, device } = await parts()
    const credential = await keys.issue(device, FIRST, false)
    expect(await authenticate(credential!)).toEqual({
      tenant: 'acme',
      role: 'scanner',
      venues: [VENUE],
      subject: ID,
      actor: { id: ID, role: 'scanner' },
    })
  })

  it('is the same for the same command, none for another, and a new one where that is wanted', async () => {
    const { authenticate, keys, device } = await parts()
    const first = await keys.issue(device, FIRST, false)
    expect(await keys.issue(device, FIRST, false)).toBe(first)
    expect(await keys.issue(device, SECOND, false)).toBeNull()
    const second = await keys.issue(device, SECOND, true)
    expect(await authenticate(first!)).toBeUndefined()
    expect(await authenticate(second!)).toBeDefined()
  })

  it('is worthless with any other character, and for any other device', async () => {
    const { authenticate, keys, device } = await parts()
    const credential = (await keys.issue(device, FIRST, false))!
    const others = [...credential].map(
      (character, i) => credential.slice(0, i) + (character === 'b' ? 'c' : 'b') + credential.slice(i + 1),
    )
    expect(await Promise.all(others.map(authenticate))).toEqual(others.map(() => undefined))
    expect(await authenticate(credential.replace(ID, VENUE))).toBeUndefined()
  })

  it('is in the vault as a hash only', async () => {
    const { vault, keys, device } = await parts()
    const credential = (await keys.issue(device, FIRST, false))!
    const kept = await vault.deviceCredentials.find(ID)
    expect(Buffer.from(kept!.secretHash).toString('base64url')).not.toBe(credential.split('_').at(-1))
    expect(kept!.secretHash).toHaveLength(32)
  })
})

describe('a token', () => {
  it('speaks for a person in a role', async () => {
    const { issuer, authenticate } = await parts()
    const token = await issuer.issue({
      subject: 'ann',
      role: 'venue_staff',
      tenant: 'acme',
      venues: [VENUE],
      expiresIn: 60,
    })
    const personId = personIdOf(issuer.issuer, 'ann')
    expect(await authenticate(token)).toEqual({
      tenant: 'acme',
      role: 'venue_staff',
      venues: [VENUE],
      subject: 'ann',
      actor: { id: personId, role: 'venue_staff' },
    })
  })

  it.each(['', 'device_', 'device_x_y', 'a.b.c'])('is not %j', async (bearer) => {
    const { authenticate } = await parts()
    expect(await authenticate(bearer)).toBeUndefined()
  })

  it('is neither right nor wrong while the keys of its issuer cannot be read', async () => {
    const { issuer } = await parts()
    const token = await issuer.issue({ subject: 'ann', role: 'admin', tenant: 'acme', venues: [], expiresIn: 60 })
    const verifyToken = tokenVerifier({ ...issuer, keys: new URL('http://127.0.0.1:1/jwks.json') })
    const authenticate = authenticator({ verifyToken, authenticateDevice: async () => undefined })
    await expect(authenticate(token)).rejects.toThrow(Unavailable)
  })
})
