import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Profile } from '../../domain/vault.ts'

/** Of every key in a vault. */
export const KEY_BYTES = 32

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Nonce, tag, ciphertext. Bound to the person, so that a row moved to another opens for nobody. */
export const seal = (key: Uint8Array, personId: string, profile: Profile): Uint8Array => {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(personId))
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(profile), 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext])
}

/** Throws where key, person or text is not the one that was sealed. */
export const unseal = (key: Uint8Array, personId: string, sealed: Uint8Array): Profile => {
  const nonce = sealed.subarray(0, NONCE_BYTES)
  const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(personId)).setAuthTag(tag)
  const plain = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()])
  return JSON.parse(plain.toString('utf8'))
}
