import { createPrivateKey, type KeyObject, sign } from 'node:crypto'

// OpenSSL makes keys and signatures several times as fast as the curve in JavaScript.

/** An Ed25519 key out of its seed of 32 bytes: RFC 8032, section 5.1.5. */
const keyOf = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.from(seed), format: 'raw-private', asymmetricKeyType: 'ed25519' })

const publicHalf = (key: KeyObject): Buffer => Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url')

/** The public half of a key: on Solana, an address. */
export const publicOf = (seed: Uint8Array): Buffer => publicHalf(keyOf(seed))

export type Key = { readonly publicHalf: Buffer; readonly sign: (message: Uint8Array) => Buffer }

export const ed25519 = (seed: Uint8Array): Key => {
  const key = keyOf(seed)
  return { publicHalf: publicHalf(key), sign: (message) => sign(null, message, key) }
}
