import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gateWorld, OTHER_VENUE, VENUE } from '../gate.world.ts'
import { stepIdOf, ticketIdOf } from '../ids.ts'

const concert = async (options: Parameters<typeof gateWorld>[0] = {}) => {
  const world = await gateWorld(options)
  const event = await world.draft('Summer Night')
  const gate = await world.registerDevice('gate-1')
  return { ...world, event, gate, denials: () => world.ofType('AdmissionDenied').map(({ data }) => data) }
}

describe('a ticket at the gate', () => {
  it('F15.2 F15.19 is admitted: recorded before it is answered, with all 17 steps told', async () => {
    const { buy, event, scan, gate, ofType, deps } = await concert()
    const ticket = await buy(event)
    await deps.people.save(ticket.holderId, { name: 'Ann Lee', email: null })
    const { status, body, headers } = await scan(gate, await ticket.code())
    expect(status).toBe(200)
    const at = '2030-06-01T17:30:10.000Z'
    expect(body).toMatchObject({
      verdict: 'allow',
      reason: null,
      ticket: { ticketId: ticket.ticketId, zone: 'GA', holder: 'Ann Lee' },
      admission: { at, deviceName: 'Scanner gate-1', entrance: null, zone: 'GA' },
      admittedBefore: null,
    })
    expect(body.checks).toHaveLength(17)
    const [admitted] = ofType('TicketAdmitted')
    expect(admitted).toMatchObject({
      data: { scanId: body.scanId, carrier: 'app', happenedAt: at },
      position: headers['ledger-position'],
    })
  })

  it('F15.19 F15.3 is admitted once by 32 gates that scan it at the same instant, and 31 say why not', async () => {
    const { buy, event, scan, registerDevice, ofType, denials } = await concert()
    const gates = await Promise.all(Array.from({ length: 32 }, (_, i) => registerDevice(`turnstile-${i}`)))
    const code = await (await buy(event)).code()
    const answers = await Promise.all(gates.map((gate) => scan(gate, code)))
    expect(answers.filter(({ body }) => body.verdict === 'allow')).toHaveLength(1)
    expect(answers.filter(({ body }) => body.reason === 'replayed_code' && body.admittedBefore)).toHaveLength(31)
    expect(ofType('TicketAdmitted')).toHaveLength(1)
    expect(denials()).toHaveLength(31)
  })

  it('F15.19 is answered the same admission again when the scan is repeated, and nothing more is recorded', async () => {
    const { buy, event, scan, gate, pass, log } = await concert()
    const code = await (await buy(event)).code()
    const first = await scan(gate, code, 'scan-1')
    const recorded = log.length
    pass(3_600)
    const again = await scan(gate, code, 'scan-1')
    expect(again.body).toEqual(first.body)
    expect(log).toHaveLength(recorded)
  })

  it('F15.19 is admitted once by one scan that is sent ten times at once', async () => {
    const { buy, event, scan, gate, ofType } = await concert()
    const code = await (await buy(event)).code()
    const answers = await Promise.all(Array.from({ length: 10 }, () => scan(gate, code, 'scan-1')))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers[0]!.body.verdict).toBe('allow')
    expect(ofType('TicketAdmitted')).toHaveLength(1)
  })

  it('is not answered for another code of it under the same key', async () => {
    const { buy, event, scan, gate } = await concert()
    const ticket = await buy(event)
    await scan(gate, await ticket.code(), 'scan-1')
    expect(await scan(gate, await ticket.code(), 'scan-1')).toMatchObject({ status: 422, body: { code: 'KeyReused' } })
    const other = await scan(gate, await (await buy(event)).code(), 'scan-1')
    expect(other.body.verdict).toBe('allow')
  })

  it('F15.5 F18.11 is denied to who shows the same code at another gate, also after a restart', async () => {
    const { buy, event, scan, gate, registerDevice, log, vault } = await concert()
    const code = await (await buy(event)).code()
    await scan(gate, code)
    const other = await registerDevice('gate-2')
    const restarted = await gateWorld({ log, vault })
    for (const { body } of [await scan(other, code), await restarted.scan(other, code)])
      expect(body).toMatchObject({
        verdict: 'deny',
        reason: 'replayed_code',
        explanation: expect.stringContaining(
          'admitted 2030-06-01 19:30 at no named entrance, zone GA, by Scanner gate-1',
        ),
        admittedBefore: { at: '2030-06-01T17:30:10.000Z', deviceName: 'Scanner gate-1' },
        admission: null,
      })
  })

  it('F15.5 F15.17 is denied to who shows its print twice, as a duplicate and not as a replay', async () => {
    const { buy, event, scan, gate, pass } = await concert()
    const print = await (await buy(event)).code('static')
    pass(60)
    expect((await scan(gate, print)).body.verdict).toBe('allow')
    pass(60)
    expect((await scan(gate, print)).body).toMatchObject({
      reason: 'already_admitted',
      admittedBefore: { at: '2030-06-01T17:31:10.000Z' },
    })
  })

  it('F15.6 is denied with a code from before, by the interval that codes were made for', async () => {
    const { buy, event, scan, gate, pass } = await concert({ rotationSeconds: 60 })
    const ticket = await buy(event)
    const [early, late] = [await ticket.code(), await ticket.code()]
    pass(64)
    expect((await scan(gate, early)).body.verdict).toBe('allow')
    pass(1)
    expect((await scan(gate, late)).body).toMatchObject({ reason: 'expired_code' })
  })

  it('F15.4 is denied when a character of the code was changed, and shows nothing of the ticket', async () => {
    const { buy, event, scan, gate } = await concert()
    const code = await (await buy(event)).code()
    const altered = code.slice(0, -1) + (code.endsWith('A') ? 'E' : 'A')
    expect((await scan(gate, altered)).body).toMatchObject({ reason: 'bad_code', ticket: null })
  })

  it.each([
    ['reserved', 'reserved'],
    ['sold', 'refunded'],
  ])('F15.15 is denied while it is %s and then %s', async (until, reason) => {
    const { buy, event, scan, gate } = await concert()
    const ticket = await buy(event, { until })
    if (reason === 'refunded') await ticket.refund()
    expect((await scan(gate, await ticket.code())).body).toMatchObject({ verdict: 'deny', reason })
  })

  it('F15.10 is denied when it is unknown', async () => {
    const { event, scan, gate, deps } = await concert()
    const ticketId = ticketIdOf(event.eventId, 'pool:GA:999', 1)
    const at = deps.now()
    const wanted = { eventId: event.eventId, ticketId, generation: 1, timeZone: 'UTC', carrier: 'app', at } as const
    const { code } = await deps.codes.issue({ ...wanted, rotationSeconds: 30 })
    expect((await scan(gate, code)).body).toMatchObject({ reason: 'unknown_ticket', ticket: null })
  })

  it('F15.8 is denied at a device of another venue', async () => {
    const { buy, event, scan, registerDevice } = await concert()
    const elsewhere = await registerDevice('club-1', { venueId: OTHER_VENUE })
    const ticket = await buy(event)
    const { body, text } = await scan(elsewhere, await ticket.code())
    expect(body).toMatchObject({ reason: 'device_of_another_venue', ticket: null })
    expect(text).not.toContain(ticket.holderId)
  })

  it('F15.16 F18.4 is denied at a zone that it does not open', async () => {
    const { buy, event, scan, registerDevice } = await concert()
    const vip = await registerDevice('vip-1', { zone: 'VIP' })
    expect((await scan(vip, await (await buy(event)).code())).body.reason).toBe('wrong_zone')
    expect((await scan(vip, await (await buy(event, { zone: 'BACKSTAGE' })).code())).body.verdict).toBe('allow')
  })
})

