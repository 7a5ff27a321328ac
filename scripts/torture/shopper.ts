import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Caller } from './caller.ts'
import type { Chance } from './chance.ts'
import type { OrderAnswer } from './history.ts'
import type { EventOnSale, Programme } from './programme.ts'

export type Person = { readonly caller: Caller; readonly chance: Chance; readonly personId: string }

/** What a person did, for asking again later: the place of an order, under its key. */
export type Placed = { readonly key: string; readonly body: unknown }

type Deps = {
  readonly programme: Programme
  readonly isOver: () => boolean
  /** Milliseconds between two things that a person does. */
  readonly pauseMs: readonly [number, number]
}

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

/** Buys, pays or not, changes its mind, asks again, and goes to the gate, until the day is over. */
export const shop = async (
  { caller, chance, personId }: Person,
  { programme, isOver, pauseMs }: Deps,
): Promise<void> => {
  const own: { event: EventOnSale; ticketId: string }[] = []
  const codes: { event: EventOnSale; code: string }[] = []

  const buy = async () => {
    const event = chance.oneOf(programme.events.slice(-4))
    const body = { eventId: event.eventId, items: itemsOf(event, chance) }
    const path = () => chance.oneOf(['/orders', '/orders', '/purchase'])
    const placed = await caller.ask<OrderAnswer>('POST', path(), { wish: 'place', body })
    const again = { wish: 'place', key: placed.key! } as const
    if (!placed.isAccepted) return
    if (chance.happens(0.1)) await caller.ask('POST', path(), { ...again, body })
    if (chance.happens(0.1)) {
      const items = body.items.map((item) => ({ ...item, quantity: item.quantity + 1 }))
      await caller.ask('POST', path(), { ...again, body: { ...body, items } })
    }
    await settle(placed)
    if (chance.happens(0.1)) await caller.ask('POST', path(), { ...again, body })
    const seen = await caller.ask<OrderAnswer>('GET', `/orders/${placed.body.orderId}?wait=${chance.between(1, 4)}s`, {
      wish: 'order',
    })
    for (const ticketId of seen.body.ticketIds ?? []) own.push({ event, ticketId })
  }

  const settle = async ({ body: { orderId, payment } }: Answer<OrderAnswer>) => {
    const cancel = () => caller.ask('POST', `/orders/${orderId}/cancel`, { wish: 'cancel' })
    const pay = async () => {
      if (!payment) return
      const card = { clientSecret: payment.clientSecret, card: chance.weighted(CARDS) }
      await caller.ask('POST', `/sandbox/payments/${payment.id}/confirm`, { wish: 'pay', body: card })
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

  /** Shows a code at one gate or at several at once; one that was shown before, or that is none, now and then. */
  const enter = async () => {
    const ticket = own.length > 0 ? chance.oneOf(own.slice(-20)) : undefined
    if (!ticket) return
    const { event, ticketId } = ticket
    const shown = await caller.ask<{ code: string }>('GET', `/tickets/${ticketId}/qr`, { wish: 'code' })
    if (!shown.isAccepted) return
    codes.push({ event, code: shown.body.code })
    const { code } = chance.happens(0.15) ? chance.oneOf(codes) : { code: shown.body.code }
    const text = chance.happens(0.03) ? `${code}x` : code
    const from = chance.between(0, event.gates.length - 1)
    const gates = event.gates.slice(from, from + chance.between(1, 3))
    await Promise.all(gates.map((gate) => scan(gate, text)))
  }

  const scan = async (gate: Caller, code: string) => {
    const { key } = await gate.ask('POST', '/scan', { wish: 'scan', body: { code } })
    if (chance.happens(0.15)) await gate.ask('POST', '/scan', { wish: 'scan', body: { code }, key: key! })
  }

  const look = () => caller.ask('GET', chance.oneOf(['/tickets', '/orders', `/tickets/users/${personId}`]))

  while (!isOver()) {
    await { buy, enter, look }[chance.weighted({ buy: 60, enter: 30, look: 10 })]()
    await sleep(chance.between(...pauseMs))
  }
}

const itemsOf = ({ types }: EventOnSale, chance: Chance) => {
  const first = chance.oneOf(types)
  const wanted = chance.happens(0.3) ? [...new Set([first, chance.oneOf(types)])] : [first]
  return wanted.map(({ typeId }) => ({ typeId, quantity: chance.oneOf([1, 1, 2, 2, 3, 4]) }))
}
