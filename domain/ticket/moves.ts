import type { EndedWith, TicketFact } from './facts.ts'
import type { Held } from './state.ts'

/** What may be so of a ticket that somebody holds, in the order in which it stands in the way. */
export const attributes = [
  'admitted',
  'locked',
  'stolen',
  'lost',
  'claimed',
  'listed',
  'offered',
  'uncollected',
] as const
export type Attribute = (typeof attributes)[number]

/** In words, for people. */
export const meanings: { readonly [A in Attribute]: string } = {
  admitted: 'a gate has let it in',
  locked: 'staff or a dispute have locked it, once or more',
  stolen: 'its holder has reported it stolen',
  lost: 'its holder has reported it lost',
  claimed: 'it is listed, and the order of a buyer is paying for it',
  listed: 'its holder has listed it for sale',
  offered: 'its holder has offered it to somebody who has not answered yet',
  uncollected: 'it is to be collected at the box office, and has not been',
}

/** Why a ticket that somebody holds cannot be moved now. */
export type MoveRefusal =
  | 'TicketIsAdmitted'
  | 'TicketIsLocked'
  | 'TicketIsReported'
  | 'TicketIsClaimed'
  | 'TicketIsListed'
  | 'TicketIsOffered'
  | 'TicketNotCollected'

/** `may`: it does not matter. `ends`: it may, and that ends the offer, the listing or the claim. Else why it is refused. */
type Cell = 'may' | 'ends' | MoveRefusal

type Row = { readonly [A in Attribute]: Cell }

/** What nothing but an offer, a listing or a claim stands in the way of, for these end with it. */
const ENDS_ALL = {
  admitted: 'may',
  locked: 'may',
  stolen: 'may',
  lost: 'may',
  claimed: 'ends',
  listed: 'ends',
  offered: 'ends',
  uncollected: 'may',
} as const satisfies Row

/** What a holder does with a ticket that is theirs alone. */
const HOLDERS = {
  admitted: 'TicketIsAdmitted',
  locked: 'TicketIsLocked',
  stolen: 'TicketIsReported',
  lost: 'TicketIsReported',
  claimed: 'TicketIsClaimed',
  listed: 'TicketIsListed',
  offered: 'TicketIsOffered',
  uncollected: 'TicketNotCollected',
} as const satisfies Row

/**
 * Who may do what with a ticket now: the one answer for giving, selling, the gate, the desk and the workers. Decisions come from it
 * (`obstacleTo`, `endedBy`), their tests are generated from it, and `docs/moves.md` prints it.
 */
export const moves = {
  give: { ...HOLDERS, says: 'Its holder offers it to somebody, or hands it over at once.' },
  accept: { ...HOLDERS, offered: 'may', says: 'Whom it was offered to accepts it.' },
  list: { ...HOLDERS, listed: 'may', says: 'Its holder lists it for sale, or changes the price that it is listed at.' },
  delist: {
    ...ENDS_ALL,
    claimed: 'TicketIsClaimed',
    listed: 'may',
    offered: 'may',
    says: 'Its holder withdraws the listing.',
  },
  claim: {
    ...HOLDERS,
    listed: 'may',
    claimed: 'may',
    says: 'The order of a buyer claims the listing, if no other does or the claim of the other has lapsed.',
  },
  resell: { ...HOLDERS, listed: 'may', claimed: 'may', says: 'That order is paid: its buyer is the new holder.' },
  admit: {
    ...HOLDERS,
    admitted: 'may',
    lost: 'may',
    listed: 'ends',
    says: 'A gate lets it in; whether it may come again is for the scan policy to say.',
  },
  report: { ...ENDS_ALL, admitted: 'TicketIsAdmitted', says: 'Its holder reports it lost or stolen.' },
  reissue: {
    ...HOLDERS,
    stolen: 'may',
    lost: 'may',
    listed: 'may',
    offered: 'may',
    says: 'Staff replace its code, once they have checked who its holder is.',
  },
  lock: { ...ENDS_ALL, says: 'Staff, or a dispute, lock it. Each lock stands until it is lifted itself.' },
  refund: {
    ...ENDS_ALL,
    admitted: 'TicketIsAdmitted',
    locked: 'TicketIsLocked',
    claimed: 'TicketIsClaimed',
    says: 'Staff close it and give the money back.',
  },
  revoke: { ...ENDS_ALL, admitted: 'TicketIsAdmitted', says: 'Staff take it away, without money.' },
  cancel: { ...ENDS_ALL, says: 'Its event is cancelled: it is closed and paid back.' },
  expire: {
    ...ENDS_ALL,
    claimed: 'TicketIsClaimed',
    says: 'Its event is over: it is closed as used or expired. A buyer who is paying comes first.',
  },
} as const satisfies { readonly [move: string]: Row & { readonly says: string } }
export type Move = keyof typeof moves

export const attributesOf = (t: Held): Attribute[] => attributes.filter((attribute) => has[attribute](t))

const has: { readonly [A in Attribute]: (t: Held) => boolean } = {
  admitted: ({ admissions }) => admissions.length > 0,
  locked: ({ locks }) => locks.length > 0,
  stolen: ({ report }) => report?.kind === 'stolen',
  lost: ({ report }) => report?.kind === 'lost',
  claimed: ({ claim }) => claim !== null,
  listed: ({ listing }) => listing !== null,
  offered: ({ offer }) => offer !== null,
  uncollected: ({ sale }) => sale.delivery === 'will_call',
}

/** What can stand in the way of a move. */
export type ObstacleTo<M extends Move> = Exclude<(typeof moves)[M][Attribute], 'may' | 'ends'>

/** Why a move is refused now; null where it is not. */
export const obstacleTo = <M extends Move>(move: M, t: Held): ObstacleTo<M> | null => {
  const row: Row = moves[move]
  const cells = attributesOf(t).map((attribute) => row[attribute])
  return (cells.find((cell) => cell !== 'may' && cell !== 'ends') as ObstacleTo<M> | undefined) ?? null
}

/** What ends with a move: the facts to record before its own. */
export const endedBy = (move: keyof typeof endings, t: Held): TicketFact[] => {
  const row: Row = moves[move]
  const { eventId } = t.sale
  const reason = endings[move]
  const ends: TicketFact[] = []
  if (t.claim && row.claimed === 'ends')
    ends.push({ type: 'TicketClaimReleased', data: { eventId, orderId: t.claim.orderId, reason } })
  if (t.listing && row.listed === 'ends')
    ends.push({ type: 'TicketDelisted', data: { eventId, listingId: t.listing.listingId, reason } })
  if (t.offer && row.offered === 'ends')
    ends.push({ type: 'TicketOfferClosed', data: { eventId, offerId: t.offer.offerId, reason } })
  return ends
}

/** What is told of what ended with a move. */
const endings = {
  admit: 'admitted',
  report: 'reported',
  lock: 'locked',
  refund: 'closed',
  revoke: 'closed',
  cancel: 'closed',
  expire: 'closed',
} as const satisfies { readonly [M in Move]?: EndedWith }
