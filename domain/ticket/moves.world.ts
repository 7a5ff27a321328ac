import { type Code, parseCode } from '../admission/code.ts'
import { STANDARD } from '../admission/policy.ts'
import base from '../admission/vectors/base.json' with { type: 'json' }
import codes from '../admission/vectors/codes.json' with { type: 'json' }
import { DEFAULT_RULES } from '../event/rules.ts'
import { idFor, specOf } from '../spec.ts'
import type { LossKind, Refund, TicketFact } from './facts.ts'
import type { AdmitTicket } from './gate.ts'
import type { Terms } from './giving.ts'
import { type Attribute, attributes, type Move } from './moves.ts'
import type { Sale } from './state.ts'
import { type TicketCommand, ticket } from './ticket.ts'

/** A ticket of Ann's on the evening of its event, by the scan that vectors of admission begin with. */
const { scan } = base

export const NOW = scan.at
export const sale = scan.ticket.state.sale as Sale
export const { eventId, typeId, orderId, price } = sale

export const ann = sale.holderId
export const [bob, cem] = [idFor('bob'), idFor('cem')]
export const [offerId, listingId, claimOrderId, lockId] = [
  idFor('offer'),
  idFor('list'),
  idFor('resale'),
  idFor('lock'),
]
export const [reportId, reissueId] = [idFor('report'), idFor('anew')]

export const START = '2030-06-01T18:00:00.000Z'
export const terms: Terms = { ...DEFAULT_RULES.transfer, startsAt: START }
export const rules = DEFAULT_RULES.resale
export const verified = { from: true, to: true }

export type Data<T extends TicketFact['type']> = Extract<TicketFact, { type: T }>['data']

/** A fact of this ticket. */
export const fact = <T extends TicketFact['type']>(type: T, data: Omit<Data<T>, 'eventId'>): TicketFact =>
  ({ type, data: { eventId, ...data } }) as unknown as TicketFact

export const reserved = fact('TicketReserved', {
  venueId: sale.venueId,
  typeId,
  slot: 'pool:GA:417',
  edition: 1,
  orderId,
  price,
  expiresAt: '2030-06-01T17:45:00.000Z',
})
export const sold = (other: Partial<Sale> = {}): TicketFact => fact('TicketSold', { ...sale, ...other })
export const admitted = fact('TicketAdmitted', {
  scanId: idFor('scan'),
  generation: 1,
  carrier: 'app',
  nonce: 'a7yn2q4m9v0xk3c8dtrwz5hj6ba',
  source: 'online',
  happenedAt: '2030-06-01T17:00:00.000Z',
  seenAt: '2030-06-01T17:00:00.000Z',
  deviceId: scan.device.deviceId,
  deviceName: 'Scanner 7',
  entrance: 'North',
  zone: 'GA',
})
export const offered = fact('TicketOffered', {
  offerId,
  kind: 'transfer',
  from: ann,
  to: bob,
  expiresAt: '2030-06-03T17:00:00.000Z',
})
export const transferred = (movedAt: string, other: Partial<Data<'TicketTransferred'>> = {}): TicketFact =>
  fact('TicketTransferred', { offerId, kind: 'transfer', from: ann, to: bob, generation: 2, movedAt, ...other })
export const listed = fact('TicketListed', { typeId, listingId, sellerId: ann, price })
export const claimedUntil = (expiresAt: string): TicketFact =>
  fact('TicketClaimed', { listingId, orderId: claimOrderId, buyerId: bob, price, expiresAt })
/** It lapsed an hour ago, and nobody has released it. */
export const claimed = claimedUntil('2030-06-01T16:30:10.000Z')
export const resold = (movedAt: string): TicketFact =>
  fact('TicketResold', { listingId, orderId: claimOrderId, price, from: ann, to: bob, generation: 2, movedAt })
export const locked = fact('TicketLocked', { lockId, reason: 'dispute' })
export const reported = (kind: LossKind): TicketFact => fact('TicketReportedLost', { reportId, kind })
export const checked = (outcome: 'matched' | 'differed' = 'matched'): TicketFact =>
  fact('TicketIdentityChecked', { checkId: idFor('check'), document: 'passport', outcome })

/** That Ann bought, and what befell it since. */
export const held = (...since: readonly TicketFact[]) => {
  const spec = specOf(ticket)(reserved, sold(), ...since)
  return { when: (command: TicketCommand, at = NOW) => spec.when(command, at) }
}

/** What undoes the first sale. */
export const refundOf: Refund = {
  refundId: idFor('refund'),
  orderId,
  paymentId: idFor('pay'),
  amount: price,
  shares: [{ account: `venue:${sale.venueId}`, amount: price.amount }],
}

