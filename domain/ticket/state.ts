import type { z } from 'zod'
import { type Copy, evolveCopy, NOT_COPIED } from './copy.ts'
import type { TicketFact, ticketFacts } from './facts.ts'

type Data<T extends keyof typeof ticketFacts> = z.infer<(typeof ticketFacts)[T]>

export type Lease = Data<'TicketReserved'>
export type Sale = Data<'TicketSold'>
export type Admission = Data<'TicketAdmitted'>

/** Closed is for good: the slot goes on sale again as its next edition, a ticket of its own. */
export type Ticket =
  | { readonly status: 'available' }
  | { readonly status: 'reserved'; readonly lease: Lease }
  | {
      readonly status: 'held'
      readonly sale: Sale
      readonly generation: number
      readonly admissions: readonly Admission[]
      readonly copy: Copy
    }
  | {
      readonly status: 'closed'
      readonly sale: Sale
      readonly generation: number
      readonly closedAs: 'refunded'
      readonly copy: Copy
    }

export const initial: Ticket = { status: 'available' }

export const evolve = (t: Ticket, fact: TicketFact): Ticket => {
  const next = moved(t, fact)
  return 'copy' in next ? { ...next, copy: evolveCopy(next.copy, fact) } : next
}

/** All but the copy on chain, which follows. */
const moved = (t: Ticket, { type, data }: TicketFact): Ticket => {
  switch (type) {
    case 'TicketReserved':
      return { status: 'reserved', lease: data }
    case 'TicketReservationExtended':
      return t.status === 'reserved' ? { ...t, lease: { ...t.lease, expiresAt: data.expiresAt } } : t
    case 'TicketReservationReleased':
      return initial
    case 'TicketSold':
      return { status: 'held', sale: data, generation: data.generation, admissions: [], copy: NOT_COPIED }
    case 'TicketAdmitted':
      return t.status === 'held' ? { ...t, admissions: [...t.admissions, data] } : t
    case 'TicketRefunded':
      return t.status === 'held'
        ? { status: 'closed', sale: t.sale, generation: t.generation, closedAs: 'refunded', copy: t.copy }
        : t
    case 'TicketMinted':
    case 'TicketSettled':
    case 'TicketUnsettled':
    case 'TicketRepairOrdered':
    case 'TicketWalletChanged':
    case 'TicketLeftChain':
      return t
  }
}
