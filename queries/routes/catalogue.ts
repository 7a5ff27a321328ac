import { z } from 'zod'
import { localeOf, moneyView } from '../../adapters/http/locale.ts'
import { MoneyView } from '../../adapters/http/order-view.ts'
import { pageOf, paging } from '../../adapters/http/pages.ts'
import { minPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import { RulesView, rulesView } from '../../adapters/http/rules-view.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { EventDetails, TicketType } from '../../domain/event/facts.ts'
import { Id } from '../../domain/id.ts'
import { At } from '../../domain/time.ts'
import { Fee, VenueDetails } from '../../domain/venue.ts'
import { catalogue, type EventRow, type VenueRow } from '../../projections/catalogue/model.ts'
import { eventsOf, venueOf, venuesOf } from '../../projections/catalogue/read.ts'
import { caughtUp, type Deps, draftsFor, eventFor, pageOfRows } from '../reading.ts'

const VenueView = VenueDetails.extend({
  venueId: Id,
  fees: z.array(Fee),
  royaltyBasisPoints: z.int().describe('The venue’s part of each resale, in hundredths of a percent.'),
})

const EventView = EventDetails.extend({
  eventId: Id,
  status: z.enum(['drafted', 'published', 'cancelled']),
  salesOpen: z.boolean(),
  pools: z.array(z.object({ pool: z.string(), size: z.int() })),
  types: z.array(
    TicketType.omit({ price: true }).extend({ price: MoneyView.describe('Before fees and taxes on top.') }),
  ),
  entrances: z.array(z.object({ name: z.string(), zone: z.string() })),
  rules: RulesView.describe('As they are now. A ticket keeps those that it was sold under, where they are kinder.'),
})

/** What is on, where, and what is sold for it. */
export const catalogueRoutes = (server: HttpServer, deps: Deps): void => {
  const config = { action: 'catalogue.read' } as const

  server.get(
    '/api/v1/venues',
    {
      config,
      schema: {
        tags: ['venues'],
        querystring: z.strictObject({ ...paging(z.tuple([Id])), minPosition }),
        response: { 200: pageOf(VenueView) },
      },
    },
    async (request) => {
      const asOf = await caughtUp(deps, request, catalogue)
      const { limit, cursor: [after] = [] } = request.query
      const rows = await venuesOf(deps.projections, { tenant: request.caller.tenant, after, limit: limit + 1 })
      return pageOfRows(rows, limit, asOf, (venue) => [venue.venue_id], venueView)
    },
  )

  server.get(
    '/api/v1/venues/:venueId',
    {
      config,
      schema: {
        tags: ['venues'],
        params: z.strictObject({ venueId: Id }),
        querystring: z.strictObject({ minPosition }),
        response: { 200: VenueView.extend({ asOf: z.string() }) },
      },
    },
    async (request) => {
      const asOf = await caughtUp(deps, request, catalogue)
      const venue = await venueOf(deps.projections, request.caller.tenant, request.params.venueId)
      if (!venue) throw problemOf('VenueNotFound')
      return { ...venueView(venue), asOf }
    },
  )

  server.get(
    '/api/v1/events',
    {
      config,
      schema: {
        tags: ['events'],
        description: 'In the order in which they start. Drafts are shown to those who make them.',
        querystring: z.strictObject({ ...paging(z.tuple([At, Id])), venueId: Id.optional(), minPosition }),
        response: { 200: pageOf(EventView) },
      },
    },
    async (request) => {
      const asOf = await caughtUp(deps, request, catalogue)
      const { caller, query } = request
      const rows = await eventsOf(deps.projections, {
        tenant: caller.tenant,
        venueId: query.venueId,
        draftsAt: draftsFor(caller),
        after: query.cursor,
        limit: query.limit + 1,
      })
      const locale = localeOf(request)
      const keyOf = (event: EventRow) => [event.starts_at, event.event_id]
      return pageOfRows(rows, query.limit, asOf, keyOf, (event) => eventView(event, locale))
    },
  )

  server.get(
    '/api/v1/events/:eventId',
    {
      config,
      schema: {
        tags: ['events'],
        params: z.strictObject({ eventId: Id }),
        querystring: z.strictObject({ minPosition }),
        response: { 200: EventView.extend({ asOf: z.string() }) },
      },
    },
    async (request) => {
      const { event, asOf } = await eventFor(deps, request, request.params.eventId)
      return { ...eventView(event, localeOf(request)), asOf }
    },
  )
}

const venueView = ({ venue_id, name, time_zone, fees, royalty }: VenueRow): z.infer<typeof VenueView> => ({
  venueId: venue_id,
  name,
  timeZone: time_zone,
  fees,
  royaltyBasisPoints: royalty,
})

const eventView = (event: EventRow, locale: string): z.infer<typeof EventView> => ({
  eventId: event.event_id,
  ...event.details,
  status: event.status,
  salesOpen: event.sales_open,
  pools: event.pools,
  types: event.types.map(({ price, ...type }) => ({
    ...type,
    price: moneyView({ amount: price, currency: event.details.currency }, locale),
  })),
  entrances: event.entrances,
  rules: rulesView(event.rules),
})
