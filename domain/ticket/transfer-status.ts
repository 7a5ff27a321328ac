import { EndedWith, type OfferEnd } from './facts.ts'

/** How far a gift, a transfer or a resale got. `ended`: by what befell the ticket. */
export const transferStatuses = [
  'pending',
  'accepted',
  'declined',
  'cancelled',
  'lapsed',
  'too_many_tries',
  'ended',
] as const
export type TransferStatus = (typeof transferStatuses)[number]

/** What became of an offer, and what befell the ticket where that ended it. */
export const endOf = (end: OfferEnd | 'accepted'): { status: TransferStatus; reason: EndedWith | null } =>
  isOfTicket(end) ? { status: 'ended', reason: end } : { status: end, reason: null }

const isOfTicket = (end: OfferEnd | 'accepted'): end is EndedWith => EndedWith.options.some((option) => option === end)
