import { Registry } from 'prom-client'
import { onTestFinished } from 'vitest'
import { httpServer } from '../adapters/http/server.ts'
import { authenticator } from '../adapters/keys/authenticate.ts'
import { deviceAuthenticator, deviceKeys } from '../adapters/keys/device-credentials.ts'
import { personIdOf } from '../adapters/keys/person-id.ts'
import { ticketCodes } from '../adapters/keys/ticket-codes.ts'
import { embeddedIssuer, tokenVerifier } from '../adapters/keys/tokens.ts'
import { logTo } from '../adapters/log.ts'
import { lru } from '../adapters/lru.ts'
import { memoryLedger } from '../adapters/memory-ledger.ts'
import { sqliteVault } from '../adapters/sqlite/vault.ts'
import { STANDARD } from '../domain/admission/policy.ts'
import type { EventDetails } from '../domain/event/facts.ts'
import type { Recorded } from '../domain/fact.ts'
import type { Placed } from '../domain/order/facts.ts'
import type { AnyFact } from '../domain/registry.ts'
import type { Role } from '../domain/roles.ts'
import type { Folded } from '../domain/stream.ts'
import type { Lease, Sale } from '../domain/ticket/state.ts'
import { plus } from '../domain/time.ts'
import { meRoutes } from '../queries/routes/me.ts'
import { qrRoutes } from '../queries/routes/qr.ts'
import { record } from './handle.ts'
import { stepIdOf, ticketIdOf } from './ids.ts'
import { deviceRoutes } from './routes/devices.ts'
import { profileRoutes } from './routes/me.ts'
import { scanRoutes } from './routes/scan.ts'
import { walletRoutes } from './routes/wallet.ts'

export const VENUE = '0197e1a0-0000-7000-8000-00000000000a'
export const OTHER_VENUE = '0197e1a0-0000-7000-8000-0000000000aa'
const ORDER = '0197e1a0-0000-7000-8000-0000000000b1'
const TYPE = '0197e1a0-0000-7000-8000-0000000000c1'
/** Half an hour before the concert. */
const EVENING = '2030-06-01T17:30:10.000Z'

type Answer = { status: number; headers: Record<string, unknown>; body: Record<string, unknown>; text: string }
type Sent = { body?: unknown; key?: string; accept?: string }
type Known = { tenant?: string; venues?: readonly string[] }

/** An event, and whose it is. */
type At = { eventId: string; venueId: string; tenant: string }

type Options = {
  log?: Recorded[]
  vault?: ReturnType<typeof sqliteVault>
  scansPerMinute?: number
  rotationSeconds?: number
}

