import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a token's metadata names as its source: open to whoever has the link, and to nobody who guesses ids. */
export type TokenLinks = {
  readonly uriOf: (eventId: string) => string
  readonly isSealOf: (eventId: string, seal: string) => boolean
}

/** Kept short, for its bytes are paid for on chain. */
const SEAL_BYTES = 16

export const tokenLinks = (publicUrl: string, key: Uint8Array): TokenLinks => {
  const sealOf = (eventId: string): string =>
    createHmac('sha256', key).update(eventId).digest().subarray(0, SEAL_BYTES).toString('base64url')
  return {
    uriOf: (eventId) => `${publicUrl}/api/v1/tokens/${eventId}/${sealOf(eventId)}`,
    isSealOf: (eventId, seal) => {
      // As text: several texts decode to the same bytes, and only one of them is the link.
      const [given, expected] = [Buffer.from(seal), Buffer.from(sealOf(eventId))]
      return given.length === expected.length && timingSafeEqual(given, expected)
    },
  }
}
