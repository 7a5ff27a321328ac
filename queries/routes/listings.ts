import { z } from 'zod'
import { localeOf, moneyView } from '../../adapters/http/locale.ts'
import { MoneyView } from '../../adapters/http/order-view.ts'
import { type Page, pageOf, paging } from '../../adapters/http/pages.ts'
import { minPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import type { Position } from '../../domain/fact.ts'
import { Id } from '../../domain/id.ts'
import { Amount } from '../../domain/money.ts'
import { At, Day } from '../../domain/time.ts'
import { listingStatuses, listings } from '../../projections/listings/model.ts'
import { listingOf, listingsBy, openListings, type SeenListing } from '../../projections/listings/read.ts'
import { tickets } from '../../projections/tickets/model.ts'
import { type ListedTicket, ticketsIn } from '../../projections/tickets/read.ts'
import { caughtUp, type Deps, eventFor, pageOfRows } from '../reading.ts'

const shown = {
  listingId: Id,
  ticketId: Id,
  eventId: Id,
  eventName: z.string(),
  typeId: Id,
  typeName: z.string(),
  slot: z.string(),
  zone: z.string(),
  validDates: z.array(Day).nullable().describe('The event’s local days that it admits on; null for the whole of it.'),
  price: MoneyView.describe('All that a buyer pays.'),
  isClaimed: z.boolean().describe('Whether a buyer is paying for it right now.'),
  listedAt: At,
}

/** To everybody: without who sells it, and without what befell them. */
const ListingView = z.object({ ...shown, status: z.enum(['open', 'sold', 'ended']) })

const OwnListing = z.object({
  ...shown,
  status: z
    .enum(listingStatuses)
    .describe('How it ended: sold, withdrawn, or with what befell the ticket, for it was admitted, locked and so on.'),
  changedAt: At.describe('Of its newest price, or of its end.'),
})

/** What holders sell on. */
export const listingRoutes = (server: HttpServer, deps: Deps): void => {
  /** With the tickets that they are of, which were sold long before they were listed. */
  const withTickets = async (tenant: string, rows: readonly SeenListing[], asOf: Position) => {
    await caughtUp(deps, { query: { minPosition: asOf } }, tickets)
    const found = await ticketsIn(
      deps.projections,
      tenant,
      rows.map((row) => row.ticket_id),
    )
    const byId = new Map(found.map((ticket) => [ticket.ticket_id, ticket]))
    return rows.map((row) => ({ row, ticket: byId.get(row.ticket_id)! }))
  }

  server.get(
    '/api/v1/events/:eventId/listings',
    {
      config: { action: 'catalogue.read' },
      schema: {
        tags: ['market'],
        description:
          'What of an event is for sale by its holders, the cheapest first. Of one that is over or cancelled, nothing.',
        params: z.strictObject({ eventId: Id }),
        querystring: z.strictObject({ ...paging(z.tuple([Amount, Id])), typeId: Id.optional(), minPosition }),
        response: { 200: pageOf(ListingView) },
      },
    },
    async (request): Promise<Page<z.infer<typeof ListingView>>> => {
      const { caller, params, query } = request
      const { event } = await eventFor(deps, request, params.eventId)
      const asOf = await caughtUp(deps, request, listings)
      const isOn = event.status !== 'cancelled' && deps.now() < event.details.endsAt
      const { limit, cursor: after, typeId } = query
      const { tenant } = caller
      const rows = isOn
        ? await openListings(deps.projections, { tenant, eventId: params.eventId, typeId, after, limit: limit + 1 })
        : []
      const locale = localeOf(request)
      return pageOfRows(
        await withTickets(tenant, rows, asOf),
        limit,
        asOf,
        ({ row }) => [row.price, row.listing_id],
        (listing) => listingView(listing, locale),
      )
    },
  )

  server.get(
    '/api/v1/listings/:listingId',
    {
      config: { action: 'catalogue.read' },
      schema: {
        tags: ['market'],
        params: z.strictObject({ listingId: Id }),
        querystring: z.strictObject({ minPosition }),
        response: { 200: z.object({ ...ListingView.shape, asOf: z.string() }) },
      },
    },
    async (request) => {
      const { tenant } = request.caller
      const asOf = await caughtUp(deps, request, listings)
      const row = await listingOf(deps.projections, tenant, request.params.listingId)
      if (!row) throw problemOf('ListingNotFound')
      const [listing] = await withTickets(tenant, [row], asOf)
      return { ...listingView(listing!, localeOf(request)), asOf }
    },
  )

  server.get(
    '/api/v1/me/listings',
    {
      config: { action: 'tickets.own' },
      schema: {
        tags: ['market'],
        description: 'What one has listed, the newest first, whatever became of it.',
        querystring: z.strictObject({ ...paging(z.tuple([z.string()])), minPosition }),
        response: { 200: pageOf(OwnListing) },
      },
    },
    async (request): Promise<Page<z.infer<typeof OwnListing>>> => {
      const { caller, query } = request
      const { tenant } = caller
      const asOf = await caughtUp(deps, request, listings)
      const rows = await listingsBy(deps.projections, {
        ...{ tenant, sellerId: caller.actor.id },
        ...{ before: query.cursor?.[0], limit: query.limit + 1 },
      })
      const locale = localeOf(request)
      return pageOfRows(
        await withTickets(tenant, rows, asOf),
        query.limit,
        asOf,
        ({ row }) => [row.appeared],
        (listing) => ({
          ...shownOf(listing, locale),
          status: listing.row.status,
          changedAt: listing.row.changed_at,
        }),
      )
    },
  )
}

type Listing = { readonly row: SeenListing; readonly ticket: ListedTicket }

const listingView = (listing: Listing, locale: string): z.infer<typeof ListingView> => {
  const { status } = listing.row
  return { ...shownOf(listing, locale), status: status === 'open' || status === 'sold' ? status : 'ended' }
}

const shownOf = ({ row, ticket }: Listing, locale: string) => ({
  listingId: row.listing_id,
  ticketId: row.ticket_id,
  eventId: row.event_id,
  eventName: ticket.event_name,
  typeId: row.type_id,
  typeName: ticket.type_name,
  slot: ticket.slot,
  zone: ticket.zone,
  validDates: ticket.valid_dates,
  price: moneyView({ amount: row.price, currency: row.currency }, locale),
  isClaimed: row.claimed,
  listedAt: row.listed_at,
})
