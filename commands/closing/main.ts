import type { HttpServer } from '../../adapters/http/server.ts'
import type { Parts } from '../../adapters/parts.ts'
import { plus } from '../../domain/time.ts'
import type { Projections } from '../../projections/projector.ts'
import { eventsLeft, type Occasion, ticketsLeft } from '../../projections/tickets/left.ts'
import type { Providers } from '../payments.ts'
import { givingWay, lull } from '../reactors/giving-way.ts'
import { lettingGo } from '../reactors/letting-go.ts'
import { type ReactorStatus, startReactor } from '../reactors/running.ts'
import { closingRoutes } from '../routes/closing.ts'
import { eventEndingRoutes } from '../routes/event-endings.ts'
import type { Worker } from '../workers.ts'
import type { Befallen, Left } from './left-tickets.ts'
import { refundReactor } from './refunds.ts'
import { closeCancelled, EXPIRES_AFTER_END, expireTickets, followReschedules } from './sweeps.ts'

export type ClosingSide = {
  readonly routes: (server: HttpServer) => void
  readonly workers: readonly Worker[]
  /** Whether money goes back. */
  readonly health: () => Promise<ReactorStatus>
  readonly stop: () => Promise<void>
}

/** More have something left at once only when something larger is wrong; the rest is for the next run. */
const EVENTS_AT_ONCE = 1_000

/** Milliseconds. While this thread is busy, tickets are closed all the same, only slowly. */
const GIVE_WAY = { every: 20, atMost: 1_000 }

/** What closes tickets, and gives their money back. */
export const closingSide = async (
  parts: Parts,
  projections: Projections,
  payments: Pick<Providers, 'called'>,
): Promise<ClosingSide> => {
  const { ledger, cache, vault, leadership, now, sleep, log } = parts
  const closing = new AbortController()
  const giveWay = () => lull(closing.signal, GIVE_WAY).catch(() => {})
  const deps = { ledger, cache, now, sleep, payments, closing: closing.signal, giveWay }

  const caughtUp = async () => {
    await projections.waitFor('tickets', await ledger.head(), 2_000)
    return projections
  }
  const leftBy = (occasion: Occasion, tenant?: string): Left => ({
    events: async () => {
      const which = { tenant, occasion, overBy: plus(now(), -EXPIRES_AFTER_END), limit: EVENTS_AT_ONCE }
      return eventsLeft(await caughtUp(), which)
    },
    tickets: async ({ tenant, eventId }, after, limit) =>
      ticketsLeft(await caughtUp(), { tenant, eventId, occasion, after, limit }),
  })
  const sweeps = {
    cancellation: (only?: Befallen) => closeCancelled(deps, leftBy('cancelled'), only),
    rescheduling: (only?: Befallen) => followReschedules(deps, leftBy('rescheduled'), only),
    expiry: (tenant?: string) => expireTickets(deps, leftBy('over', tenant)),
  }

  const following = new Set<Promise<unknown>>()
  const follow = (what: 'cancellation' | 'rescheduling', event: Befallen) => {
    const one = sweeps[what](event)
      // The worker goes on a minute later.
      .catch((err) => log.warn({ err, ...event }, `the ${what} of an event was not followed at once`))
      .finally(() => following.delete(one))
    following.add(one)
  }

  const refunds = await startReactor(
    { ledger, intents: vault.intents, leadership, now, log },
    lettingGo(givingWay(refundReactor(deps)), closing.signal),
  )

  return {
    routes: (server) => {
      closingRoutes(server, deps)
      eventEndingRoutes(server, { ...deps, follow, expire: sweeps.expiry })
    },
    workers: [
      { name: 'event-cancellation', every: '* * * * *', run: () => sweeps.cancellation() },
      { name: 'event-rescheduling', every: '* * * * *', run: () => sweeps.rescheduling() },
      { name: 'ticket-expiry', every: '* * * * *', run: () => sweeps.expiry() },
    ],
    health: refunds.status,
    stop: async () => {
      closing.abort()
      await Promise.all([refunds.stop(), ...following])
    },
  }
}
