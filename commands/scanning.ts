import { hash } from 'node:crypto'
import { admissionBy, claimOf, type Scan, type ScanningDevice, type Staff } from '../domain/admission/case.ts'
import { type Code, type Codes, parseCode, type UnreadableCode } from '../domain/admission/code.ts'
import { explanations } from '../domain/admission/explanations.ts'
import { judge } from '../domain/admission/judge.ts'
import type { ScanPolicy } from '../domain/admission/policy.ts'
import type { Verdict } from '../domain/admission/verdict.ts'
import { device } from '../domain/device.ts'
import { event } from '../domain/event/event.ts'
import type { Position } from '../domain/fact.ts'
import { GATE, type GateFact } from '../domain/gate.ts'
import { Conflict } from '../domain/ledger.ts'
import { type Folded, load } from '../domain/stream.ts'
import { type CopyState, copyStateOf } from '../domain/ticket/copy.ts'
import type { Admission, Sale, Ticket } from '../domain/ticket/state.ts'
import { ticket } from '../domain/ticket/ticket.ts'
import { type Context, type Deps as HandleDeps, handle, record } from './handle.ts'
import { stepIdOf } from './ids.ts'

export type Deps = HandleDeps & {
  readonly codes: Codes
  /** The one for every event. */
  readonly policy: ScanPolicy
}

/** What was read, and what logs call it by: a code is a secret, and garbage may be anything. */
export type Shown = { readonly code: Code | UnreadableCode; readonly codeHash: string }

export type Answer = {
  readonly scanId: string
  readonly verdict: Verdict
  /** Null unless its live code was shown, within its tenant and venue. */
  readonly ticket:
    | (Pick<Sale, 'zone' | 'typeId'> & {
        readonly ticketId: string
        readonly holderId: string
        readonly chain: CopyState
      })
    | null
  /** The one that this scan made. */
  readonly admission: Admission | null
  readonly position: Position
}

export type Scanned = { readonly answer: Answer } | { readonly refused: 'KeyReused' }

export const readCode = (text: string): Shown => ({ code: parseCode(text), codeHash: hash('sha256', text) })

/** How often another gate may get in between before this one gives up. */
const ATTEMPTS = 5

/**
 * Admits a ticket at a device, which is the context's actor, or denies it and logs why. The command's id is the scan's:
 * repeated, a scan that admitted answers the same admission again. Throws Conflict or Unavailable when it could do neither.
 */
export const scan = async (deps: Deps, shown: Shown, context: Context): Promise<Scanned> => {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = await gather(deps, shown.code, context)
    const before = found.ticket?.commands.get(context.commandId)
    if (before && before.request !== context.request) return { refused: 'KeyReused' }

    const verdict = judge(found.scan)
    if (verdict.verdict === 'deny') return { answer: await denied(deps, shown, found, verdict, context) }
    const { ticketId, ...command } = admissionOf(found)
    const outcome = await handle(deps, ticket, ticketId, command, context)
    if (outcome.done) return { answer: await admitted(deps, ticketId, found, verdict, context) }
    // Another gate was faster. What stands in the way now is told by judging again.
  }
  throw new Conflict(`the ticket of scan ${context.commandId} kept changing: scan it again`)
}

/** The same judgement for somebody who only looks: nothing is recorded but a denial. */
export const validate = async (
  deps: Deps,
  shown: Shown,
  venues: Staff['venues'],
  context: Context,
): Promise<Answer> => {
  const found = await gather(deps, shown.code, context, { tenant: context.tenant, venues })
  const verdict = judge(found.scan)
  if (verdict.verdict === 'deny') return denied(deps, shown, found, verdict, context)
  return answerOf(found, verdict, context)
}

type Found = { readonly scan: Scan; readonly ticket: Folded<Ticket> | null }

/** All that a verdict rests on. The ticket leads to its event; where there is none, the device says where it stands. */
const gather = async (deps: Deps, code: Shown['code'], context: Context, staff?: Staff): Promise<Found> => {
  const [found, post] = await Promise.all([
    'unreadable' in code ? null : load(deps, ticket, code.ticketId),
    staff ? null : deviceOf(deps, context),
  ])
  const state = found?.state ?? ticket.initial
  const assigned = post?.state.status === 'active' ? post.state.assignment?.eventId : undefined
  const atEvent = await eventOf(deps, claimOf(state)?.eventId ?? assigned)
  const now = deps.now()
  return {
    ticket: found,
    scan: {
      scanId: context.commandId,
      // As `handle` does, for a clock that lags.
      at: found && found.at > now ? found.at : now,
      code,
      hmac: await hmacOf(deps.codes, code, state, atEvent),
      ticket: found?.tenant === undefined ? null : { tenant: found.tenant, state },
      event: atEvent,
      device: post,
      ...(staff && { staff }),
      policy: deps.policy,
    },
  }
}

const deviceOf = async (deps: Deps, { actor, tenant }: Context): Promise<ScanningDevice> => {
  const { state } = await load(deps, device, actor.id)
  return { deviceId: actor.id, tenant, state }
}

