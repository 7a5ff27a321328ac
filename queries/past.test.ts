import fc from 'fast-check'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Authenticate } from '../adapters/http/auth.ts'
import { type HttpServer, httpServer } from '../adapters/http/server.ts'
import { soleLeader } from '../adapters/leadership.ts'
import { logTo } from '../adapters/log.ts'
import { memoryLedger } from '../adapters/memory-ledger.ts'
import { openReadModels } from '../adapters/pglite/read-models.ts'
import type { Position, Recorded } from '../domain/fact.ts'
import { known } from '../domain/registry.ts'
import { Role } from '../domain/roles.ts'
import { readModels } from '../projections/models.ts'
import { startProjections } from '../projections/projector.ts'
import { idFor, type Story, standing, story, TYPE, tossed } from '../projections/story.world.ts'
import { orderRoutes } from './routes/orders.ts'
import { ticketRoutes } from './routes/tickets.ts'

let clock = ''
const now = () => clock
const log: Recorded[] = []
const ledger = memoryLedger({ log })
let server: HttpServer
let close: () => Promise<void>

/** A token is `<tenant>.<person>.<role>`, perhaps with a venue; those bound to one hold at the Arena otherwise. */
const authenticate: Authenticate = async (bearer) => {
  const [tenant = '', person = '', role, venue = 'Arena'] = bearer.split('.')
  const actor = { id: idFor(`person/${person}`), role: Role.parse(role) }
  return { tenant, actor, role: actor.role, venues: [idFor(`${tenant}/venue/${venue}`)], subject: person }
}

beforeAll(async () => {
  const database = await openReadModels(':memory:')
  const options = { database, ledger, leadership: soleLeader, models: readModels, decode: known, now }
  const projections = await startProjections(options)
  const health = async () => ({ ready: true })
  const metrics = new Registry()
  server = await httpServer({ authenticate, health, metrics, rateLimit: { perMinute: 1e6 }, log: logTo('error') })
  const deps = {
    projections,
    ledger,
    people: { find: async () => undefined },
    wallets: { find: async () => new Map() },
    addressees: { find: async () => undefined },
    isVerified: async () => false,
    now,
  }
  ticketRoutes(server, deps)
  orderRoutes(server, deps)
  await server.ready()
  close = async () => {
    await server.close()
    await projections.close()
    await database.close()
  }
})
afterAll(() => close())

const ask = async (bearer: string, path: string, query: Record<string, string>) => {
  const answer = await server.inject({ url: `/api/v1${path}`, query, headers: { authorization: `Bearer ${bearer}` } })
  const { asOf, ...body } = answer.json()
  return { status: answer.statusCode, asOf, body }
}

/** Records what a story told, as it told it: here and now it happens. */
const happen = async ({ stream, revision, id, type, data, metadata }: Recorded): Promise<Position> => {
  clock = metadata.at
  return ledger.append(stream, revision === 0 ? 'none' : revision - 1, [{ id, type, data, metadata }])
}

const recordAll = async (tale: Story): Promise<void> => {
  for (const fact of tale.log) await happen(fact)
}

const named = (facts: readonly Recorded[], category: string): string[] => [
  ...new Set(
    facts.flatMap(({ stream }) => (stream.startsWith(`${category}-`) ? stream.slice(category.length + 1) : [])),
  ),
]

