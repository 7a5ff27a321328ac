import { sql } from 'kysely'
import { idOf } from '../../domain/fact.ts'
import type { Known } from '../../domain/registry.ts'
import { type Fold, foldInto } from '../fold.ts'
import type { ReadModel } from '../read-model.ts'

/** How many tickets of an event were ever sold, and how many of those were closed as what. The rest is held. */
export type EventCount = {
  tenant: string
  event_id: string
  sold: number
  refunded: number
  revoked: number
  cancelled: number
  expired: number
  used: number
}

export type ClosingsTables = {
  event: EventCount
  /** What is to go back to a payer since a ticket was closed. */
  refund: {
    tenant: string
    refund_id: string
    event_id: string
    ticket_id: string
    payment_id: string
    /** Minor units. */
    amount: number
    currency: string
    paid_at: string | null
  }
  /** Payments that went back in another way, as a whole: taken back by the payer's bank, or since the order ended without tickets. */
  payment: { tenant: string; payment_id: string; back: 'by_its_bank' | 'by_its_order' }
}

type Rows<T extends keyof ClosingsTables, Key extends keyof ClosingsTables[T] & string> = Fold<
  Known,
  T,
  ClosingsTables[T],
  Key
>

const events: Rows<'event', 'tenant' | 'event_id'> = {
  table: 'event',
  key: ['tenant', 'event_id'],
  keysOf: ({ type, data, metadata: { tenant } }) => {
    switch (type) {
      case 'TicketSold':
      case 'TicketRefunded':
      case 'TicketRevoked':
      case 'TicketCancelled':
      case 'TicketExpired':
        return [{ tenant, event_id: data.eventId }]
      default:
        return []
    }
  },
  evolve: (row, { type, data }, key) => {
    const counted = row ?? { ...key, sold: 0, refunded: 0, revoked: 0, cancelled: 0, expired: 0, used: 0 }
    switch (type) {
      case 'TicketSold':
        return { ...counted, sold: counted.sold + 1 }
      case 'TicketRefunded':
        return { ...counted, refunded: counted.refunded + 1 }
      case 'TicketRevoked':
        return { ...counted, revoked: counted.revoked + 1 }
      case 'TicketCancelled':
        return { ...counted, cancelled: counted.cancelled + 1 }
      case 'TicketExpired':
        return data.admitted ? { ...counted, used: counted.used + 1 } : { ...counted, expired: counted.expired + 1 }
      default:
        return row
    }
  },
}

const refunds: Rows<'refund', 'tenant' | 'refund_id'> = {
  table: 'refund',
  key: ['tenant', 'refund_id'],
  begins: ({ type }) => type !== 'PaymentRefunded',
  keysOf: ({ type, data, metadata: { tenant } }) => {
    switch (type) {
      case 'TicketRefunded':
      case 'TicketCancelled':
        return data.refunds.flatMap(({ refundId, paymentId }) => (paymentId ? [{ tenant, refund_id: refundId }] : []))
      case 'PaymentRefunded':
        return [{ tenant, refund_id: data.refundId }]
      default:
        return []
    }
  },
  evolve: (row, { type, data, stream, metadata }, key) => {
    switch (type) {
      case 'TicketRefunded':
      case 'TicketCancelled': {
        const { paymentId, amount } = data.refunds.find(({ refundId }) => refundId === key.refund_id)!
        return {
          ...{ ...key, event_id: data.eventId, ticket_id: idOf(stream), payment_id: paymentId!, paid_at: null },
          ...{ amount: amount.amount, currency: amount.currency },
        }
      }
      case 'PaymentRefunded':
        return row && { ...row, paid_at: metadata.at }
      default:
        return row
    }
  },
}

const payments: Rows<'payment', 'tenant' | 'payment_id'> = {
  table: 'payment',
  key: ['tenant', 'payment_id'],
  keysOf: ({ type, data, stream, metadata: { tenant } }) => {
    const isBack =
      (type === 'PaymentDisputeClosed' && !data.won) || (type === 'PaymentRefunded' && data.shares.length === 0)
    return isBack ? [{ tenant, payment_id: idOf(stream) }] : []
  },
  evolve: (row, { type }, key) => row ?? { ...key, back: type === 'PaymentRefunded' ? 'by_its_order' : 'by_its_bank' },
}

/** What became of the tickets of an event, and of the money of those that were closed for it. */
export const closings: ReadModel<Known, ClosingsTables> = {
  name: 'closings',
  version: 1,
  create: async (tx) => {
    await sql`create table event (
      tenant text, event_id uuid, sold int not null, refunded int not null, revoked int not null,
      cancelled int not null, expired int not null, used int not null, primary key (tenant, event_id))`.execute(tx)
    await sql`create table refund (
      tenant text, refund_id uuid, event_id uuid not null, ticket_id uuid not null, payment_id uuid not null,
      amount bigint not null, currency text not null, paid_at text, primary key (tenant, refund_id))`.execute(tx)
    await sql`create index on refund (tenant, event_id)`.execute(tx)
    await sql`create table payment (
      tenant text, payment_id uuid, back text not null, primary key (tenant, payment_id))`.execute(tx)
  },
  apply: async (batch, facts) => {
    await foldInto(batch, events, facts)
    await foldInto(batch, refunds, facts)
    await foldInto(batch, payments, facts)
  },
}
