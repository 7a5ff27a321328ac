import { z } from 'zod'
import { Check, DenialReason } from './admission/verdict.ts'
import type { FactOf } from './fact.ts'
import { Id } from './id.ts'

/** Category of the log of what a device or a member of staff did on a day, kept for explaining. Nothing is decided from it. */
export const GATE = 'gate'

/** Stored forever: add, never edit. */
export const gateFacts = {
  AdmissionDenied: z.object({
    scanId: Id,
    /** `scan` at the gate; `validation` by somebody who only looked. */
    asked: z.enum(['scan', 'validation']),
    reason: DenialReason,
    checks: z.array(Check),
    /** SHA-256 of what was read: a code is a secret, and garbage may be anything. */
    codeHash: z.string(),
    ticketId: Id.nullable(),
    eventId: Id.nullable(),
    venueId: Id.nullable(),
    deviceId: Id.nullable(),
    deviceName: z.string().nullable(),
    entrance: z.string().nullable(),
  }),
}
export type GateFact = FactOf<typeof gateFacts>