describe('what was', () => {
  let told = 0

  it('is what was shown then, at every moment of a random history, and now is what is shown now', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(10_000), { minLength: 60, maxLength: 90 }),
        fc.integer({ min: 4, max: 12 }),
        async (dice, every) => {
          const tenant = `random${told++}`
          const tale = story({ tenant })
          await tossed(tale, dice)
          const paths = [
            ...named(tale.log, 'ticket').map((id) => `/tickets/${id}`),
            ...named(tale.log, 'order').map((id) => `/orders/${id}`),
          ]
          const views = async (query: Record<string, string>) => {
            const answers = await Promise.all(paths.map((path) => ask(`${tenant}.ada.auditor`, path, query)))
            return answers.map(({ status, body }) => (status === 200 ? body : status))
          }

          const moments: { position: Position; time: string; shown: unknown[] }[] = []
          // Devices have the same id in every tenant of these stories, and show nowhere here.
          const facts = tale.log.filter(({ stream }) => !stream.startsWith('device-'))
          for (const [i, fact] of facts.entries()) {
            const position = await happen(fact)
            if (i % every !== 0 && i < facts.length - 1) continue
            moments.push({ position, time: clock, shown: await views({ minPosition: position }) })
          }
          for (const { position, time, shown } of moments) {
            expect(await views({ at: position })).toEqual(shown)
            expect(await views({ at: time })).toEqual(shown)
          }
          for (const view of moments.flatMap(({ shown }) => shown) as (number | { status: string })[])
            seen.add(typeof view === 'number' ? `${view}` : view.status)
        },
      ),
      { numRuns: 3, seed: 20_300_101 },
    )
    // Or the history was not random enough to say anything.
    const needed = ['404', 'RESERVED', 'SOLD', 'ACTIVE', 'CHECKED_IN', 'REFUNDED', 'confirmed', 'cancelled', 'refunded']
    expect([...seen]).toEqual(expect.arrayContaining(needed))
  }, 60_000)

  it('shows names as they were', async () => {
    const tale = story({ tenant: 'names' })
    await tale.venue('Arena')
    const eventId = await tale.event('Gala')
    const { tickets } = await tale.buy('mine', eventId, [1])
    const then = tale.now()
    await tale.tell('event', eventId, {
      type: 'EventTicketTypeSet',
      data: { ...standing(5_000), typeId: TYPE, name: 'Floor' },
    })
    await recordAll(tale)
    const path = `/tickets/${tickets[0]!.ticketId}`
    expect((await ask('names.ada.auditor', path, { at: then })).body.typeName).toBe('Standing')
    expect((await ask('names.ada.auditor', path, { at: tale.now() })).body.typeName).toBe('Floor')
  })

  it('says how far the ledger was read, and the same position asked for shows the same', async () => {
    const tale = story({ tenant: 'again' })
    await tale.venue('Arena')
    const { orderId } = await tale.buy('mine', await tale.event('Gala'), [1])
    await recordAll(tale)
    const first = await ask('again.ada.auditor', `/orders/${orderId}`, { at: clock })
    expect(first.asOf).toBe(await ledger.head())
    expect(await ask('again.ada.auditor', `/orders/${orderId}`, { at: first.asOf })).toEqual(first)
  })
})

describe('who and when', () => {
  const told = async (tenant: string) => {
    const tale = story({ tenant })
    await tale.venue('Arena')
    const eventId = await tale.event('Gala')
    const before = tale.now()
    const { orderId, tickets } = await tale.buy('mine', eventId, [1])
    await recordAll(tale)
    return { before, paths: [`/tickets/${tickets[0]!.ticketId}`, `/orders/${orderId}`] as const }
  }

  it('the past is for staff of the venue and auditors: its holder is told so, other venues find nothing', async () => {
    const { paths } = await told('who')
    const statuses = async (who: string, path: string) => (await ask(`who.${who}`, path, { at: clock })).status
    for (const path of paths) {
      expect(await ask('who.ann.attendee', path, { at: clock })).toMatchObject({
        status: 403,
        body: { code: 'forbidden', detail: expect.stringContaining('leave out at') },
      })
      for (const role of ['box_office', 'organizer', 'admin', 'auditor'])
        expect([role, await statuses(`bea.${role}`, path)]).toEqual([role, 200])
      expect(await statuses('bea.box_office.Hall', path)).toBe(404)
      expect(await statuses('bea.scanner', path)).toBe(403)
      expect((await ask('other.bea.auditor', path, { at: clock })).status).toBe(404)
    }
    expect(await statuses('bea.venue_staff', paths[0])).toBe(200)
  })

  it('before it began there is nothing, and a moment that was not is refused by name', async () => {
    const { before, paths } = await told('when')
    const head = await ledger.head()
    const messageFor = async (at: string) => {
      const { status, body } = await ask('when.ada.auditor', paths[0], { at })
      return [status, body.code, body.errors?.[0].field, body.errors?.[0].message]
    }
    for (const path of paths) expect((await ask('when.ada.auditor', path, { at: before })).status).toBe(404)
    const no = [400, 'validation_failed', 'at']
    expect(await messageFor('2999-01-01T00:00:00Z')).toEqual([...no, `lies in the future: it is ${clock}`])
    expect(await messageFor('f'.repeat(head.length))).toEqual([
      ...no,
      `lies beyond the newest fact, which is at ${head}`,
    ])
    expect(await messageFor('2030')).toEqual([...no, `is no position of this ledger, which is at ${head}`])
    expect(await messageFor('yesterday')).toEqual([...no, expect.stringContaining('is neither a time such as')])
  })
})
