import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a token's metadata names as its source: open to whoever has the link, and to nobody who guesses ids. */
export type TokenLinks = {
  readonly uriOf: (eventId: string) => string
  readonly isSealOf: (eventId: string, seal: string) => boolean
}

/** Kept short, for its bytes are paid for on chain. */
const SEAL_BYTES = 16

export const tokenLinks = (publicUrl: string, key: Uint8Array): TokenLinks => {
  const sealOf = (eventId: string): Buffer => createHmac('sha256', key).update(eventId).digest().subarray(0, SEAL_BYTES)
  return {
    uriOf: (eventId) => `${publicUrl}/api/v1/tokens/${eventId}/${sealOf(eventId).toString('base64url')}`,
    isSealOf: (eventId, seal) => {
      const given = Buffer.from(seal, 'base64url')
      return given.length === SEAL_BYTES && timingSafeEqual(given, sealOf(eventId))
    },
  }
}
