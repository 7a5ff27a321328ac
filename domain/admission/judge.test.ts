import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Scan } from './case.ts'
import { parseCode } from './code.ts'
import { explanations } from './explanations.ts'
import { judge } from './judge.ts'
import { ScanPolicy, STANDARD } from './policy.ts'
import base from './vectors/base.json' with { type: 'json' }
import again from './vectors/steps-again.json' with { type: 'json' }
import code from './vectors/steps-code.json' with { type: 'json' }
import place from './vectors/steps-place.json' with { type: 'json' }
import ticket from './vectors/steps-ticket.json' with { type: 'json' }
import zones from './vectors/zones.json' with { type: 'json' }
import { type AdmittedBefore, DenialReason, Step, type Verdict } from './verdict.ts'

type Paths = Readonly<Record<string, unknown>>
type Vector = {
  name: string
  with: Paths
  verdict: string
  reason: string | null
  failed: string | null
  skipped: string[]
  admittedBefore?: AdmittedBefore
}

const vectors: Vector[] = [...code.vectors, ...place.vectors, ...ticket.vectors, ...again.vectors]

/** The base scan with other values at some dotted paths, such as `ticket.state.generation`. */
const scanWith = (paths: Paths): Scan => {
  const scan: Record<string, unknown> = structuredClone(base.scan)
  for (const [path, value] of Object.entries(paths)) {
    const names = path.split('.')
    const parent = names.slice(0, -1).reduce((at, name) => at[name] as Record<string, unknown>, scan)
    parent[names.at(-1)!] = structuredClone(value)
  }
  return { ...scan, code: parseCode(scan.code as string) } as Scan
}

const outcomesOf = ({ checks }: Verdict) => checks.map(({ step, outcome }) => [step, outcome])

const expectedOutcomes = ({ failed, skipped }: Pick<Vector, 'failed' | 'skipped'>) => {
  const ran = failed ? Step.options.slice(0, Step.options.indexOf(failed as Step) + 1) : Step.options
  return ran.map((step) => [step, step === failed ? 'failed' : skipped.includes(step) ? 'skipped' : 'passed'])
}

describe('the published vectors', () => {
  it.each(vectors)('$name', (vector) => {
    const verdict = judge(scanWith(vector.with))
    expect(verdict.verdict).toBe(vector.verdict)
    expect(outcomesOf(verdict)).toEqual(expectedOutcomes(vector))
    if (verdict.verdict === 'allow') return
    expect(verdict.reason).toBe(vector.reason)
    expect(verdict.admittedBefore).toEqual(vector.admittedBefore ?? null)
    expect(verdict.explanation.startsWith(explanations[verdict.reason])).toBe(true)
  })

  it.each(zones.rows)('$name', ({ strict, vipAllAccess, held, opens }) => {
    for (const asked of base.scan.event.details.zones) {
      const verdict = judge(
        scanWith({
          'ticket.state.sale.zone': held,
          'device.state.assignment.zone': asked,
          'policy.zoneEnforcement': { strict, vipAllAccess },
        }),
      )
      expect(verdict).toMatchObject(
        opens.includes(asked) ? { verdict: 'allow' } : { verdict: 'deny', reason: 'wrong_zone' },
      )
      expect(outcomesOf(verdict)).toEqual(
        expectedOutcomes({ failed: opens.includes(asked) ? null : 'access_zone', skipped: [] }),
      )
    }
  })

  it('F18.2 show every reason there is', () => {
    const shown = new Set([...vectors.map(({ reason }) => reason), 'wrong_zone'])
    expect(DenialReason.options.filter((reason) => !shown.has(reason))).toEqual([])
  })

  it('F15.2 show every step that can fail failing', () => {
    const shown = new Set([...vectors.map(({ failed }) => failed), 'access_zone'])
    expect(Step.options.filter((step) => !shown.has(step))).toEqual(['admission_recorded'])
  })

  it('F09.6 are judged by the policy Standard where they name no other', () => {
    expect(ScanPolicy.parse(base.scan.policy)).toEqual(STANDARD)
  })
})

describe('what a denial says', () => {
  const explanationOf = (paths: Paths): string => {
    const verdict = judge(scanWith(paths))
    return verdict.verdict === 'deny' ? verdict.explanation : 'allowed'
  }

  it('F18.11 names when, where and by which device the ticket was used, by the clock of the venue', () => {
    const vector = again.vectors.find(({ name }) => name.startsWith('F18.11'))!
    expect(explanationOf(vector.with)).toBe(
      'This ticket was used, and the event has no re-entry: admitted 2030-06-01 18:00 at South, zone GA, by Scanner 9.',
    )
  })

  it('F12.5 names the hours of admission', () => {
    expect(explanationOf({ 'event.details.startsAt': '2030-06-01T22:00:00.000Z' })).toBe(
      'Admission has not begun: from 2030-06-01 20:00 to 2030-06-02 01:00.',
    )
  })
})

