import { setTimeout as sleep } from 'node:timers/promises'
import type { Caller } from './caller.ts'
import type { Chance } from './chance.ts'
import type { Programme } from './programme.ts'
import { oneOfTheLast, type Square } from './square.ts'

type Deps = {
  /** An admin. */
  readonly desk: Caller
  readonly chance: Chance
  readonly programme: Programme
  readonly square: Square
  readonly isOver: () => boolean
  readonly pauseMs: readonly [number, number]
}

const REASONS = ['fraud_investigation', 'dispute', 'admin_request', 'event_policy', 'legal_hold'] as const

/** Staff do so much less than a shopper does. */
const SELDOM = 4

/** Of so many events one is cancelled before the day is over. */
const ONE_IN = 5

/** Staff: lock and unlock, replace what is lost, give money back, take away, cancel an event, and are the bank that settles disputes. */
export const attend = async ({ desk, chance, programme, square, isOver, pauseMs }: Deps): Promise<void> => {
  const ask = async (method: 'POST' | 'DELETE', path: string, body?: object) => {
    const first = await desk.ask<Record<string, unknown>>(method, path, { wish: 'desk', body })
    if (chance.happens(0.1)) await desk.ask(method, path, { wish: 'desk', body, key: first.key! })
    return first
  }
  const locked: { ticketId: string; lockId: string }[] = []

  const withTicket = (act: (path: string, ticketId: string) => Promise<unknown>) => async () => {
    const ticketId = oneOfTheLast(square.tickets, chance, 40)
    if (ticketId !== undefined) await act(`/admin/tickets/${ticketId}`, ticketId)
  }

  const acts = {
    lock: withTicket(async (path, ticketId) => {
      const { isAccepted, body } = await ask('POST', `${path}/lock`, { reason: chance.oneOf(REASONS) })
      const locks = isAccepted ? (body.locks as { lockId: string }[]) : []
      for (const { lockId } of locks) locked.push({ ticketId, lockId })
    }),
    unlock: async () => {
      const lock = oneOfTheLast(locked, chance, 6)
      if (!lock) return
      const one = chance.happens(0.5) ? `?lockId=${lock.lockId}` : ''
      await ask('DELETE', `/admin/tickets/${lock.ticketId}/lock${one}`)
    },
    replace: withTicket(async (path) => {
      if (chance.happens(0.1)) return ask('POST', `${path}/report/reject`)
      const outcome = chance.happens(0.9) ? 'matched' : 'differed'
      await ask('POST', `${path}/identity-check`, { document: 'passport', outcome })
      return ask('POST', `${path}/reissue`)
    }),
    refund: withTicket((path) => ask('POST', `${path}/refund`)),
    revoke: withTicket((path) => ask('POST', `${path}/revoke`, { reason: 'terms_violated' })),
    refundOrder: async () => {
      const orderId = oneOfTheLast(square.orders, chance)
      if (orderId !== undefined) await ask('POST', `/orders/${orderId}/refund`, {})
    },
    judge: async () => {
      const paymentId = oneOfTheLast(square.disputed, chance, 4)
      if (paymentId === undefined) return
      const body = { outcome: chance.oneOf(['won', 'lost']) }
      // Once: a bank does not decide twice.
      await desk.ask('POST', `/sandbox/payments/${paymentId}/dispute`, { wish: 'desk', body })
    },
    callOff: async () => {
      const { events, cancelled } = programme
      const standing = events.slice(-4).filter(({ eventId }) => !cancelled.has(eventId))
      const mayOne = (cancelled.size + 1) * ONE_IN <= events.length
      if (mayOne && standing.length > 0) await callOff(desk, programme, chance.oneOf(standing).eventId)
    },
  }
  const weights = { lock: 16, unlock: 24, replace: 22, refund: 8, revoke: 2, refundOrder: 3, judge: 17, callOff: 8 }

  while (!isOver()) {
    await acts[chance.weighted(weights)]()
    await sleep(SELDOM * chance.between(...pauseMs))
  }
}

export const callOff = async (desk: Caller, { cancelled }: Programme, eventId: string): Promise<void> => {
  cancelled.add(eventId)
  await desk.ask('POST', `/events/${eventId}/cancel`, { wish: 'desk', body: { reason: 'weather' } })
}
