import type { Codes } from '../domain/admission/code.ts'
import type { ScanPolicy } from '../domain/admission/policy.ts'
import { event } from '../domain/event/event.ts'
import { order } from '../domain/order/order.ts'
import { load, type Streams } from '../domain/stream.ts'
import { type ObstacleTo, obstacleTo } from '../domain/ticket/moves.ts'
import { toldOf } from '../domain/ticket/obstacles.ts'
import type { Held } from '../domain/ticket/state.ts'
import { ticket } from '../domain/ticket/ticket.ts'

export type IssuedCode = { readonly code: string; readonly expiresAt: string }

export type Deps = Streams & {
  readonly codes: Pick<Codes, 'issue'>
  readonly policy: Pick<ScanPolicy, 'rotationSeconds'>
  readonly now: () => string
  /** A Map or an LRU cache over ticket and generation: the code of this moment. */
  readonly issuedCodes: {
    readonly get: (key: string) => IssuedCode | undefined
    readonly set: (key: string, issued: IssuedCode) => unknown
  }
}

export type Asker = { readonly tenant: string; readonly personId: string }

export type NoCode = {
  readonly refused: 'NotFound' | 'TicketHasNoCode' | ObstacleTo<'admit'>
  readonly why?: string | undefined
}

/**
 * The code that a ticket shows at the gate now: to its holder, and to anybody else as if there were no such ticket.
 * Read from the ledger itself, so that a ticket given away shows nothing any more to who gave it. Asked again, it is the same until it expires.
 */
export const liveCode = async (deps: Deps, ticketId: string, asker: Asker): Promise<IssuedCode | NoCode> => {
  const { state, tenant } = await load(deps, ticket, ticketId)
  if (tenant !== asker.tenant) return { refused: 'NotFound' }
  if (state.status === 'reserved' && (await isPayer(deps, state.lease.orderId, asker.personId)))
    return { refused: 'TicketHasNoCode', why: `Ticket ${ticketId} is RESERVED.` }
  if (!('sale' in state) || state.holderId !== asker.personId) return { refused: 'NotFound' }
  if (state.status === 'closed')
    return { refused: 'TicketHasNoCode', why: `Ticket ${ticketId} is ${state.closedAs.toUpperCase()}.` }
  const obstacle = obstacleTo('admit', state)
  if (obstacle) return { refused: obstacle, why: toldOf(obstacle, ticketId, state) }
  if (!(await isConfirmed(deps, state))) return { refused: 'TicketHasNoCode', why: `Ticket ${ticketId} is SOLD.` }

  const key = `${ticketId}/${state.generation}`
  const issued = deps.issuedCodes.get(key)
  if (issued && deps.now() < issued.expiresAt) return issued
  const made = await issue(deps, ticketId, state)
  deps.issuedCodes.set(key, made)
  return made
}

/** Whose list shows what is reserved. */
const isPayer = async (deps: Deps, orderId: string, personId: string): Promise<boolean> => {
  const { state } = await load(deps, order, orderId)
  return state.status !== 'new' && state.placed.payerId === personId
}

const isConfirmed = async (deps: Deps, { sale }: Held): Promise<boolean> => {
  const { state } = await load(deps, order, sale.orderId)
  return state.status === 'confirmed'
}

const issue = async (deps: Deps, ticketId: string, { sale, generation }: Held): Promise<IssuedCode> => {
  const { eventId } = sale
  const { state } = await load(deps, event, eventId)
  if (state.status === 'unknown')
    throw new Error(`ticket ${ticketId} was sold for event ${eventId}, which has no draft`)
  const { timeZone } = state.details
  const { rotationSeconds } = deps.policy
  const wanted = { eventId, ticketId, generation, timeZone, carrier: 'app', at: deps.now(), rotationSeconds } as const
  const { code, expiresAt } = await deps.codes.issue(wanted)
  if (expiresAt === null)
    throw new Error(`the code of ticket ${ticketId} never expires, but one of the app must rotate`)
  return { code, expiresAt }
}
