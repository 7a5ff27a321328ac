import { sql } from 'kysely'
import { idOf } from '../../domain/fact.ts'
import { sum } from '../../domain/money.ts'
import type { Line } from '../../domain/order/facts.ts'
import { dueFor } from '../../domain/order/pricing.ts'
import type { Known } from '../../domain/registry.ts'
import type { Batch } from '../batch.ts'
import { type Fold, foldInto } from '../fold.ts'
import type { ReadModel } from '../read-model.ts'

/** Minor units. */
type Cost = {
  /** What the buyer pays, all in all. */
  gross: number
  price: number
  fees: number
  taxes: number
}

export type SalesTables = {
  sale: {
    tenant: string
    ticket_id: string
    event_id: string
    type_id: string
    order_id: string
    currency: string
    sold_at: string
    is_refunded: boolean
  } & Cost
  /** What one ticket of a type costs in an order. */
  cost: { tenant: string; order_id: string; type_id: string } & Cost
  event: { tenant: string; event_id: string; time_zone: string }
  ticket_type: { tenant: string; event_id: string; type_id: string; name: string }
}

type CostRow = SalesTables['cost']

type Rows<T extends keyof SalesTables, Key extends keyof SalesTables[T] & string> = Fold<Known, T, SalesTables[T], Key>

const soldTickets = (costs: ReadonlyMap<string, CostRow>): Rows<'sale', 'tenant' | 'ticket_id'> => ({
  table: 'sale',
  key: ['tenant', 'ticket_id'],
  begins: ({ type }) => type === 'TicketSold',
  keysOf: ({ type, stream, metadata: { tenant } }) =>
    type === 'TicketSold' || type === 'TicketRefunded' || type === 'TicketCancelled'
      ? [{ tenant, ticket_id: idOf(stream) }]
      : [],
  evolve: (row, { type, data, metadata }, key) => {
    switch (type) {
      case 'TicketSold': {
        const cost = costs.get(nameOf(data.orderId, data.typeId))
        if (!cost)
          throw new Error(`ticket ${key.ticket_id} was sold for no line of order ${data.orderId}: read both streams`)
        const { gross, price, fees, taxes } = cost
        return {
          ...key,
          event_id: data.eventId,
          type_id: data.typeId,
          order_id: data.orderId,
          currency: data.price.currency,
          sold_at: metadata.at,
          is_refunded: false,
          gross,
          price,
          fees,
          taxes,
        }
      }
      case 'TicketRefunded':
      case 'TicketCancelled':
        return row && { ...row, is_refunded: true }
      default:
        return row
    }
  },
})

/** Of the orders that sold something. They were placed before, so that their costs are here whatever the batch. */
const costsIn = async (batch: Batch, facts: readonly Known[]): Promise<ReadonlyMap<string, CostRow>> => {
  const keys = facts.flatMap(({ type, data, metadata: { tenant } }) =>
    type === 'TicketSold' ? [{ tenant, order_id: data.orderId, type_id: data.typeId }] : [],
  )
  const distinct = new Map(keys.map((key) => [nameOf(key.order_id, key.type_id), key]))
  const rows = await batch.load<CostRow>('cost', ['tenant', 'order_id', 'type_id'], [...distinct.values()])
  return new Map(rows.map((row) => [nameOf(row.order_id, row.type_id), row]))
}

const nameOf = (orderId: string, typeId: string): string => `${orderId}/${typeId}`

const costs: Rows<'cost', 'tenant' | 'order_id' | 'type_id'> = {
  table: 'cost',
  key: ['tenant', 'order_id', 'type_id'],
  begins: ({ type }) => type === 'OrderPlaced',
  keysOf: ({ type, data, stream, metadata: { tenant } }) =>
    // What is sold on was sold before: it is no sale of the organizer's.
    type === 'OrderPlaced' && data.kind !== 'resale'
      ? [...new Set(data.lines.map((line) => line.typeId))].map((type_id) => ({
          tenant,
          order_id: idOf(stream),
          type_id,
        }))
      : [],
  evolve: (row, { type, data }, key) => {
    const line = type === 'OrderPlaced' ? data.lines.find((line) => line.typeId === key.type_id) : undefined
    return line ? { ...key, ...costOf(line) } : row
  },
}

const costOf = (line: Line): Cost => ({
  gross: dueFor(line),
  price: line.price,
  fees: sum(line.fees.map(({ amount }) => amount)),
  taxes: sum(line.taxes.map(({ amount }) => amount)),
})

const events: Rows<'event', 'tenant' | 'event_id'> = {
  table: 'event',
  key: ['tenant', 'event_id'],
  keysOf: ({ type, stream, metadata: { tenant } }) =>
    type === 'EventDrafted' ? [{ tenant, event_id: idOf(stream) }] : [],
  evolve: (row, { type, data }, key) => (type === 'EventDrafted' ? { ...key, time_zone: data.timeZone } : row),
}

const ticketTypes: Rows<'ticket_type', 'tenant' | 'event_id' | 'type_id'> = {
  table: 'ticket_type',
  key: ['tenant', 'event_id', 'type_id'],
  keysOf: ({ type, data, stream, metadata: { tenant } }) =>
    type === 'EventTicketTypeSet' ? [{ tenant, event_id: idOf(stream), type_id: data.typeId }] : [],
  evolve: (row, { type, data }, key) => (type === 'EventTicketTypeSet' ? { ...key, name: data.name } : row),
}

/** What was sold of each ticket type, when and for how much. */
export const sales: ReadModel<Known, SalesTables> = {
  name: 'sales',
  version: 2,
  create: async (tx) => {
    await sql`create table sale (
      tenant text, ticket_id uuid, event_id uuid not null, type_id uuid not null, order_id uuid not null,
      currency text not null, sold_at text not null, is_refunded boolean not null,
      gross bigint not null, price bigint not null, fees bigint not null, taxes bigint not null,
      primary key (tenant, ticket_id))`.execute(tx)
    await sql`create index on sale (tenant, event_id)`.execute(tx)
    await sql`create table cost (
      tenant text, order_id uuid, type_id uuid, gross bigint not null, price bigint not null, fees bigint not null,
      taxes bigint not null, primary key (tenant, order_id, type_id))`.execute(tx)
    await sql`create table event (
      tenant text, event_id uuid, time_zone text not null, primary key (tenant, event_id))`.execute(tx)
    await sql`create table ticket_type (
      tenant text, event_id uuid, type_id uuid, name text not null, primary key (tenant, event_id, type_id))`.execute(
      tx,
    )
  },
  apply: async (batch, facts) => {
    await foldInto(batch, events, facts)
    await foldInto(batch, ticketTypes, facts)
    await foldInto(batch, costs, facts)
    await foldInto(batch, soldTickets(await costsIn(batch, facts)), facts)
  },
}
