import { order } from '../../domain/order/order.ts'
import type { Refusal } from '../../domain/refusals.ts'
import { load, type Streams } from '../../domain/stream.ts'
import type { LockReason } from '../../domain/ticket/facts.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import type { Context, Deps } from '../handle.ts'
import { stepIdOf, ticketIdOf } from '../ids.ts'
import { onTicket } from './on-ticket.ts'

/** What came of one ticket of many. `already`: there was nothing to do. */
export type BulkResult<O extends string> = {
  readonly ticketId: string
  readonly outcome: O | 'already' | 'refused'
  readonly refused: Refusal | null
  readonly why: string | undefined
}

/** Only those whose newest sale is this order's. */
type OfOrder = { readonly soldBy?: string | undefined }

/** How many tickets are worked on together. */
const AT_ONCE = 16

/**
 * Locks many tickets, each under a command and a lock of its own that follow from the call: repeated under its key, the call locks none twice.
 * One that is refused keeps no other waiting.
 */
export const lockAll = (
  deps: Deps,
  ticketIds: readonly string[],
  { reason, soldBy }: OfOrder & { readonly reason: LockReason },
  context: Context,
): Promise<BulkResult<'locked'>[]> =>
  eachOf(ticketIds, async (ticketId) => {
    const own = { ...context, commandId: stepIdOf(context.commandId, ticketId) }
    const before = await load(deps, ticket, ticketId)
    const lockId = stepIdOf(own.commandId, 'lock')
    const outcome = await onTicket(deps, ticketId, { type: 'LockTicket', lockId, reason, soldBy }, own)
    if ('refused' in outcome) return { ticketId, outcome: 'refused', ...outcome }
    return { ticketId, outcome: before.commands.has(own.commandId) ? 'already' : 'locked', ...NO_REFUSAL }
  })

/** Lifts every lock of many tickets, or every one that has this reason. */
export const liftAll = (
  deps: Deps,
  ticketIds: readonly string[],
  { reason, soldBy }: OfOrder & { readonly reason?: LockReason | undefined },
  context: Context,
): Promise<BulkResult<'lifted'>[]> =>
  eachOf(ticketIds, async (ticketId) => {
    const own = { ...context, commandId: stepIdOf(context.commandId, ticketId) }
    const { state } = await load(deps, ticket, ticketId)
    const locks = state.status === 'held' ? state.locks : []
    const isToLift = locks.some((lock) => reason === undefined || lock.reason === reason)
    const outcome = await onTicket(deps, ticketId, { type: 'UnlockTicket', lockId: null, reason, soldBy }, own)
    if ('refused' in outcome) return { ticketId, outcome: 'refused', ...outcome }
    return { ticketId, outcome: isToLift ? 'lifted' : 'already', ...NO_REFUSAL }
  })

/** The tickets that an order of the tenant's was placed for; undefined where there is no such order. */
export const ticketsOfOrder = async (
  deps: Streams,
  orderId: string,
  tenant: string,
): Promise<readonly string[] | undefined> => {
  const found = await load(deps, order, orderId)
  if (found.state.status === 'new' || found.tenant !== tenant) return undefined
  const { eventId, lines } = found.state.placed
  return lines.map(({ slot, edition }) => ticketIdOf(eventId, slot, edition))
}

const NO_REFUSAL = { refused: null, why: undefined } as const

/** A few at a time; what comes of them in their order. Each once, however often it is named. */
const eachOf = async <R>(ticketIds: readonly string[], work: (ticketId: string) => Promise<R>): Promise<R[]> => {
  const distinct = [...new Set(ticketIds)]
  const results = new Array<R>(distinct.length)
  const queue = distinct.entries()
  const take = async () => {
    for (const [i, ticketId] of queue) results[i] = await work(ticketId)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, take))
  return results
}