/** Paths that a scan may differ in, and values that may stand there. */
const choices: Record<string, readonly unknown[]> = {
  at: ['2030-06-01T13:00:00.000Z', '2030-06-01T17:29:00.000Z', '2030-06-01T17:31:00.000Z', '2030-06-02T09:00:00.000Z'],
  code: ['', 'a:b:c:d', 'TKT:00:00', ...code.vectors.flatMap(({ with: { code } }) => code ?? [])],
  hmac: ['bad', 'unverified', { generation: 2 }],
  'ticket.tenant': ['other'],
  'ticket.state': [
    { status: 'available' },
    ...ticket.vectors.flatMap(({ with: paths }) => ('ticket.state' in paths ? [paths['ticket.state']] : [])),
    ...[...code.vectors, ...again.vectors].flatMap(({ with: paths }) =>
      'ticket.state.admissions' in paths
        ? [{ ...base.scan.ticket.state, admissions: paths['ticket.state.admissions'] }]
        : [],
    ),
    { ...base.scan.ticket.state, sale: { ...base.scan.ticket.state.sale, zone: 'VIP', validDates: ['2030-06-01'] } },
  ],
  event: [null, { ...base.scan.event, tenant: 'other' }, { ...base.scan.event, eventId: base.scan.device.deviceId }],
  'device.tenant': ['other'],
  'device.state': [{ status: 'unknown' }, { ...base.scan.device.state, assignment: null }],
  'policy.zoneEnforcement.strict': [true],
  'policy.reentry.enabled': [true],
  'policy.carriers': [['app'], ['static']],
  ticket: [null],
  device: [null],
}

const scans = fc
  .record(Object.fromEntries(Object.entries(choices).map(([path, values]) => [path, fc.constantFrom(...values)])), {
    requiredKeys: [],
  })
  // Most scans differ in a few things only, or hardly any would get past the first steps.
  .chain((paths) => fc.subarray(Object.keys(paths), { maxLength: 4 }).map((kept) => kept.map((k) => [k, paths[k]])))
  .map((kept) => scanWith(Object.fromEntries(inOrder(kept as [string, unknown][]))))

/** A whole part goes last, since nothing can be set within one that is null. */
const inOrder = (paths: [string, unknown][]) =>
  paths.sort(([a], [b]) => Number(b.includes('.')) - Number(a.includes('.')))

describe('any scan whatever', () => {
  it('F15.2 is answered with the first of the 17 steps in order, all but the last without a failure', () => {
    fc.assert(
      fc.property(scans, (scan) => {
        const { verdict, checks } = judge(scan)
        expect(checks.map(({ step }) => step)).toEqual(Step.options.slice(0, checks.length))
        expect(checks.slice(0, -1).some(({ outcome }) => outcome === 'failed')).toBe(false)
        expect(checks.at(-1)!.outcome === 'failed').toBe(verdict === 'deny')
        if (verdict === 'allow') expect(checks).toHaveLength(17)
      }),
      { numRuns: 1_000 },
    )
  })

  it('F15.4 is let in only with a genuine code of the live generation, for a ticket that is held, in its own tenant', () => {
    let allowed = 0
    fc.assert(
      fc.property(scans, (scan) => {
        if (judge(scan).verdict === 'deny') return
        allowed++
        expect(scan.ticket).toMatchObject({ tenant: scan.event?.tenant, state: { status: 'held' } })
        expect(scan.hmac).toEqual({ generation: scan.ticket?.state.status === 'held' && scan.ticket.state.generation })
        if (scan.device) expect(scan.device).toMatchObject({ tenant: scan.ticket?.tenant, state: { status: 'active' } })
      }),
      { numRuns: 1_000 },
    )
    expect(allowed).toBeGreaterThan(0)
  })

  it('never has its code, or a part of it, in the answer', () => {
    fc.assert(
      fc.property(scans, (scan) => {
        if ('unreadable' in scan.code) return
        const answer = JSON.stringify(judge(scan))
        expect(answer).not.toContain(scan.code.nonce)
        expect(answer).not.toContain(scan.code.hmac)
      }),
    )
  })
})
