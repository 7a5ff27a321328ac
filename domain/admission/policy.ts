import { z } from 'zod'
import { Carrier } from '../ticket/facts.ts'

/**
 * What a gate asks of a ticket beyond being genuine.
 *
 * Zones: with `vipAllAccess`, a VIP ticket is let in at every zone, also where `strict` holds. For all others `strict` asks for
 * the very zone of the ticket (BACKSTAGE is then denied at VIP); without it a ticket opens the event's zones up to its own.
 */
export const ScanPolicy = z.object({
  /** How long after an admission a further scan is the same visit, whatever re-entry says. 0: never. */
  duplicateWindow: z.object({ windowMinutes: z.int().min(0).max(1_440) }),
  reentry: z.object({
    enabled: z.boolean(),
    /** From the last admission on. */
    cooldownMinutes: z.int().min(0).max(1_440),
    /** After the first admission; null for no limit. */
    maxReentries: z.int().min(0).max(1_000).nullable(),
  }),
  zoneEnforcement: z.object({ strict: z.boolean(), vipAllAccess: z.boolean() }),
  carriers: z.array(Carrier).min(1),
  /** How long a code of the app is the live one. Whoever makes codes and whoever judges them must go by the same. */
  rotationSeconds: z.int().min(5).max(3_600),
})
export type ScanPolicy = z.infer<typeof ScanPolicy>

export const STANDARD: ScanPolicy = {
  duplicateWindow: { windowMinutes: 5 },
  reentry: { enabled: false, cooldownMinutes: 0, maxReentries: 0 },
  zoneEnforcement: { strict: false, vipAllAccess: false },
  carriers: ['app', 'static'],
  rotationSeconds: 30,
}
