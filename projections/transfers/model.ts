import { sql } from 'kysely'
import { idOf, type Position } from '../../domain/fact.ts'
import type { Known } from '../../domain/registry.ts'
import type { EndedWith } from '../../domain/ticket/facts.ts'
import { endOf, type TransferStatus } from '../../domain/ticket/transfer-status.ts'
import { type Fold, foldInto } from '../fold.ts'
import type { ReadModel } from '../read-model.ts'

export const transferKinds = ['gift', 'transfer', 'resale'] as const
export type TransferKind = (typeof transferKinds)[number]

export type TransferRow = {
  tenant: string
  /** The offer's id; of a resale, its order's. */
  transfer_id: string
  kind: TransferKind
  ticket_id: string
  event_id: string
  from_id: string
  /** Null while it is to an address. */
  to_id: string | null
  status: TransferStatus
  /** What befell the ticket that ended it; null for all else. */
  reason: EndedWith | null
  offered_at: string
  /** Null where it was not offered first. */
  expires_at: string | null
  /** Null while it is pending. */
  ended_at: string | null
  /** Minor units; null where it was given. */
  price: number | null
  currency: string | null
  /** Where it began. Lists are sorted by it, for it does not change. */
  began: Position
}

export type TransfersTables = { transfer: TransferRow }

const rows: Fold<Known, 'transfer', TransferRow, 'tenant' | 'transfer_id'> = {
  table: 'transfer',
  key: ['tenant', 'transfer_id'],
  begins: ({ type }) => type === 'TicketOffered' || type === 'TicketResold',
  keysOf: ({ type, data, metadata: { tenant } }) => {
    switch (type) {
      case 'TicketOffered':
      case 'TicketOfferClosed':
      case 'TicketTransferred':
        return [{ tenant, transfer_id: data.offerId }]
      case 'TicketResold':
        return [{ tenant, transfer_id: data.orderId }]
      default:
        return []
    }
  },
  evolve: (row, fact, key) => {
    const { type, data, metadata } = fact
    switch (type) {
      case 'TicketOffered':
        return { ...begun(fact, key), kind: data.kind, to_id: data.to, expires_at: data.expiresAt }
      case 'TicketOfferClosed':
        return row && { ...row, ...endOf(data.reason), ended_at: metadata.at }
      case 'TicketTransferred': {
        // Without an offer before it, it began just now.
        const offered = row ?? { ...begun(fact, key), kind: data.kind }
        return { ...offered, to_id: data.to, status: 'accepted', ended_at: data.movedAt }
      }
      case 'TicketResold': {
        const { amount: price, currency } = data.price
        const sold = { kind: 'resale', status: 'accepted', to_id: data.to, ended_at: data.movedAt } as const
        return { ...begun(fact, key), ...sold, price, currency }
      }
      default:
        return row
    }
  },
}

type Beginning = Extract<Known, { type: 'TicketOffered' | 'TicketTransferred' | 'TicketResold' }>

const begun = (
  { data, stream, metadata, position }: Beginning,
  key: Pick<TransferRow, 'tenant' | 'transfer_id'>,
): Omit<TransferRow, 'kind'> => ({
  ...key,
  ticket_id: idOf(stream),
  event_id: data.eventId,
  from_id: data.from,
  to_id: null,
  status: 'pending',
  reason: null,
  offered_at: metadata.at,
  expires_at: null,
  ended_at: null,
  price: null,
  currency: null,
  began: position,
})

/** Every gift, transfer and resale, those that came to nothing too. */
export const transfers: ReadModel<Known, TransfersTables> = {
  name: 'transfers',
  version: 1,
  create: async (tx) => {
    await sql`create table transfer (
      tenant text, transfer_id uuid, kind text not null, ticket_id uuid not null, event_id uuid not null,
      from_id uuid not null, to_id uuid, status text not null, reason text, offered_at text not null, expires_at text,
      ended_at text, price bigint, currency text, began text collate "C" not null,
      primary key (tenant, transfer_id))`.execute(tx)
    await sql`create index on transfer (tenant, from_id, began)`.execute(tx)
    await sql`create index on transfer (tenant, to_id, began)`.execute(tx)
    await sql`create index on transfer (tenant, ticket_id, began)`.execute(tx)
    await sql`create index on transfer (expires_at, transfer_id) where status = 'pending'`.execute(tx)
  },
  apply: (batch, facts) => foldInto(batch, rows, facts),
}
