import type { HttpServer } from '../../adapters/http/server.ts'
import { lru } from '../../adapters/lru.ts'
import type { Parts } from '../../adapters/parts.ts'
import { Unavailable } from '../../domain/ledger.ts'
import { person } from '../../domain/person.ts'
import { load } from '../../domain/stream.ts'
import type { GivingKind } from '../../domain/ticket/facts.ts'
import type { Projections } from '../../projections/projector.ts'
import { isHolder } from '../../projections/tickets/read.ts'
import { lapsedOffers, transferOf } from '../../projections/transfers/read.ts'
import type { Deps as HandleDeps } from '../handle.ts'
import { personStreamIdOf } from '../ids.ts'
import { peopleRoutes } from '../routes/people.ts'
import { transferRoutes } from '../routes/transfers.ts'
import type { Worker } from '../workers.ts'
import type { Found } from './answering.ts'
import { lapseOffers } from './lapsing.ts'

export type TransfersSide = {
  readonly routes: (server: HttpServer) => void
  readonly workers: readonly Worker[]
}

/** Of each offer that was made in this process of late. */
const MADE_KEPT = 10_000

/** How many offers whose time is over are read at once. */
const PAGE = 1_000

/** Gifts and transfers: what people ask, and the end of what nobody accepts. */
export const transfersSide = (parts: Parts, projections: Projections, deps: HandleDeps): TransfersSide => {
  const { ledger, vault } = parts
  const caughtUp = async (model: string) => {
    if (!(await projections.waitFor(model, await ledger.head(), 2_000)))
      throw new Unavailable(`the ${model} view is behind the ledger: see /health`)
    return projections
  }
  // Where an offer is never changes: what was made here a moment ago need not be waited for.
  const made = lru<string, Found>(MADE_KEPT)
  const find = async (tenant: string, offerId: string): Promise<Found | undefined> => {
    const known = made.get(`${tenant}/${offerId}`)
    if (known) return known
    const row =
      (await transferOf(projections, tenant, offerId)) ??
      (await transferOf(await caughtUp('transfers'), tenant, offerId))
    return row && row.kind !== 'resale'
      ? { ticketId: row.ticket_id, kind: row.kind satisfies GivingKind, from: row.from_id }
      : undefined
  }
  const knows = async (tenant: string, personId: string): Promise<boolean> => {
    const { state } = await load(deps, person, personStreamIdOf(tenant, personId))
    // Whoever buys has told nothing of themselves yet.
    return state.status === 'registered' || isHolder(await caughtUp('tickets'), tenant, personId)
  }
  const { people, addressees } = vault
  const lapse = (tenant?: string) =>
    lapseOffers(
      {
        ...deps,
        lapsed: async (now, last) => {
          const after = last && ([last.expiresAt, last.offerId] as const)
          return lapsedOffers(await caughtUp('transfers'), { now, after, limit: PAGE })
        },
      },
      tenant,
    )

  return {
    routes: (server) => {
      peopleRoutes(server, { ...deps, knows })
      const { acceptanceCodes: codes } = parts
      const remember = (tenant: string, offerId: string, found: Found) => made.set(`${tenant}/${offerId}`, found)
      transferRoutes(server, { ...deps, people, addressees, codes, knows, find, lapse, remember })
    },
    workers: [{ name: 'offer-expiry', every: '* * * * *', run: () => lapse() }],
  }
}
