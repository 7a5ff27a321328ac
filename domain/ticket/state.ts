import type { z } from 'zod'
import { type Copy, evolveCopy, NOT_COPIED } from './copy.ts'
import type { LockReason, LossKind, OfferEnd, Refund, TicketFact, ticketFacts } from './facts.ts'

type Data<T extends keyof typeof ticketFacts> = z.infer<(typeof ticketFacts)[T]>

export type Lease = Data<'TicketReserved'>
export type Sale = Data<'TicketSold'>
export type Admission = Data<'TicketAdmitted'>
export type Claim = Data<'TicketClaimed'>
export type Offer = Data<'TicketOffered'> & {
  /** Wrong acceptance codes so far, by the ids of the tries. */
  readonly tries: readonly string[]
}

/** How a credential ended: what took its place. */
export type Supersession = 'transferred' | 'resold' | 'reissued'

type Sold = {
  /** The first one, which it was made by; its days are those of now. */
  readonly sale: Sale
  readonly holderId: string
  readonly generation: number
  /** How each credential before the live one ended, the first one first. */
  readonly superseded: readonly Supersession[]
  /** Every sale of it, the first one first: what its holder paid is the last. */
  readonly paid: readonly Pick<Sale, 'orderId' | 'payerId' | 'price'>[]
  /** What became of offers of it, by id. */
  readonly offers: Readonly<Record<string, OfferEnd | 'accepted'>>
  readonly copy: Copy
}

export type Held = Sold & {
  readonly status: 'held'
  /** By what it last changed hands; null while its first holder has it. */
  readonly moved: { readonly by: string; readonly at: string } | null
  readonly offer: Offer | null
  readonly listing: Data<'TicketListed'> | null
  readonly claim: Claim | null
  /** Each ends by itself. */
  readonly locks: readonly { readonly lockId: string; readonly reason: LockReason }[]
  /** Ids of locks that were lifted, which never close again. */
  readonly lifted: readonly string[]
  readonly report: { readonly reportId: string; readonly kind: LossKind } | null
  /** Of this holder, since the last reissue. */
  readonly identity: Pick<Data<'TicketIdentityChecked'>, 'checkId' | 'outcome'> | null
  readonly reissueId: string | null
  /** The time that its event was moved to, as far as it was told. */
  readonly rescheduled: Pick<Data<'TicketRescheduled'>, 'startsAt' | 'endsAt'> | null
  readonly admissions: readonly Admission[]
}

export type ClosedAs = 'refunded' | 'revoked' | 'cancelled' | 'expired' | 'used'

export type Closed = Sold & {
  readonly status: 'closed'
  readonly closedAs: ClosedAs
  /** From before: a gate that asks again is told the same again. */
  readonly admissions: readonly Admission[]
  /** What goes back for it, the first sale first; none where it was closed without money. */
  readonly refunds: readonly Refund[]
}

/** Closed is for good: the slot goes on sale again as its next edition, a ticket of its own. */
export type Ticket =
  | { readonly status: 'available' }
  | { readonly status: 'reserved'; readonly lease: Lease }
  | Held
  | Closed

export const initial: Ticket = { status: 'available' }

export const evolve = (t: Ticket, fact: TicketFact): Ticket => {
  const next = moved(t, fact)
  return 'copy' in next ? { ...next, copy: evolveCopy(next.copy, fact) } : next
}

/** All but the copy on chain, which follows. */
const moved = (t: Ticket, fact: TicketFact): Ticket => {
  switch (fact.type) {
    case 'TicketReserved':
      return { status: 'reserved', lease: fact.data }
    case 'TicketReservationExtended':
      return t.status === 'reserved' ? { ...t, lease: { ...t.lease, expiresAt: fact.data.expiresAt } } : t
    case 'TicketReservationReleased':
      return initial
    case 'TicketSold':
      return sold(fact.data)
    default:
      return t.status === 'held' ? changed(t, fact) : t
  }
}

const sold = (sale: Sale): Held => ({
  status: 'held',
  sale,
  holderId: sale.holderId,
  generation: sale.generation,
  superseded: [],
  paid: [{ orderId: sale.orderId, payerId: sale.payerId, price: sale.price }],
  moved: null,
  offer: null,
  offers: {},
  listing: null,
  claim: null,
  locks: [],
  lifted: [],
  report: null,
  identity: null,
  reissueId: null,
  rescheduled: null,
  admissions: [],
  copy: NOT_COPIED,
})

