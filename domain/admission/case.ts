import type { Device } from '../device.ts'
import type { EventDetails } from '../event/facts.ts'
import { type Admission, initial, type Sale, type Ticket } from '../ticket/state.ts'
import type { Code, UnreadableCode } from './code.ts'
import type { ScanPolicy } from './policy.ts'
import type { AdmittedBefore, DenialReason } from './verdict.ts'

/** All that a verdict rests on, gathered beforehand. */
export type Scan = {
  readonly scanId: string
  /** By the server's clock. */
  readonly at: string
  readonly code: Code | UnreadableCode
  /** What `Codes.verify` said. `unverified`: there was no key to verify with, for an unknown or unsold ticket. */
  readonly hmac: { readonly generation: number } | 'bad' | 'unverified'
  readonly ticket: { readonly tenant: string; readonly state: Ticket } | null
  /** The ticket's event; where the ticket is unknown, the one that the device is assigned to. */
  readonly event: { readonly eventId: string; readonly tenant: string; readonly details: EventDetails } | null
  /** Null where a member of staff only looks. */
  readonly device: ScanningDevice | null
  readonly staff?: Staff
  readonly policy: ScanPolicy
}

export type ScanningDevice = { readonly deviceId: string; readonly tenant: string; readonly state: Device }

/** Who looks at a code without a device. `venues` null: all of the tenant's. */
export type Staff = { readonly tenant: string; readonly venues: readonly string[] | null }

/** A scan as the steps after the first see it. */
export type Case = Omit<Scan, 'code' | 'ticket'> & {
  readonly code: Code
  readonly known: boolean
  /** Null for an unknown ticket. */
  readonly ticketTenant: string | null
  readonly ticket: Ticket
  /** What the ticket is for; null for one that nobody has reserved or bought. */
  readonly claim: Claim | null
  readonly sale: Sale | null
  /** Null for a ticket that has never been sold, and so has no code. */
  readonly generation: number | null
  /** Earlier ones, oldest first. */
  readonly admissions: readonly Admission[]
  /** Whether this very scan let it in: then it does not matter what befell it since. */
  readonly isRepeated: boolean
  readonly post: Post | null
}

export type Claim = { readonly eventId: string; readonly venueId: string }

/** Where a device stands. */
export type Post = {
  readonly tenant: string
  readonly venueId: string
  /** Null for whatever is on at the venue. */
  readonly eventId: string | null
  readonly zone: string
  readonly entrance: string | null
  readonly deviceName: string
}

/** Its assignment goes before its registration. Null for a device that was never registered. */
export const postOf = ({ tenant, state }: ScanningDevice): Post | null => {
  if (state.status === 'unknown') return null
  const { registration, assignment } = state
  return {
    tenant,
    venueId: registration.venueId,
    eventId: assignment?.eventId ?? null,
    zone: assignment?.zone ?? registration.zone,
    entrance: assignment?.entrance ?? null,
    deviceName: registration.name,
  }
}

/** Null for a ticket that nobody has reserved or bought. */
export const claimOf = (ticket: Ticket): Claim | null => {
  switch (ticket.status) {
    case 'available':
      return null
    case 'reserved':
      return ticket.lease
    case 'held':
    case 'closed':
      return ticket.sale
  }
}

/** The one that a scan made of a ticket, whatever became of that since. */
export const admissionBy = (scanId: string, ticket: Ticket): Admission | undefined =>
  'admissions' in ticket ? ticket.admissions.find((admission) => admission.scanId === scanId) : undefined

/** A scan that has already admitted is judged as of then, so that repeating it repeats its verdict. */
export const caseOf = (scan: Scan, code: Code): Case => {
  const ticket = scan.ticket?.state ?? initial
  const admissions = 'admissions' in ticket ? ticket.admissions : []
  const own = admissionBy(scan.scanId, ticket)
  const sale = ticket.status === 'held' || ticket.status === 'closed' ? ticket.sale : null
  return {
    ...scan,
    code,
    at: own?.seenAt ?? scan.at,
    known: scan.ticket !== null,
    ticketTenant: scan.ticket?.tenant ?? null,
    ticket,
    claim: claimOf(ticket),
    sale,
    generation: own?.generation ?? ('generation' in ticket ? ticket.generation : null),
    // One that is closed is denied for that, whatever was made of its codes.
    admissions: own ? admissions.slice(0, admissions.indexOf(own)) : ticket.status === 'held' ? admissions : [],
    isRepeated: own !== undefined,
    post: scan.device && postOf(scan.device),
  }
}

export type Failed = {
  readonly outcome: 'failed'
  readonly note: string
  readonly reason: DenialReason
  /** Follows the reason's own words in the explanation. */
  readonly detail: string
  readonly admittedBefore: AdmittedBefore | null
}

export type Finding = { readonly outcome: 'passed' | 'skipped'; readonly note: string } | Failed

export const passed = (note: string): Finding => ({ outcome: 'passed', note })

export const skipped = (note: string): Finding => ({ outcome: 'skipped', note })

export const failed = (
  reason: DenialReason,
  note: string,
  { detail = '', admittedBefore = null }: { detail?: string; admittedBefore?: AdmittedBefore | null } = {},
): Failed => ({ outcome: 'failed', note, reason, detail, admittedBefore })
