import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { localeOf, moneyView } from '../../adapters/http/locale.ts'
import { MoneyView, orderView } from '../../adapters/http/order-view.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import { Amount, Currency } from '../../domain/money.ts'
import { PayMethod } from '../../domain/order/facts.ts'
import { stepIdOf } from '../ids.ts'
import { buyListing } from '../market/buying.ts'
import {
  type KnownListing,
  type Listed,
  listingIdOf,
  listTicket,
  repriceListing,
  withdrawListing,
} from '../market/listing.ts'
import type { Deps as OrderDeps } from '../ordering.ts'
import { AnsweredOrder, paymentOf, placedOrThrow } from './orders.ts'

export type Deps = OrderDeps & {
  /** A listing of a tenant's, whatever became of it. */
  readonly findListing: (tenant: string, listingId: string) => Promise<KnownListing | undefined>
  /** The same without waiting for what was recorded a moment ago elsewhere. */
  readonly seenListing: (tenant: string, listingId: string) => Promise<KnownListing | undefined>
  /** What was just listed is found at once from now on. */
  readonly remember: (tenant: string, listing: KnownListing) => void
}

const tags = ['market']

/** What is no price gets as far as the rules, which refuse it by name. */
const PriceCents = z.int().max(Amount.maxValue!)

const price = {
  priceCents: PriceCents.describe('Minor units, and all that its buyer will pay.'),
  currency: Currency.optional().describe('The event’s, which is also what it is where none is named.'),
}

const ListingAnswer = z.object({
  listingId: Id,
  ticketId: Id,
  eventId: Id,
  status: z.enum(['open', 'ended']),
  price: MoneyView.nullable().describe('Null where it has ended.'),
})

const params = z.strictObject({ listingId: Id })

/** Tickets that their holders sell on: listed, and bought for real. */
export const marketRoutes = (server: HttpServer, deps: Deps): void => {
  const ownListing = async ({ caller }: FastifyRequest, listingId: string): Promise<KnownListing> => {
    const listing = await deps.findListing(caller.tenant, listingId)
    if (listing?.sellerId !== caller.actor.id) throw problemOf('ListingNotFound')
    return listing
  }

  server.post(
    '/api/v1/listings',
    {
      config: { action: 'ticket.sell' },
      schema: {
        tags,
        description:
          'Puts a ticket that one holds up for sale, at a price above zero and within the event’s cap. One keeps it, and may use it, ' +
          'until somebody has paid.',
        body: z.strictObject({ ticketId: Id, ...price }),
        response: { 201: ListingAnswer },
      },
    },
    async (request, reply) => {
      const { ticketId, priceCents: amount, currency } = request.body
      const asked = contextOf(request, 'ListTicket')
      const before = await deps.seenListing(asked.tenant, listingIdOf(asked))
      if (before && before.ticketId !== ticketId) throw problemOf('KeyReused')
      const listed = await listTicket(deps, ticketId, { amount, currency }, asked)
      if (!('refused' in listed)) deps.remember(asked.tenant, listed)
      reply.code(201)
      return answer(request, reply, listed)
    },
  )

  server.put(
    '/api/v1/listings/:listingId',
    {
      config: { action: 'ticket.sell' },
      schema: {
        tags,
        description: 'Asks another price. Refused while a buyer is paying.',
        params,
        body: z.strictObject(price),
        response: { 200: ListingAnswer },
      },
    },
    async (request, reply) => {
      const { listingId } = request.params
      const { priceCents: amount, currency } = request.body
      const listing = await ownListing(request, listingId)
      const context = contextOf(request, 'RepriceListing', listingId)
      return answer(request, reply, await repriceListing(deps, listing, { amount, currency }, context))
    },
  )

  server.delete(
    '/api/v1/listings/:listingId',
    {
      config: { action: 'ticket.sell' },
      schema: {
        tags,
        description:
          'Withdraws it: one keeps the ticket. Refused while a buyer is paying; repeated, it changes nothing.',
        params,
        response: { 200: ListingAnswer },
      },
    },
    async (request, reply) => {
      const { listingId } = request.params
      const listing = await ownListing(request, listingId)
      return answer(request, reply, await withdrawListing(deps, listing, contextOf(request, 'DelistTicket', listingId)))
    },
  )

  server.post(
    '/api/v1/transfers/purchase',
    {
      config: { action: 'order.place' },
      schema: {
        tags,
        description:
          'Buys a listed ticket: keeps it for the buyer and asks for its payment. Once that is made the ticket is theirs, and its seller’s ' +
          'codes are dead. The price is the one that the buyer saw; where it has changed, nothing happens.',
        body: z.strictObject({
          listingId: Id,
          ...price,
          method: PayMethod.default('card').describe('How it is paid: by card, or by crypto from a wallet.'),
        }),
        response: { 201: AnsweredOrder },
      },
    },
    async (request, reply) => {
      const { listingId, priceCents: amount, currency, method } = request.body
      const { caller } = request
      const asked = contextOf(request, 'BuyListing')
      const listing = await deps.findListing(asked.tenant, listingId)
      if (!listing) throw problemOf('ListingNotFound')
      const orderId = stepIdOf(asked.commandId, 'order')
      const purchase = { listing, buyerId: caller.actor.id, price: { amount, currency }, method }
      const placing = await buyListing(deps, orderId, purchase, { ...asked, correlationId: orderId })
      const placed = placedOrThrow(orderId, placing)
      tellPosition(reply, await deps.ledger.head())
      return reply.code(201).send({
        ...orderView(orderId, placed, localeOf(request)),
        payment: await paymentOf(deps, orderId, asked.tenant, placed),
      })
    },
  )
}

const answer = (
  request: FastifyRequest,
  reply: FastifyReply,
  outcome: Awaited<ReturnType<typeof listTicket>>,
): z.infer<typeof ListingAnswer> => {
  if ('refused' in outcome) throw problemOf(outcome.refused, outcome.detail)
  tellPosition(reply, outcome.position)
  return viewOf(outcome, localeOf(request))
}

const viewOf = ({ listingId, ticketId, eventId, price }: Listed, locale: string): z.infer<typeof ListingAnswer> => ({
  listingId,
  ticketId,
  eventId,
  status: price ? 'open' : 'ended',
  price: price && moneyView(price, locale),
})