describe('a ticket of another tenant', () => {
  it('F15.9 F15.11 is denied, and tells nothing but that', async () => {
    const { draft, buy, scan, gate, call, token, registerDevice, put, denials } = await concert()
    const venueId = stepIdOf(VENUE, 'theirs')
    await put('venue', venueId, { type: 'VenueRegistered', data: { name: 'Their hall', timeZone: 'UTC' } }, 'other')
    const theirs = await draft('Their Night', { venueId }, 'other')
    const theirGate = await registerDevice('their-gate', { venueId }, { tenant: 'other', venues: [] })
    const ticket = await buy(theirs)
    const code = await ticket.code()
    const validate = async () => call('POST', '/tickets/validate-qr', await token('admin'), { body: { code } })

    const before = [await scan(gate, code), await validate()]
    expect((await scan(theirGate, code)).body.verdict).toBe('allow')
    const after = [await scan(gate, code), await validate()]
    const answers = [...before, ...after]
    expect(answers.map(({ body }) => body.reason)).toEqual([
      'device_of_another_venue',
      'ticket_of_another_tenant',
      'replayed_code',
      'replayed_code',
    ])
    for (const { body, text } of answers) {
      expect(body).toMatchObject({ verdict: 'deny', ticket: null, admittedBefore: null })
      for (const secret of [theirs.eventId, venueId, 'their-gate', ticket.holderId, '2030'])
        expect(text).not.toContain(secret)
    }
    expect(denials()).toHaveLength(4)
    for (const denial of denials())
      expect(JSON.stringify(denial)).not.toMatch(new RegExp(`${theirs.eventId}|${venueId}`))
  })
})

