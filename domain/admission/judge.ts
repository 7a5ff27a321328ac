import { type Case, caseOf, type Failed, type Finding, failed, passed, type Scan } from './case.ts'
import { carrierOf } from './code.ts'
import { codeAuthentic, codeFresh, codeNotReplayed } from './code-steps.ts'
import { explanations } from './explanations.ts'
import { deviceActive, deviceTenant, deviceVenue, ticketKnown, ticketTenant, ticketVenue } from './place-steps.ts'
import {
  accessZone,
  admissionRecorded,
  duplicateScan,
  eventTime,
  reentry,
  ticketStatus,
  validityDates,
} from './ticket-steps.ts'
import { type Check, Step, type Verdict } from './verdict.ts'

/** All but the first, after which there is a code. */
const judges: { readonly [S in Exclude<Step, 'code_readable'>]: (c: Case) => Finding } = {
  code_authentic: codeAuthentic,
  code_not_replayed: codeNotReplayed,
  code_fresh: codeFresh,
  device_active: deviceActive,
  device_venue: deviceVenue,
  device_tenant: deviceTenant,
  ticket_known: ticketKnown,
  ticket_tenant: ticketTenant,
  ticket_venue: ticketVenue,
  event_time: eventTime,
  validity_dates: validityDates,
  ticket_status: ticketStatus,
  access_zone: accessZone,
  duplicate_scan: duplicateScan,
  reentry,
  admission_recorded: admissionRecorded,
}

const [FIRST, ...OTHERS] = Step.options as ['code_readable', ...(keyof typeof judges)[]]

/**
 * Whether a ticket is let in: the one answer for a scan, a look at a code, and a device without a network.
 * The 17 steps are judged in order; the first that fails names the reason, and those after it are not judged.
 */
export const judge = (scan: Scan): Verdict => {
  const { code } = scan
  if ('unreadable' in code) {
    const failure = failed(code.unreadable, code.why, { detail: code.why })
    return deny([checkOf(FIRST, failure)], failure)
  }
  const checks = [checkOf(FIRST, passed(`${carrierOf(code)} code`))]
  const judged = caseOf(scan, code)
  for (const step of OTHERS) {
    const finding = judges[step](judged)
    checks.push(checkOf(step, finding))
    if (finding.outcome === 'failed') return deny(checks, finding)
  }
  return { verdict: 'allow', checks }
}

const checkOf = (step: Step, { outcome, note }: Finding): Check => ({ step, outcome, note })

const deny = (checks: readonly Check[], { reason, detail, admittedBefore }: Failed): Verdict => ({
  verdict: 'deny',
  reason,
  explanation: `${explanations[reason]}${detail && `: ${detail}`}.`,
  admittedBefore,
  checks,
})
