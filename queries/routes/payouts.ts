import { z } from 'zod'
import { localeOf, moneyView } from '../../adapters/http/locale.ts'
import { MoneyView } from '../../adapters/http/order-view.ts'
import { pageOf, paging } from '../../adapters/http/pages.ts'
import { PayoutAccountsView } from '../../adapters/http/payout-accounts-view.ts'
import { minPosition } from '../../adapters/http/positions.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { CREDIT_STATUSES, leftOf, lostOf } from '../../domain/account/credit.ts'
import { Id } from '../../domain/id.ts'
import { At } from '../../domain/time.ts'
import type { PayoutAccounts } from '../../domain/vault.ts'
import { journal } from '../../projections/journal/model.ts'
import { owedToSeller } from '../../projections/journal/read.ts'
import { payouts } from '../../projections/payouts/model.ts'
import { creditsOf, destinationsOf, type SellerCredit } from '../../projections/payouts/read.ts'
import { caughtUp, pageOfRows, type Deps as ReadingDeps } from '../reading.ts'

type Deps = ReadingDeps & { readonly payoutAccounts: Pick<PayoutAccounts, 'find'> }

const Status = z.enum(CREDIT_STATUSES)

const PayoutView = z.object({
  orderId: Id.describe('Of whoever bought the ticket.'),
  eventId: Id,
  status: Status.describe(
    'withheld: the buyer disputes the payment. cancelled: the sale was undone before anything was paid out. reversing: it was undone since, and what was paid out is owed back.',
  ),
  share: MoneyView.describe('Of the sale, as it was credited.'),
  left: MoneyView.describe('What of it is the seller’s, now that parts may have been given back.'),
  creditedAt: At,
  payableFrom: At.nullable().describe('Not before that: the end of the event, or so many days after the sale.'),
  paidAt: At.nullable(),
  problem: z
    .string()
    .nullable()
    .describe('Why it could not be paid out yet: no_account where none was told, else the provider’s own word.'),
})

const SellerPayoutView = PayoutView.extend({
  sellerId: Id,
  lost: MoneyView.describe('What was owed back and the seller’s account no longer had: the platform bears it.'),
})

const PayoutAccountView = z.object({
  accounts: PayoutAccountsView,
  balances: z
    .array(MoneyView)
    .describe(
      'What the seller is owed, by currency: what is not paid out yet, less than nothing where some is owed back.',
    ),
  asOf: z.string(),
})

/** What sellers see of their money. */
export const payoutRoutes = (server: HttpServer, deps: Deps): void => {
  const config = { action: 'payouts.own' } as const

  server.get(
    '/api/v1/me/payouts',
    {
      config,
      schema: {
        tags: ['money'],
        description: 'The person’s shares of tickets that were sold on, and what became of each, the newest first.',
        querystring: z.strictObject({ ...paging(z.tuple([z.string()])), minPosition }),
        response: { 200: pageOf(PayoutView) },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query
      const { tenant, actor } = request.caller
      const asOf = await caughtUp(deps, request, payouts)
      const wanted = { tenant, sellerId: actor.id, status: undefined, before: cursor?.[0], limit: limit + 1 }
      const rows = await creditsOf(deps.projections, wanted)
      const locale = localeOf(request)
      return pageOfRows(
        rows,
        limit,
        asOf,
        (row) => [row.position],
        (row) => payoutView(row, locale),
      )
    },
  )

  server.get(
    '/api/v1/admin/payouts',
    {
      config: { action: 'operations.read' },
      schema: {
        tags: ['operations'],
        description: 'The shares of all sellers, and what became of each, the newest first.',
        querystring: z.strictObject({ ...paging(z.tuple([z.string()])), status: Status.optional(), minPosition }),
        response: { 200: pageOf(SellerPayoutView) },
      },
    },
    async (request) => {
      const { cursor, limit, status } = request.query
      const asOf = await caughtUp(deps, request, payouts)
      const wanted = { tenant: request.caller.tenant, sellerId: undefined, status, before: cursor?.[0] }
      const rows = await creditsOf(deps.projections, { ...wanted, limit: limit + 1 })
      const locale = localeOf(request)
      return pageOfRows(
        rows,
        limit,
        asOf,
        (row) => [row.position],
        (row) => ({
          ...payoutView(row, locale),
          sellerId: row.seller_id,
          lost: moneyView({ ...row.credit.amount, amount: lostOf(row.credit) }, locale),
        }),
      )
    },
  )

  server.get(
    '/api/v1/me/payout-account',
    {
      config,
      schema: {
        tags: ['money'],
        description: 'Where the person is paid for tickets that were sold on, and what is owed.',
        querystring: z.strictObject({ minPosition }),
        response: { 200: PayoutAccountView },
      },
    },
    async (request) => {
      const { tenant, actor } = request.caller
      await caughtUp(deps, request, payouts)
      const asOf = await caughtUp(deps, request, journal)
      const told = await destinationsOf(deps.projections, tenant, actor.id)
      const accountOf = async (id: string | undefined) => (id && (await deps.payoutAccounts.find(actor.id, id))) ?? null
      const accounts = { card: await accountOf(told.card), crypto: await accountOf(told.crypto) }
      const balances = await owedToSeller(deps.projections, tenant, actor.id)
      const locale = localeOf(request)
      return { accounts, balances: balances.map((money) => moneyView(money, locale)), asOf }
    },
  )
}

const payoutView = (row: SellerCredit, locale: string): z.infer<typeof PayoutView> => {
  const { amount, failed } = row.credit
  return {
    orderId: row.order_id,
    eventId: row.event_id,
    status: row.status,
    share: moneyView(amount, locale),
    left: moneyView({ ...amount, amount: leftOf(row.credit) }, locale),
    creditedAt: row.credited_at,
    payableFrom: row.payable_from ?? row.ends_at,
    paidAt: row.paid_at,
    problem: failed?.reason ?? null,
  }
}