describe('a device', () => {
  it('F08.6 F15.7 that was taken out of service is known, and denied', async () => {
    const { buy, event, scan, gate, call, token } = await concert()
    await call('POST', '/devices/gate-1/deactivate', await token('organizer'))
    const { status, body } = await scan(gate, await (await buy(event)).code())
    expect([status, body.reason]).toEqual([200, 'device_inactive'])
  })

  it('F08.6 F15.7 that was never registered is denied, and without its credential unauthenticated', async () => {
    const { buy, event, scan, gate, token } = await concert()
    const code = await (await buy(event)).code()
    expect((await scan(await token('scanner'), code)).body.reason).toBe('unknown_device')
    expect((await scan(gate.slice(0, -2), code)).status).toBe(401)
    expect((await scan(`${gate.slice(0, -1)}${gate.endsWith('A') ? 'B' : 'A'}`, code)).status).toBe(401)
    expect((await scan(await token('admin'), code)).status).toBe(403)
  })

  it('F15.20 that floods gets 429 with Retry-After, and only that device', async () => {
    const { scan, gate, registerDevice } = await concert({ scansPerMinute: 3 })
    const statuses = []
    for (let i = 0; i < 5; i++) statuses.push((await scan(gate, 'x')).status)
    expect(statuses).toEqual([200, 200, 200, 429, 429])
    const flooding = await scan(gate, 'x')
    expect(flooding).toMatchObject({ headers: { 'retry-after': expect.anything() }, body: { code: 'rate_limited' } })
    expect((await scan(await registerDevice('gate-2'), 'x')).status).toBe(200)
  })
})

describe('garbage', () => {
  it('F15.3 is answered with 200 and a denial, and logged by its hash alone', async () => {
    const { scan, gate, denials } = await concert()
    const garbage = [
      '',
      ' ',
      'a:b:c:d',
      'TKT:00:ff',
      'x'.repeat(10_000),
      'x'.repeat(500_000),
      '💥:💥:💥:💥',
      "'; drop table fact",
    ]
    const answers = []
    for (const code of garbage) answers.push(await scan(gate, code))
    expect(answers.map(({ status }) => status)).toEqual(garbage.map(() => 200))
    expect(answers.map(({ body }) => body.reason)).toEqual(
      garbage.map((code) => (code.startsWith('TKT:') ? 'old_code_format' : 'unreadable_code')),
    )
    expect(denials()).toHaveLength(garbage.length)
    expect(JSON.stringify(denials())).not.toMatch(/xxxx|💥|drop table/)
  })

  it('F15.21 is logged each time with device, gate, reason and checks, in a stream for the device and the day', async () => {
    const { scan, gate, pass, ofType, denials, draft, call, token } = await concert()
    const { eventId } = await draft('Late Night')
    const body = { eventId, zone: 'GA', entrance: 'North' }
    await call('POST', '/devices/gate-1/assign', await token('organizer'), { body })
    const first = await scan(gate, 'x', 'key')
    pass(86_400)
    await scan(gate, 'x', 'key')
    expect(denials()[0]).toMatchObject({
      scanId: first.body.scanId,
      asked: 'scan',
      reason: 'unreadable_code',
      checks: [{ step: 'code_readable', outcome: 'failed' }],
      ticketId: null,
      eventId,
      venueId: VENUE,
      deviceName: 'Scanner gate-1',
      entrance: 'North',
    })
    const facts = ofType('AdmissionDenied')
    expect(new Set(facts.map(({ stream }) => stream)).size).toBe(2)
    expect(new Set(facts.map(({ id }) => id)).size).toBe(2)
  })

  it('F15.3 is never a 5xx, whatever JSON is sent', async () => {
    const { call, gate } = await concert()
    const text = fc.string({ unit: 'binary' })
    const anything = fc.oneof(fc.jsonValue(), fc.record({ code: fc.jsonValue() }), fc.record({ code: text }))
    const statuses = new Set<number>()
    await fc.assert(
      fc.asyncProperty(anything, async (body) => {
        statuses.add((await call('POST', '/scan', gate, { body })).status)
      }),
      { numRuns: 500 },
    )
    expect([...statuses].sort()).toEqual([200, 400])
  })

  it('F15.3 that is a text and can be stored is always a denial', async () => {
    const { scan, gate } = await concert()
    const texts = fc
      .string({ unit: 'grapheme', maxLength: 300 })
      .filter((text) => text.isWellFormed() && !text.includes('\0'))
    await fc.assert(
      fc.asyncProperty(texts, async (code) => {
        const { status, body } = await scan(gate, code)
        expect([status, body.verdict]).toEqual([200, 'deny'])
      }),
      { numRuns: 300 },
    )
  })

  it.each([{}, { code: 7 }, { code: null }, { code: 'x', happenedAt: '2030-06-01T17:00:00.000Z' }])(
    'F15.3 is a 400 where there is no code to judge: %j',
    async (body) => {
      const { call, gate } = await concert()
      expect((await call('POST', '/scan', gate, { body })).status).toBe(400)
    },
  )
})

