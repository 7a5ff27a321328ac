import { createHmac } from 'node:crypto'
import type { Profile } from '../../domain/vault.ts'
import { unseal } from './sealed.ts'

/** Of the vault's key that addresses are hashed under. */
export const EMAIL_HASHES = 'email-hashes'

/** What a person is looked up by. Keyed, for addresses are few enough to be guessed; the same for every way to write one. */
export const emailHash = (key: Uint8Array, email: string): Uint8Array =>
  // Small letters first, which may come apart.
  createHmac('sha256', key).update(email.trim().toLowerCase().normalize('NFC')).digest()

export type SealedProfile = { readonly personId: string; readonly key: Uint8Array; readonly sealed: Uint8Array }

/** The address in a profile that was kept before addresses were hashed. Null also where it does not open, which is told who asks for it. */
export const emailIn = ({ personId, key, sealed }: SealedProfile): string | null => {
  try {
    return unseal<Profile>(key, personId, sealed).email
  } catch {
    return null
  }
}
