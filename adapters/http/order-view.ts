import { z } from 'zod'
import { Id } from '../../domain/id.ts'
import { Delivery, EndReason, Line, OrderKind } from '../../domain/order/facts.ts'
import type { Order } from '../../domain/order/order.ts'
import { At } from '../../domain/time.ts'
import { moneyView } from './locale.ts'

export const MoneyView = z.object({
  amount: z.int().describe('Minor units: EUR 2500 is €25.00.'),
  currency: z.string().describe('ISO 4217.'),
  formatted: z.string().describe('In the language of Accept-Language, else English.'),
})

const OrderStatus = z.enum([
  'limiting',
  'reserving',
  'authorising',
  'capturing',
  'selling',
  'confirmed',
  'reverting',
  'cancelled',
  'refunding',
  'refunded',
])

/** An order as every route shows it, whether it was just placed or is read later. */
export const OrderView = z.object({
  orderId: Id,
  kind: OrderKind,
  eventId: Id,
  venueId: Id,
  payerId: Id,
  status: OrderStatus.describe(
    'Its next step, or its end: confirmed, cancelled or refunded. Authorising waits for its payer.',
  ),
  reason: EndReason.nullable().describe('Why it ended, or will end, without tickets.'),
  delivery: Delivery,
  expiresAt: At.describe('Until when its tickets are kept for it.'),
  total: MoneyView,
  lines: z.array(
    Line.pick({ typeId: true, slot: true, edition: true, holderId: true, zone: true, fees: true, taxes: true }).extend({
      priceCents: z.int().describe('Minor units of the order’s currency, before fees and taxes on top.'),
    }),
  ),
})

export const orderView = (
  orderId: string,
  { status, reason, placed }: Pick<Exclude<Order, { status: 'new' }>, 'status' | 'reason' | 'placed'>,
  locale: string,
): z.infer<typeof OrderView> => {
  const { kind, eventId, venueId, payerId, delivery, expiresAt, currency, total, lines } = placed
  return {
    orderId,
    kind,
    eventId,
    venueId,
    payerId,
    status,
    reason,
    delivery,
    expiresAt,
    total: moneyView({ amount: total, currency }, locale),
    lines: lines.map(({ typeId, slot, edition, holderId, zone, fees, taxes, price }) => ({
      typeId,
      slot,
      edition,
      holderId,
      zone,
      fees,
      taxes,
      priceCents: price,
    })),
  }
}
