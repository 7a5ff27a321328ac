import { Counter, Histogram, type Registry } from 'prom-client'
import { z } from 'zod'
import type { Caller } from '../../adapters/http/auth.ts'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Check, DenialReason } from '../../domain/admission/verdict.ts'
import { Id } from '../../domain/id.ts'
import { BOUND_TO_VENUES } from '../../domain/roles.ts'
import { At } from '../../domain/time.ts'
import type { People } from '../../domain/vault.ts'
import { ZoneName } from '../../domain/zone.ts'
import { type Answer, readCode, type Deps as ScanDeps, type Shown, scan, validate } from '../scanning.ts'

type Deps = ScanDeps & {
  readonly people: Pick<People, 'find'>
  readonly metrics: Registry
  /** For each device. */
  readonly scanRateLimit: { readonly perMinute: number }
}

const tags = ['gate']

/** Any text at all: what a camera reads is judged, not validated. */
const body = z.strictObject({ code: z.string().describe('What was read, as it was read.') })

const Admitted = z.object({ at: At, deviceName: z.string(), entrance: z.string().nullable(), zone: ZoneName })

const Judged = z.object({
  scanId: Id,
  verdict: z.enum(['allow', 'deny']),
  reason: DenialReason.nullable().describe('Of the first step that failed; stable. Null where it is allowed.'),
  explanation: z.string().describe('One sentence for the person at the gate.'),
  checks: z.array(Check).describe('The steps that were judged, in order.'),
  ticket: z
    .object({
      ticketId: Id,
      zone: ZoneName,
      typeId: Id,
      holder: z.string().nullable(),
      chain: z
        .enum(['settled', 'pending', 'failed', 'differs', 'off'])
        .describe(
          'What was last heard of the copy on Solana; differs: it names another holder or state. No scan waits for it.',
        ),
    })
    .nullable()
    .describe('Null unless a live code of this organisation was shown.'),
  admittedBefore: Admitted.nullable().describe('The admission that stands in the way.'),
})
const Scanned = Judged.extend({ admission: Admitted.nullable().describe('The one that this scan made.') })
const Validated = Judged.extend({ recorded: z.literal(false).describe('Nobody was admitted by this.') })

/** The gate. A denial is an answer like an allow: 200, with the reason. */
export const scanRoutes = (server: HttpServer, deps: Deps): void => {
  const observe = observed(deps.metrics)

  server.post(
    '/api/v1/scan',
    {
      config: { action: 'gate.scan', rateLimit: { max: deps.scanRateLimit.perMinute, timeWindow: 60_000 } },
      schema: {
        tags,
        description:
          'Admits a ticket by its code, or says why not. An allow is recorded before it is answered. ' +
          'Tickets are let in from 4 hours before the start of the event to 2 hours after its end, by the times that it has now; ' +
          'outside of that a scan is denied as too_early or too_late, with the window. ' +
          'Repeated under one Idempotency-Key, a scan that admitted answers the same admission again.',
        body,
        response: { 200: Scanned },
      },
    },
    async (request, reply) => {
      const started = performance.now()
      const shown = readCode(request.body.code)
      const scanned = await scan(deps, shown, contextOf(request, 'ScanTicket', targetOf(shown)))
      if ('refused' in scanned) throw problemOf(scanned.refused)
      const { answer } = scanned
      const { admission } = answer
      const told = { ...(await judgedOf(deps, answer)), admission: admission && admittedOf(admission) }
      observe(told, performance.now() - started)
      return tellPosition(reply, answer.position).send(told)
    },
  )

  server.post(
    '/api/v1/tickets/validate-qr',
    {
      config: { action: 'code.validate' },
      schema: {
        tags,
        description: 'Judges a code as the gate would, at no gate, and admits nobody. A denial is logged.',
        body,
        response: { 200: Validated },
      },
    },
    async (request, reply) => {
      const shown = readCode(request.body.code)
      const context = contextOf(request, 'ValidateCode', targetOf(shown))
      const answer = await validate(deps, shown, venuesOf(request.caller), context)
      return tellPosition(reply, answer.position).send({ ...(await judgedOf(deps, answer)), recorded: false })
    },
  )
}

/** The ticket, so that another code of it under the same key is another request, and one of another ticket another scan. */
const targetOf = ({ code, codeHash }: Shown): string => ('unreadable' in code ? codeHash : code.ticketId)

const venuesOf = ({ role, venues }: Caller) => (BOUND_TO_VENUES.has(role) ? venues : null)

const judgedOf = async ({ people }: Deps, { scanId, verdict, ticket }: Answer): Promise<z.infer<typeof Judged>> => {
  const isAllowed = verdict.verdict === 'allow'
  return {
    scanId,
    verdict: verdict.verdict,
    reason: isAllowed ? null : verdict.reason,
    explanation: isAllowed ? 'The ticket is good, here and now.' : verdict.explanation,
    checks: [...verdict.checks],
    ticket: ticket && { ...ticket, holder: (await people.find(ticket.holderId))?.name ?? null },
    admittedBefore: isAllowed ? null : verdict.admittedBefore,
  }
}

const admittedOf = ({ happenedAt, deviceName, entrance, zone }: NonNullable<Answer['admission']>) => ({
  at: happenedAt,
  deviceName,
  entrance,
  zone,
})

const observed = (metrics: Registry) => {
  const scans = new Counter({
    name: 'scans_total',
    help: 'Scans at the gate, by verdict and reason.',
    labelNames: ['verdict', 'reason'],
    registers: [metrics],
  })
  const durations = new Histogram({
    name: 'scan_duration_seconds',
    help: 'How long scans took, from the code to the durable answer.',
    labelNames: ['verdict'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [metrics],
  })
  return ({ verdict, reason }: z.infer<typeof Judged>, milliseconds: number): void => {
    scans.inc({ verdict, reason: reason ?? 'none' })
    durations.observe({ verdict }, milliseconds / 1_000)
  }
}