type Later = Exclude<
  TicketFact,
  { type: 'TicketReserved' | 'TicketReservationExtended' | 'TicketReservationReleased' | 'TicketSold' }
>

const changed = (t: Held, { type, data }: Later): Held | Closed => {
  switch (type) {
    case 'TicketAdmitted':
      return { ...t, admissions: [...t.admissions, data] }
    case 'TicketOffered':
      return { ...t, offer: { ...data, tries: [] } }
    case 'TicketOfferTried':
      return t.offer ? { ...t, offer: { ...t.offer, tries: [...t.offer.tries, data.tryId] } } : t
    case 'TicketOfferClosed':
      return { ...t, offer: null, offers: { ...t.offers, [data.offerId]: data.reason } }
    case 'TicketTransferred': {
      const offers = { ...t.offers, [data.offerId]: 'accepted' as const }
      return { ...handedOver(t, data, 'transferred', data.offerId), offer: null, offers }
    }
    case 'TicketListed':
      return { ...t, listing: data }
    case 'TicketDelisted':
      return { ...t, listing: null }
    case 'TicketClaimed':
      return { ...t, claim: data }
    case 'TicketClaimExtended':
      return t.claim ? { ...t, claim: { ...t.claim, expiresAt: data.expiresAt } } : t
    case 'TicketClaimReleased':
      return { ...t, claim: null }
    case 'TicketResold': {
      const paid = [...t.paid, { orderId: data.orderId, payerId: data.to, price: data.price }]
      return { ...handedOver(t, data, 'resold', data.orderId), paid, listing: null, claim: null }
    }
    case 'TicketLocked':
      return { ...t, locks: [...t.locks, { lockId: data.lockId, reason: data.reason }] }
    case 'TicketUnlocked': {
      const locks = t.locks.filter(({ lockId }) => lockId !== data.lockId)
      return { ...t, locks, lifted: [...t.lifted, data.lockId] }
    }
    case 'TicketReportedLost':
      return { ...t, report: { reportId: data.reportId, kind: data.kind } }
    case 'TicketReportClosed':
      return { ...t, report: null }
    case 'TicketIdentityChecked':
      return { ...t, identity: { checkId: data.checkId, outcome: data.outcome } }
    case 'TicketReissued': {
      const { generation, reissueId } = data
      const superseded = [...t.superseded, 'reissued' as const]
      return { ...t, generation, superseded, reissueId, report: null, identity: null }
    }
    case 'TicketRescheduled':
      return {
        ...t,
        sale: { ...t.sale, validDates: data.validDates },
        rescheduled: { startsAt: data.startsAt, endsAt: data.endsAt },
      }
    case 'TicketRefunded':
      return closed(t, 'refunded', data.refunds)
    case 'TicketRevoked':
      return closed(t, 'revoked')
    case 'TicketCancelled':
      return closed(t, 'cancelled', data.refunds)
    case 'TicketExpired':
      return closed(t, data.admitted ? 'used' : 'expired')
    case 'TicketMinted':
    case 'TicketSettled':
    case 'TicketUnsettled':
    case 'TicketRepairOrdered':
    case 'TicketWalletChanged':
    case 'TicketLeftChain':
      return t
  }
}

/** A new holder starts anew: nobody has checked who they are, and what was reported was another's. */
const handedOver = (
  t: Held,
  { to, generation, movedAt }: Pick<Data<'TicketTransferred'>, 'to' | 'generation' | 'movedAt'>,
  how: Supersession,
  by: string,
): Held => ({
  ...t,
  holderId: to,
  generation,
  superseded: [...t.superseded, how],
  moved: { by, at: movedAt },
  report: null,
  identity: null,
})

const closed = (
  { sale, holderId, generation, superseded, paid, offers, admissions, copy }: Held,
  closedAs: ClosedAs,
  refunds: readonly Refund[] = [],
): Closed => ({
  status: 'closed',
  ...{ sale, holderId, generation, superseded, paid, offers, admissions, copy, closedAs, refunds },
})
