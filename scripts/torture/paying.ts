import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from './caller.ts'
import type { OrderAnswer } from './history.ts'
import type { Person } from './shopper.ts'
import type { Square } from './square.ts'

/** How often each card of the sandbox is used. */
const CARDS = {
  good: 50,
  declined: 5,
  insufficient_funds: 5,
  delayed: 8,
  capture_refused: 6,
  webhook_lost: 8,
  webhook_twice: 8,
  disputed: 6,
}

/** Pays for an order that was placed, gives it up, both at once, or neither. */
export const settle = async (
  { caller, chance }: Pick<Person, 'caller' | 'chance'>,
  { disputed }: Square,
  { body: { orderId, payment } }: Answer<OrderAnswer>,
): Promise<unknown> => {
  const cancel = () => caller.ask('POST', `/orders/${orderId}/cancel`, { wish: 'cancel' })
  const pay = async () => {
    if (!payment) return
    const card = chance.weighted(CARDS)
    const body = { clientSecret: payment.clientSecret, card }
    await caller.ask('POST', `/sandbox/payments/${payment.id}/confirm`, { wish: 'pay', body })
    if (card === 'disputed') disputed.push(payment.id)
  }
  switch (chance.weighted({ pay: 78, cancel: 6, abandon: 5, both: 6, late: 5 })) {
    case 'pay':
      return pay()
    case 'cancel':
      return cancel()
    case 'abandon':
      return
    case 'both':
      return Promise.all([pay(), sleep(chance.between(0, 60)).then(cancel)])
    case 'late':
      await sleep(chance.between(500, 3_000))
      return pay()
  }
}
