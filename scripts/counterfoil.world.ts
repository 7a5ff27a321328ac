import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, readConfig } from '../adapters/config.ts'
import type { ChainMode } from '../domain/event/facts.ts'
import type { Role } from '../domain/roles.ts'
import { type Client, clientOf } from './client.ts'
import { type Counterfoil, startCounterfoil } from './counterfoil.ts'

export type PlacedOrder = {
  orderId: string
  status: string
  reason: string | null
  expiresAt: string
  total: { amount: number; currency: string }
  lines: { typeId: string; slot: string; priceCents: number }[]
  payment: { id: string; clientSecret: string }
}

export type OwnTicket = { ticketId: string; eventId: string; slot: string; status: string; priceFormatted: string }

export type Page<T> = { items: T[]; nextCursor: string | null; asOf: string }

/** What a token says besides the role and the person. */
type Known = { tenant?: string; venues?: string[] }

/** What an event on sale is made of; what is left out is as usual. */
type OnSale = {
  size?: number
  startsInHours?: number
  currency?: string
  type?: object
  fees?: object[]
  chain?: ChainMode | undefined
}

/** For worlds whose tickets are to be on chain: it takes a thread and an SVM, and most tests are about something else. */
export const ON_CHAIN = { chain: readConfig({}).chain } satisfies Partial<Config>

/** All of Counterfoil over real HTTP on a folder of its own, with a clock that a test can move and no limits but those given. */
export const wholeWorld = async (differing: Partial<Config> = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'counterfoil-test-'))
  const clock = { ahead: 0 }
  const now = () => new Date(Date.now() + clock.ahead).toISOString()
  const config = {
    ...readConfig({}),
    dataDir: folder,
    port: 0,
    logLevel: 'fatal',
    rateLimitPerMinute: 1_000_000,
    scanLimitPerMinute: 1_000_000,
    chain: { ...ON_CHAIN.chain, byDefault: 'off' } as const,
    ...differing,
  }
  let counterfoil: Counterfoil = await startCounterfoil(config, now)

  const token = (role: Role, subject: string, { tenant = 'demo', venues = [] }: Known = {}): Promise<string> =>
    counterfoil.issue({ subject, role, tenant, venues, expiresIn: 86_400 })

  const as = async (role: Role, subject: string, known: Known = {}): Promise<Client> =>
    clientOf(counterfoil.url, await token(role, subject, known))

  const onSale = async ({
    size = 10,
    startsInHours = 1,
    currency = 'EUR',
    type = {},
    fees = [],
    chain,
  }: OnSale = {}) => {
    const olga = await as('organizer', 'olga')
    const { venueId } = (
      await olga.call<{ venueId: string }>('POST', '/venues', { name: 'Paradiso', timeZone: 'Europe/Amsterdam' })
    ).body
    if (fees.length > 0) await olga.call('PUT', `/venues/${venueId}/fees`, { fees })
    const starts = Date.parse(now()) + startsInHours * 3_600_000
    const event = {
      venueId,
      name: 'Night of the Long Queue',
      startsAt: new Date(starts).toISOString(),
      endsAt: new Date(starts + 4 * 3_600_000).toISOString(),
      timeZone: 'Europe/Amsterdam',
      currency,
      chain,
    }
    const { eventId } = (await olga.call<{ eventId: string }>('POST', '/events', event)).body
    await olga.call('PUT', `/events/${eventId}/pools/GA`, { size })
    const standing = { name: 'Standing', pool: 'GA', priceCents: 2_500, zone: 'GA', ...type }
    const { typeId } = (await olga.call<{ typeId: string }>('POST', `/events/${eventId}/ticket-types`, standing)).body
    await olga.call('POST', `/events/${eventId}/publish`)
    await olga.call('POST', `/events/${eventId}/sales/open`)
    return { olga, venueId, eventId, typeId }
  }

  /** Places an order and pays for it; the order as it is once nothing moves any more. */
  const buy = async (buyer: Client, eventId: string, typeId: string, quantity = 1, card = 'good') => {
    const placed = await buyer.call<PlacedOrder>('POST', '/orders', { eventId, items: [{ typeId, quantity }] })
    const { orderId, payment } = placed.body
    await buyer
      .call('POST', `/sandbox/payments/${payment.id}/confirm`, { clientSecret: payment.clientSecret, card })
      .catch((error: { code?: string }) => {
        if (error.code !== 'CardDeclined') throw error
      })
    return (
      await buyer.call<PlacedOrder & { asOf: string }>(
        'GET',
        `/orders/${orderId}?wait=10s&minPosition=${placed.position}`,
      )
    ).body
  }

  /** Buys tickets; the newest of the event that the buyer has then. */
  const buyTickets = async (buyer: Client, eventId: string, typeId: string, quantity = 1): Promise<OwnTicket[]> => {
    const { asOf } = await buy(buyer, eventId, typeId, quantity)
    const path = `/tickets?eventId=${eventId}&limit=${quantity}&minPosition=${asOf}`
    return (await buyer.call<Page<OwnTicket>>('GET', path)).body.items
  }

  return {
    folder,
    clock,
    token,
    as,
    onSale,
    buy,
    buyTickets,
    get url() {
      return counterfoil.url
    },
    restart: async () => {
      await counterfoil.stop()
      counterfoil = await startCounterfoil(config, now)
    },
    close: async () => {
      await counterfoil.stop()
      await rm(folder, { recursive: true })
    },
  }
}

export type World = Awaited<ReturnType<typeof wholeWorld>>
