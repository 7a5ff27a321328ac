import type { Known } from '../../domain/registry.ts'
import { type Copy, evolveCopy, NOT_COPIED } from '../../domain/ticket/copy.ts'
import type { TicketFact } from '../../domain/ticket/facts.ts'

/** The copy on chain as the ledger knows it, where it is, and since when that is so. */
export type CopyColumn = Copy & {
  ticketAddress: string | null
  eventAddress: string | null
  mintedAt: string | null
  since: string
}

type Copied = {
  readonly copy: CopyColumn | null
  /** Whether it is behind or in trouble; also where the event keeps none, which a ticket's facts do not say. */
  readonly unsettled: boolean
}

const NONE: CopyColumn = { ...NOT_COPIED, ticketAddress: null, eventAddress: null, mintedAt: null, since: '' }

/** A row of a ticket that was sold, after any fact; the same object where nothing of its copy changes. */
export const copied = <Row extends Copied>(row: Row, fact: Known): Row => {
  if (!isOfTicket(fact)) return row
  const before = row.copy ?? NONE
  const after = evolveCopy(before, fact)
  if (after === before) return row
  const { data, metadata } = fact
  const copy: CopyColumn = {
    ...before,
    ...after,
    ...('ticketAddress' in data && { ticketAddress: data.ticketAddress, eventAddress: data.eventAddress }),
    ...(fact.type === 'TicketMinted' && { mintedAt: metadata.at }),
    since: metadata.at,
  }
  const unsettled = !copy.hasLeft && (copy.settled !== copy.version || copy.trouble !== null)
  return { ...row, copy, unsettled }
}

type OfTicket = Extract<Known, { type: TicketFact['type'] }>

const isOfTicket = (fact: Known): fact is OfTicket => fact.stream.startsWith('ticket-')
