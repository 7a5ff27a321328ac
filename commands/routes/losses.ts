import { z } from 'zod'
import { ReportFields, reportFields } from '../../adapters/http/care-view.ts'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import { IdentityDocument } from '../../domain/person.ts'
import { LossKind } from '../../domain/ticket/facts.ts'
import { At } from '../../domain/time.ts'
import { careOf, type Done, onTicket, type Refused, reissueOf } from '../desk/on-ticket.ts'
import type { Deps } from '../handle.ts'
import { stepIdOf } from '../ids.ts'

const tags = ['desk']
const params = z.strictObject({ ticketId: Id })
const own = { action: 'loss.own' } as const
const staff = { action: 'ticket.reissue' } as const

const ReportedView = z.object({ ticketId: Id, ...ReportFields })

const IdentityCheck = z.strictObject({
  document: IdentityDocument.describe('What was shown. Never its number.'),
  outcome: z.enum(['matched', 'differed']).describe('Whether it is of the ticket’s holder.'),
})
const CheckedView = ReportedView.extend({
  identity: IdentityCheck.extend({ checkedBy: z.string(), checkedAt: At }).nullable(),
})

const ReissuedView = z.object({
  ticketId: Id,
  reissueId: Id,
  reason: z.enum(['DUPLICATE_TICKET']).describe('Why the credential before it was revoked.'),
  generation: z
    .int()
    .describe('Which credential is the live one. Its code is its holder’s to fetch, and nobody else’s.'),
  revokedGeneration: z.int(),
  reissuedAt: At,
})

/** Lost, stolen, found again: from the holder's report to a new credential. */
export const lossRoutes = (server: HttpServer, deps: Deps): void => {
  const report = '/api/v1/tickets/:ticketId/report'
  const admin = '/api/v1/admin/tickets/:ticketId'

  server.post(
    report,
    {
      config: own,
      schema: {
        tags,
        description:
          'Reports one’s own ticket lost or stolen: staff see it, it is offered and listed no more, and a stolen one is not admitted. ' +
          'Reported again it stays one report. Refused once it was admitted or closed.',
        params,
        body: z.strictObject({ kind: LossKind }),
        response: { 200: ReportedView },
      },
    },
    async (request, reply) => {
      const { ticketId } = request.params
      const context = contextOf(request, 'ReportTicket', ticketId)
      const reportId = stepIdOf(context.commandId, 'report')
      const command = { type: 'ReportTicket', reportId, by: context.actor.id, ...request.body } as const
      const { position } = orThrow(await onTicket(deps, ticketId, command, context))
      return tellPosition(reply, position).send(await reportedView(ticketId))
    },
  )

  server.delete(
    report,
    {
      config: own,
      schema: {
        tags,
        description: 'Withdraws the report of one’s own ticket: it was found again. Repeated, it changes nothing.',
        params,
        response: { 200: ReportedView },
      },
    },
    async (request, reply) => {
      const { ticketId } = request.params
      const context = contextOf(request, 'WithdrawReport', ticketId)
      const command = { type: 'WithdrawReport', by: context.actor.id } as const
      const { position } = orThrow(await onTicket(deps, ticketId, command, context))
      return tellPosition(reply, position).send(await reportedView(ticketId))
    },
  )

  server.post(
    `${admin}/identity-check`,
    {
      config: staff,
      schema: {
        tags,
        description:
          'Records that the identity of a ticket’s holder was checked: by which kind of document, and whether it matched.',
        params,
        body: IdentityCheck,
        response: { 200: CheckedView },
      },
    },
    async (request, reply) => {
      const { ticketId } = request.params
      const context = contextOf(request, 'CheckIdentity', ticketId)
      const checkId = stepIdOf(context.commandId, 'identity-check')
      const command = { type: 'CheckIdentity', checkId, ...request.body } as const
      const { position } = orThrow(await onTicket(deps, ticketId, command, context))
      const care = await careOf(deps, ticketId)
      return tellPosition(reply, position).send({ ticketId, ...reportFields(care), identity: care.identity })
    },
  )

  server.post(
    `${admin}/report/reject`,
    {
      config: staff,
      schema: {
        tags,
        description: 'Ends the report of a ticket without a new credential. Repeated, it changes nothing.',
        params,
        response: { 200: ReportedView },
      },
    },
    async (request, reply) => {
      const { ticketId } = request.params
      const context = contextOf(request, 'RejectReport', ticketId)
      const { position } = orThrow(await onTicket(deps, ticketId, { type: 'RejectReport' }, context))
      return tellPosition(reply, position).send(await reportedView(ticketId))
    },
  )

  server.post(
    `${admin}/reissue`,
    {
      config: staff,
      schema: {
        tags,
        description:
          'Gives a ticket a new credential; the one before it is revoked from then on, and its report is answered. Ticket, place and order stay ' +
          'what they are. Refused without an identity check that matched, and once the ticket was admitted, locked or closed.',
        params,
        response: { 200: ReissuedView },
      },
    },
    async (request, reply) => {
      const { ticketId } = request.params
      const context = contextOf(request, 'ReissueTicket', ticketId)
      const reissueId = stepIdOf(context.commandId, 'reissue')
      const { position } = orThrow(await onTicket(deps, ticketId, { type: 'ReissueTicket', reissueId }, context))
      const { generation, reissuedAt } = await reissueOf(deps, ticketId, reissueId)
      return tellPosition(reply, position).send({
        ...{ ticketId, reissueId, reason: 'DUPLICATE_TICKET' as const, generation },
        ...{ revokedGeneration: generation - 1, reissuedAt },
      })
    },
  )

  const reportedView = async (ticketId: string) => ({ ticketId, ...reportFields(await careOf(deps, ticketId)) })
}

const orThrow = (outcome: Done | Refused): Done => {
  if ('refused' in outcome) throw problemOf(outcome.refused, outcome.why)
  return outcome
}