const eventOf = async (deps: Deps, eventId: string | undefined): Promise<Scan['event']> => {
  if (eventId === undefined) return null
  const { state, tenant } = await load(deps, event, eventId)
  return state.status === 'unknown' || tenant === undefined ? null : { eventId, tenant, details: state.details }
}

const hmacOf = async (
  codes: Codes,
  code: Shown['code'],
  state: Ticket,
  atEvent: Scan['event'],
): Promise<Scan['hmac']> => {
  if ('unreadable' in code || !('generation' in state) || !atEvent) return 'unverified'
  const { eventId, details } = atEvent
  return codes.verify(code, { eventId, generation: state.generation, timeZone: details.timeZone })
}

/** What is allowed has a code, a ticket, an event and a device. */
const admissionOf = ({ scan: { at: _, code, event, device, ticket, staff: __, ...rest } }: Found) => {
  if ('unreadable' in code || !event || !device || !ticket)
    throw new Error(`scan ${rest.scanId} was allowed without a code, ticket, event or device: mend the 17 steps`)
  const { tenant: ticketTenant } = ticket
  return { type: 'AdmitTicket', ticketTenant, ...rest, code, event, device, ticketId: code.ticketId } as const
}

const admitted = async (deps: Deps, ticketId: string, found: Found, verdict: Verdict, context: Context) => {
  const { state, position } = await load(deps, ticket, ticketId)
  const admission = admissionBy(context.commandId, state) ?? null
  return { ...answerOf(found, verdict, context), admission, position }
}

type Denial = Extract<Verdict, { verdict: 'deny' }>

const denied = async (deps: Deps, shown: Shown, found: Found, verdict: Denial, context: Context): Promise<Answer> => {
  const told = isForeign(found, context) ? withoutParticulars(verdict) : verdict
  const { at } = found.scan
  // A log of its own for each who asks and each day, since it is never read whole but by people.
  const log = stepIdOf(context.actor.id, JSON.stringify([context.tenant, at.slice(0, 10)]))
  const fact = denialOf(shown, found, told, context)
  // A denial that is asked for again is judged again, and is another fact.
  const position = await record(deps, GATE, log, fact, { ...context, commandId: stepIdOf(context.commandId, at) })
  return { ...answerOf(found, told, context), position }
}

const denialOf = ({ code, codeHash }: Shown, found: Found, verdict: Denial, context: Context): GateFact => {
  const { scanId, device, event } = found.scan
  const registered = device && device.state.status !== 'unknown' ? device.state : null
  const ownEvent = event?.tenant === context.tenant ? event : null
  return {
    type: 'AdmissionDenied',
    data: {
      scanId,
      asked: device ? 'scan' : 'validation',
      reason: verdict.reason,
      checks: [...verdict.checks],
      codeHash,
      ticketId: 'unreadable' in code ? null : code.ticketId,
      eventId: ownEvent?.eventId ?? registered?.assignment?.eventId ?? null,
      venueId: registered?.registration.venueId ?? ownEvent?.details.venueId ?? null,
      deviceId: device?.deviceId ?? null,
      deviceName: registered?.registration.name ?? null,
      entrance: registered?.assignment?.entrance ?? null,
    },
  }
}

/** Whether something of another tenant's was judged, or of a venue that who asks has nothing to do with. */
const isForeign = ({ scan: { ticket, event, device, staff } }: Found, { tenant }: Context): boolean => {
  if ([ticket, event].some((part) => part && part.tenant !== tenant)) return true
  const post = device && device.state.status !== 'unknown' ? [device.state.registration.venueId] : null
  const venues = post ?? staff?.venues
  return venues && event ? !venues.includes(event.details.venueId) : false
}

/** The reason alone: when, where and by whom a ticket was used is for its own tenant and venue to know. */
const withoutParticulars = ({ verdict, reason, checks }: Denial): Denial => ({
  verdict,
  reason,
  explanation: `${explanations[reason]}.`,
  admittedBefore: null,
  checks: checks.map((check) => ({ ...check, note: '' })),
})

type Sold = Extract<Ticket, { status: 'held' | 'closed' }>

const answerOf = (found: Found, verdict: Verdict, context: Context): Answer => {
  const { code, ticket: judged, event } = found.scan
  const isAuthentic = verdict.checks.some(({ step, outcome }) => step === 'code_authentic' && outcome === 'passed')
  const sold = judged && 'sale' in judged.state ? judged.state : null
  const isShown = isAuthentic && sold && event && !('unreadable' in code) && !isForeign(found, context)
  return {
    scanId: context.commandId,
    verdict,
    ticket: isShown ? shownOf(code.ticketId, sold, event) : null,
    admission: null,
    position: found.ticket?.position ?? '',
  }
}

/** What the chain says was heard before, so that no gate ever waits for it. */
const shownOf = (
  ticketId: string,
  { sale, holderId, copy }: Sold,
  { details }: NonNullable<Scan['event']>,
): Answer['ticket'] => ({
  ticketId,
  zone: sale.zone,
  typeId: sale.typeId,
  holderId,
  chain: copyStateOf(copy, details.chain),
})
