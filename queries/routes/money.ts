import { z } from 'zod'
import { localeOf, moneyView } from '../../adapters/http/locale.ts'
import { MoneyView } from '../../adapters/http/order-view.ts'
import { pageOf, paging } from '../../adapters/http/pages.ts'
import { minPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import { At } from '../../domain/time.ts'
import { catalogue } from '../../projections/catalogue/model.ts'
import { venueOf } from '../../projections/catalogue/read.ts'
import { journal } from '../../projections/journal/model.ts'
import { balanceOf, postingsOf, settlementOf } from '../../projections/journal/read.ts'
import { sales } from '../../projections/sales/model.ts'
import { salesOf } from '../../projections/sales/read.ts'
import { caughtUp, type Deps, eventFor, pageOfRows } from '../reading.ts'

const PostingView = z.object({
  factId: Id.describe('The fact that moved it.'),
  orderId: Id,
  eventId: Id,
  money: MoneyView.describe('Plus is what the venue is owed.'),
  at: At,
})

const Settlement = z.object({
  eventId: Id,
  currencies: z
    .array(z.object({ gross: MoneyView, fees: MoneyView, taxes: MoneyView, venueNet: MoneyView, sellers: MoneyView }))
    .describe('Of confirmed orders: gross = fees + taxes + venueNet + sellers, who sold tickets on.'),
  asOf: z.string(),
})

const revenue = {
  sold: z.int(),
  refunded: z.int(),
  gross: MoneyView.describe('What the buyers paid: prices, and the fees and taxes on top of them.'),
  price: MoneyView,
  fees: MoneyView,
  taxes: MoneyView,
}

const Sales = z.object({
  eventId: Id,
  sales: z
    .array(z.object({ typeId: Id, name: z.string(), day: z.iso.date().describe('Local to the event.'), ...revenue }))
    .describe('By the day on which they were sold and by ticket type. What was refunded counts only as refunded.'),
  asOf: z.string(),
})

/** Who has what of the money, and what was sold for it. */
export const moneyRoutes = (server: HttpServer, deps: Deps): void => {
  const config = { action: 'report.read' } as const
  const ofVenue = { params: z.strictObject({ venueId: Id }), querystring: z.strictObject({ minPosition }) }
  const ofEvent = { params: z.strictObject({ eventId: Id }), querystring: z.strictObject({ minPosition }) }

  const venueMustExist = async (request: Parameters<typeof caughtUp>[1], tenant: string, venueId: string) => {
    await caughtUp(deps, request, catalogue)
    if (!(await venueOf(deps.projections, tenant, venueId))) throw problemOf('VenueNotFound')
  }

  server.get(
    '/api/v1/venues/:venueId/balance',
    {
      config,
      schema: {
        tags: ['money'],
        description: 'What the venue is owed: the sum of its postings.',
        ...ofVenue,
        response: { 200: z.object({ venueId: Id, balances: z.array(MoneyView), asOf: z.string() }) },
      },
    },
    async (request) => {
      const { venueId } = request.params
      const { tenant } = request.caller
      await venueMustExist(request, tenant, venueId)
      const asOf = await caughtUp(deps, request, journal)
      const balances = await balanceOf(deps.projections, tenant, venueId)
      return { venueId, balances: balances.map((money) => moneyView(money, localeOf(request))), asOf }
    },
  )

  server.get(
    '/api/v1/venues/:venueId/postings',
    {
      config,
      schema: {
        tags: ['money'],
        description: 'What the balance is made of, the newest first.',
        params: ofVenue.params,
        querystring: z.strictObject({ ...paging(z.tuple([z.string(), z.int32()])), minPosition }),
        response: { 200: pageOf(PostingView) },
      },
    },
    async (request) => {
      const { venueId } = request.params
      const { tenant } = request.caller
      const { cursor, limit } = request.query
      await venueMustExist(request, tenant, venueId)
      const asOf = await caughtUp(deps, request, journal)
      const rows = await postingsOf(deps.projections, { tenant, venueId, before: cursor, limit: limit + 1 })
      const locale = localeOf(request)
      return pageOfRows(
        rows,
        limit,
        asOf,
        (row) => [row.position, row.line],
        (row) => ({
          factId: row.fact_id,
          orderId: row.order_id,
          eventId: row.event_id,
          money: moneyView({ amount: row.amount, currency: row.currency }, locale),
          at: row.at,
        }),
      )
    },
  )

  server.get(
    '/api/v1/events/:eventId/reports/settlement',
    {
      config,
      schema: {
        tags: ['reports'],
        description: 'What was paid for an event, and who gets it.',
        ...ofEvent,
        response: { 200: Settlement },
      },
    },
    async (request) => {
      const { eventId } = request.params
      await eventFor(deps, request, eventId)
      const asOf = await caughtUp(deps, request, journal)
      const found = await settlementOf(deps.projections, request.caller.tenant, eventId)
      const currencies = found.map(({ currency, gross, ...parts }) => {
        const money = (amount: number) => moneyView({ amount, currency }, localeOf(request))
        const [fees, taxes] = [money(parts.fees), money(parts.taxes)]
        return { gross: money(gross), fees, taxes, venueNet: money(parts.venueNet), sellers: money(parts.sellers) }
      })
      return { eventId, currencies, asOf }
    },
  )

  server.get(
    '/api/v1/events/:eventId/reports/sales',
    {
      config,
      schema: {
        tags: ['reports'],
        description: 'What was sold of an event, when and for how much.',
        ...ofEvent,
        response: { 200: Sales },
      },
    },
    async (request) => {
      const { eventId } = request.params
      await eventFor(deps, request, eventId)
      const asOf = await caughtUp(deps, request, sales)
      const found = await salesOf(deps.projections, request.caller.tenant, eventId)
      return {
        eventId,
        sales: found.map(({ currency, gross, price, fees, taxes, ...sale }) => {
          const money = (amount: number) => moneyView({ amount, currency }, localeOf(request))
          return { ...sale, gross: money(gross), price: money(price), fees: money(fees), taxes: money(taxes) }
        }),
        asOf,
      }
    },
  )
}