describe('looking at a code', () => {
  const look = async () => {
    const world = await concert()
    return {
      ...world,
      validate: (bearer: string, code: string) =>
        world.call('POST', '/tickets/validate-qr', bearer, { body: { code } }),
    }
  }

  it('F20.9 records no admission, says so, and leaves the code good for the gate', async () => {
    const { buy, event, scan, gate, token, validate, log } = await look()
    const ticket = await buy(event)
    const code = await ticket.code()
    const recorded = log.length
    const { body } = await validate(await token('venue_staff'), code)
    expect(body).toMatchObject({ verdict: 'allow', recorded: false, ticket: { ticketId: ticket.ticketId } })
    expect(body).not.toHaveProperty('admission')
    expect(log).toHaveLength(recorded)
    expect((await scan(gate, code)).body.verdict).toBe('allow')
  })

  it('F20.9 judges as the gate does, and logs a denial as a validation', async () => {
    const { buy, event, scan, gate, token, validate, denials } = await look()
    const code = await (await buy(event)).code()
    await scan(gate, code)
    expect((await validate(await token('box_office'), code)).body).toMatchObject({
      reason: 'replayed_code',
      recorded: false,
    })
    expect(denials()).toMatchObject([{ asked: 'validation', deviceId: null, eventId: event.eventId, venueId: VENUE }])
  })

  it('F15.12 is denied to staff of another venue, and not to who is bound to none', async () => {
    const { buy, event, token, validate } = await look()
    const ticket = await buy(event)
    const code = await ticket.code()
    const stranger = await token('venue_staff', 'kim', { venues: [OTHER_VENUE] })
    const { body, text } = await validate(stranger, code)
    expect(body).toMatchObject({ reason: 'ticket_of_another_venue', ticket: null })
    for (const secret of [ticket.holderId, event.eventId, VENUE]) expect(text).not.toContain(secret)
    expect((await validate(await token('organizer', 'olga', { venues: [] }), code)).body.verdict).toBe('allow')
  })

  it('F20.5 names the one live format to who shows a code of the old one', async () => {
    const { token, validate } = await look()
    const { body } = await validate(await token('admin'), 'TKT:00ff:abcdef')
    expect(body).toMatchObject({
      reason: 'old_code_format',
      explanation: expect.stringContaining('ticketId:timestamp:nonce:hmac'),
    })
  })

  it('F20.3 is for venue staff and more', async () => {
    const { token, validate, call } = await look()
    expect((await validate(await token('attendee'), 'x')).status).toBe(403)
    expect((await call('POST', '/tickets/validate-qr', '', { body: { code: 'x' } })).status).toBe(401)
  })
})

describe('operators', () => {
  it('F15.22 see scans by verdict and reason, and how long they took', async () => {
    const { buy, event, scan, gate, metrics } = await concert()
    await scan(gate, await (await buy(event)).code())
    await scan(gate, 'x')
    await scan(gate, 'y')
    const text = await metrics.metrics()
    expect(text).toContain('scans_total{verdict="allow",reason="none"} 1')
    expect(text).toContain('scans_total{verdict="deny",reason="unreadable_code"} 2')
    expect(text).toContain('scan_duration_seconds_count{verdict="allow"} 1')
  })
})
