import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, clientOf, Refused } from './client.ts'
import { type OwnTicket, type Page, type World, wholeWorld } from './counterfoil.world.ts'

type AdmittedBefore = { at: string; deviceName: string; entrance: string | null }
type Scan = {
  scanId: string
  verdict: string
  reason: string | null
  explanation: string
  admittedBefore: AdmittedBefore | null
}
type Device = { id: string; deviceId: string; name: string; isActive: boolean; credential: string }

const SCANS_A_MINUTE = 100

let w: World
beforeAll(async () => {
  w = await wholeWorld({ scanLimitPerMinute: SCANS_A_MINUTE })
})
afterAll(() => w.close())

const pass = ({ hours = 0, seconds = 0 }): void => {
  w.clock.ahead += hours * 3_600_000 + seconds * 1_000
}

const codeOf = async (holder: Client, { ticketId }: OwnTicket): Promise<string> =>
  (await holder.call<{ code: string }>('GET', `/tickets/${ticketId}/qr`)).body.code

/** The answer, and where the ledger stood with it. */
const scan = async (gate: Client, code: string) => {
  const { body, position } = await gate.call<Scan>('POST', '/scan', { code })
  return { ...body, position }
}

let doors = 0
/** An event with a named entrance; each gate is a device of its own that stands there. */
const doorsOpen = async (options: Parameters<World['onSale']>[0] = {}) => {
  const event = await w.onSale(options)
  const { olga, venueId, eventId, typeId } = event
  await olga.call('PUT', `/events/${eventId}/entrances/North`, { zone: 'GA' })
  const register = async (deviceId: string, name = `Scanner ${deviceId}`) =>
    (await olga.call<Device>('POST', '/devices/register', { deviceId, name, venueId, zone: 'GA' })).body
  const gate = async (name = `Scanner ${++doors}`) => {
    const deviceId = name.replaceAll(' ', '-')
    const { credential } = await register(deviceId, name)
    await olga.call('POST', `/devices/${deviceId}/assign`, { eventId, zone: 'GA', entrance: 'North' })
    return clientOf(w.url, credential)
  }
  const holder = async (subject: string, quantity = 1) => {
    const client = await w.as('attendee', subject)
    return { client, tickets: await w.buyTickets(client, eventId, typeId, quantity) }
  }
  return { ...event, register, gate, holder }
}

