import { memorySlotPool } from '../adapters/cache/memory-slot-pool.ts'
import type { HttpServer } from '../adapters/http/server.ts'
import { deviceKeys } from '../adapters/keys/device-credentials.ts'
import type { Parts } from '../adapters/parts.ts'
import { sandboxPayments } from '../adapters/payments/sandbox.ts'
import { Unavailable } from '../domain/ledger.ts'
import { GRACE_SECONDS } from '../domain/ticket/sale.ts'
import { availabilityOf, freeSlots, newestSlots, orphans } from '../projections/availability/read.ts'
import { dueOrders } from '../projections/due/read.ts'
import type { Projections } from '../projections/projector.ts'
import { syncPayment } from './payment-sync.ts'
import { expireReservations, releaseOrphans } from './reservations.ts'
import { deviceRoutes } from './routes/devices.ts'
import { eventRoutes } from './routes/events.ts'
import { internalRoutes } from './routes/internal.ts'
import { profileRoutes } from './routes/me.ts'
import { operationRoutes } from './routes/operations.ts'
import { orderRoutes } from './routes/orders.ts'
import { sandboxRoutes, webhookRoutes } from './routes/payments.ts'
import { scanRoutes } from './routes/scan.ts'
import { venueRoutes } from './routes/venues.ts'
import { startWorkers } from './workers.ts'

/** More stand still at once only when something larger is wrong. */
const MOST_DUE = 100_000

/** The write side: its routes on the server, its workers, the sandbox bank. `stop` ends what runs by itself. */
export const commandSide = async (
  server: HttpServer,
  parts: Parts,
  projections: Projections,
): Promise<{ stop: () => Promise<void> }> => {
  const { ledger, vault, cache, now, sleep, config } = parts
  const { db } = parts.readModels
  const caughtUp = async (model: string) => {
    await projections.waitFor(model, await ledger.head(), 2_000)
    return db
  }

  const bank = sandboxPayments({
    path: parts.path('sandbox-bank.db'),
    key: await vault.keyFor('sandbox-bank'),
    now,
    deliver: async (rawBody, signature) => {
      const webhook = bank.receive(rawBody, signature)
      // The worker hears of what fails here, a minute later.
      if (webhook)
        await syncPayment(deps, webhook.paymentId).catch((err) => server.log.warn({ err }, 'a webhook failed'))
    },
  })
  const slots = memorySlotPool({
    sleep,
    free: async (range, limit) => {
      // Or what is sold would be suggested again and again, and what is free be called sold out.
      if (!(await projections.waitFor('availability', await ledger.head(), 2_000)))
        throw new Unavailable('the availability view is behind the ledger: see /health')
      return freeSlots(db, range, limit)
    },
  })
  const deps = { ledger, cache, now, sleep, payments: bank, slots, reservationMinutes: config.reservationMinutes }
  const overdue = {
    orders: async (now: string) => dueOrders(await caughtUp('due'), now, MOST_DUE),
    orphans: async (now: string) => orphans(await caughtUp('availability'), { now, grace: GRACE_SECONDS }),
  }
  const view = {
    slots: async (tenant: string, eventId: string) => newestSlots(await caughtUp('availability'), tenant, eventId),
    rebuild: () => projections.rebuild('availability'),
  }

  const workers = startWorkers(
    [
      { name: 'reservation-expiry', every: '* * * * *', run: () => expireReservations({ ...deps, overdue }) },
      { name: 'orphan-cleanup', every: '* * * * *', run: () => releaseOrphans({ ...deps, overdue }) },
    ],
    { leadership: parts.leadership, log: server.log },
  )

  venueRoutes(server, deps)
  eventRoutes(server, deps)
  orderRoutes(server, deps)
  webhookRoutes(server, deps)
  sandboxRoutes(server, deps, bank)
  internalRoutes(server, {
    ...deps,
    countTypes: async (tenant, eventId) =>
      (await availabilityOf(await caughtUp('availability'), tenant, eventId)).types,
  })
  deviceRoutes(server, { ...deps, deviceKeys: deviceKeys(vault) })
  scanRoutes(server, {
    ...deps,
    codes: parts.codes,
    policy: parts.policy,
    people: vault.people,
    metrics: parts.metrics,
    scanRateLimit: { perMinute: config.scanLimitPerMinute },
  })
  profileRoutes(server, { ...deps, people: vault.people })
  operationRoutes(server, { ...deps, overdue, view, workers })

  return {
    stop: async () => {
      await workers.stop()
      bank.close()
    },
  }
}
