import { logFolder } from '../../adapters/log-folder.ts'
import type { Parts } from '../../adapters/parts.ts'
import { Unavailable } from '../../domain/ledger.ts'
import { hashing } from '../../projections/log/hashing.ts'
import type { Projections } from '../../projections/projector.ts'
import { heldBy } from '../../projections/tickets/read.ts'
import { givingWay } from '../reactors/giving-way.ts'
import { lettingGo } from '../reactors/letting-go.ts'
import { type ReactorStatus, startReactor } from '../reactors/running.ts'
import type { Worker } from '../workers.ts'
import { anchorLedger } from './anchoring.ts'
import type { Chain } from './chain.ts'
import { chainSync } from './chain-sync.ts'
import { doubt, reconcile } from './reconciling.ts'
import { returnRent } from './rent.ts'

export type ChainSide = {
  readonly workers: readonly Worker[]
  readonly health: () => Promise<ReactorStatus & { readonly funds: Funds | null }>
  readonly stop: () => Promise<void>
}

/** What the authority pays from, as it was last asked for. */
type Funds = Awaited<ReturnType<Chain['funds']>> & {
  readonly at: string
  /** Soon there will be nothing to pay with. */
  readonly isLow: boolean
}

/** So many tickets the authority should always be able to pay for. */
const TICKETS_IN_RESERVE = 1_000

const ASK_EVERY = 60_000

/** What keeps the copy on chain: the reactor that follows the ledger, and the workers that look whether it does. */
export const chainSide = async (parts: Parts, projections: Projections): Promise<ChainSide> => {
  const { config, ledger, vault, leadership, chain, cache, now, sleep, log, tokenLinks } = parts
  const deps = {
    ...{ ledger, cache, now, sleep, chain },
    wallets: vault.wallets,
    ...{ signed: vault.signedTransactions, intents: vault.intents },
    tokenUri: tokenLinks.uriOf,
  }
  const held = async (personId: string) => {
    if (!(await projections.waitFor('tickets', await ledger.head(), 2_000)))
      throw new Unavailable('the tickets view is behind the ledger: see /health')
    return heldBy(projections, personId)
  }
  const closing = new AbortController()
  const reactor = await startReactor(
    { ledger, intents: vault.intents, leadership, now, log },
    lettingGo(givingWay(chainSync({ ...deps, heldBy: held })), closing.signal),
  )
  // The embedded chain gives its authority all it needs.
  const funds = config.chain.solana ? watched(chain, now, log) : () => null

  return {
    workers: [
      {
        name: 'chain-reconciliation',
        every: '7 * * * *',
        run: () =>
          reconcile(deps, {
            found: (mismatch, compared) => doubt(deps, mismatch, compared),
            passed: () => closing.signal.throwIfAborted(),
          }),
      },
      {
        name: 'ledger-anchoring',
        every: '17 2 * * *',
        run: () => anchorLedger({ ...deps, hashing, copy: logFolder(parts.path('log')) }),
      },
      { name: 'chain-rent', every: '37 3 * * *', run: () => returnRent(deps) },
    ],
    health: async () => ({ ...(await reactor.status()), funds: funds() }),
    stop: () => {
      closing.abort()
      return reactor.stop()
    },
  }
}

/** Asks anew now and then, when somebody wants to know; nobody waits for the answer. */
const watched = (chain: Pick<Chain, 'funds'>, now: () => string, log: Parts['log']): (() => Funds | null) => {
  let known: Funds | null = null
  let askedAt = Number.NEGATIVE_INFINITY
  const ask = async () => {
    const funds = await chain.funds()
    known = { ...funds, at: now(), isLow: funds.lamports < funds.perTicket * TICKETS_IN_RESERVE }
  }
  return () => {
    if (performance.now() - askedAt > ASK_EVERY) {
      askedAt = performance.now()
      ask().catch((err) => log.warn({ err }, 'the funds of the authority could not be asked for'))
    }
    return known
  }
}
