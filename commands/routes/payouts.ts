import { z } from 'zod'
import type { HttpServer } from '../../adapters/http/server.ts'
import type { Payouts } from '../payouts/paying.ts'

type Deps = { readonly pay: (tenant: string) => Promise<Payouts> }

const Counts = z.object({
  looked: z.int().describe('How many shares there was something to do about.'),
  paid: z.int(),
  failed: z.int().describe('The provider refused the account: tried again tomorrow, or once the seller tells another.'),
  reversed: z.int(),
  lost: z.int().describe('The seller’s account no longer has what is owed back: the platform bears it.'),
  waiting: z.int().describe('Not payable yet after all, or the seller told no account.'),
})

/** What the worker does by itself, for an operator to set going. */
export const payoutRoutes = (server: HttpServer, { pay }: Deps): void => {
  server.post(
    '/api/v1/admin/payouts/run',
    {
      config: { action: 'operations.run' },
      schema: {
        tags: ['operations'],
        description: 'Pays sellers what is due now, and takes back what is owed back, as the worker does each minute.',
        response: { 200: Counts },
      },
    },
    ({ caller }) => pay(caller.tenant),
  )
}
