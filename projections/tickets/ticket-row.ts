import { idOf, type Position } from '../../domain/fact.ts'
import type { Known } from '../../domain/registry.ts'
import { type Care, evolveCare } from '../../domain/ticket/care.ts'
import type { GivingKind } from '../../domain/ticket/facts.ts'
import type { TicketStatus } from '../../domain/ticket/status.ts'
import { type Fold, isFirst } from '../fold.ts'
import { type CopyColumn, copied } from './copy-column.ts'

/** Of a ticket that somebody has touched. */
export type HeldStatus = Exclude<TicketStatus, 'AVAILABLE' | 'MINTED'>

/** What the gate knows of a ticket, in short. Times are those at which it happened. */
export type Admissions = {
  count: number
  firstAt: string
  lastAt: string
  deviceName: string
  entrance: string | null
}

export type TicketRow = {
  tenant: string
  ticket_id: string
  event_id: string
  venue_id: string
  type_id: string
  slot: string
  edition: number
  /** Of the newest sale, as are price and payer. */
  order_id: string
  price: number
  currency: string
  status: HeldStatus
  reserved_at: string
  /** From here on null until it is sold. */
  payer_id: string | null
  holder_id: string | null
  first_holder_id: string | null
  generation: number | null
  zone: string | null
  valid_dates: string[] | null
  transferable: boolean | null
  sold_at: string | null
  /** How often it changed hands. */
  moves: number
  locks: Care['locks']
  offer: OfferSeen | null
  listing: ListingSeen | null
  report: Care['report']
  last_report: Care['lastReport']
  identity: Care['identity']
  /** The times of its event that its holder was told of last, when that was moved: `start/end`. */
  told_of: string | null
  /** Null until the first one. */
  admissions: Admissions | null
  /** The copy on chain; null until it is sold. */
  copy: CopyColumn | null
  /** Whether the copy is behind or in trouble; also where the event keeps none, which a ticket's facts do not say. */
  unsettled: boolean
  /** Where it first came into its holder's list. Lists are sorted by it, for it does not change while somebody turns the pages. */
  appeared: Position
}

export type OfferSeen = { offerId: string; kind: GivingKind; to: string | null; offeredAt: string; expiresAt: string }

export type ListingSeen = {
  listingId: string
  /** Minor units of the ticket's currency. */
  price: number
  listedAt: string
  /** Whether a buyer is paying for it. */
  claimed: boolean
}

export const ticketRows: Fold<Known, 'ticket', TicketRow, 'tenant' | 'ticket_id'> = {
  table: 'ticket',
  key: ['tenant', 'ticket_id'],
  begins: isFirst,
  keysOf: ({ type, data, stream, metadata: { tenant } }) => {
    switch (type) {
      case 'TicketReservationExtended':
        return []
      case 'OrderConfirmed':
        return data.ticketIds.map((ticket_id) => ({ tenant, ticket_id }))
      default:
        return stream.startsWith('ticket-') ? [{ tenant, ticket_id: idOf(stream) }] : []
    }
  },
  evolve: (row, fact, key) => {
    const next = moved(row, fact, key)
    return next?.holder_id ? copied(caredFor(next, fact), fact) : next
  },
}

