import { Registry } from 'prom-client'
import { z } from 'zod'
import { Conflict, Unavailable } from '../../domain/ledger.ts'
import type { Role } from '../../domain/roles.ts'
import { logTo } from '../log.ts'
import type { Caller } from './auth.ts'
import { requireVenue } from './auth.ts'
import { contextOf } from './idempotency.ts'
import { page, pageOf, paging } from './pages.ts'
import { atLeast, minPosition, tellPosition, type WaitFor } from './positions.ts'
import { problemOf } from './problem.ts'
import { type HttpOptions, httpServer } from './server.ts'

/** A server with a few routes of each kind, where a token is `<tenant>.<person>.<role>`. */
export const world = async (options: Partial<HttpOptions> = {}) => {
  const lines: string[] = []
  const metrics = new Registry()
  const server = await httpServer({
    authenticate: async (bearer) => callers.get(bearer),
    health: async () => ({ ready: true, readModels: { orders: { position: '2a/1', lag: 0, halted: false } } }),
    metrics,
    rateLimit: { perMinute: 1_000_000 },
    log: logTo('debug', { write: (line) => lines.push(line) }),
    ...options,
  })
  routes(server)
  return { server, lines, metrics }
}

export const bearer = (role: Role, person = 'ann') => ({ authorization: `Bearer acme.${person}.${role}` })

export const order = { lines: [{ typeId: 'regular', quantity: 2 }] }

const callerOf = (person: string, role: Role): Caller => ({
  tenant: 'acme',
  actor: { id: person, role },
  role,
  venues: ['arena'],
  subject: `idp|${person}`,
})

const callers = new Map<string, Caller>(
  (['attendee', 'venue_staff', 'organizer', 'auditor'] as const).flatMap((role) =>
    ['ann', 'bob'].map((person) => [`acme.${person}.${role}`, callerOf(person, role)] as const),
  ),
)

/** What broken routes throw, by name. */
const failures = {
  refusal: () => problemOf('TicketTaken', 'pool:GA:7 went to another order.'),
  unavailable: () => new Unavailable('the ledger did not answer within 2 s'),
  conflict: () => new Conflict('ticket-7 is at revision 3, not 2'),
  bug: () => Object.assign(new Error('total is not a number'), { body: { email: 'ann@example.org' } }),
}

const upTo: WaitFor = async (position) => position <= '2a/1'

const Line = z.strictObject({ typeId: z.string().min(1), quantity: z.int().min(1).max(50) })

const routes = (server: Awaited<ReturnType<typeof httpServer>>): void => {
  server.post(
    '/orders/:event',
    {
      config: { action: 'order.place' },
      schema: {
        params: z.strictObject({ event: z.string().max(40) }),
        body: z.strictObject({
          lines: z.array(Line).min(1),
          locale: z.string().default('en'),
          note: z.json().optional(),
        }),
        response: { 201: z.object({ commandId: z.string(), request: z.string(), tickets: z.int() }) },
      },
    },
    async (request, reply) => {
      const { commandId, request: hash } = contextOf(request, 'PlaceOrder', request.params.event)
      const tickets = request.body.lines.reduce((total, { quantity }) => total + quantity, 0)
      const answer = { commandId, request: hash, tickets, secret: 'not in the schema' }
      return tellPosition(reply, '2b/0').code(201).send(answer)
    },
  )

  server.get(
    '/orders',
    {
      config: { action: 'order.read' },
      schema: {
        querystring: z.strictObject({ ...paging(z.tuple([z.int()])), minPosition }),
        response: { 200: pageOf(z.object({ number: z.int() })) },
      },
    },
    async (request) => {
      await atLeast(request, upTo)
      const { limit, cursor: [after] = [0] } = request.query
      const rows = Array.from({ length: 5 }, (_, i) => ({ number: i + 1 })).filter(({ number }) => number > after)
      return page(rows.slice(0, limit + 1), limit, '2a/1', ({ number }) => [number])
    },
  )

  server.get('/orders/failing/:how', { config: { action: 'order.read' } }, async (request) => {
    const { how } = request.params as { how: keyof typeof failures }
    throw failures[how]()
  })

  server.get(
    '/venues/:venue/scans',
    { config: { action: 'scan-log.read' }, schema: { params: z.strictObject({ venue: z.string() }) } },
    async (request) => {
      requireVenue(request.caller, request.params.venue)
      return { scans: [] }
    },
  )

  server.delete('/orders/:id', { config: { action: 'order.cancel' } }, async (request, reply) => {
    contextOf(request, 'CancelOrder', 'o1')
    return reply.code(204).send()
  })

  server.get('/prices', { config: { action: 'public' } }, async () => ({ prices: [] }))

  server.post('/hooks/bank', { config: { action: 'webhook' } }, async (request) => ({ caller: request.caller }))
}
