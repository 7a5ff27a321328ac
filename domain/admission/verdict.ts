import { z } from 'zod'

/** The 17 steps of a scan in the order in which they are judged. */
export const Step = z.enum([
  'code_readable',
  'code_authentic',
  'code_not_replayed',
  'code_fresh',
  'device_active',
  'device_venue',
  'device_tenant',
  'ticket_known',
  'ticket_tenant',
  'ticket_venue',
  'event_time',
  'validity_dates',
  'ticket_status',
  'access_zone',
  'duplicate_scan',
  'reentry',
  'admission_recorded',
])
export type Step = z.infer<typeof Step>

/** What a denial says to machines; stable. One step may fail for several reasons. */
export const DenialReason = z.enum([
  'unreadable_code',
  'old_code_format',
  'bad_code',
  'superseded_code',
  'transferred_code',
  'reissued_code',
  'replayed_code',
  'expired_code',
  'code_from_the_future',
  'carrier_not_accepted',
  'unknown_device',
  'device_inactive',
  'device_of_another_venue',
  'device_of_another_tenant',
  'unknown_ticket',
  'ticket_of_another_tenant',
  'ticket_of_another_event',
  'ticket_of_another_venue',
  'too_early',
  'too_late',
  'not_valid_today',
  'not_sold',
  'reserved',
  'refunded',
  'revoked',
  'cancelled',
  'expired',
  'used',
  'locked',
  'reported_stolen',
  'offered',
  'being_resold',
  'not_collected',
  'wrong_zone',
  'already_admitted',
  'no_reentry',
  'reentry_too_soon',
  'reentries_used_up',
])
export type DenialReason = z.infer<typeof DenialReason>

/** `skipped`: it could not be judged, or nothing asked for it. `note` holds what was compared, and never a code or a part of one. */
export const Check = z.object({
  step: Step,
  outcome: z.enum(['passed', 'failed', 'skipped']),
  note: z.string(),
})
export type Check = z.infer<typeof Check>

/** The admission that stands in the way of another one. */
export type AdmittedBefore = {
  readonly at: string
  readonly deviceName: string
  readonly entrance: string | null
  readonly zone: string
}

/** `checks` are those that ran, in order: all 17 of an allow; of a denial, those up to the one that failed. */
export type Verdict =
  | { readonly verdict: 'allow'; readonly checks: readonly Check[] }
  | {
      readonly verdict: 'deny'
      readonly reason: DenialReason
      /** One sentence for the person at the gate. */
      readonly explanation: string
      /** Null where the reason is another than an admission. */
      readonly admittedBefore: AdmittedBefore | null
      readonly checks: readonly Check[]
    }
