import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import { ProfileView } from '../../adapters/http/profile-view.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import type { AcceptanceCodes } from '../transfers/acceptance-codes.ts'
import {
  type Answered,
  type Deps as AnsweringDeps,
  accept,
  cancel,
  decline,
  type Found,
} from '../transfers/answering.ts'
import { OfferView, offerView } from '../transfers/offer-view.ts'
import { type Giving, give, type Deps as OfferingDeps } from '../transfers/offering.ts'
import type { No } from '../transfers/reasons.ts'

type Deps = OfferingDeps &
  AnsweringDeps & {
    readonly codes: AcceptanceCodes
    readonly lapse: (tenant: string) => Promise<{ looked: number; lapsed: number }>
    /** An offer that was just made is found at once from now on. */
    readonly remember: (tenant: string, offerId: string, found: Found) => void
  }

const tags = ['transfers']
const config = { action: 'transfer.give' } as const
const params = z.strictObject({ offerId: Id })

const Gift = z.strictObject({ ticketId: Id, email: z.email().max(254).describe('Of whoever is to have it.') })

const Transfer = z.strictObject({
  ticketId: Id,
  toPersonId: Id,
  needsAcceptance: z.boolean().default(false).describe('Whether it moves only once they accept it. Left out: at once.'),
})

const Code = z.string().min(1).max(40).describe('The acceptance code, in capitals or not, with or without hyphen.')

const Acceptance = z.strictObject({
  code: Code,
  name: ProfileView.shape.name
    .optional()
    .describe('How to call whoever is new here. Left out, as their address begins.'),
})

const GivenView = OfferView.extend({
  recipient: z.string().describe('As it was given: an address, or the id of a person.'),
  acceptanceCode: z
    .string()
    .nullable()
    .describe('What accepting it takes, to be told by other means than the mail; null where nothing is pending.'),
})

/** Giving tickets away: one engine, whatever the way. Each asks for a ticket or an offer of the caller's own; others find none. */
export const transferRoutes = (server: HttpServer, deps: Deps): void => {
  const given = async (request: FastifyRequest, reply: FastifyReply, wanted: Giving) => {
    const { recipient, ticketId } = wanted
    const kind = 'email' in recipient ? 'gift' : 'transfer'
    const context = contextOf(request, 'GiveTicket')
    const { offerId, position } = done(await give(deps, wanted, context))
    deps.remember(context.tenant, offerId, { ticketId, kind, from: context.actor.id })
    const offer = await offerView(deps, { offerId, ticketId, kind })
    tellPosition(reply, position).code(201)
    return {
      ...offer,
      recipient: 'email' in recipient ? recipient.email : recipient.personId,
      acceptanceCode: offer.status === 'pending' ? deps.codes.codeOf(offerId) : null,
    }
  }

  server.post(
    '/api/v1/transfer',
    {
      config,
      schema: {
        tags,
        description:
          'Gives a ticket to a person: at once or, with needsAcceptance, as soon as they accept it within 48 hours. ' +
          'From that moment the code of its giver is denied, and theirs is a new one.',
        body: Transfer,
        response: { 201: GivenView },
      },
    },
    (request, reply) => {
      const { ticketId, toPersonId, needsAcceptance } = request.body
      return given(request, reply, { ticketId, recipient: { personId: toPersonId }, asks: needsAcceptance })
    },
  )

  server.post(
    '/api/v1/transfers/gift',
    {
      config,
      schema: {
        tags,
        description:
          'Offers a ticket to whoever has an e-mail address, known here or not. They accept it within 48 hours with the code ' +
          'that the mail has; until then nobody can use the ticket, and its giver may take it back.',
        body: Gift,
        response: { 201: GivenView },
      },
    },
    (request, reply) => {
      const { ticketId, email } = request.body
      return given(request, reply, { ticketId, recipient: { email }, asks: true })
    },
  )

  const answered = async (reply: FastifyReply, offerId: string, outcome: Answered) => {
    const { position, ...found } = done(outcome)
    tellPosition(reply, position)
    return offerView(deps, { offerId, ...found })
  }

  server.post(
    '/api/v1/transfers/:offerId/accept',
    {
      config,
      schema: {
        tags,
        description:
          'Takes a ticket that was offered. It takes the acceptance code; after five wrong ones the offer is over. Of an offer to an ' +
          'address, whoever has the code is the recipient, and a person here from then on.',
        params,
        body: Acceptance,
        response: { 200: OfferView },
      },
    },
    async (request, reply) => {
      const { offerId } = request.params
      const answer = { offerId, ...request.body }
      return answered(reply, offerId, await accept(deps, answer, contextOf(request, 'AcceptOffer', offerId)))
    },
  )

  server.post(
    '/api/v1/transfers/:offerId/decline',
    {
      config,
      schema: {
        tags,
        description: 'Gives an offer back: as the person that it was made to or, of one to an address, with its code.',
        params,
        body: z.strictObject({ code: Code.optional() }).nullish(),
        response: { 200: OfferView },
      },
    },
    async (request, reply) => {
      const { offerId } = request.params
      const answer = { offerId, code: request.body?.code }
      return answered(reply, offerId, await decline(deps, answer, contextOf(request, 'DeclineOffer', offerId)))
    },
  )

  server.post(
    '/api/v1/transfers/:offerId/cancel',
    {
      config,
      schema: {
        tags,
        description:
          'Takes an offer back, as its giver: the ticket is theirs to use again, and its code is worth nothing.',
        params,
        response: { 200: OfferView },
      },
    },
    async (request, reply) => {
      const { offerId } = request.params
      return answered(reply, offerId, await cancel(deps, offerId, contextOf(request, 'CancelOffer', offerId)))
    },
  )

  server.post(
    '/api/v1/admin/offers/expire',
    {
      config: { action: 'operations.run' },
      schema: {
        tags: ['operations'],
        description: 'Closes now the offers whose time is over, as the worker does each minute.',
        response: { 200: z.object({ looked: z.int(), lapsed: z.int() }) },
      },
    },
    ({ caller }) => deps.lapse(caller.tenant),
  )
}

/** Throws the problem of what was refused. */
const done = <T extends object>(outcome: T | No): T => {
  if ('refused' in outcome) throw problemOf(outcome.refused, outcome.why)
  return outcome
}
