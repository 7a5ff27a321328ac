import { createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'
import {
  type Code,
  type Codes,
  type Credential,
  carrierOf,
  formatCode,
  madeAt,
  NONCE_ALPHABET,
  NONCE_LENGTH,
  nonceFor,
  signedPart,
} from '../../domain/admission/code.ts'
import { localDay, plus } from '../../domain/time.ts'
import type { EventSecret, EventSecrets } from '../../domain/vault.ts'
import { lru } from '../lru.ts'

/** How many credentials before the live one are told apart from forgeries. */
const OLDER_GENERATIONS = 10

/** About 2 MB. */
const KEYS_KEPT = 4_096

/**
 * Codes of tickets under their events' secrets:
 *
 *     info = the JSON array ["counterfoil/code/1", eventId, ticketId, generation, day], without spaces
 *     key  = HKDF-SHA256(secret, no salt, info, 32 bytes)
 *     hmac = HMAC-SHA256(key, "ticketId:timestamp:nonce")
 *
 * `day` is the event's local day of the timestamp, as YYYY-MM-DD, for a code of the app; null for a static one.
 */
export const ticketCodes = (secrets: EventSecrets): Codes => {
  const kept = lru<string, KeyObject>(KEYS_KEPT)
  const imported = new WeakMap<EventSecret, KeyObject>()

  const importOnce = (secret: EventSecret): KeyObject => {
    const known = imported.get(secret)
    if (known) return known
    const key = createSecretKey(secret.secret)
    imported.set(secret, key)
    return key
  }

  const keyFor = (secret: EventSecret, info: string): KeyObject => {
    const name = `${secret.keyId} ${info}`
    const known = kept.get(name)
    if (known) return known
    const key = deriveKey(importOnce(secret), info)
    kept.set(name, key)
    return key
  }

  return {
    issue: async ({ carrier, at, rotationSeconds, ...credential }) => {
      const [newest] = await secrets.of(credential.eventId)
      const unsigned = {
        ticketId: credential.ticketId,
        timestamp: Math.floor(Date.parse(at) / 1_000),
        nonce: nonceFor(carrier, randomText()),
      }
      const hmac = sign(keyFor(newest, infoOf(credential, unsigned)), unsigned)
      return {
        code: formatCode({ ...unsigned, hmac }),
        expiresAt: carrier === 'app' ? plus(madeAt(unsigned), rotationSeconds) : null,
      }
    },

    verify: async (code, live) => {
      const all = await secrets.of(live.eventId)
      const oldest = Math.max(1, live.generation - OLDER_GENERATIONS)
      for (let generation = live.generation; generation >= oldest; generation--) {
        const info = infoOf({ ...live, ticketId: code.ticketId, generation }, code)
        for (const secret of all) if (matches(code.hmac, sign(keyFor(secret, info), code))) return { generation }
      }
      return 'bad'
    },
  }
}

/** A JSON array, so that no two credentials run together into one text. */
export const infoOf = (
  { eventId, ticketId, generation, timeZone }: Credential,
  code: Pick<Code, 'timestamp' | 'nonce'>,
): string => {
  const day = carrierOf(code) === 'app' ? localDay(madeAt(code), timeZone) : null
  return JSON.stringify(['counterfoil/code/1', eventId, ticketId, generation, day])
}

/** KeyObjects, for deriving from one takes half as long as from a buffer, and an hmac with one a fifth. */
export const deriveKey = (secret: KeyObject, info: string): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', info, 32)))

export const sign = (key: KeyObject, code: Omit<Code, 'hmac'>): string =>
  createHmac('sha256', key).update(signedPart(code)).digest('base64url')

/** As text, which has one spelling only. */
const matches = (shown: string, made: string): boolean =>
  shown.length === made.length && timingSafeEqual(Buffer.from(shown), Buffer.from(made))

const randomText = (): string =>
  // 32 characters divide 256 evenly: each is as likely as the next.
  Array.from(randomBytes(NONCE_LENGTH), (byte) => NONCE_ALPHABET[byte % NONCE_ALPHABET.length]).join('')
