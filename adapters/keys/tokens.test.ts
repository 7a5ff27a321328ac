import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { personIdOf } from './person-id.ts'
import { type EmbeddedIssuer, embeddedIssuer, KeysUnreachable, tokenVerifier } from './tokens.ts'

const AT = '2030-01-01T10:00:00.000Z'
const now = () => AT
const secondsLater = (seconds: number) => () => new Date(Date.parse(AT) + seconds * 1_000).toISOString()

const vaultOf = (byte: number) => ({ keyFor: async () => new Uint8Array(32).fill(byte) })
const venue = '0190a3c1-0000-7000-8000-000000000001'
const ann = { subject: 'ann', role: 'box_office', tenant: 'acme', venues: [venue], expiresIn: 3_600 } as const

let issuer: EmbeddedIssuer
beforeAll(async () => {
  issuer = await embeddedIssuer(vaultOf(1), now)
})

describe('a token of the embedded issuer', () => {
  it('says who asks, for whom, in which role and where', async () => {
    const claims = await tokenVerifier({ ...issuer, now })(await issuer.issue(ann))
    expect(claims).toEqual({
      iss: issuer.issuer,
      sub: 'ann',
      role: 'box_office',
      tenant: 'acme',
      venues: [venue],
      exp: Date.parse(AT) / 1_000 + 3_600,
      personId: personIdOf(issuer.issuer, 'ann'),
    })
  })

  it('holds in every process on the same vault, and in no other', async () => {
    const token = await issuer.issue(ann)
    const [same, other] = [await embeddedIssuer(vaultOf(1)), await embeddedIssuer(vaultOf(2))]
    expect(await tokenVerifier({ ...same, now })(token)).toMatchObject({ sub: 'ann' })
    expect(await tokenVerifier({ ...other, now })(token)).toBeUndefined()
    // With the right name for the wrong key.
    const keys = { keys: [{ ...other.keys.keys[0]!, kid: issuer.keys.keys[0]!.kid! }] }
    expect(await tokenVerifier({ ...issuer, keys, now })(token)).toBeUndefined()
  })

  it('keeps its private key to itself', () => expect(issuer.keys.keys[0]).not.toHaveProperty('d'))

  it('expires, five seconds of tolerance later, whether it was seen before or not', async () => {
    const token = await issuer.issue(ann)
    let passed = 0
    const seenBefore = tokenVerifier({ ...issuer, now: () => secondsLater(passed)() })
    for (const [seconds, holds] of [
      [0, true],
      [3_604, true],
      [3_605, false],
      [9_999, false],
    ] as const) {
      passed = seconds
      expect((await seenBefore(token)) !== undefined).toBe(holds)
      expect((await tokenVerifier({ ...issuer, now: secondsLater(seconds) })(token)) !== undefined).toBe(holds)
    }
  })

  it('is verified once and remembered after that', async () => {
    const token = await issuer.issue(ann)
    const verify = tokenVerifier({ ...issuer, now })
    expect(await verify(token)).toBe(await verify(token))
  })

  it('is worthless when its claims or its signature were touched', async () => {
    const verify = tokenVerifier({ ...issuer, now })
    const token = await issuer.issue(ann)
    await verify(token)
    const [header, payload, signature] = token.split('.') as [string, string, string]
    const admin = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), role: 'admin' }
    expect(await verify([header, encoded(admin), signature].join('.'))).toBeUndefined()
    const flipped = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1)
    expect(await verify([header, payload, flipped].join('.'))).toBeUndefined()
    expect(await verify([encoded({ alg: 'none' }), payload, ''].join('.'))).toBeUndefined()
  })

  it.each(['', 'x', 'a.b.c', '..', `${encoded({ alg: 'EdDSA' })}..`, 'é'.repeat(9_000)])('is not %j', async (text) =>
    expect(await tokenVerifier({ ...issuer, now })(text)).toBeUndefined(),
  )

  it('holds for one issuer and one audience', async () => {
    const token = await issuer.issue(ann)
    expect(await tokenVerifier({ ...issuer, issuer: 'https://other', now })(token)).toBeUndefined()
    expect(await tokenVerifier({ ...issuer, audience: 'other', now })(token)).toBeUndefined()
  })
})

describe('a token of another issuer', () => {
  const trust = { issuer: 'https://id.example.org', audience: 'tickets' }
  const full = { iss: trust.issuer, aud: trust.audience, sub: 'ann', role: 'attendee', tenant: 'acme', exp: 4e9 }

  let keys: { keys: Awaited<ReturnType<typeof exportJWK>>[] }
  let sign: (payload: JWTPayload) => Promise<string>
  beforeAll(async () => {
    const pair = await generateKeyPair('RS256')
    keys = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1' }] }
    sign = (payload) => new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(pair.privateKey)
  })

  const published = async (status: number, body: unknown) => {
    const server = createServer((_, response) => response.writeHead(status).end(JSON.stringify(body))).listen(
      0,
      '127.0.0.1',
    )
    await new Promise((listening) => server.once('listening', listening))
    onTestFinished(() => void server.close())
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`)
  }

  it('is accepted with RS256, from a set of keys at hand or published', async () => {
    const token = await sign(full)
    for (const source of [keys, await published(200, keys)])
      expect(await tokenVerifier({ ...trust, keys: source, now })(token)).toMatchObject({ sub: 'ann', venues: [] })
  })

  it.each(['iss', 'aud', 'sub', 'role', 'tenant', 'exp'])('is refused without %s', async (claim) => {
    const { [claim as keyof typeof full]: _, ...rest } = full
    expect(await tokenVerifier({ ...trust, keys, now })(await sign(rest))).toBeUndefined()
  })

  it.each([{ role: 'god' }, { tenant: 'A corp' }, { tenant: 'a/b' }, { venues: ['x'] }, { sub: '' }])(
    'is refused with %j',
    async (claims) =>
      expect(await tokenVerifier({ ...trust, keys, now })(await sign({ ...full, ...claims }))).toBeUndefined(),
  )

  it('is refused when it is signed with our public key as a password', async () => {
    const password = Buffer.from(JSON.stringify(keys.keys[0]))
    const token = await new SignJWT(full).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(password)
    expect(await tokenVerifier({ ...trust, keys, now })(token)).toBeUndefined()
  })

  it('is refused when the published keys do not hold its own', async () =>
    expect(
      await tokenVerifier({ ...trust, keys: await published(200, { keys: [] }), now })(await sign(full)),
    ).toBeUndefined())

  it('is neither right nor wrong while the keys cannot be read', async () => {
    const nowhere = new URL('http://127.0.0.1:1/jwks.json')
    for (const source of [nowhere, await published(500, {}), await published(200, 'no keys')])
      await expect(tokenVerifier({ ...trust, keys: source, now })(await sign(full))).rejects.toThrow(KeysUnreachable)
  })
})

describe('a person', () => {
  it('has an id that follows from issuer and subject, for good', () =>
    expect(personIdOf('counterfoil:embedded', 'ann')).toMatchInlineSnapshot(`"79a60193-286d-50b7-85fe-9aa3ee3d520d"`))

  it('is not another one whose issuer and subject read the same together', () =>
    expect(personIdOf('a', 'bc')).not.toBe(personIdOf('ab', 'c')))
})

function encoded(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
