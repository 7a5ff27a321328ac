import { z } from 'zod'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { PayoutAccountsView } from '../../adapters/http/payout-accounts-view.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { account } from '../../domain/account/account.ts'
import type { PayoutMethod } from '../../domain/account/facts.ts'
import { load } from '../../domain/stream.ts'
import type { PayoutAccounts } from '../../domain/vault.ts'
import { type Deps as HandleDeps, handle } from '../handle.ts'
import { accountIdOf, stepIdOf } from '../ids.ts'
import { isWalletAddress } from '../wallet-address.ts'

type Deps = HandleDeps & { readonly payoutAccounts: PayoutAccounts }

const ofProvider = (text: string): boolean => /^acct_\w{1,200}$/.test(text)

const Account = z
  .string()
  .refine(
    (text) => ofProvider(text) || isWalletAddress(text),
    'is neither acct_ and what the payment provider calls an account, nor the address of a wallet on Solana',
  )
  .describe(
    'For what was paid by card: as the payment provider calls it, with Stripe the id of a connected account. For what was paid by crypto: an address on Solana, where each payout is publicly visible.',
  )

/** Where sellers are paid. It is in the vault alone; the ledger knows only that it was told. */
export const payoutAccountRoutes = (server: HttpServer, deps: Deps): void => {
  server.put(
    '/api/v1/me/payout-account',
    {
      config: { action: 'payouts.own' },
      schema: {
        tags: ['profile'],
        description:
          'Sets where the person is paid for tickets that were sold on, in place of any other of its kind. What waits for an account is paid within a minute of being due; told again, an account that was refused is tried again.',
        body: z.strictObject({ account: Account }),
        response: { 200: PayoutAccountsView },
      },
    },
    async (request, reply) => {
      const { tenant, actor } = request.caller
      const accountId = accountIdOf(tenant, actor.id)
      const context = contextOf(request, 'TellPayoutAccount')
      const destinationId = stepIdOf(context.commandId, context.request)
      const method: PayoutMethod = ofProvider(request.body.account) ? 'card' : 'crypto'
      // First, since a fact of an account that is not there would be tried in vain; once, or a repetition would bring back what was erased.
      const { commands } = await load(deps, account, accountId)
      if (!commands.has(context.commandId))
        await deps.payoutAccounts.save(actor.id, destinationId, request.body.account)
      const command = { type: 'TellDestination', sellerId: actor.id, destinationId, method } as const
      const outcome = await handle(deps, account, accountId, command, context)
      if (!outcome.done) throw problemOf(outcome.refused)
      const { destinations } = (await load(deps, account, accountId)).state
      const told = async (id: string | undefined) => (id && (await deps.payoutAccounts.find(actor.id, id))) ?? null
      return tellPosition(reply, outcome.position).send({
        card: await told(destinations.card),
        crypto: await told(destinations.crypto),
      })
    },
  )
}
