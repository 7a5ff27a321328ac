import { sql } from 'kysely'
import { idOf, type Position } from '../../domain/fact.ts'
import type { Known } from '../../domain/registry.ts'
import { type Fold, foldInto } from '../fold.ts'
import type { ReadModel } from '../read-model.ts'

/** `open`, or how it ended: `sold`, or as the ticket's fact says. */
export const listingStatuses = ['open', 'sold', 'withdrawn', 'admitted', 'locked', 'reported', 'closed'] as const
type ListingStatus = (typeof listingStatuses)[number]

export type ListingRow = {
  tenant: string
  listing_id: string
  ticket_id: string
  event_id: string
  type_id: string
  seller_id: string
  /** Minor units. */
  price: number
  currency: string
  status: ListingStatus
  listed_at: string
  /** Of its newest price, or of its end. */
  changed_at: string
  /** Where it came first: lists of one's own are sorted by it. */
  appeared: Position
}

/** A buyer's order that keeps a listed ticket. */
export type ClaimRow = {
  tenant: string
  ticket_id: string
  listing_id: string
  order_id: string
  claimed_at: string
  expires_at: string
}

export type ListingsTables = { listing: ListingRow; claim: ClaimRow }

const listingRows: Fold<Known, 'listing', ListingRow, 'tenant' | 'listing_id'> = {
  table: 'listing',
  key: ['tenant', 'listing_id'],
  keysOf: ({ type, data, metadata: { tenant } }) =>
    type === 'TicketListed' || type === 'TicketDelisted' || type === 'TicketResold'
      ? [{ tenant, listing_id: data.listingId }]
      : [],
  evolve: (row, { type, data, stream, metadata: { at }, position }, key) => {
    switch (type) {
      case 'TicketListed': {
        const { eventId, typeId, sellerId, price } = data
        return {
          ...{ ...key, ticket_id: idOf(stream), event_id: eventId, type_id: typeId, seller_id: sellerId },
          ...{ price: price.amount, currency: price.currency, status: 'open' },
          ...{ listed_at: row?.listed_at ?? at, changed_at: at, appeared: row?.appeared ?? position },
        }
      }
      case 'TicketDelisted':
        return row && { ...row, status: data.reason, changed_at: at }
      case 'TicketResold':
        return row && { ...row, status: 'sold', changed_at: at }
      default:
        return row
    }
  },
}

const claims: Fold<Known, 'claim', ClaimRow, 'tenant' | 'ticket_id'> = {
  table: 'claim',
  key: ['tenant', 'ticket_id'],
  begins: ({ type }) => type === 'TicketClaimed',
  keysOf: ({ type, stream, metadata: { tenant } }) => {
    switch (type) {
      case 'TicketClaimed':
      case 'TicketClaimExtended':
      case 'TicketClaimReleased':
      case 'TicketResold':
        return [{ tenant, ticket_id: idOf(stream) }]
      default:
        return []
    }
  },
  evolve: (row, { type, data, metadata: { at } }, key) => {
    switch (type) {
      case 'TicketClaimed': {
        const { listingId, orderId, expiresAt } = data
        return { ...key, listing_id: listingId, order_id: orderId, claimed_at: at, expires_at: expiresAt }
      }
      case 'TicketClaimExtended':
        return row && { ...row, expires_at: data.expiresAt }
      default:
        return undefined
    }
  },
}

/** Tickets that their holders sell on, and who is paying for one right now. */
export const listings: ReadModel<Known, ListingsTables> = {
  name: 'listings',
  version: 1,
  create: async (tx) => {
    await sql`create table listing (
      tenant text, listing_id uuid, ticket_id uuid not null, event_id uuid not null, type_id uuid not null,
      seller_id uuid not null, price bigint not null, currency text not null, status text not null,
      listed_at text not null, changed_at text not null, appeared text collate "C" not null,
      primary key (tenant, listing_id))`.execute(tx)
    await sql`create index on listing (tenant, event_id, price, listing_id) where status = 'open'`.execute(tx)
    await sql`create index on listing (tenant, seller_id, appeared)`.execute(tx)
    await sql`create table claim (
      tenant text, ticket_id uuid, listing_id uuid not null, order_id uuid not null, claimed_at text not null,
      expires_at text not null, primary key (tenant, ticket_id))`.execute(tx)
    await sql`create index on claim (claimed_at)`.execute(tx)
  },
  apply: async (batch, facts) => {
    await foldInto(batch, listingRows, facts)
    await foldInto(batch, claims, facts)
  },
}