describe('a ticket that was bought', () => {
  it('F15.23 stays admitted when the server is stopped in the middle of the rush, if the gate was told so', async () => {
    const { gate, holder, eventId } = await doorsOpen({ size: 40, type: { maxPerOrder: 40 } })
    const { client, tickets } = await holder('ann in a rush', 40)
    const codes = await Promise.all(tickets.map((ticket) => codeOf(client, ticket)))
    const gates = await Promise.all(Array.from({ length: 4 }, () => gate()))
    const told: boolean[] = []
    const rush = gates.map(async (at, i) => {
      for (const code of codes.filter((_, n) => n % gates.length === i))
        await scan(at, code).then(
          ({ verdict }) => told.push(verdict === 'allow'),
          () => {},
        )
    })
    await expect.poll(() => told.length, { interval: 1 }).toBeGreaterThan(5)
    await w.restart()
    await Promise.all(rush)
    const olga = await w.as('organizer', 'olga')
    const attendance = () => olga.call<{ admitted: number }>('GET', `/events/${eventId}/attendance`)
    const admitted = told.filter(Boolean).length
    await expect.poll(async () => (await attendance()).body.admitted).toBeGreaterThanOrEqual(admitted)
    // What was in flight may have been recorded and not told; nothing else.
    expect((await attendance()).body.admitted).toBeLessThanOrEqual(admitted + gates.length)
  })

  it('F15.2 F15.5 F18.11 is admitted once; its code is a replay at another gate and after a restart, and both say why', async () => {
    const { gate, holder, register } = await doorsOpen()
    const { client, tickets } = await holder('ann twice')
    const code = await codeOf(client, tickets[0]!)
    expect(await scan(await gate('Turnstile A'), code)).toMatchObject({ verdict: 'allow', reason: null })
    const other = await gate()
    const before = { deviceName: 'Turnstile A', entrance: 'North', at: expect.any(String) }
    expect(await scan(other, code)).toMatchObject({ reason: 'replayed_code', admittedBefore: before })
    pass({ seconds: 31 })
    const fresh = await scan(other, await codeOf(client, tickets[0]!))
    expect(fresh).toMatchObject({ reason: 'already_admitted', admittedBefore: before })
    expect(fresh.explanation).toMatch(/admitted .* at North, zone GA, by Turnstile A/)
    const { credential } = await register('after-restart')
    await w.restart()
    const restarted = clientOf(w.url, credential)
    expect(await scan(restarted, code)).toMatchObject({ reason: 'replayed_code', admittedBefore: before })
  })

  it('F15.19 is admitted once by 32 gates at the same instant', async () => {
    const { olga, eventId, gate, holder } = await doorsOpen()
    const gates = await Promise.all(Array.from({ length: 32 }, () => gate()))
    const { client, tickets } = await holder('ann crowd')
    const code = await codeOf(client, tickets[0]!)
    const answers = await Promise.all(gates.map((one) => scan(one, code)))
    expect(answers.filter(({ verdict }) => verdict === 'allow')).toHaveLength(1)
    const last = answers
      .map(({ position }) => position!)
      .toSorted()
      .at(-1)
    const { body } = await olga.call('GET', `/events/${eventId}/attendance?minPosition=${last}`)
    expect(body).toMatchObject({
      admitted: 1,
      admissions: 1,
      byEntrance: [{ entrance: 'North', admitted: 1, admissions: 1 }],
      denied: [{ reason: 'replayed_code', count: 31 }],
    })
    expect((await client.call<Page<OwnTicket>>('GET', '/tickets?status=CHECKED_IN')).body.items).toHaveLength(1)
  })

  it('F12.5 F15.6 F15.13 is denied too early, with a code from a minute ago, and too late', async () => {
    const { gate, holder } = await doorsOpen({ startsInHours: 10 })
    const north = await gate()
    const { client, tickets } = await holder('ann clock', 2)
    const [first, second] = tickets as [OwnTicket, OwnTicket]
    expect(await scan(north, await codeOf(client, first))).toMatchObject({ reason: 'too_early' })
    pass({ hours: 6, seconds: 1 })
    const old = await codeOf(client, first)
    pass({ seconds: 60 })
    expect(await scan(north, old)).toMatchObject({ reason: 'expired_code' })
    expect(await scan(north, await codeOf(client, first))).toMatchObject({ verdict: 'allow' })
    // Four hours before the start, four hours of it, and two more.
    pass({ hours: 10 })
    expect(await scan(north, await codeOf(client, second))).toMatchObject({ reason: 'too_late' })
  })

  it('F20.9 F20.3 can be looked at by staff of its venue, which admits nobody and says so', async () => {
    const { venueId, gate, holder } = await doorsOpen()
    const { client, tickets } = await holder('ann looked at')
    const code = await codeOf(client, tickets[0]!)
    const kim = await w.as('venue_staff', 'kim', { venues: [venueId] })
    for (const _ of [1, 2])
      expect((await kim.call('POST', '/tickets/validate-qr', { code })).body).toMatchObject({
        verdict: 'allow',
        recorded: false,
      })
    expect(await scan(await gate(), code)).toMatchObject({ verdict: 'allow' })
  })

  it('F20.5 is not shown by a code of the old format, and the answer says where the live one is', async () => {
    const { gate } = await doorsOpen()
    expect(await scan(await gate(), `TKT:${'0'.repeat(32)}:${'ab'.repeat(64)}`)).toMatchObject({
      verdict: 'deny',
      reason: 'old_code_format',
      explanation: expect.stringContaining('format no longer in use; ask for the ticket in the app'),
    })
  })
})

describe('what happens at the gate', () => {
  it('F15.21 F15.22 is in the scan log with device, gate, time and reason, and counted', async () => {
    const { olga, eventId, gate, holder } = await doorsOpen()
    const counted = async (labels: string) => {
      const metrics = await (await fetch(`${w.url}/metrics`)).text()
      return Number(new RegExp(`^scans_total\\{${labels}\\} (\\d+)$`, 'm').exec(metrics)?.[1] ?? 0)
    }
    const labels = ['verdict="allow",reason="none"', 'verdict="deny",reason="replayed_code"']
    const before = await Promise.all(labels.map(counted))
    const { client, tickets } = await holder('ann logged')
    const code = await codeOf(client, tickets[0]!)
    const north = await gate('Turnstile L')
    const scans = [await scan(north, code), await scan(north, code)]
    const path = `/scans?eventId=${eventId}&minPosition=${scans[1]!.position}`
    const log = (await olga.call<Page<object>>('GET', path)).body.items
    const at = { deviceName: 'Turnstile L', entrance: 'North', ticketId: tickets[0]!.ticketId, at: expect.any(String) }
    expect(log).toMatchObject([
      { ...at, scanId: scans[1]!.scanId, verdict: 'deny', reason: 'replayed_code' },
      { ...at, scanId: scans[0]!.scanId, verdict: 'allow', reason: null },
    ])
    expect(await Promise.all(labels.map(counted))).toEqual(before.map((count) => count + 1))
  })

  it('F15.20 is answered with 429 to a device that floods, and goes on at the others', async () => {
    const { gate } = await doorsOpen()
    const [flooding, calm] = [await gate(), await gate()]
    const answers = await Promise.all(
      Array.from({ length: SCANS_A_MINUTE + 10 }, () => scan(flooding, 'x').catch((error: Refused) => error)),
    )
    const refused = answers.filter((answer) => answer instanceof Refused)
    expect(refused.map(({ status, code }) => [status, code])).toEqual(Array(10).fill([429, 'rate_limited']))
    expect(await scan(calm, 'x')).toMatchObject({ reason: 'unreadable_code' })
  })
})

