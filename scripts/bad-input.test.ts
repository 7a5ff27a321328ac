import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Code, Problem } from '../adapters/http/problem.ts'
import type { Action } from '../domain/roles.ts'
import { type Page, type World, wholeWorld } from './counterfoil.world.ts'
import {
  type Answer,
  ask,
  factCounter,
  isGuarded,
  nameOf,
  type Route,
  stage,
  userOf,
  watchRoutes,
  withBody,
} from './routes.world.ts'

/** Of each route, and not for long on a machine that is busy. */
const RUNS = { numRuns: 40, seed: 20_260_727, endOnFailure: true, interruptAfterTimeLimit: 400 } as const

const routesOf = watchRoutes()
let w: World
let routes: (Route & { action: Action })[]
let set: Awaited<ReturnType<typeof stage>>
let facts: ReturnType<typeof factCounter>
let tokens: Record<ReturnType<typeof userOf>, string>
beforeAll(async () => {
  w = await wholeWorld()
  routes = routesOf().filter(isGuarded)
  set = await stage(w)
  facts = factCounter(w.folder)
  const [ada, ann, shop] = [w.token('admin', 'ada'), w.token('attendee', 'ann'), w.token('service', 'shop')]
  tokens = { gate: set.credential, ada: await ada, ann: await ann, shop: await shop }
  // A payment that is taken later would go on recording while others are refused.
  const pay = routes.find(({ action }) => action === 'payment.confirm')!
  await ask(`${w.url}${set.pathOf(pay)}`, { method: 'POST', ...withBody(set.sampleOf(pay).body), token: tokens.ann })
  await ask(`${w.url}/api/v1/orders/${set.orderToPay}?wait=10s`, { token: tokens.ann })
})
afterAll(async () => {
  facts.close()
  await w.close()
})

const NASTY = [
  ...['', ' ', '%', '.', '..', '../..', '\0', 'a\0b', '\ud800', 'a\udfffb', '💥', '\u202e', '\n', 'null', '__proto__'],
  ...["'; drop table fact; --", '<script>', '-1', '0', '1.5', '1e400', 'NaN', 'Infinity', 'true'],
  ...['99999999999999999999', 'not-a-uuid', '00000000-0000-0000-0000-000000000000', 'ZZZ', 'Mars/Olympus'],
  ...['2030-02-31T00:00:00.000Z', '+275760-09-13T00:00:00.001Z', 'x'.repeat(3_000)],
]
const text = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 40 }))
/** Each is right somewhere, and so gets as far as the rules. */
const PLAUSIBLE = [
  ...[1, 2, 50, 51, 10_000, 1_000_000, 100_000_000_000, 'GA', 'VIP', 'MOON', 'JPY', 'KWD', 'UTC', 'Asia/Kathmandu'],
  ...['2020-01-01T00:00:00.000Z', '2500-01-01T00:00:00+14:00', '2030-01-01', '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1b01'],
  ...[false, ['VIP', 'GA'], 'auditor', 'buyer', 'webhook_lost', 'gate-1', 'North'],
]
const value = fc.oneof(
  text,
  fc.constantFrom<unknown>(...PLAUSIBLE),
  fc.constantFrom<unknown>(-1, 0, 0.5, 1e21, 2 ** 53, -(2 ** 53), 1e308, null, true, [], {}, [[[[]]]], [null]),
  fc.jsonValue({ maxDepth: 3 }),
)

/** Lone surrogates and bytes that are no UTF-8 go as they are; the rest is encoded as it should be. */
const segment = fc.oneof(
  fc.constantFrom('%', '%zz', '%00', '%ff', '%ed%a0%80', '%2f', '%252e', '*', ':'),
  text.map((one) => encodeURIComponent(one.toWellFormed())),
)
const FIELDS = ['limit', 'cursor', 'eventId', 'venueId', 'payerId', 'deviceId', 'status', 'verdict', 'active', 'wait']
const query = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom(...FIELDS), segment), segment), { minLength: 1, maxLength: 3 })
  .map((pairs) => `?${pairs.map(([name, one]) => `${name}=${one}`).join('&')}`)

const TYPES = [
  'text/plain',
  'application/xml',
  'multipart/form-data; boundary=x',
  'nonsense',
  'application/json;charset=x',
]

/** A body that is accepted, with one part of it replaced, left out, or of nobody's asking. */
const spoilt = (body: object): fc.Arbitrary<string> => {
  const paths = pathsOf(body)
  const replaced = fc.tuple(fc.constantFrom(...paths), value).map(([path, one]) => changed(body, path, one))
  const left = fc.constantFrom(...paths).map((path) => changed(body, path, undefined))
  const added = fc.tuple(fc.oneof(text, fc.constantFrom('priceCents', 'tenant')), value)
  return fc.oneof(
    { weight: 3, arbitrary: replaced.map((one) => JSON.stringify(one)) },
    left.map((one) => JSON.stringify(one)),
    added.map(([name, one]) => JSON.stringify({ ...body, [name]: one })),
  )
}