/** The gate over HTTP with its real parts, at one venue with one concert; `log` and `vault` of another world are its restart. */
export const gateWorld = async (options: Options = {}) => {
  const { log = [], vault = sqliteVault(':memory:'), scansPerMinute = 1_000_000, rotationSeconds = 30 } = options
  let clock = EVENING
  const now = () => clock
  const metrics = new Registry()
  const deps = {
    ledger: memoryLedger({ log }),
    now,
    sleep: async () => {},
    cache: lru<string, Folded<unknown>>(1_000),
    people: vault.people,
    wallets: vault.wallets,
    isVerified: async () => false,
    keyFor: vault.keyFor,
    publicUrl: 'https://tickets.example.com',
    codes: ticketCodes(vault.eventSecrets),
    policy: { ...STANDARD, rotationSeconds },
    deviceKeys: deviceKeys(vault),
    issuedCodes: lru<string, { code: string; expiresAt: string }>(100),
    metrics,
    scanRateLimit: { perMinute: scansPerMinute },
  }
  const issuer = await embeddedIssuer(vault, now)
  const server = await httpServer({
    authenticate: authenticator({
      verifyToken: tokenVerifier({ ...issuer, now }),
      authenticateDevice: deviceAuthenticator({ ...deps, deviceCredentials: vault.deviceCredentials }),
    }),
    health: async () => ({ ready: true }),
    metrics,
    rateLimit: { perMinute: 1_000_000 },
    log: logTo('silent'),
  })
  scanRoutes(server, deps)
  deviceRoutes(server, deps)
  profileRoutes(server, deps)
  walletRoutes(server, deps)
  meRoutes(server, deps)
  qrRoutes(server, deps)
  onTestFinished(() => server.close())

  let facts = 0
  const put = (category: string, id: string, fact: AnyFact, tenant = 'acme') => {
    const commandId = stepIdOf(ORDER, `${log.length}/${facts++}`)
    const actor = { id: ORDER, role: 'process' } as const
    return record(deps, category, id, fact, { commandId, correlationId: ORDER, tenant, actor, request: '' })
  }
  const token = (role: Role, subject = 'sam', { tenant = 'acme', venues = [VENUE] }: Known = {}) =>
    issuer.issue({ subject, role, tenant, venues, expiresIn: 86_400 })

  const call = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, bearer: string, sent: Sent = {}) => {
    const { statusCode, headers, payload } = await server.inject({
      method,
      url: `/api/v1${path}`,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(sent.key && { 'idempotency-key': sent.key }),
        ...(sent.accept && { accept: sent.accept }),
        ...(sent.body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(sent.body !== undefined && { payload: JSON.stringify(sent.body) }),
    })
    const isJson = String(headers['content-type']).includes('json')
    return { status: statusCode, headers, body: isJson ? JSON.parse(payload) : {}, text: payload } satisfies Answer
  }

  const draft = async (name: string, other: Partial<EventDetails> = {}, tenant = 'acme') => {
    const eventId = stepIdOf(ORDER, name)
    const details: EventDetails = {
      venueId: VENUE,
      name,
      type: 'single',
      startsAt: '2030-06-01T18:00:00.000Z',
      endsAt: '2030-06-01T21:00:00.000Z',
      timeZone: 'Europe/Berlin',
      currency: 'EUR',
      zones: ['GA', 'VIP', 'BACKSTAGE'],
      chain: 'token',
      ...other,
    }
    await put('event', eventId, { type: 'EventDrafted', data: details }, tenant)
    await put('event', eventId, { type: 'EventEntranceSet', data: { name: 'North', zone: 'GA' } }, tenant)
    return { eventId, venueId: details.venueId, tenant }
  }

  const orderOf = ({ eventId, venueId, tenant }: At, holderId: string, ticketId: string, zone: string) => {
    const orderId = stepIdOf(ticketId, 'order')
    const price = { amount: 5_000, currency: 'EUR' }
    const place = { slot: 'pool:GA:1', edition: 1 }
    const expiresAt = plus(clock, 1_800)
    const placed: Placed = {
      kind: 'purchase',
      eventId,
      venueId,
      payerId: holderId,
      currency: 'EUR',
      lines: [
        {
          kind: 'ticket',
          typeId: TYPE,
          ...place,
          holderId,
          price: 5_000,
          fees: [],
          taxes: [],
          zone: 'GA',
          validDates: null,
          transferable: true,
        },
      ],
      total: 5_000,
      payments: [],
      limits: [],
      delivery: 'digital',
      terms: 0,
      expiresAt,
    }
    const lease: Lease = { eventId, venueId, typeId: TYPE, ...place, orderId, price, expiresAt }
    const sale: Sale = {
      eventId,
      venueId,
      typeId: TYPE,
      orderId,
      payerId: holderId,
      holderId,
      price,
      generation: 1,
      zone,
      validDates: null,
      delivery: 'digital',
      transferable: true,
    }
    const paid = {
      eventId,
      venueId,
      payerId: holderId,
      ticketIds: [ticketId],
      currency: 'EUR',
      total: 5_000,
      shares: [],
    }
    return {
      reserve: async () => {
        await put('order', orderId, { type: 'OrderPlaced', data: placed }, tenant)
        await put('ticket', ticketId, { type: 'TicketReserved', data: lease }, tenant)
      },
      sell: () => put('ticket', ticketId, { type: 'TicketSold', data: sale }, tenant),
      confirm: () => put('order', orderId, { type: 'OrderConfirmed', data: paid }, tenant),
      refund: () =>
        put(
          'ticket',
          ticketId,
          { type: 'TicketRefunded', data: { eventId, typeId: TYPE, orderId, price, refunds: [] } },
          tenant,
        ),
    }
  }

  let slots = 0
  /** Bought and paid, as far as `until` says. */
  const buy = async (
    at: At,
    { holder = 'ann', zone = 'GA', until = 'confirmed' }: { holder?: string; zone?: string; until?: string } = {},
  ) => {
    const holderId = personIdOf(issuer.issuer, holder)
    const ticketId = ticketIdOf(at.eventId, `pool:GA:${++slots}`, 1)
    const steps = orderOf(at, holderId, ticketId, zone)
    await steps.reserve()
    if (until !== 'reserved') await steps.sell()
    if (until === 'confirmed') await steps.confirm()
    const credential = { eventId: at.eventId, ticketId, generation: 1, timeZone: 'Europe/Berlin' }
    return {
      ticketId,
      holderId,
      ...steps,
      code: async (carrier: 'app' | 'static' = 'app') =>
        (await deps.codes.issue({ ...credential, carrier, at: clock, rotationSeconds })).code,
    }
  }

  await put('venue', VENUE, { type: 'VenueRegistered', data: { name: 'Arena', timeZone: 'Europe/Berlin' } })
  await put('venue', OTHER_VENUE, { type: 'VenueRegistered', data: { name: 'Club', timeZone: 'Europe/Berlin' } })

  /** A device of a label, ready to scan. */
  const registerDevice = async (deviceId: string, other: object = {}, known: Known = {}): Promise<string> => {
    const bearer = await token('organizer', 'olga', known)
    const device = { deviceId, name: `Scanner ${deviceId}`, venueId: VENUE, zone: 'GA', ...other }
    const { body } = await call('POST', '/devices/register', bearer, { body: device })
    return body.credential as string
  }

  return {
    call,
    token,
    draft,
    buy,
    put,
    log,
    vault,
    deps,
    server,
    metrics,
    registerDevice,
    scan: (device: string, code: unknown, key?: string) =>
      call('POST', '/scan', device, { body: { code }, ...(key && { key }) }),
    pass: (seconds: number) => {
      clock = plus(clock, seconds)
    },
    personId: (subject: string) => personIdOf(issuer.issuer, subject),
    ofType: (type: string) => log.filter((fact) => fact.type === type),
  }
}
