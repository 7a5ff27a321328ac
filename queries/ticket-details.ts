import { z } from 'zod'
import { type Money, sum } from '../domain/money.ts'
import type { Refund, TicketFact } from '../domain/ticket/facts.ts'

export const Detail = z.union([z.string(), z.int(), z.boolean(), z.null()])

export type Details = { readonly [name: string]: z.infer<typeof Detail> }

/** What is shown of a fact. */
export type Shown = {
  /** To whoever may read of the ticket. */
  readonly open?: Details
  /** Ids of people: to staff, and to each their own. */
  readonly people?: Details
  /** To staff, and to whoever held the ticket then. */
  readonly own?: Details
}

/** Without nonces and what else makes a code. A new fact has a line here, or this does not compile. */
export const detailsOf = ({ type, data }: TicketFact): Shown => {
  switch (type) {
    case 'TicketReserved':
    case 'TicketReservationExtended':
      return { open: { expiresAt: data.expiresAt } }
    case 'TicketReservationReleased':
      return { open: { reason: data.reason } }
    case 'TicketSold': {
      const { generation, zone, delivery, transferable, price, holderId, payerId, orderId } = data
      const open = { generation, zone, delivery, transferable, ...priceOf(price) }
      return { open, people: { holderId, payerId }, own: { orderId } }
    }
    case 'TicketAdmitted': {
      const { generation, carrier, source, happenedAt, deviceName, entrance, zone } = data
      return { open: { generation, carrier, source, happenedAt, deviceName, entrance, zone } }
    }
    case 'TicketOffered': {
      const { offerId, kind, expiresAt, from, to } = data
      return { open: { offerId, kind, expiresAt }, people: { from, to } }
    }
    case 'TicketOfferTried':
      return { open: { offerId: data.offerId } }
    case 'TicketOfferClosed':
      return { open: { offerId: data.offerId, reason: data.reason } }
    case 'TicketTransferred': {
      const { offerId, kind, generation, movedAt, from, to } = data
      return { open: { offerId, kind, generation, movedAt }, people: { from, to } }
    }
    case 'TicketListed':
      return { open: { listingId: data.listingId, ...priceOf(data.price) }, people: { sellerId: data.sellerId } }
    case 'TicketDelisted':
      return { open: { listingId: data.listingId, reason: data.reason } }
    case 'TicketClaimed': {
      const { listingId, expiresAt, price, buyerId } = data
      return { open: { listingId, expiresAt, ...priceOf(price) }, people: { buyerId } }
    }
    case 'TicketClaimExtended':
      return { open: { expiresAt: data.expiresAt } }
    case 'TicketClaimReleased':
      return { open: { reason: data.reason } }
    case 'TicketResold': {
      const { listingId, generation, movedAt, price, from, to, orderId } = data
      return { open: { listingId, generation, movedAt, ...priceOf(price) }, people: { from, to }, own: { orderId } }
    }
    case 'TicketLocked':
      return { open: { lockId: data.lockId }, own: { reason: data.reason } }
    case 'TicketUnlocked':
      return { open: { lockId: data.lockId } }
    case 'TicketReportedLost':
      return { open: { reportId: data.reportId }, own: { kind: data.kind } }
    case 'TicketReportClosed':
      return { open: { reportId: data.reportId, outcome: data.outcome } }
    case 'TicketIdentityChecked':
      return { open: { checkId: data.checkId }, own: { document: data.document, outcome: data.outcome } }
    case 'TicketReissued': {
      const { reissueId, reason, reportId, generation } = data
      return { open: { reissueId, reason, reportId, generation } }
    }
    case 'TicketRescheduled':
      return { open: { startsAt: data.startsAt, endsAt: data.endsAt } }
    case 'TicketRefunded':
      return { open: { ...priceOf(data.price), ...refundedOf(data.refunds) } }
    case 'TicketRevoked':
      return { open: { reason: data.reason } }
    case 'TicketCancelled':
      return { open: refundedOf(data.refunds) }
    case 'TicketExpired':
      return { open: { admitted: data.admitted } }
    case 'TicketMinted':
      return { open: { version: data.version, mintAddress: data.mintAddress, signature: data.signature } }
    case 'TicketSettled':
      return { open: { version: data.version, signature: data.signature } }
    case 'TicketUnsettled':
      return { open: { version: data.version, trouble: data.trouble } }
    case 'TicketRepairOrdered':
      return { open: { version: data.version } }
    case 'TicketWalletChanged':
      return {}
    case 'TicketLeftChain':
      return { open: { signature: data.signature } }
  }
}

const priceOf = ({ amount, currency }: Money): Details => ({ priceCents: amount, currency })

/** Of all its sales together. */
const refundedOf = (refunds: readonly Refund[]): Details => ({
  refundedCents: sum(refunds.map(({ amount }) => amount.amount)),
})
