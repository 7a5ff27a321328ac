import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Of every key in a vault. */
export const KEY_BYTES = 32

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Nonce, tag, ciphertext of JSON. Bound to what it is and whose, so that a row moved to another place opens for nobody. */
export const seal = (key: Uint8Array, place: string, told: object | string): Uint8Array => {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(told), 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext])
}

/** Throws where key, place or text is not the one that was sealed. */
export const unseal = <T extends object | string>(key: Uint8Array, place: string, sealed: Uint8Array): T => {
  const nonce = sealed.subarray(0, NONCE_BYTES)
  const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(place)).setAuthTag(tag)
  const plain = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()])
  return JSON.parse(plain.toString('utf8'))
}

/** A profile's place is the bare id of its person. */
export const walletPlace = (personId: string): string => `wallet/${personId}`

export const addresseePlace = (offerId: string): string => `addressee/${offerId}`
export const payoutAccountPlace = (personId: string, id: string): string => `payout-account/${personId}/${id}`
