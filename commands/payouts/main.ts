import type { Parts } from '../../adapters/parts.ts'
import { Unavailable } from '../../domain/ledger.ts'
import { duePayouts } from '../../projections/payouts/read.ts'
import type { Projections } from '../../projections/projector.ts'
import type { Payments } from '../payments.ts'
import { type RunningReactor, startReactor } from '../reactors/running.ts'
import type { Worker } from '../workers.ts'
import { type Deps, type Payouts, paySellers } from './paying.ts'
import { payoutReactor } from './payout-reactor.ts'

export type PayoutSide = RunningReactor & {
  readonly workers: readonly Worker[]
  /** What the worker does, of one tenant's. */
  readonly pay: (tenant: string) => Promise<Payouts>
}

/** More at once are left for the next minute. */
const MOST_DUE = 1_000

/** What pays sellers: the reactor that keeps their accounts, and the worker that moves the money. */
export const payoutSide = async (parts: Parts, projections: Projections, payments: Payments): Promise<PayoutSide> => {
  const { ledger, vault, leadership, cache, now, sleep, log } = parts
  const deps: Deps = {
    ...{ ledger, cache, now, sleep },
    providerCalled: (name) => (name === payments.provider ? payments : undefined),
    payoutAccounts: vault.payoutAccounts,
    payableFrom: async () => null,
    duePayouts: async (now) => {
      if (!(await projections.waitFor('payouts', await ledger.head(), 2_000)))
        throw new Unavailable('the payouts view is behind the ledger: see /health')
      return duePayouts(projections, now, MOST_DUE)
    },
  }
  const reactor = await startReactor({ ledger, intents: vault.intents, leadership, now, log }, payoutReactor(deps))
  return {
    workers: [{ name: 'seller-payouts', every: '* * * * *', run: () => paySellers(deps) }],
    pay: (tenant) => paySellers(deps, tenant),
    ...reactor,
  }
}
