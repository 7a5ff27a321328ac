import type { EventSecret, EventSecrets } from '../../domain/vault.ts'
import { lru } from '../lru.ts'

export type Secrets = readonly [EventSecret, ...EventSecret[]]

/** How long a secret that another process added may go unseen. */
const FRESH_MS = 30_000

/** The secrets of events, read from their store now and then only. */
export const rememberedSecrets = (stored: (eventId: string) => Promise<Secrets>): EventSecrets => {
  const known = lru<string, { readonly secrets: Secrets; readonly readAt: number }>(1_000)
  return {
    of: async (eventId) => {
      const cached = known.get(eventId)
      if (cached && performance.now() - cached.readAt < FRESH_MS) return cached.secrets
      const secrets = await stored(eventId)
      known.set(eventId, { secrets, readAt: performance.now() })
      return secrets
    },
  }
}
