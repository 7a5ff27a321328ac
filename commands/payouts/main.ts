import type { Parts } from '../../adapters/parts.ts'
import { event, rulesFor } from '../../domain/event/event.ts'
import { Unavailable } from '../../domain/ledger.ts'
import { order } from '../../domain/order/order.ts'
import { load, type Streams } from '../../domain/stream.ts'
import { days, plus } from '../../domain/time.ts'
import { duePayouts } from '../../projections/payouts/read.ts'
import type { Projections } from '../../projections/projector.ts'
import type { Providers } from '../payments.ts'
import { type RunningReactor, startReactor } from '../reactors/running.ts'
import type { Worker } from '../workers.ts'
import { type Deps, type Payouts, paySellers } from './paying.ts'
import { payoutReactor } from './payout-reactor.ts'
import type { Sale } from './sale.ts'

export type PayoutSide = RunningReactor & {
  readonly workers: readonly Worker[]
  /** What the worker does, of one tenant's. */
  readonly pay: (tenant: string) => Promise<Payouts>
}

/** More at once are left for the next minute. */
const MOST_DUE = 1_000

/** What pays sellers: the reactor that keeps their accounts, and the worker that moves the money. */
export const payoutSide = async (parts: Parts, projections: Projections, providers: Providers): Promise<PayoutSide> => {
  const { ledger, vault, leadership, cache, now, sleep, log } = parts
  const deps: Deps = {
    ...{ ledger, cache, now, sleep },
    providerCalled: providers.called,
    payoutAccounts: vault.payoutAccounts,
    payableFrom: (sale) => payableFrom({ ledger, cache }, sale),
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

/** By the rules that the resale was bought under. */
const payableFrom = async (streams: Streams, { orderId, eventId, confirmedAt }: Sale): Promise<string | null> => {
  const [bought, happening] = await Promise.all([load(streams, order, orderId), load(streams, event, eventId)])
  if (bought.state.status === 'new' || happening.state.status === 'unknown') return null
  const { payoutDays } = rulesFor(happening.state, bought.state.placed.terms).resale
  return payoutDays === null ? null : plus(confirmedAt, days(payoutDays))
}
