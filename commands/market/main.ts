import type { HttpServer } from '../../adapters/http/server.ts'
import { lru } from '../../adapters/lru.ts'
import type { Parts } from '../../adapters/parts.ts'
import { claimsBefore, listingOf } from '../../projections/listings/read.ts'
import type { Projections } from '../../projections/projector.ts'
import type { Deps } from '../ordering.ts'
import { marketRoutes } from '../routes/listings.ts'
import type { Worker } from '../workers.ts'
import type { KnownListing } from './listing.ts'
import { releaseOrphanClaims } from './orphan-claims.ts'

export type MarketSide = {
  readonly routes: (server: HttpServer) => void
  readonly workers: readonly Worker[]
}

/** Of each that was listed in this process of late. */
const LISTED_KEPT = 10_000

/** Where tickets are sold on. */
export const marketSide = ({ ledger }: Pick<Parts, 'ledger'>, projections: Projections, deps: Deps): MarketSide => {
  const caughtUp = async () => {
    await projections.waitFor('listings', await ledger.head(), 2_000)
    return projections
  }
  // Of which ticket it is, and whose, never changes: what was listed here a moment ago need not be waited for.
  const listed = lru<string, KnownListing>(LISTED_KEPT)
  const seenListing = async (tenant: string, listingId: string) =>
    listed.get(`${tenant}/${listingId}`) ?? known(await listingOf(projections, tenant, listingId))
  const findListing = async (tenant: string, listingId: string) =>
    (await seenListing(tenant, listingId)) ?? known(await listingOf(await caughtUp(), tenant, listingId))
  const remember = (tenant: string, listing: KnownListing) => listed.set(`${tenant}/${listing.listingId}`, listing)

  return {
    routes: (server) => marketRoutes(server, { ...deps, findListing, seenListing, remember }),
    workers: [
      {
        name: 'claim-cleanup',
        every: '* * * * *',
        run: () => releaseOrphanClaims({ ...deps, claims: async (before) => claimsBefore(await caughtUp(), before) }),
      },
    ],
  }
}

const known = (row: Awaited<ReturnType<typeof listingOf>>): KnownListing | undefined =>
  row && { listingId: row.listing_id, ticketId: row.ticket_id, eventId: row.event_id, sellerId: row.seller_id }