const pathsOf = (part: unknown, path: readonly string[] = []): (readonly string[])[] =>
  typeof part === 'object' && part !== null
    ? Object.entries(part).flatMap(([key, inner]) => [[...path, key], ...pathsOf(inner, [...path, key])])
    : []

const changed = (part: unknown, [key, ...rest]: readonly string[], one: unknown): unknown => {
  if (key === undefined) return one
  const copy = structuredClone(part) as Record<string, unknown>
  copy[key] = changed(copy[key], rest, one)
  return copy
}

const bodyFor = (route: Route): fc.Arbitrary<RequestInit> => {
  if (route.method === 'GET' || route.method === 'HEAD') return fc.constant({})
  const { body = {} } = set.sampleOf(route)
  const written = [fc.jsonValue({ maxDepth: 3 }).map((one) => JSON.stringify(one)), text]
  const json = fc.oneof(...written, ...(pathsOf(body).length > 0 ? [spoilt(body), spoilt(body)] : []))
  const type = fc.oneof({ weight: 8, arbitrary: fc.constant('application/json') }, fc.constantFrom(...TYPES))
  return fc.record({ body: json, headers: type.map((one) => ({ 'content-type': one })) })
}

/** One part of the path or none is spoilt, now and then the query, and the body where there is one. */
const requestFor = (route: Route): fc.Arbitrary<{ path: string; init: RequestInit }> => {
  const names = [...route.url.matchAll(/:(\w+)/g)].map(([, name]) => name!)
  const params = set.sampleOf(route).params
  const path = fc
    .tuple(fc.constantFrom(null, ...names), segment)
    .map(([spoiltName, one]) =>
      route.url.replace(/:(\w+)/g, (_, name) => (name === spoiltName ? one : encodeURIComponent(params[name]!))),
    )
  return fc
    .tuple(path, fc.oneof({ weight: 2, arbitrary: fc.constant('') }, query), bodyFor(route))
    .map(([path, query, init]) => ({ path: `${path}${query}`, init }))
}

const isKnown = ({ json, status }: Answer): boolean => {
  try {
    const { type, title, status: own } = new Problem(json.code as Code).document()
    return type === json.type && title === json.title && own === status && json.status === status
  } catch {
    return false
  }
}

/** What a client is told of a request that is not taken. */
const expectToBeRefused = (answer: Answer, before: number): void => {
  const { status, headers, json, text } = answer
  expect([status < 500, text]).toEqual([true, text])
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect([json?.code, isKnown(answer)]).toEqual([json?.code, true])
  if (json.code === 'validation_failed') {
    expect(json.errors.length).toBeGreaterThan(0)
    for (const { field, message } of json.errors) expect([field, message]).not.toContain('')
  }
  if (!ON_RECORD.has(json.code)) expect([json.code, facts.count()]).toEqual([json.code, before])
}

/** An order that was placed and then found nothing free was cancelled, and a wrong code counts as a try. */
const ON_RECORD: ReadonlySet<string> = new Set(['SoldOut', 'LimitReached', 'AcceptanceCodeWrong'])

describe('whatever is sent', () => {
  it('to any route is never a 5xx, and what is refused says why and records nothing', { timeout: 60_000 }, async () => {
    for (const route of routes.filter(({ method }) => method !== 'HEAD')) {
      const token = tokens[userOf(route.action)]
      await fc.assert(
        fc.asyncProperty(requestFor(route), async ({ path, init }) => {
          const before = facts.count()
          const answer = await ask(`${w.url}${path}`, { method: route.method, token, ...init })
          if (answer.status >= 300) expectToBeRefused(answer, before)
        }),
        RUNS,
      )
    }
  })

  it('as a cursor that no list gave out is no 5xx, though it looks like one', async () => {
    const id = '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1b01'
    const keys = [
      ['\0'],
      ['\0', id],
      ['\0', 1],
      ['\ud800'],
      ['', 2 ** 31],
      ['', -(2 ** 53) + 1],
      ['\u{1f4a5}', id],
      [id],
    ]
    const before = facts.count()
    for (const route of routes.filter(({ method }) => method === 'GET'))
      for (const key of keys) {
        const cursor = Buffer.from(JSON.stringify(key)).toString('base64url')
        const answer = await ask(`${w.url}${set.pathOf(route)}?cursor=${cursor}`, {
          token: tokens[userOf(route.action)],
        })
        if (answer.status >= 300) expectToBeRefused(answer, before)
      }
  })

  it('that is larger than 1 MiB is a 413', async () => {
    const before = facts.count()
    for (const route of routes.filter(({ method }) => method === 'POST' || method === 'PUT')) {
      const init = {
        method: route.method,
        ...withBody({ name: 'x'.repeat(1_048_576) }),
        token: tokens[userOf(route.action)],
      }
      const answer = await ask(`${w.url}${set.pathOf(route)}`, init)
      expect([nameOf(route), answer.status]).toEqual([nameOf(route), 413])
      expectToBeRefused(answer, before)
    }
  })

  it.each([
    '/%',
    '/api/v1/%',
    '/api/v1/events/%c0%af',
    '/api/v1/tickets/%00',
    '/docs/%',
    '//',
    '/api/v1/orders/%zz/cancel',
  ])('as the path %s is a problem', async (path) => {
    const answer = await ask(`${w.url}${path}`, { token: tokens.ada })
    expect([400, 404]).toContain(answer.status)
    expectToBeRefused(answer, facts.count())
  })
})

