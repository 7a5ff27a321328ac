import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { embeddedIssuer } from '../adapters/keys/tokens.ts'
import { sqliteVault } from '../adapters/sqlite/vault.ts'
import { type Action, mayDo, Role } from '../domain/roles.ts'
import { type World, wholeWorld } from './counterfoil.world.ts'
import {
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

/** Open to everybody, and why: they say nothing of anybody, or check a signature themselves. */
const OPEN = ['GET /health', 'GET /metrics', 'POST /api/v1/webhooks/payments', 'GET /api/v1/tokens/:eventId/:seal']
const isDocs = ({ url }: Route): boolean => url === '/docs' || url.startsWith('/docs/')

/** These answer everybody with what is the caller's own; a stranger finds nothing of ours in them. */
const OWN = [
  'GET /api/v1/venues',
  'POST /api/v1/venues',
  'GET /api/v1/events',
  'GET /api/v1/orders',
  'GET /api/v1/me/listings',
  'GET /api/v1/tickets',
  'GET /api/v1/orders/tickets',
  'GET /api/v1/tickets/users/:userId',
  'GET /api/v1/transfers',
  'GET /api/v1/scans',
  'GET /api/v1/devices',
  'GET /api/v1/admin/reservations/orphans',
  'GET /api/v1/admin/workers',
  'GET /api/v1/admin/payouts',
  'GET /api/v1/admin/reconciliation',
  'GET /api/v1/admin/reports',
  'GET /api/v1/admin/outbox',
  'POST /api/v1/admin/reservations/expire',
  'POST /api/v1/admin/tickets/expire',
  'POST /api/v1/admin/reservations/orphans/release',
  'POST /api/v1/admin/payouts/run',
  'POST /api/v1/admin/offers/expire',
  'GET /api/v1/me',
  'PUT /api/v1/me',
  'DELETE /api/v1/me',
  'PUT /api/v1/me/payout-account',
  'GET /api/v1/me/payout-account',
  'GET /api/v1/me/payouts',
  'POST /api/v1/me/wallet/challenge',
  'POST /api/v1/me/wallet',
  'DELETE /api/v1/me/wallet',
  // A denial is an answer.
  'POST /api/v1/scan',
  'POST /api/v1/tickets/validate-qr',
]

/** One thing and no list. */
const SINGLE = [
  'GET /api/v1/me',
  'GET /api/v1/me/payout-account',
  'GET /api/v1/venues/:venueId',
  'GET /api/v1/venues/:venueId/balance',
  'GET /api/v1/events/:eventId',
  'GET /api/v1/events/:eventId/availability',
  'GET /api/v1/events/:eventId/attendance',
  'GET /api/v1/events/:eventId/closing',
  'GET /api/v1/events/:eventId/reports/settlement',
  'GET /api/v1/events/:eventId/reports/sales',
  'GET /api/v1/orders/:orderId',
  'GET /api/v1/listings/:listingId',
  'GET /api/v1/tickets/:ticketId',
  'GET /api/v1/tickets/:ticketId/qr',
  'GET /api/v1/tickets/:ticketId/proof',
]

/** What clients of the system before this one call. */
const KEPT = [
  'POST /purchase',
  'POST /orders',
  'GET /orders/tickets',
  'POST /internal/tickets/availability',
  'POST /internal/tickets/prices',
  'POST /internal/tickets/reserve',
  'POST /internal/tickets/confirm',
  'POST /internal/tickets/release',
  'GET /tickets',
  'GET /tickets/users/:userId',
  'GET /tickets/:ticketId',
  'GET /tickets/:ticketId/qr',
  'POST /tickets/validate-qr',
  'POST /transfer',
  'POST /transfers/gift',
  'POST /transfers/:offerId/accept',
  'GET /devices',
  'POST /devices/register',
].map((name) => name.replace(' ', ' /api/v1'))

const routesOf = watchRoutes()
let w: World
let routes: readonly Route[]
let guarded: (Route & { action: Action })[]
let set: Awaited<ReturnType<typeof stage>>
let facts: ReturnType<typeof factCounter>
beforeAll(async () => {
  w = await wholeWorld()
  routes = routesOf()
  guarded = routes.filter(isGuarded)
  set = await stage(w)
  facts = factCounter(w.folder)
})
afterAll(async () => {
  facts.close()
  await w.close()
})

/** Asks a route for what is on the stage. */
const send = (route: Route, token?: string) =>
  ask(`${w.url}${set.pathOf(route)}`, {
    method: route.method,
    ...withBody(set.sampleOf(route).body),
    ...(token !== undefined && { token }),
  })

/** What each route answers, told apart from what it should. */
const answers = async (asked: readonly Route[], tokenOf: (route: Route & { action: Action }) => Promise<string>) => {
  const told: Record<string, number> = {}
  for (const route of asked.filter(isGuarded))
    told[`${route.method} ${route.url}`] = (await send(route, await tokenOf(route))).status
  return told
}
const all = (asked: readonly Route[], status: number) =>
  Object.fromEntries(asked.map(({ method, url }) => [`${method} ${url}`, status]))

const userToken = ({ action }: { action: Action }, tenant = 'demo', gate = set.credential): Promise<string> => {
  const user = userOf(action)
  if (user === 'gate') return Promise.resolve(gate)
  return w.token(({ shop: 'service', ann: 'attendee', ada: 'admin' } as const)[user], user, { tenant })
}

describe('the document', () => {
  it('F00.1 tells of every route there is, and of no other', async () => {
    const { paths } = (await ask(`${w.url}/docs/json`)).json as { paths: Record<string, object> }
    const told = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    )
    const taken = routes.filter((route) => !isDocs(route) && route.method !== 'HEAD').map(nameOf)
    expect(told.toSorted()).toEqual(taken.toSorted())
    expect(told).toEqual(expect.arrayContaining(KEPT))
  })

  it('F00.9 is open to everybody, with health, metrics and signed webhooks; nothing else is', () => {
    const open = routes.filter((route) => !isGuarded(route) && !isDocs(route)).map(nameOf)
    expect([...new Set(open)].toSorted()).toEqual(OPEN.toSorted())
  })
})

