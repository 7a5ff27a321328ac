import { sql } from 'kysely'
import { idOf, type Position } from '../../domain/fact.ts'
import { type EndReason, type OrderFact, orderFacts, type Placed } from '../../domain/order/facts.ts'
import { type Order, order } from '../../domain/order/order.ts'
import type { Payment } from '../../domain/payment.ts'
import type { Known } from '../../domain/registry.ts'
import { type Fold, foldInto } from '../fold.ts'
import type { ReadModel } from '../read-model.ts'

type OpenOrder = Exclude<Order, { status: 'new' }>

/** One payment of an order, as its provider reported it. `new`: not requested yet. */
export type PaymentSeen = {
  paymentId: string
  /** Minor units of the order's currency. */
  amount: number
  refunded: number
  status: Payment['status']
  provider: string | null
  /** Why it was declined. */
  reason: string | null
  disputed: boolean
}

export type OrderRow = {
  tenant: string
  order_id: string
  event_id: string
  venue_id: string
  payer_id: string
  status: OpenOrder['status']
  reason: EndReason | null
  /** With the slots that are tried now. */
  placed: Placed
  payments: PaymentSeen[]
  /** Null until it is confirmed. */
  ticket_ids: string[] | null
  placed_at: string
  changed_at: string
  appeared: Position
}

export type OrdersTables = { orders: OrderRow }

const orderRows: Fold<Known, 'orders', OrderRow, 'tenant' | 'order_id'> = {
  table: 'orders',
  key: ['tenant', 'order_id'],
  begins: ({ type }) => type === 'OrderPlaced',
  keysOf: ({ type, data, stream, metadata: { tenant } }) => {
    switch (type) {
      case 'PaymentRequested':
      case 'PaymentAuthorised':
      case 'PaymentDeclined':
      case 'PaymentCaptured':
      case 'PaymentVoided':
      case 'PaymentRefunded':
      case 'PaymentDisputed':
      case 'PaymentDisputeClosed':
        return [{ tenant, order_id: data.orderId }]
      default:
        return stream.startsWith('order-') ? [{ tenant, order_id: idOf(stream) }] : []
    }
  },
  evolve: (row, fact, key) => {
    if (fact.type === 'OrderPlaced') return placed(fact, key)
    if (!row) return row
    if (!isOrderFact(fact)) {
      const payments = row.payments.map((p) => (p.paymentId === idOf(fact.stream) ? reported(p, fact) : p))
      return { ...row, payments, changed_at: fact.metadata.at }
    }
    // The order's own rules say what becomes of it; a read model must not have a second opinion.
    const { status, reason, ticket_ids: ticketIds } = row
    const before: OpenOrder = { status, placed: row.placed, reason, ticketIds, discarded: [] }
    const after = order.evolve(before, fact) as OpenOrder
    return {
      ...row,
      status: after.status,
      reason: after.reason,
      placed: after.placed,
      ticket_ids: fact.type === 'OrderConfirmed' ? fact.data.ticketIds : row.ticket_ids,
      changed_at: fact.metadata.at,
    }
  },
}

const isOrderFact = (fact: Known): fact is Extract<Known, OrderFact> => Object.hasOwn(orderFacts, fact.type)

const placed = (
  fact: Extract<Known, { type: 'OrderPlaced' }>,
  key: Pick<OrderRow, 'tenant' | 'order_id'>,
): OrderRow => {
  const { data, metadata, position } = fact
  const { status } = order.evolve(order.initial, fact) as OpenOrder
  return {
    ...key,
    event_id: data.eventId,
    venue_id: data.venueId,
    payer_id: data.payerId,
    status,
    reason: null,
    placed: data,
    payments: data.payments.map((payment) => ({
      ...payment,
      refunded: 0,
      status: 'new',
      provider: null,
      reason: null,
      disputed: false,
    })),
    ticket_ids: null,
    placed_at: metadata.at,
    changed_at: metadata.at,
    appeared: position,
  }
}

const reported = (seen: PaymentSeen, { type, data }: Known): PaymentSeen => {
  switch (type) {
    case 'PaymentRequested':
      return { ...seen, status: 'requested', provider: data.provider }
    case 'PaymentAuthorised':
      return { ...seen, status: 'authorised' }
    case 'PaymentDeclined':
      return { ...seen, status: 'declined', reason: data.reason }
    case 'PaymentCaptured':
      return { ...seen, status: 'captured' }
    case 'PaymentVoided':
      return { ...seen, status: 'voided' }
    case 'PaymentRefunded':
      return { ...seen, refunded: seen.refunded + data.amount.amount }
    case 'PaymentDisputed':
      return { ...seen, disputed: true }
    case 'PaymentDisputeClosed':
      return { ...seen, disputed: false }
    default:
      return seen
  }
}

/** Orders as their process and their payments have left them. */
export const orders: ReadModel<Known, OrdersTables> = {
  name: 'orders',
  version: 1,
  create: async (tx) => {
    await sql`create table orders (
      tenant text, order_id uuid, event_id uuid not null, venue_id uuid not null, payer_id uuid not null,
      status text not null, reason text, placed jsonb not null, payments jsonb not null, ticket_ids jsonb,
      placed_at text not null, changed_at text not null, appeared text collate "C" not null,
      primary key (tenant, order_id))`.execute(tx)
    await sql`create index on orders (tenant, payer_id, appeared)`.execute(tx)
    await sql`create index on orders (tenant, event_id, appeared)`.execute(tx)
  },
  apply: (batch, facts) => foldInto(batch, orderRows, facts),
}
