import { z } from 'zod'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import { RulesView, rulesView } from '../../adapters/http/rules-view.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { type EventCommand, event, rulesNow } from '../../domain/event/event.ts'
import { DEFAULT_RULES, RefundRules, ResaleRules, TransferRules } from '../../domain/event/rules.ts'
import { Id } from '../../domain/id.ts'
import { Amount } from '../../domain/money.ts'
import { load } from '../../domain/stream.ts'
import { Instant } from '../../domain/time.ts'
import { type Deps, handle } from '../handle.ts'

const { transfer, resale, refund } = DEFAULT_RULES

const NewTransferRules = z.strictObject({
  allowed: TransferRules.shape.allowed.default(transfer.allowed),
  cooldownMinutes: TransferRules.shape.cooldownMinutes.default(transfer.cooldownMinutes),
  perDay: TransferRules.shape.perDay.default(transfer.perDay).describe('For each person, on each day in UTC.'),
  endsMinutesBeforeStart: TransferRules.shape.endsMinutesBeforeStart.default(transfer.endsMinutesBeforeStart),
  blackouts: z
    .array(z.strictObject({ from: Instant, until: Instant }))
    .max(50)
    .default([])
    .describe('Times in which nothing changes hands.'),
  maxMoves: TransferRules.shape.maxMoves.default(transfer.maxMoves).describe('How often one ticket may change hands.'),
  identityVerified: TransferRules.shape.identityVerified
    .default(transfer.identityVerified)
    .describe('Whether both must have shown at the box office who they are.'),
})

const NewResaleRules = z.strictObject({
  allowed: ResaleRules.shape.allowed.default(resale.allowed),
  cap: z
    .union([z.strictObject({ basisPoints: z.int().min(0).max(1_000_000) }), z.strictObject({ amount: Amount })])
    .nullable()
    .default(resale.cap)
    .describe('A part of what was paid, or an amount; null: none.'),
  platformBasisPoints: ResaleRules.shape.platformBasisPoints.default(resale.platformBasisPoints),
  payoutDays: ResaleRules.shape.payoutDays.default(resale.payoutDays).describe('Null: after the event.'),
})

const NewRefundRules = z.strictObject({
  feesRefunded: RefundRules.shape.feesRefunded.default(refund.feesRefunded),
  rescheduleDays: RefundRules.shape.rescheduleDays.default(refund.rescheduleDays),
})

const kinds = [
  ['transfers', NewTransferRules, 'for tickets that are given away'],
  ['resale', NewResaleRules, 'for tickets that are sold on'],
  ['refunds', NewRefundRules, 'for what a buyer gets back'],
] as const

/** The rules of an event for tickets that are sold already, too: each is judged by these or by those it was sold under, whichever are kinder. */
export const eventRuleRoutes = (server: HttpServer, deps: Deps): void => {
  for (const [kind, body, what] of kinds)
    server.put(
      `/api/v1/events/:eventId/rules/${kind}`,
      {
        config: { action: 'event.manage' },
        schema: {
          tags: ['events'],
          description:
            `Sets the rules ${what}, as a whole: what is left out is as usual. ` +
            'Tickets that are sold keep those of their sale where these are stricter.',
          params: z.strictObject({ eventId: Id }),
          body,
          response: { 200: z.object({ eventId: Id, rules: RulesView }) },
        },
      },
      async (request, reply) => {
        const { eventId } = request.params
        const command = commandOf(kind, request.body)
        const outcome = await handle(deps, event, eventId, command, contextOf(request, command.type, eventId))
        if (!outcome.done) throw problemOf(outcome.refused)
        const { state } = await load(deps, event, eventId)
        if (state.status === 'unknown') throw new Error(`event ${eventId} took rules and is not there: read its stream`)
        tellPosition(reply, outcome.position)
        return { eventId, rules: rulesView(rulesNow(state)) }
      },
    )
}

const commandOf = (kind: (typeof kinds)[number][0], body: unknown): EventCommand => {
  switch (kind) {
    case 'transfers':
      return { type: 'SetTransferRules', rules: body as TransferRules }
    case 'resale':
      return { type: 'SetResaleRules', rules: body as ResaleRules }
    case 'refunds':
      return { type: 'SetRefundRules', rules: body as RefundRules }
  }
}
