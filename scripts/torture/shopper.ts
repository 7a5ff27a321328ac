import { setTimeout as sleep } from 'node:timers/promises'
import type { Caller } from './caller.ts'
import type { Chance } from './chance.ts'
import type { OrderAnswer } from './history.ts'
import { holding } from './holder.ts'
import { settle } from './paying.ts'
import type { EventOnSale, Programme } from './programme.ts'
import type { Square } from './square.ts'

export type Person = { readonly caller: Caller; readonly chance: Chance; readonly personId: string }

export type ShopDeps = {
  readonly programme: Programme
  readonly square: Square
  /** Everybody, themselves included. */
  readonly people: readonly Person[]
  readonly isOver: () => boolean
  /** Milliseconds between two things that a person does. */
  readonly pauseMs: readonly [number, number]
}

/** Buys, pays or not, changes its mind, asks again, passes on what it has, and goes to the gate, until the day is over. */
export const shop = async (person: Person, deps: ShopDeps): Promise<void> => {
  const { caller, chance, personId } = person
  const { programme, square, isOver, pauseMs } = deps
  const own: { event: EventOnSale; ticketId: string }[] = []
  const codes: { event: EventOnSale; code: string }[] = []
  const { give, answer, sell, trade, lose } = holding(person, deps)

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
    await settle(person, square, placed)
    if (chance.happens(0.1)) await caller.ask('POST', path(), { ...again, body })
    const seen = await caller.ask<OrderAnswer>('GET', `/orders/${placed.body.orderId}?wait=${chance.between(1, 4)}s`, {
      wish: 'order',
    })
    if (!seen.body.ticketIds) return
    square.orders.push(placed.body.orderId)
    for (const ticketId of seen.body.ticketIds) {
      own.push({ event, ticketId })
      square.tickets.push(ticketId)
    }
  }

  /** What it bought, or what it has by now; it shows both to the gates, and is denied where that is another's. */
  const toShow = async () => {
    if (own.length > 0 && chance.happens(0.6)) return chance.oneOf(own.slice(-20))
    const mine = await caller.ask<{ items?: { ticketId: string; eventId: string }[] }>('GET', '/tickets?limit=20')
    const tickets = (mine.body.items ?? []).flatMap(({ ticketId, eventId }) => {
      const event = programme.events.find((one) => one.eventId === eventId)
      return event ? [{ event, ticketId }] : []
    })
    return tickets.length > 0 ? chance.oneOf(tickets) : undefined
  }

  /** Shows a code at one gate or at several at once; one that was shown before, or that is none, now and then. */
  const enter = async () => {
    const ticket = await toShow()
    if (!ticket) return
    const { event, ticketId } = ticket
    const shown = await caller.ask<{ code: string }>('GET', `/tickets/${ticketId}/qr`, { wish: 'code' })
    if (shown.isAccepted) codes.push({ event, code: shown.body.code })
    if (codes.length === 0) return
    // Of a ticket that is another's by now, the code that it had before.
    const old = chance.oneOf(codes.slice(-20))
    const { code } = !shown.isAccepted || chance.happens(0.15) ? old : { code: shown.body.code }
    const text = chance.happens(0.03) ? `${code}x` : code
    const at = shown.isAccepted ? event : old.event
    const from = chance.between(0, at.gates.length - 1)
    const gates = at.gates.slice(from, from + chance.between(1, 3))
    await Promise.all(gates.map((gate) => scan(gate, text)))
  }

  const scan = async (gate: Caller, code: string) => {
    const { key } = await gate.ask('POST', '/scan', { wish: 'scan', body: { code } })
    if (chance.happens(0.15)) await gate.ask('POST', '/scan', { wish: 'scan', body: { code }, key: key! })
  }

  const look = () => caller.ask('GET', chance.oneOf(['/tickets', '/orders', `/tickets/users/${personId}`]))

  const acts = { buy, enter, look, give, answer, sell, trade, lose }
  const weights = { buy: 32, enter: 13, look: 3, give: 15, answer: 14, sell: 10, trade: 16, lose: 2 }
  while (!isOver()) {
    await acts[chance.weighted(weights)]()
    await sleep(chance.between(...pauseMs))
  }
}

const itemsOf = ({ types }: EventOnSale, chance: Chance) => {
  const first = chance.oneOf(types)
  const wanted = chance.happens(0.3) ? [...new Set([first, chance.oneOf(types)])] : [first]
  return wanted.map(({ typeId }) => ({ typeId, quantity: chance.oneOf([1, 1, 2, 2, 3, 4]) }))
}