describe('a wrong field', () => {
  const order = (changes: object) => ({
    eventId: set.eventId,
    items: [{ typeId: set.typeId, quantity: 1, ...changes }],
  })
  const event = (changes: object) => ({ ...set.samples['POST /api/v1/events']!.body, ...changes })
  const type = (changes: object) => ({ ...set.samples['POST /api/v1/events/:eventId/ticket-types']!.body, ...changes })
  const device = (changes: object) => ({ ...set.samples['POST /api/v1/devices/register']!.body, ...changes })

  it.each<[string, string, () => [path: string, body?: object]]>([
    ['a quantity below zero', 'items.0.quantity', () => ['/orders', order({ quantity: -1 })]],
    ['a quantity of none', 'items.0.quantity', () => ['/orders', order({ quantity: 0 })]],
    ['half a ticket', 'items.0.quantity', () => ['/purchase', order({ quantity: 0.5 })]],
    ['more tickets than there may be', 'items.0.quantity', () => ['/orders', order({ quantity: 1_000_000 })]],
    ['a price of the client’s own', 'items.0.priceCents', () => ['/orders', order({ priceCents: 0 })]],
    ['a type that is no id', 'items.0.typeId', () => ['/internal/tickets/prices', order({ typeId: 'VIP' })]],
    ['a currency that is none', 'currency', () => ['/events', event({ currency: 'ZZZ' })]],
    ['a time zone that is none', 'timeZone', () => ['/events', event({ timeZone: 'Mars/Olympus' })]],
    ['a day that is none', 'startsAt', () => ['/events', event({ startsAt: '2031-02-30T20:00:00.000Z' })]],
    ['a price below zero', 'priceCents', () => [`/events/${set.eventId}/ticket-types`, type({ priceCents: -1 })]],
    ['a part of a cent', 'priceCents', () => [`/events/${set.eventId}/ticket-types`, type({ priceCents: 0.5 })]],
    ['a zone of a device that is none (F08.3)', 'zone', () => ['/devices/register', device({ zone: 'MOON' })]],
    ['an id that is none', 'eventId', () => ['/events/seven/publish']],
    ['a code that is no text', 'code', () => ['/tickets/validate-qr', { code: 7 }]],
  ])('is named: %s is refused for %s', async (_, field, request) => {
    const [path, body] = request()
    const token = path.startsWith('/internal') ? tokens.shop : tokens.ada
    const before = facts.count()
    const answer = await ask(`${w.url}/api/v1${path}`, { method: 'POST', ...withBody(body), token })
    expect([answer.json.code, answer.json.errors?.map((error: { field: string }) => error.field)]).toEqual([
      'validation_failed',
      [field],
    ])
    expect(facts.count()).toBe(before)
  })

  it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=x', 'status=active', 'eventId=7', 'minPosition=z', 'colour=red'])(
    'is named in a query too: %s',
    async (query) => {
      const { status, json } = await ask(`${w.url}/api/v1/tickets?${query}`, { token: tokens.ann })
      expect([status, json.errors]).toMatchObject([400, [{ field: query.split('=')[0] }]])
    },
  )
})

describe('garbage at the gate', () => {
  it('F15.3 F15.21 is denied and in the scan log, each time, at the gate and where one only looks', async () => {
    const garbage = fc
      .string({ unit: 'grapheme', maxLength: 200 })
      .filter((one) => one.isWellFormed() && !one.includes('\0'))
    const scanIds: string[] = []
    for (const [path, token] of [
      ['/scan', tokens.gate],
      ['/tickets/validate-qr', tokens.ada],
    ] as const)
      await fc.assert(
        fc.asyncProperty(garbage, async (code) => {
          const { status, json } = await ask(`${w.url}/api/v1${path}`, { method: 'POST', ...withBody({ code }), token })
          expect([status, json.verdict]).toEqual([200, 'deny'])
          scanIds.push(json.scanId)
        }),
        RUNS,
      )
    const olga = await w.as('organizer', 'olga')
    const logged = () => olga.call<Page<{ scanId: string }>>('GET', `/scans?verdict=deny&limit=${scanIds.length}`)
    await expect.poll(async () => (await logged()).body.items.map(({ scanId }) => scanId)).toEqual(scanIds.toReversed())
  })
})
