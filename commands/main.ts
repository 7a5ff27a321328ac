import { memorySlotPool, type PoolOptions } from '../adapters/cache/memory-slot-pool.ts'
import type { HttpServer } from '../adapters/http/server.ts'
import type { Health } from '../adapters/http/vitals.ts'
import { deviceKeys } from '../adapters/keys/device-credentials.ts'
import type { Parts } from '../adapters/parts.ts'
import { Unavailable } from '../domain/ledger.ts'
import { GRACE_SECONDS } from '../domain/ticket/sale.ts'
import { availabilityOf, freeSlots, newestSlots, orphans } from '../projections/availability/read.ts'
import { dueOrders } from '../projections/due/read.ts'
import type { Projections } from '../projections/projector.ts'
import { chainSide } from './chain/main.ts'
import { closingSide } from './closing/main.ts'
import { deskSide } from './desk/main.ts'
import type { Mailer } from './mail/mailer.ts'
import { mailReactor } from './mail/mails.ts'
import { marketSide } from './market/main.ts'
import { syncPayment } from './payment-sync.ts'
import { watchPayments } from './payment-watch.ts'
import type { CryptoDesk, Payments, Providers, SandboxDesk, Watched } from './payments.ts'
import { payoutSide } from './payouts/main.ts'
import { startReactor } from './reactors/running.ts'
import { expireReservations, releaseOrphans } from './reservations.ts'
import { deviceRoutes } from './routes/devices.ts'
import { eventRuleRoutes } from './routes/event-rules.ts'
import { eventRoutes } from './routes/events.ts'
import { internalRoutes } from './routes/internal.ts'
import { profileRoutes } from './routes/me.ts'
import { operationRoutes } from './routes/operations.ts'
import { orderRoutes } from './routes/orders.ts'
import { sandboxRoutes, webhookRoutes } from './routes/payments.ts'
import { payoutAccountRoutes } from './routes/payout-account.ts'
import { payoutRoutes } from './routes/payouts.ts'
import { scanRoutes } from './routes/scan.ts'
import { venueRoutes } from './routes/venues.ts'
import { walletRoutes } from './routes/wallet.ts'
import type { SlotPool } from './slot-pool.ts'
import { transfersSide } from './transfers/main.ts'
import { startWorkers } from './workers.ts'

export type CommandSide = {
  /** Puts its routes on a server. */
  readonly routes: (server: HttpServer) => void
  /** What works by itself, and whether it gets on. */
  readonly health: () => Promise<Health>
  /** Ends what runs by itself. */
  readonly stop: () => Promise<void>
}

/** More stand still at once only when something larger is wrong. */
const MOST_DUE = 100_000

/** The write side: its routes, its workers, its mails, the bank. */
export const commandSide = async (parts: Parts, projections: Projections): Promise<CommandSide> => {
  const { ledger, vault, leadership, cache, now, sleep, log, config } = parts
  const caughtUp = async (model: string) => {
    await projections.waitFor(model, await ledger.head(), 2_000)
    return projections
  }

  // The worker hears of what fails here, a minute later.
  const looked = (paymentId: string) =>
    syncPayment(deps, paymentId).catch((err) => log.warn({ err, paymentId }, 'a webhook failed'))
  const bank = await openBank(parts, looked)
  const slots = await slotPool(parts, projections)
  const deps = {
    ledger,
    cache,
    now,
    sleep,
    payments: bank.providers,
    slots,
    reservationMinutes: config.reservationMinutes,
  }
  const overdue = {
    orders: async (now: string) => dueOrders(await caughtUp('due'), now, MOST_DUE),
    orphans: async (now: string) => orphans(await caughtUp('availability'), { now, grace: GRACE_SECONDS }),
  }
  const view = {
    slots: async (tenant: string, eventId: string) => newestSlots(await caughtUp('availability'), tenant, eventId),
    rebuild: () => projections.rebuild('availability'),
  }

  const copying = await chainSide(parts, projections)
  const paying = await payoutSide(parts, projections, bank.providers)
  const desk = await deskSide(parts, projections)
  const market = marketSide(parts, projections, deps)
  const giving = transfersSide(parts, projections, { ledger, cache, now, sleep })
  const closing = await closingSide(parts, projections, bank.providers)
  const workers = startWorkers(
    [
      { name: 'reservation-expiry', every: '* * * * *', run: () => expireReservations({ ...deps, overdue }) },
      { name: 'orphan-cleanup', every: '* * * * *', run: () => releaseOrphans({ ...deps, overdue }) },
      ...paying.workers,
      ...market.workers,
      ...copying.workers,
      ...giving.workers,
      ...closing.workers,
    ],
    { leadership, reports: vault.workers, log },
  )
  const watch = watchPayments(deps, bank.crypto, {
    always: config.chain.solana !== undefined && isPayable(config),
    log,
  })
  const mailer = await openMailer(parts)
  const mailing = await startReactor(
    { ledger, intents: vault.intents, leadership, now, log },
    mailReactor({
      ...{ ledger, cache, mailer, people: vault.people, addressees: vault.addressees },
      ...{ acceptanceCodes: parts.acceptanceCodes, publicUrl: config.publicUrl },
    }),
  )

  return {
    routes: (server) => {
      venueRoutes(server, deps)
      eventRoutes(server, { ...deps, chainByDefault: config.chain.byDefault })
      eventRuleRoutes(server, deps)
      orderRoutes(server, deps)
      market.routes(server)
      webhookRoutes(server, deps)
      if (bank.desk) sandboxRoutes(server, deps, bank.desk, bank.cryptoDesk)
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
      profileRoutes(server, { ...deps, people: vault.people, wallets: vault.wallets })
      payoutAccountRoutes(server, { ...deps, payoutAccounts: vault.payoutAccounts })
      payoutRoutes(server, paying)
      walletRoutes(server, { ...deps, wallets: vault.wallets, keyFor: vault.keyFor, publicUrl: config.publicUrl })
      operationRoutes(server, { ...deps, overdue, view })
      desk.routes(server)
      giving.routes(server)
      closing.routes(server)
    },
    health: async () => {
      try {
        const [mail, payouts, disputes, refunds, chain] = await Promise.all([
          mailing.status(),
          paying.status(),
          desk.health(),
          closing.health(),
          copying.health(),
        ])
        const ready = [mail, payouts, disputes, refunds, chain].every(({ halted }) => halted === null)
        return { ready, mail, payouts, disputes, refunds, chain }
      } catch (error) {
        const unknown = { failure: (error as Error).message }
        return { ready: false, mail: unknown, payouts: unknown, disputes: unknown, refunds: unknown, chain: unknown }
      }
    },
    stop: async () => {
      await watch.stop()
      await copying.stop()
      await desk.stop()
      await closing.stop()
      await workers.stop()
      await paying.stop()
      await mailing.stop()
      await mailer.close()
      bank.close()
    },
  }
}

