import { type Decision, refuse, type Timed } from '../decider.ts'
import type { CopyTrouble, TicketFact } from './facts.ts'
import type { Ticket } from './state.ts'

export type CopyCommand =
  | {
      type: 'SettleTicket'
      version: number
      ticketAddress: string
      eventAddress: string
      /** Null where its event has no tokens. */
      mintAddress: string | null
      signature: string | null
    }
  /** Something else than this version was seen on chain. */
  | { type: 'DoubtTicket'; version: number; trouble: CopyTrouble }
  /** `version`: the ticket's when it was looked at; `beyond`: what was seen on chain. */
  | { type: 'RepairTicket'; version: number; beyond: number }
  | { type: 'FollowWallet'; holderId: string; personFactId: string }
  | { type: 'LeaveChain'; signature: string | null }

export type CopyRefusal = 'TicketNotHeld'

type Decide<C extends CopyCommand['type']> = (
  command: Timed<Extract<CopyCommand, { type: C }>>,
  ticket: Ticket,
) => Decision<TicketFact, CopyRefusal>

export const settle: Decide<'SettleTicket'> = ({ type: _, at: __, mintAddress, ...settled }, t) => {
  if (!('copy' in t)) return refuse('TicketNotHeld')
  if (settled.version <= t.copy.settled) return []
  const data = { eventId: t.sale.eventId, ...settled }
  if (mintAddress === null || mintAddress === t.copy.mintAddress) return [{ type: 'TicketSettled', data }]
  return [{ type: 'TicketMinted', data: { ...data, mintAddress } }]
}

/** Not where the ticket has moved on since: then the chain is only behind. */
export const doubt: Decide<'DoubtTicket'> = ({ version, trouble }, t) => {
  if (!('copy' in t)) return refuse('TicketNotHeld')
  if (t.copy.version !== version || t.copy.trouble === trouble) return []
  return [{ type: 'TicketUnsettled', data: { eventId: t.sale.eventId, version, trouble } }]
}

export const repair: Decide<'RepairTicket'> = ({ version, beyond }, t) => {
  if (!('copy' in t)) return refuse('TicketNotHeld')
  if (t.copy.version !== version) return []
  const next = Math.max(version, beyond) + 1
  return [{ type: 'TicketRepairOrdered', data: { eventId: t.sale.eventId, version: next } }]
}

/** A ticket that is another's by now, or closed, stays where it is. */
export const followWallet: Decide<'FollowWallet'> = ({ holderId, personFactId }, t) => {
  if (t.status !== 'held' || t.holderId !== holderId || t.copy.walletFactId === personFactId) return []
  return [{ type: 'TicketWalletChanged', data: { eventId: t.sale.eventId, personFactId } }]
}

export const leaveChain: Decide<'LeaveChain'> = ({ signature }, t) => {
  if (!('copy' in t)) return refuse('TicketNotHeld')
  return t.copy.hasLeft ? [] : [{ type: 'TicketLeftChain', data: { eventId: t.sale.eventId, signature } }]
}
