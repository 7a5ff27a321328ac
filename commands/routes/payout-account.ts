import { z } from 'zod'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { account } from '../../domain/account/account.ts'
import { load } from '../../domain/stream.ts'
import type { PayoutAccounts } from '../../domain/vault.ts'
import { type Deps as HandleDeps, handle } from '../handle.ts'
import { accountIdOf, stepIdOf } from '../ids.ts'

type Deps = HandleDeps & { readonly payoutAccounts: PayoutAccounts }

const Account = z
  .string()
  .regex(/^acct_\w{1,200}$/, 'is no account of a seller: acct_ and what the payment provider calls it')
  .describe('As the payment provider calls it: with Stripe, the id of a connected account.')

/** Where sellers are paid. It is in the vault alone; the ledger knows only that it was told. */
export const payoutAccountRoutes = (server: HttpServer, deps: Deps): void => {
  server.put(
    '/api/v1/me/payout-account',
    {
      config: { action: 'payouts.own' },
      schema: {
        tags: ['profile'],
        description:
          'Sets where the person is paid for tickets that were sold on, in place of any other. What waits for an account is paid within a minute of being due; told again, an account that was refused is tried again.',
        body: z.strictObject({ account: Account }),
        response: {
          200: z.object({ account: Account.nullable().describe('As it is now: null where it was erased since.') }),
        },
      },
    },
    async (request, reply) => {
      const { tenant, actor } = request.caller
      const accountId = accountIdOf(tenant, actor.id)
      const context = contextOf(request, 'TellPayoutAccount')
      const destinationId = stepIdOf(context.commandId, context.request)
      // First, since a fact of an account that is not there would be tried in vain; once, or a repetition would bring back what was erased.
      const { commands } = await load(deps, account, accountId)
      if (!commands.has(context.commandId))
        await deps.payoutAccounts.save(actor.id, destinationId, request.body.account)
      const command = { type: 'TellDestination', sellerId: actor.id, destinationId } as const
      const outcome = await handle(deps, account, accountId, command, context)
      if (!outcome.done) throw problemOf(outcome.refused)
      const { state } = await load(deps, account, accountId)
      const told = await deps.payoutAccounts.find(actor.id, state.destinationId!)
      return tellPosition(reply, outcome.position).send({ account: told ?? null })
    },
  )
}