type Bank = {
  readonly providers: Providers
  readonly crypto: Watched
  readonly desk?: SandboxDesk
  readonly cryptoDesk?: CryptoDesk
  readonly close: () => void
}

const isPayable = ({ chain }: Parts['config']): boolean => Object.keys(chain.payRates).length > 0

/** The providers of payments. The sandbox tells of its webhooks without a way through the network. */
const openBank = async (parts: Parts, looked: (paymentId: string) => Promise<unknown>): Promise<Bank> => {
  const { config, vault, now, path, chain } = parts
  const [{ byMethod }, { solanaPay }] = await Promise.all([
    import('../adapters/payments/by-method.ts'),
    import('../adapters/payments/solana-pay.ts'),
  ])
  const crypto = solanaPay({
    ...{ rpc: chain.rpc, authority: chain.authority, now, signed: vault.signedTransactions },
    key: await vault.keyFor('solana-pay'),
    ...{ rates: config.chain.payRates, priorityFee: config.chain.priorityFee },
  })
  if (config.stripe) {
    const { stripePayments } = await import('../adapters/payments/stripe.ts')
    const card = stripePayments({ ...config.stripe, now })
    return { providers: byMethod({ card, crypto }), crypto, close: () => {} }
  }
  const { sandboxPayments } = await import('../adapters/payments/sandbox.ts')
  const sandbox = sandboxPayments({
    path: path('sandbox-bank.db'),
    key: await vault.keyFor('sandbox-bank'),
    now,
    deliver: async (rawBody, signature) => {
      const webhook = await sandbox.receive(rawBody, signature)
      if (webhook?.paymentId) await looked(webhook.paymentId)
    },
  })
  return {
    ...{ providers: byMethod({ card: sandbox, crypto }), crypto, desk: sandbox, close: sandbox.close },
    ...(typeof chain.rpc !== 'string' && {
      cryptoDesk: payersOn(chain.rpc, await vault.keyFor('sandbox-wallets'), crypto),
    }),
  }
}

/** Loaded with the first that pays: it needs all of web3.js. */
const payersOn = (rpc: Exclude<Parts['chain']['rpc'], string>, key: Uint8Array, payments: Payments): CryptoDesk => ({
  confirm: async (...entry) => {
    const { throwAwayWallets } = await import('../adapters/payments/solana-pay-wallet.ts')
    return throwAwayWallets({ rpc, key, payments }).confirm(...entry)
  },
})

const slotPool = async ({ redis, ledger, sleep }: Parts, projections: Projections): Promise<SlotPool> => {
  const free: PoolOptions['free'] = async (range, limit) => {
    // Or what is sold would be suggested again and again, and what is free be called sold out.
    if (!(await projections.waitFor('availability', await ledger.head(), 2_000)))
      throw new Unavailable('the availability view is behind the ledger: see /health')
    return freeSlots(projections, range, limit)
  }
  if (!redis) return memorySlotPool({ free, sleep })
  return (await import('../adapters/cache/redis-slot-pool.ts')).redisSlotPool({ redis, free, sleep })
}

const openMailer = async ({ config: { mail }, path }: Parts): Promise<Mailer> => {
  if (!mail.smtpUrl) return (await import('../adapters/mail/outbox.ts')).outbox(path('outbox'), mail.from)
  return (await import('../adapters/mail/smtp.ts')).smtpMailer({ url: mail.smtpUrl, from: mail.from })
}