describe('a device', () => {
  it('F08.2 F08.4 F08.5 F08.6 is one under its label, whatever is told of it, and denied while out of service', async () => {
    const { olga, venueId, register } = await doorsOpen()
    const kim = await w.as('venue_staff', 'kim', { venues: [venueId] })
    const listed = async (query: string) =>
      (await kim.call<Page<Device>>('GET', `/devices?${query}`)).body.items.map(({ name }) => name)
    const first = await register('serial-1', 'Left')
    const gate = clientOf(w.url, first.credential)
    const denied = await scan(gate, 'x')
    const second = await register('serial-1', 'Right')
    expect(second).toMatchObject({ id: first.id, credential: null, isActive: true })
    const off = await olga.call<Device>('POST', '/devices/serial-1/deactivate')
    const since = `minPosition=${off.position}`
    expect(await listed(since)).toEqual(['Right'])
    expect([await listed(`active=true&${since}`), await listed(`active=false&${since}`)]).toEqual([[], ['Right']])
    // Garbage fails before the device is looked at; a code that could be one does not.
    const { client, tickets } = await (await doorsOpen()).holder('ann device')
    expect(await scan(gate, await codeOf(client, tickets[0]!))).toMatchObject({ reason: 'device_inactive' })
    const { items } = (await olga.call<Page<{ scanId: string }>>('GET', `/scans?deviceId=${first.id}`)).body
    expect(items.map((item) => item.scanId)).toContain(denied.scanId)
    await register('serial-1', 'Right')
    expect((await scan(gate, await codeOf(client, tickets[0]!))).reason).toBe('device_of_another_venue')
  })
})

describe('my tickets', () => {
  it('F19.1 F19.3 F19.4 F19.6 F19.9 are there with the position of the purchase, the same in all three lists', async () => {
    const [here, there] = [await doorsOpen(), await doorsOpen()]
    const { client, tickets } = await here.holder('ann lists', 2)
    await w.buyTickets(client, there.eventId, there.typeId)
    const { personId } = (await client.call<{ personId: string }>('GET', '/me')).body
    const lists = ['/tickets', '/orders/tickets', `/tickets/users/${personId}`]
    const items = async (query: string) =>
      Promise.all(lists.map(async (path) => (await client.call<Page<OwnTicket>>('GET', `${path}${query}`)).body.items))
    for (const query of ['', `?eventId=${here.eventId}`, '?status=ACTIVE', '?status=REFUNDED']) {
      const [one, ...others] = await items(query)
      for (const other of others) expect(other).toEqual(one)
    }
    expect((await items(`?eventId=${here.eventId}`))[0]).toEqual(tickets)
    expect((await items('?status=ACTIVE'))[0]).toHaveLength(3)
    expect((await items('?status=REFUNDED'))[0]).toEqual([])
    expect(tickets[0]).toMatchObject({ status: 'ACTIVE', priceFormatted: '€25.00', eventId: here.eventId })
  })

  it('F19.5 come page by page, none twice and none missed, while more are bought', async () => {
    const { eventId, typeId, holder } = await doorsOpen({ size: 100 })
    const { client, tickets } = await holder('ann pages', 9)
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const path: string = `/tickets?limit=2${cursor && `&cursor=${cursor}`}`
      const { body } = await client.call<Page<OwnTicket>>('GET', path)
      seen.push(...body.items.map(({ ticketId }) => ticketId))
      cursor = body.nextCursor
      await w.buyTickets(client, eventId, typeId)
    }
    expect(seen).toEqual(tickets.map(({ ticketId }) => ticketId))
  })

  it('F19.8 F20.1 F20.11 are the token’s tenant’s; one ticket is for its holder and the staff, its code for its holder', async () => {
    const { venueId, holder } = await doorsOpen()
    const { client, tickets } = await holder('ann seen')
    const path = `/tickets/${tickets[0]!.ticketId}`
    const abroad = await w.as('attendee', 'ann seen', { tenant: 'rival' })
    expect((await abroad.call<Page<OwnTicket>>('GET', '/tickets')).body.items).toEqual([])
    const statusOf = (who: Client, path: string) =>
      who.call('GET', path).then(
        ({ status }) => status,
        ({ status }: Refused) => status,
      )
    const told: Record<string, [number, number]> = {}
    const people = {
      holder: client,
      abroad,
      other: await w.as('attendee', 'bob'),
      staff: await w.as('venue_staff', 'kim', { venues: [venueId] }),
      strange: await w.as('box_office', 'sam', { venues: ['0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1b77'] }),
      admin: await w.as('admin', 'ada'),
      scanner: await w.as('scanner', 'gate', { venues: [venueId] }),
    }
    for (const [name, who] of Object.entries(people))
      told[name] = [await statusOf(who, path), await statusOf(who, `${path}/qr`)]
    expect(told).toEqual({
      holder: [200, 200],
      abroad: [404, 404],
      other: [404, 404],
      staff: [200, 404],
      strange: [404, 404],
      admin: [200, 404],
      scanner: [403, 403],
    })
  })
})