describe('every route', () => {
  it('F00.9 refuses who has no token', async () => {
    const told: Record<string, number> = {}
    for (const route of guarded) told[`${route.method} ${route.url}`] = (await send(route)).status
    expect(told).toEqual(all(guarded, 401))
  })

  it('F00.9 refuses a token that is cut short, of another key, or of another device', async () => {
    const vault = sqliteVault(':memory:')
    const forger = await embeddedIssuer(vault)
    const admin = { subject: 'ada', role: 'admin', tenant: 'demo', venues: [], expiresIn: 3_600 } as const
    const forged = await forger.issue(admin)
    await vault.close()
    const cut = (await w.token('admin', 'ada')).slice(0, -3)
    for (const token of [forged, cut, `${set.credential}x`])
      expect(await answers(guarded, async () => token)).toEqual(all(guarded, 401))
  })

  it.each(Role.options)('F00.9 refuses the role %s where the table of roles does', async (role) => {
    const forbidden = guarded.filter(({ action }) => !mayDo(role, action))
    const token = await w.token(role, 'ann', { venues: [set.venueId] })
    const before = facts.count()
    expect(await answers(forbidden, async () => token)).toEqual(all(forbidden, 403))
    expect(facts.count()).toBe(before)
    expect(forbidden).not.toEqual([])
  })

  it('F00.9 F08.8 answers another tenant as if our things did not exist, and records nothing', async () => {
    const asked = guarded.filter((route) => !OWN.includes(nameOf(route)))
    const before = facts.count()
    expect(await answers(asked, (route) => userToken(route, 'rival'))).toEqual(all(asked, 404))
    expect(facts.count()).toBe(before)
  })

  it('F00.9 F19.8 that answers another tenant with its own shows nothing of ours', async () => {
    const olga = await w.as('organizer', 'olga', { tenant: 'rival' })
    const { venueId } = (
      await olga.call<{ venueId: string }>('POST', '/venues', { name: 'Ours', timeZone: 'Europe/Amsterdam' })
    ).body
    const device = { deviceId: 'their-gate', name: 'Theirs', venueId, zone: 'GA' }
    const { credential } = (await olga.call<{ credential: string }>('POST', '/devices/register', device)).body
    // Lists first: what a stranger shows at its gate is in its own log from then on.
    const asked = guarded
      .filter((route) => OWN.includes(nameOf(route)))
      .toSorted((a, b) => (a.method < b.method ? -1 : 1))
    for (const route of asked) {
      const { status, text } = await send(route, await userToken(route, 'rival', credential))
      expect([nameOf(route), Math.floor(status / 100)]).toEqual([nameOf(route), 2])
      for (const secret of set.secrets) expect([nameOf(route), text.includes(secret)]).toEqual([nameOf(route), false])
    }
    expect([...new Set(asked.map(nameOf))].toSorted()).toEqual(OWN.toSorted())
  })

  it.each(['venue_staff', 'box_office'] as const)('keeps %s of another venue from what is ours', async (role) => {
    // What everybody may see or do for themselves is no matter of venues.
    const free: Action[] = [
      ...(['catalogue.read', 'profile.own', 'tickets.own', 'payouts.own', 'order.place', 'transfer.give'] as const),
      // A person is at no venue.
      'identity.verify',
    ]
    const asked = guarded.filter(
      ({ action, method }) => method !== 'HEAD' && mayDo(role, action) && !free.includes(action),
    )
    const token = await w.token(role, 'kim', { venues: ['0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1b77'] })
    const before = facts.count()
    for (const route of asked) {
      const { status, json } = await send(route, token)
      const isNo = status === 403 || status === 404 || (status === 200 && json?.items?.length === 0)
      const isDenied = nameOf(route) === 'POST /api/v1/tickets/validate-qr' && json.verdict === 'deny'
      expect([route.method, route.url, status, isNo || isDenied]).toEqual([route.method, route.url, status, true])
    }
    // The denial is logged.
    expect(facts.count()).toBe(before + 1)
  })
})

