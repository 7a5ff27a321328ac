import { type Decider, type Decision, refuse } from '../decider.ts'
import type { EndReason, Line, OrderFact, Placed, Touched } from './facts.ts'
import { sharesOf } from './pricing.ts'

/** Where a refusal can still stop an order. */
export type Stage = 'limiting' | 'reserving' | 'authorising' | 'capturing' | 'selling'

export type OrderCommand =
  | { type: 'PlaceOrder'; placed: Placed }
  | { type: 'RecordLimitClaimed' }
  /** In place of a slot that was seen to be taken; not of one that somebody else has put there since. */
  | ({ type: 'SuggestSlot'; line: number; instead: Touched } & Touched)
  | { type: 'RecordTicketsReserved' }
  | { type: 'RecordPaymentAuthorised'; paymentId: string }
  | { type: 'RecordPaymentCaptured'; paymentId: string }
  | { type: 'ConfirmOrder'; ticketIds: readonly string[] }
  | { type: 'CancelOrder' }
  | { type: 'GiveUp'; during: Stage; reason: EndReason }
  | { type: 'RecordCancelled' }
  | { type: 'RecordRefunded' }

export type OrderRefusal = 'OrderNotFound' | 'OrderAlreadyPaid'

export type Order =
  | { readonly status: 'new' }
  | {
      readonly status: Stage | 'reverting' | 'refunding' | 'confirmed' | 'cancelled' | 'refunded'
      /** Lines with the slots that are tried now. */
      readonly placed: Placed
      /** Slots once suggested and given up: to be released should a lost reply hide a reservation. */
      readonly discarded: readonly Touched[]
      readonly reason: EndReason | null
      /** Null until it is confirmed. */
      readonly ticketIds: readonly string[] | null
    }

/**
 *  limiting → reserving → authorising → capturing → selling → confirmed
 *      └──────────┴────────────┴─────────────┤          └→ refunding → refunded
 *                                            └→ reverting → cancelled
 *
 * The status is the next step. A late or repeated report about a step already past records nothing.
 */
export const order: Decider<OrderCommand, OrderFact, Order, OrderRefusal> = {
  category: 'order',
  initial: { status: 'new' },

  decide: (c, o) => {
    if (c.type === 'PlaceOrder') return o.status === 'new' ? [{ type: 'OrderPlaced', data: c.placed }] : []
    if (o.status === 'new') return refuse('OrderNotFound')
    switch (c.type) {
      case 'RecordLimitClaimed':
        return o.status === 'limiting' ? [{ type: 'OrderLimitClaimed', data: {} }] : []
      case 'SuggestSlot': {
        const { line, slot, edition } = c
        if (o.status !== 'reserving' || !holds(o.placed.lines[line], c.instead)) return []
        // Of what somebody listed there is no other.
        if (o.placed.lines[line]?.resale) return []
        // Two lines on one slot would be one ticket, paid for twice.
        if (o.placed.lines.some((other) => other.slot === slot)) return []
        return [{ type: 'OrderSlotSuggested', data: { line, slot, edition } }]
      }
      case 'RecordTicketsReserved':
        return o.status === 'reserving' ? [{ type: 'OrderTicketsReserved', data: {} }] : []
      case 'RecordPaymentAuthorised':
        return o.status === 'authorising' ? [{ type: 'OrderPaymentAuthorised', data: { paymentId: c.paymentId } }] : []
      case 'RecordPaymentCaptured':
        return o.status === 'capturing' ? [{ type: 'OrderPaymentCaptured', data: { paymentId: c.paymentId } }] : []
      case 'ConfirmOrder':
        return o.status === 'selling' ? [confirmed(o.placed, c.ticketIds)] : []
      case 'CancelOrder':
        return cancel(o.status)
      case 'GiveUp':
        // A straggler's "no" is about a step that others have since got past.
        if (c.during !== o.status) return []
        return [
          { type: c.during === 'selling' ? 'OrderRefundRequested' : 'OrderRevertStarted', data: { reason: c.reason } },
        ]
      case 'RecordCancelled':
        return o.status === 'reverting' ? [{ type: 'OrderCancelled', data: ended(o) }] : []
      case 'RecordRefunded':
        return o.status === 'refunding' ? [{ type: 'OrderRefunded', data: ended(o) }] : []
    }
  },

  evolve: (o, { type, data }) => {
    if (type === 'OrderPlaced')
      return {
        status: data.limits.length > 0 ? 'limiting' : 'reserving',
        placed: data,
        discarded: [],
        reason: null,
        ticketIds: null,
      }
    if (o.status === 'new') return o
    switch (type) {
      case 'OrderLimitClaimed':
        return { ...o, status: 'reserving' }
      case 'OrderSlotSuggested':
        return moveLine(o, data)
      case 'OrderTicketsReserved':
        return { ...o, status: o.placed.total === 0 ? 'selling' : 'authorising' }
      case 'OrderPaymentAuthorised':
        return { ...o, status: 'capturing' }
      case 'OrderPaymentCaptured':
        return { ...o, status: 'selling' }
      case 'OrderConfirmed':
        return { ...o, status: 'confirmed', ticketIds: data.ticketIds }
      case 'OrderRevertStarted':
        return { ...o, status: 'reverting', reason: data.reason }
      case 'OrderCancelled':
        return { ...o, status: 'cancelled' }
      case 'OrderRefundRequested':
        return { ...o, status: 'refunding', reason: data.reason }
      case 'OrderRefunded':
        return { ...o, status: 'refunded' }
    }
  },
}

type Open = Exclude<Order, { status: 'new' }>

const cancel = (status: Open['status']): Decision<OrderFact, OrderRefusal> => {
  switch (status) {
    case 'limiting':
    case 'reserving':
    case 'authorising':
    case 'capturing':
      return [{ type: 'OrderRevertStarted', data: { reason: 'cancelled' } }]
    case 'selling':
    case 'confirmed':
      return refuse('OrderAlreadyPaid')
    case 'reverting':
    case 'cancelled':
    case 'refunding':
    case 'refunded':
      return []
  }
}

const confirmed = (
  { eventId, venueId, payerId, currency, total, lines }: Placed,
  ticketIds: readonly string[],
): OrderFact => ({
  type: 'OrderConfirmed',
  data: { eventId, venueId, payerId, ticketIds: [...ticketIds], currency, total, shares: sharesOf(venueId, lines) },
})

/** The reason is there: nothing ends so but by a fact that gave one. */
const ended = ({ placed: { eventId, payerId }, reason }: Open) => ({ eventId, payerId, reason: reason! })

const moveLine = (o: Open, { line, slot, edition }: { line: number } & Touched): Open => {
  const old = o.placed.lines[line]
  if (!old) return o
  const lines = o.placed.lines.with(line, { ...old, slot, edition })
  return { ...o, placed: { ...o.placed, lines }, discarded: [...o.discarded, { slot: old.slot, edition: old.edition }] }
}

const holds = (line: Line | undefined, { slot, edition }: Touched): boolean =>
  line?.slot === slot && line.edition === edition
