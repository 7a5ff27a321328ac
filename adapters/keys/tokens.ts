import { createPrivateKey, createPublicKey, hash } from 'node:crypto'
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWK,
  type JWTVerifyGetKey,
  jwtVerify,
  SignJWT,
} from 'jose'
import { z } from 'zod'
import { Role } from '../../domain/roles.ts'
import type { Vault } from '../../domain/vault.ts'
import { lru } from '../lru.ts'
import { personIdOf } from './person-id.ts'

/** A tenant's name, short enough to be part of every key. */
export const Tenant = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'is 1 to 32 small letters, digits or -, such as acme')

const Payload = z.object({
  iss: z.string(),
  sub: z.string().min(1),
  role: Role,
  tenant: Tenant,
  venues: z.array(z.uuid()).default([]),
  /** Seconds since 1970. */
  exp: z.number(),
})

/** Who asks, for which tenant, in which role; `venues` are those that a bound role holds at. */
export type Claims = z.infer<typeof Payload> & { readonly personId: string }

/** `expiresIn` is in seconds. */
export type Grant = {
  readonly subject: string
  readonly role: Role
  readonly tenant: string
  readonly venues: readonly string[]
  readonly expiresIn: number
}

/** Fits `tokenVerifier` as it is. */
export type EmbeddedIssuer = {
  readonly issuer: string
  readonly audience: string
  readonly keys: JSONWebKeySet
  readonly issue: (grant: Grant) => Promise<string>
}

/** The set of keys that tokens are checked against cannot be had: an outage, not a bad token. */
export class KeysUnreachable extends Error {
  override name = 'KeysUnreachable'
}

const ISSUER = 'counterfoil:embedded'
const AUDIENCE = 'counterfoil'
const ALGORITHMS = ['EdDSA', 'RS256']

/** Seconds by which the issuer's clock may differ from ours. */
const CLOCK_TOLERANCE = 5

const KNOWN_TOKENS = 10_000

/** PKCS #8 around a raw Ed25519 seed (RFC 8410, section 7). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')

const clock = () => new Date().toISOString()

/** An issuer for those who run none. Its key derives from the vault, so every process on one vault is the same issuer. */
export const embeddedIssuer = async (vault: Pick<Vault, 'keyFor'>, now = clock): Promise<EmbeddedIssuer> => {
  const seed = await vault.keyFor('token-issuer')
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' })
  const publicJwk = createPublicKey(privateKey).export({ format: 'jwk' }) as JWK
  const kid = await calculateJwkThumbprint(publicJwk)

  return {
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: { keys: [{ ...publicJwk, kid, alg: 'EdDSA', use: 'sig' }] },
    issue: ({ subject, role, tenant, venues, expiresIn }) => {
      const issuedAt = seconds(now())
      return new SignJWT({ role, tenant, venues })
        .setProtectedHeader({ alg: 'EdDSA', kid })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(subject)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + expiresIn)
        .sign(privateKey)
    },
  }
}

type Trusted = {
  readonly issuer: string
  readonly audience: string
  /** A set of public keys, or where one is published. */
  readonly keys: JSONWebKeySet | URL
  readonly now?: () => string
}

/** Undefined for a token that is wrong in any way. Throws KeysUnreachable when that cannot be told. */
export const tokenVerifier = ({ issuer, audience, keys, now = clock }: Trusted) => {
  const keyOf = keys instanceof URL ? publishedAt(keys) : createLocalJWKSet(keys)
  // By hash, so that no usable token lies in memory. What was verified stays so until it expires, its key's withdrawal or not.
  const known = lru<string, Claims>(KNOWN_TOKENS)

  const payloadOf = async (token: string): Promise<unknown> => {
    try {
      const currentDate = new Date(now())
      const options = { issuer, audience, algorithms: ALGORITHMS, clockTolerance: CLOCK_TOLERANCE, currentDate }
      return (await jwtVerify(token, keyOf, options)).payload
    } catch (error) {
      if (error instanceof KeysUnreachable) throw error
      return undefined
    }
  }

  return async (token: string): Promise<Claims | undefined> => {
    const id = hash('sha256', token)
    const before = known.get(id)
    if (before) return before.exp > seconds(now()) - CLOCK_TOLERANCE ? before : undefined

    const payload = Payload.safeParse(await payloadOf(token))
    if (!payload.success) return undefined
    const claims = { ...payload.data, personId: personIdOf(payload.data.iss, payload.data.sub) }
    known.set(id, claims)
    return claims
  }
}

/** jose fetches the keys once, and again for a key id it has not seen, at most every 30 s. */
const publishedAt = (url: URL): JWTVerifyGetKey => {
  const published = createRemoteJWKSet(url)
  return async (header, token) => {
    try {
      return await published(header, token)
    } catch (cause) {
      if (cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys) throw cause
      throw new KeysUnreachable(`the token issuer's keys at ${url} cannot be read: ${(cause as Error).message}`, {
        cause,
      })
    }
  }
}

const seconds = (at: string): number => Math.floor(Date.parse(at) / 1_000)