const moved = (
  row: TicketRow | undefined,
  fact: Known,
  key: Pick<TicketRow, 'tenant' | 'ticket_id'>,
): TicketRow | undefined => {
  if (fact.type === 'TicketReserved') return reserved(fact, key)
  if (!row) return row
  const { at } = fact.metadata
  switch (fact.type) {
    case 'TicketReservationReleased':
      return undefined
    case 'TicketSold': {
      const { payerId, holderId, price, generation, zone, validDates, transferable } = fact.data
      return {
        ...row,
        status: 'SOLD',
        price: price.amount,
        currency: price.currency,
        payer_id: payerId,
        holder_id: holderId,
        first_holder_id: holderId,
        generation,
        zone,
        valid_dates: validDates,
        transferable,
        sold_at: at,
      }
    }
    case 'OrderConfirmed':
      return row.status === 'SOLD' ? { ...row, status: 'ACTIVE' } : row
    case 'TicketAdmitted':
      return { ...row, status: 'CHECKED_IN', admissions: admittedAgain(row.admissions, fact.data) }
    case 'TicketOffered': {
      const { offerId, kind, to, expiresAt } = fact.data
      return { ...row, offer: { offerId, kind, to, offeredAt: at, expiresAt } }
    }
    case 'TicketOfferClosed':
      return { ...row, offer: null }
    case 'TicketTransferred':
      return { ...handedOver(row, fact), offer: null }
    case 'TicketListed': {
      const { listingId, price } = fact.data
      const listedAt = row.listing?.listedAt ?? at
      return { ...row, listing: { listingId, price: price.amount, listedAt, claimed: false } }
    }
    case 'TicketDelisted':
      return { ...row, listing: null }
    case 'TicketClaimed':
    case 'TicketClaimReleased':
      return row.listing ? { ...row, listing: { ...row.listing, claimed: fact.type === 'TicketClaimed' } } : row
    case 'TicketResold': {
      const { orderId, to, price } = fact.data
      return { ...handedOver(row, fact), listing: null, order_id: orderId, payer_id: to, price: price.amount }
    }
    case 'TicketReissued':
      return { ...row, generation: fact.data.generation }
    case 'TicketRescheduled':
      return { ...row, valid_dates: fact.data.validDates, told_of: `${fact.data.startsAt}/${fact.data.endsAt}` }
    case 'TicketRefunded':
      return { ...row, status: 'REFUNDED' }
    case 'TicketRevoked':
      return { ...row, status: 'REVOKED' }
    case 'TicketCancelled':
      return { ...row, status: 'CANCELLED' }
    case 'TicketExpired':
      return { ...row, status: fact.data.admitted ? 'USED' : 'EXPIRED' }
    default:
      return row
  }
}

const caredFor = (row: TicketRow, fact: Known): TicketRow => {
  const { last_report, locks, report, identity } = row
  const care = evolveCare({ locks, report, lastReport: last_report, identity }, fact)
  return { ...row, locks: care.locks, report: care.report, last_report: care.lastReport, identity: care.identity }
}

/** It is new in its holder's list, wherever it was in another's. */
const handedOver = (
  row: TicketRow,
  { data, position }: Extract<Known, { type: 'TicketTransferred' | 'TicketResold' }>,
): TicketRow => ({
  ...row,
  status: data.to === row.first_holder_id ? 'ACTIVE' : 'TRANSFERRED',
  holder_id: data.to,
  generation: data.generation,
  moves: row.moves + 1,
  appeared: position,
})

const reserved = (
  { data, metadata, position }: Extract<Known, { type: 'TicketReserved' }>,
  key: Pick<TicketRow, 'tenant' | 'ticket_id'>,
): TicketRow => ({
  ...key,
  event_id: data.eventId,
  venue_id: data.venueId,
  type_id: data.typeId,
  slot: data.slot,
  edition: data.edition,
  order_id: data.orderId,
  price: data.price.amount,
  currency: data.price.currency,
  status: 'RESERVED',
  reserved_at: metadata.at,
  payer_id: null,
  holder_id: null,
  first_holder_id: null,
  generation: null,
  zone: null,
  valid_dates: null,
  transferable: null,
  sold_at: null,
  moves: 0,
  locks: [],
  offer: null,
  listing: null,
  report: null,
  last_report: null,
  identity: null,
  told_of: null,
  admissions: null,
  copy: null,
  unsettled: false,
  appeared: position,
})

/** Offline scans are heard of late, and not in the order in which they happened. */
const admittedAgain = (
  before: Admissions | null,
  { happenedAt, deviceName, entrance }: Extract<Known, { type: 'TicketAdmitted' }>['data'],
): Admissions => {
  if (!before) return { count: 1, firstAt: happenedAt, lastAt: happenedAt, deviceName, entrance }
  const count = before.count + 1
  if (happenedAt >= before.lastAt) return { ...before, count, lastAt: happenedAt, deviceName, entrance }
  return { ...before, count, firstAt: happenedAt < before.firstAt ? happenedAt : before.firstAt }
}
