import { sum } from '../money.ts'
import type { Event } from './event.ts'
import { MAX_ORDER, type TicketType } from './facts.ts'

export type SellingRefusal =
  | 'EventNotFound'
  | 'EventOver'
  | 'EventIsCancelled'
  | 'SalesNotOpen'
  | 'TicketTypeNotFound'
  | 'NotYetOnSale'
  | 'NoLongerOnSale'
  | 'TooManyInOrder'

/** How many of a ticket type somebody wants. */
export type Wish = { readonly typeId: string; readonly quantity: number }

/** Whether an event sells these now. Which slots are free is for the slots' own streams to say. */
export const mayOrder = (event: Event, wishes: readonly Wish[], at: string): SellingRefusal | 'yes' => {
  if (event.status === 'unknown') return 'EventNotFound'
  if (event.status === 'cancelled') return 'EventIsCancelled'
  if (at >= event.details.endsAt) return 'EventOver'
  if (event.status !== 'published' || !event.salesOpen) return 'SalesNotOpen'
  if (totalOf(wishes) > MAX_ORDER) return 'TooManyInOrder'
  for (const { typeId } of wishes) {
    const type = event.types.get(typeId)
    if (!type) return 'TicketTypeNotFound'
    if (type.onSaleFrom !== null && at < type.onSaleFrom) return 'NotYetOnSale'
    if (type.onSaleUntil !== null && at >= type.onSaleUntil) return 'NoLongerOnSale'
    if (totalOf(wishes.filter((wish) => wish.typeId === typeId)) > type.maxPerOrder) return 'TooManyInOrder'
  }
  return 'yes'
}

export type TradingRefusal = Extract<SellingRefusal, 'EventNotFound' | 'EventOver' | 'EventIsCancelled'>

/** Whether its tickets may be sold on now: also when it sells none itself any more. */
export const mayTrade = (event: Event, at: string): TradingRefusal | 'yes' => {
  if (event.status === 'unknown') return 'EventNotFound'
  if (event.status === 'cancelled') return 'EventIsCancelled'
  return at >= event.details.endsAt ? 'EventOver' : 'yes'
}

const totalOf = (wishes: readonly Wish[]): number => sum(wishes.map((wish) => wish.quantity))

/** The first and last slot of the pool that a type draws from. */
export const rangeOf = (
  event: Extract<Event, { details: unknown }>,
  type: TicketType,
): { from: number; to: number } => ({
  from: type.from,
  to: type.to ?? event.pools.get(type.pool) ?? 0,
})
