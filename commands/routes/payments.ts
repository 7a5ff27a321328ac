import { z } from 'zod'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import { payment } from '../../domain/payment.ts'
import type { Refusal } from '../../domain/refusals.ts'
import { load } from '../../domain/stream.ts'
import type { Deps } from '../ordering.ts'
import { syncPayment } from '../payment-sync.ts'
import { Card, type Confirmed, type CryptoDesk, type SandboxDesk } from '../payments.ts'

const tags = ['payments']

/** Where the provider tells that a payment has moved. It says which; what became of it is asked back. */
export const webhookRoutes = (server: HttpServer, deps: Deps): void => {
  void server.register(async (scope) => {
    // The signature is over the body as it came.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => done(null, body))
    scope.post(
      '/api/v1/webhooks/payments',
      {
        config: { action: 'webhook' },
        schema: {
          tags,
          description:
            'For the payment provider: a signed word that a payment has moved. May come twice, late or out of order; what is no payment of ours is thanked for and left.',
        },
      },
      async (request, reply) => {
        const payments = deps.payments.by('card')
        const signature = request.headers[payments.signatureHeader]
        const body = typeof request.body === 'string' ? request.body : ''
        const webhook = await payments.receive(body, typeof signature === 'string' ? signature : undefined)
        if (!webhook) throw problemOf('WebhookUnverified')
        if (webhook.paymentId) await syncPayment(deps, webhook.paymentId)
        return reply.code(204).send()
      },
    )
  })
}

/** The sandbox's own: what a payer's card form, and later the payer's bank, would do with a real provider. */
export const sandboxRoutes = (
  server: HttpServer,
  deps: Deps,
  desk: SandboxDesk,
  cryptoDesk: CryptoDesk | undefined,
): void => {
  server.post(
    '/api/v1/sandbox/payments/:paymentId/confirm',
    {
      config: { action: 'payment.confirm' },
      schema: {
        tags,
        description:
          'Pays with a card of the sandbox, named for what it does; the order hears of it by webhook. A payment by crypto is paid from a wallet that is made for it, on the chain in this process alone, whatever the card.',
        params: z.strictObject({ paymentId: Id }),
        body: z.strictObject({ clientSecret: z.string().max(400), card: Card.default('good') }),
        response: { 202: z.object({ paymentId: Id, orderId: Id, status: z.literal('accepted') }) },
      },
    },
    async (request, reply) => {
      const { paymentId } = request.params
      const { state, tenant } = await load(deps, payment, paymentId)
      const { caller } = request
      const isTheirs = state.status !== 'new' && tenant === caller.tenant && state.requested.payerId === caller.actor.id
      if (!isTheirs) throw problemOf('PaymentNotFound')
      const { clientSecret, card } = request.body
      const { commandId, request: asked } = contextOf(request, 'ConfirmPayment', paymentId)
      const entryId = `${commandId}/${asked}`
      const { provider, reference, orderId, amount } = state.requested
      const confirmed =
        cryptoDesk && provider === deps.payments.by('crypto').provider
          ? await cryptoDesk.confirm({ paymentId, reference, orderId, tenant, amount }, clientSecret, entryId)
          : await desk.confirm(paymentId, clientSecret, card, entryId)
      if (confirmed !== 'accepted') throw problemOf(refusalFor[confirmed])
      return reply.code(202).send({ paymentId, orderId: state.requested.orderId, status: confirmed })
    },
  )

  server.post(
    '/api/v1/sandbox/payments/:paymentId/dispute',
    {
      // Nobody of ours settles a dispute; here an admin plays the payer's bank.
      config: { action: 'operations.run' },
      schema: {
        tags,
        description:
          'Settles the dispute of a payment that was made with the card disputed, as the payer’s bank would.',
        params: z.strictObject({ paymentId: Id }),
        body: z.strictObject({ outcome: z.enum(['won', 'lost']).describe('For us: won, and the money stays here.') }),
        response: { 202: z.object({ paymentId: Id, orderId: Id, status: z.literal('settled') }) },
      },
    },
    async (request, reply) => {
      const { paymentId } = request.params
      const { state, tenant } = await load(deps, payment, paymentId)
      if (state.status === 'new' || tenant !== request.caller.tenant) throw problemOf('PaymentNotFound')
      const settled = await desk.settleDispute(paymentId, request.body.outcome)
      if (settled !== 'settled') throw problemOf('NoOpenDispute')
      return reply.code(202).send({ paymentId, orderId: state.requested.orderId, status: settled })
    },
  )
}

const refusalFor = {
  declined: 'CardDeclined',
  wrong_secret: 'WrongClientSecret',
  unknown_payment: 'PaymentNotFound',
  already_done: 'PaymentAlreadyConfirmed',
} as const satisfies Record<Exclude<Confirmed, 'accepted'>, Refusal>