/** What makes it so of a ticket. What is not collected was sold so. */
const becomes: { readonly [A in Attribute]: readonly TicketFact[] } = {
  admitted: [admitted],
  locked: [locked],
  stolen: [reported('stolen')],
  lost: [reported('lost')],
  claimed: [listed, claimed],
  listed: [listed],
  offered: [offered],
  uncollected: [],
}

/** What its move needs before anything stands in its way. */
const needs: { readonly [M in Move]?: { readonly has: readonly Attribute[]; readonly facts: readonly TicketFact[] } } =
  {
    accept: { has: ['offered'], facts: [offered] },
    delist: { has: ['listed'], facts: [listed] },
    claim: { has: ['listed'], facts: [listed] },
    resell: { has: ['claimed', 'listed'], facts: [listed, claimed] },
    reissue: { has: [], facts: [checked()] },
  }

/** A ticket that has all that the move needs, and these attributes: its past, and all that is so of it. */
export const ticketFor = (move: Move, ...having: readonly Attribute[]) => {
  const { has = [], facts = [] } = needs[move] ?? {}
  const past = new Set([
    reserved,
    sold(having.includes('uncollected') ? { delivery: 'will_call' } : {}),
    ...facts,
    ...having.flatMap((attribute) => becomes[attribute]),
  ])
  const implied: readonly Attribute[] = having.includes('claimed') ? ['listed'] : []
  const all = new Set([...has, ...having, ...implied])
  return { past: [...past], has: attributes.filter((attribute) => all.has(attribute)) }
}

const code = parseCode(codes.codes[0]!.code) as Code

/** For a re-entry too: of that the scan policy says, not the table. */
const admit: AdmitTicket = {
  type: 'AdmitTicket',
  ticketTenant: 'acme',
  scanId: scan.scanId,
  code,
  hmac: { generation: 1 },
  event: scan.event as AdmitTicket['event'],
  device: scan.device as AdmitTicket['device'],
  policy: { ...STANDARD, reentry: { enabled: true, cooldownMinutes: 0, maxReentries: null } },
}

/** Each move as it is really asked for, and the fact that it leads to. */
export const asks: { readonly [M in Move]: { readonly command: TicketCommand; readonly makes: TicketFact['type'] } } = {
  give: {
    command: {
      type: 'OfferTicket',
      ...{ offerId: idFor('other'), kind: 'gift', from: ann, to: null, terms, isVerified: verified },
    },
    makes: 'TicketOffered',
  },
  accept: {
    command: { type: 'AcceptOffer', offerId, by: bob, terms, isVerified: verified },
    makes: 'TicketTransferred',
  },
  list: {
    command: { type: 'ListTicket', listingId, by: ann, price: { ...price, amount: 4_000 }, rules },
    makes: 'TicketListed',
  },
  delist: { command: { type: 'DelistTicket', listingId, by: ann }, makes: 'TicketDelisted' },
  claim: {
    command: {
      type: 'ClaimTicket',
      ...{ orderId: idFor('next'), listingId, buyerId: cem, price, expiresAt: '2030-06-01T18:00:00.000Z' },
    },
    makes: 'TicketClaimed',
  },
  resell: { command: { type: 'ResellTicket', orderId: claimOrderId }, makes: 'TicketResold' },
  admit: { command: admit, makes: 'TicketAdmitted' },
  report: { command: { type: 'ReportTicket', reportId, by: ann, kind: 'stolen' }, makes: 'TicketReportedLost' },
  reissue: { command: { type: 'ReissueTicket', reissueId }, makes: 'TicketReissued' },
  lock: { command: { type: 'LockTicket', lockId: idFor('second'), reason: 'legal_hold' }, makes: 'TicketLocked' },
  refund: { command: { type: 'RefundTicket', refunds: [refundOf] }, makes: 'TicketRefunded' },
  revoke: { command: { type: 'RevokeTicket', reason: 'fraud' }, makes: 'TicketRevoked' },
  cancel: { command: { type: 'CancelTicket', refunds: [refundOf] }, makes: 'TicketCancelled' },
  expire: { command: { type: 'ExpireTicket' }, makes: 'TicketExpired' },
}

/** How a ticket closes. */
export const closings = {
  refunded: fact('TicketRefunded', { typeId, orderId, price, refunds: [refundOf] }),
  revoked: fact('TicketRevoked', { typeId, reason: 'fraud' }),
  cancelled: fact('TicketCancelled', { typeId, refunds: [refundOf] }),
  expired: fact('TicketExpired', { admitted: false }),
  used: fact('TicketExpired', { admitted: true }),
} as const