describe('every list', () => {
  it('F00.8 is items, nextCursor and asOf, and nothing that is one thing is a list', async () => {
    const reads = guarded.filter(({ method }) => method === 'GET')
    const shapes: Record<string, string[]> = {}
    for (const route of reads) shapes[nameOf(route)] = Object.keys((await send(route, await userToken(route))).json)
    const lists = Object.entries(shapes).filter(([name]) => !SINGLE.includes(name))
    for (const [name, keys] of lists) expect([name, keys.toSorted()]).toEqual([name, ['asOf', 'items', 'nextCursor']])
    for (const name of SINGLE) expect([name, shapes[name]?.includes('items')]).toEqual([name, false])
    expect(lists.length).toBeGreaterThan(8)
  })
})

describe('the routes of old', () => {
  it.each(['', '/api/v1'])('F20.4 that made codes answer nobody, under "%s"', async (prefix) => {
    const paths = [`/qr/${set.ticketId}/generate`, '/qr/validate', '/qr/refresh']
    for (const path of paths)
      for (const method of ['GET', 'POST']) expect((await ask(`${w.url}${prefix}${path}`, { method })).status).toBe(404)
  })

  it('F20.3 validate-qr is for staff: an attendee gets 403, and nobody 401', async () => {
    const validate = guarded.find(({ url }) => url === '/api/v1/tickets/validate-qr')!
    expect((await send(validate, await w.token('attendee', 'ann'))).status).toBe(403)
    expect((await send(validate)).status).toBe(401)
  })
})

// Last, since it uses up what is on the stage.
describe('what the routes above were asked with', () => {
  it('F00.1 F00.9 is taken from who may: so it was refused for no other reason', async () => {
    // Whoever was erased cannot come back by what they signed before.
    const inOrder = guarded.toSorted((a, b) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE'))
    const told = await answers(inOrder, (route) => userToken(route))
    expect(Object.entries(told).filter(([, status]) => status < 200 || status > 299)).toEqual([])
  })
})
