import { type Kysely, sql } from 'kysely'
import type { Position } from '../../domain/fact.ts'
import type { Reading } from '../reading.ts'
import { type ListingRow, type ListingsTables, listings } from './model.ts'

/** A listing, and whether a buyer is paying for it. */
export type SeenListing = ListingRow & { claimed: boolean }

type Wanted = {
  readonly tenant: string
  readonly eventId: string
  readonly typeId: string | undefined
  /** Price and id of the last one seen. */
  readonly after: readonly [number, string] | undefined
  readonly limit: number
}

/** What of an event is for sale by its holders, the cheapest first. */
export const openListings = (
  { tables }: Reading,
  { tenant, eventId, typeId, after, limit }: Wanted,
): Promise<SeenListing[]> =>
  seen(tables(listings, tenant))
    .where('l.tenant', '=', tenant)
    .where('l.event_id', '=', eventId)
    .where('l.status', '=', 'open')
    .$if(typeId !== undefined, (query) => query.where('l.type_id', '=', typeId!))
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(l.price, l.listing_id) > (${after![0]}::bigint, ${after![1]}::uuid)`),
    )
    .orderBy('l.price')
    .orderBy('l.listing_id')
    .limit(limit)
    .execute()

export const listingOf = ({ tables }: Reading, tenant: string, listingId: string): Promise<SeenListing | undefined> =>
  seen(tables(listings, tenant)).where('l.tenant', '=', tenant).where('l.listing_id', '=', listingId).executeTakeFirst()

type OwnWanted = {
  readonly tenant: string
  readonly sellerId: string
  /** The last one seen. */
  readonly before: Position | undefined
  readonly limit: number
}

/** What a person has listed, the newest first, whatever became of it. */
export const listingsBy = (
  { tables }: Reading,
  { tenant, sellerId, before, limit }: OwnWanted,
): Promise<SeenListing[]> =>
  seen(tables(listings, tenant))
    .where('l.tenant', '=', tenant)
    .where('l.seller_id', '=', sellerId)
    .$if(before !== undefined, (query) => query.where('l.appeared', '<', before!))
    .orderBy('l.appeared', 'desc')
    .limit(limit)
    .execute()

/** Claims made before a time that stand, of all tenants, the oldest first. */
export const claimsBefore = (
  { everyTenant }: Reading,
  before: string,
): Promise<{ tenant: string; ticketId: string; orderId: string; expiresAt: string }[]> =>
  everyTenant(listings)
    .selectFrom('claim')
    .select(['tenant', 'ticket_id as ticketId', 'order_id as orderId', 'expires_at as expiresAt'])
    .where('claimed_at', '<', before)
    .orderBy('claimed_at')
    .execute()

const seen = (db: Kysely<ListingsTables>) =>
  db
    .selectFrom('listing as l')
    .leftJoin('claim as c', (join) =>
      join
        .onRef('c.tenant', '=', 'l.tenant')
        .onRef('c.ticket_id', '=', 'l.ticket_id')
        .onRef('c.listing_id', '=', 'l.listing_id'),
    )
    .selectAll('l')
    .select(sql<boolean>`c.order_id is not null`.as('claimed'))
