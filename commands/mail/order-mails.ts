import { z } from 'zod'
import { idOf } from '../../domain/fact.ts'
import { Id } from '../../domain/id.ts'
import { sum } from '../../domain/money.ts'
import type { EndReason } from '../../domain/order/facts.ts'
import { order } from '../../domain/order/order.ts'
import { payment } from '../../domain/payment.ts'
import { load, type Streams } from '../../domain/stream.ts'
import type { Reactor } from '../reactors/reactor.ts'
import type { Addressed, LetterDeps } from './addressed.ts'
import { occasionOf } from './occasion.ts'
import { type OrderLetter, orderCancelled, orderConfirmed, orderRefunded } from './order-letters.ts'
import { languageOf } from './words.ts'

/** What an intent says of an order. */
export const OrderWanted = z.object({
  mail: z.enum(['order-confirmed', 'order-cancelled', 'order-refunded']),
  orderId: Id,
})
type OrderWanted = z.infer<typeof OrderWanted>

export const orderWants: Reactor['wants'] = {
  OrderConfirmed: ({ stream }) => [wanted('order-confirmed', stream)],
  OrderCancelled: ({ stream, data }) => (wasToldAtOnce(data.reason) ? [] : [wanted('order-cancelled', stream)]),
  OrderRefunded: ({ stream }) => [wanted('order-refunded', stream)],
}

const wanted = (mail: OrderWanted['mail'], stream: string): OrderWanted => ({ mail, orderId: idOf(stream) })

/** In the answer to the very request that placed the order. */
const wasToldAtOnce = (reason: EndReason): boolean =>
  reason === 'limit_reached' || reason === 'tickets_taken' || reason === 'not_chargeable'

/** Undefined where it is not so any more, or where nobody is to be told. */
export const orderMail = (deps: LetterDeps, { mail, orderId }: OrderWanted): Promise<Addressed | undefined> => {
  switch (mail) {
    case 'order-confirmed':
      return toPayer(deps, orderId, 'confirmed', orderConfirmed)
    case 'order-cancelled':
      return toPayer(deps, orderId, 'cancelled', orderCancelled)
    case 'order-refunded':
      return toPayer(deps, orderId, 'refunded', orderRefunded)
  }
}

/** As long as the order still is what the letter says of it. What a service sold, it tells of itself. */
const toPayer = async (
  deps: LetterDeps,
  orderId: string,
  status: 'confirmed' | 'cancelled' | 'refunded',
  letter: OrderLetter,
): Promise<Addressed | undefined> => {
  const { state, tenant } = await load(deps, order, orderId)
  if (state.status !== status || state.placed.kind === 'external') return undefined
  const { placed, reason } = state
  // Before all else is gathered, for most have told none.
  const person = await deps.people.find(placed.payerId)
  if (!person?.email) return undefined
  const refunded = await refundedOf(deps, placed.payments)
  // A basket that nobody paid for: its owner left it, and was promised nothing.
  if (reason === 'lapsed' && refunded === 0) return undefined
  const { event, venueName } = await occasionOf(deps, placed)
  const { details, types } = event
  const subject = { orderId, placed, event: details, types, venueName, reason, refunded, publicUrl: deps.publicUrl }
  const language = languageOf(person.locale)
  return {
    tenant: tenant!,
    to: { name: person.name, address: person.email },
    language: language.locale,
    letter: letter({ ...subject, payerName: person.name }, language),
  }
}

const refundedOf = async (deps: Streams, payments: readonly { readonly paymentId: string }[]): Promise<number> => {
  const states = await Promise.all(payments.map(({ paymentId }) => load(deps, payment, paymentId)))
  return sum(states.flatMap(({ state }) => (state.status === 'new' ? [] : [...state.refunds.values()])))
}
