import { setTimeout as sleep } from 'node:timers/promises'
import type { Caller } from './caller.ts'
import type { Chance } from './chance.ts'
import type { OrderAnswer } from './history.ts'
import type { Programme } from './programme.ts'

type Deps = {
  readonly caller: Caller
  readonly chance: Chance
  readonly programme: Programme
  /** Those whom it buys for. */
  readonly people: readonly string[]
  readonly isOver: () => boolean
  readonly pauseMs: readonly [number, number]
}

/** A service of the tenant's that takes orders and money itself. */
export const serve = async ({ caller, chance, programme, people, isOver, pauseMs }: Deps): Promise<void> => {
  const post = (wish: 'reserve' | 'confirm' | 'release', body: object) =>
    caller.ask<OrderAnswer>('POST', `/internal/tickets/${wish}`, { wish, body })

  while (!isOver()) {
    const { eventId, types } = chance.oneOf(programme.events.slice(-4))
    const { typeId } = chance.oneOf(types)
    const orderId = chance.uuid()
    const items = [{ typeId, quantity: chance.between(1, 3) }]
    const wanted = { orderId, eventId, items, buyerId: chance.oneOf(people) }
    const reserved = await post('reserve', wanted)
    if (reserved.isAccepted) {
      const { amount, currency } = reserved.body.total
      const payment = { reference: `invoice-${orderId}`, amountCents: amount, currency }
      const confirm = () => post('confirm', { orderId, payment })
      const release = () => post('release', { orderId })
      switch (chance.weighted({ confirm: 60, wrong: 5, twice: 10, release: 10, both: 10, abandon: 5 })) {
        case 'wrong':
          await post('confirm', { orderId, payment: { ...payment, amountCents: amount + 1 } })
          await confirm()
          break
        case 'twice':
          await Promise.all([confirm(), confirm(), post('reserve', wanted)])
          break
        case 'both':
          await Promise.all([confirm(), sleep(chance.between(0, 40)).then(release)])
          break
        case 'confirm':
          await confirm()
          break
        case 'release':
          await release()
          break
        case 'abandon':
          break
      }
    }
    await sleep(chance.between(...pauseMs))
  }
}
