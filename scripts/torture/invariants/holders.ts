import type { Books, TicketAnswer, TransferAnswer } from '../books.ts'
import { type Deed, deedsIn } from './deeds.ts'
import type { Invariant } from './invariant.ts'

/** A gift, a transfer or a resale as both of its sides see it. Null where nobody sees it from there. */
export type Move = TransferAnswer & { readonly fromId: string | null; readonly toId: string | null }

export const movesIn = ({ transfers }: Books): Move[] => {
  const seen = Object.entries(transfers).flatMap(([personId, rows]) => rows.map((row) => ({ personId, row })))
  return [...Map.groupBy(seen, ({ row }) => row.transferId).values()].map((sides) => ({
    ...sides[0]!.row,
    fromId: sides.find(({ row }) => row.from === 'you')?.personId ?? null,
    toId: sides.find(({ row }) => row.to === 'you')?.personId ?? null,
  }))
}

export const ticketsIn = ({ tickets }: Books): TicketAnswer[] => Object.values(tickets).flat()

/** By ticket, those that came about, the first one first. */
export const acceptedMoves = (books: Books): Map<string, Move[]> =>
  Map.groupBy(
    movesIn(books)
      .filter(({ status }) => status === 'accepted')
      .toSorted((a, b) => Date.parse(a.endedAt!) - Date.parse(b.endedAt!)),
    ({ ticketId }) => ticketId,
  )

/** Who bought each ticket when it was new. */
const firstHolders = ({ orders }: Books): Map<string, string> =>
  new Map(
    orders
      .filter(({ kind, status }) => kind !== 'resale' && status === 'confirmed')
      .flatMap(({ ticketIds, payerId }) => (ticketIds ?? []).map((ticketId): [string, string] => [ticketId, payerId])),
  )

export const movesNameTheHolder: Invariant = {
  name: 'a ticket has one holder, whom its first sale and then its last move name, to both sides',
  check: ({ books }) => {
    const moves = acceptedMoves(books)
    const tickets = Map.groupBy(ticketsIn(books), ({ ticketId }) => ticketId)
    const listed = Object.entries(books.tickets).flatMap(([personId, own]) =>
      own
        .filter(({ holderId }) => holderId !== personId && holderId !== null)
        .map(({ ticketId, holderId }) => `ticket ${ticketId} of ${holderId} is among those of ${personId}`),
    )
    const named = [...firstHolders(books)].flatMap(([ticketId, first]) => {
      const own = moves.get(ticketId) ?? []
      const broken = own.flatMap(({ transferId, fromId, toId }, i) => {
        const before = i === 0 ? first : own[i - 1]!.toId
        if (fromId === null || toId === null)
          return [`move ${transferId} of ticket ${ticketId} is told to one side only`]
        return fromId === before
          ? []
          : [`move ${transferId} of ticket ${ticketId} is from ${fromId}, and ${before} had it`]
      })
      const last = own.at(-1)?.toId ?? first
      const [ticket, twice] = tickets.get(ticketId) ?? []
      if (!ticket) return [...broken, `ticket ${ticketId} should be with ${last}, and is with nobody`]
      const isSo = ticket.holderId === last && ticket.moves === own.length && !twice
      return isSo
        ? broken
        : [
            ...broken,
            `ticket ${ticketId} is with ${ticket.holderId} after ${ticket.moves} moves, and ${own.length} moves bring it to ${last}`,
          ]
    })
    return [...listed, ...named]
  },
}

/** How an offer stands that was answered so. */
const ENDED: Readonly<Record<string, string>> = { accept: 'accepted', decline: 'declined', cancel: 'cancelled' }

const offerOf = ({ path, answer }: Deed): string =>
  (answer as { offerId?: string } | null)?.offerId ?? path.split('/')[2]!

export const movesAreKept: Invariant = {
  name: 'what was given, taken or turned down and acknowledged is so, and was so once',
  check: (evidence) => {
    const moves = new Map(movesIn(evidence.books).map((move) => [move.transferId, move]))
    const deeds = deedsIn(evidence)
    const answered = deeds.filter(({ what, isDone }) => isDone && (what === 'accept' || what === 'unoffer'))
    const given = deeds.filter(({ what, isDone }) => isDone && (what === 'transfer' || what === 'offer'))
    const differing = answered.flatMap((deed) => {
      const status = moves.get(offerOf(deed))?.status ?? 'nowhere'
      const told = ENDED[deed.path.split('/').at(-1)!]!
      return status === told ? [] : [`${deed.client}'s ${deed.path} was acknowledged, and the offer is ${status}`]
    })
    const missing = given.flatMap((deed) => {
      const status = moves.get(offerOf(deed))?.status ?? 'nowhere'
      const isSo = deed.what === 'transfer' ? status === 'accepted' : status !== 'nowhere'
      return isSo ? [] : [`${deed.client} gave ticket ${deed.ticketId} as ${offerOf(deed)}, and that is ${status}`]
    })
    const takers = Map.groupBy(
      answered.filter(({ what }) => what === 'accept'),
      offerOf,
    )
    const twice = [...takers].flatMap(([offerId, taken]) => {
      const clients = [...new Set(taken.map(({ client }) => client))]
      return clients.length > 1 ? [`offer ${offerId} was taken by ${clients.join(' and by ')}`] : []
    })
    return [...differing, ...missing, ...twice]
  },
}

export const nothingMovesByItself: Invariant = {
  name: 'no ticket changed hands but by somebody who gave it and somebody who took or bought it',
  check: (evidence) => {
    const asked = Map.groupBy(deedsIn(evidence), ({ ticketId }) => ticketId)
    const orders = new Map(evidence.books.orders.map((order) => [order.orderId, order]))
    return movesIn(evidence.books)
      .filter(({ status }) => status === 'accepted')
      .flatMap(({ transferId, ticketId, kind, toId }) => {
        if (kind === 'resale') {
          const order = orders.get(transferId)
          const isTheirs = order?.status === 'confirmed' && order.payerId === toId
          return isTheirs ? [] : [`resale ${transferId} of ticket ${ticketId} is of no confirmed order of ${toId}`]
        }
        const deeds = asked.get(ticketId) ?? []
        const isGiven = deeds.some(({ what }) => what === 'transfer' || what === 'offer')
        const isTaken = deeds.some(
          ({ what, path }) => what === 'transfer' || (what === 'accept' && path.split('/')[2] === transferId),
        )
        return isGiven && isTaken ? [] : [`move ${transferId} of ticket ${ticketId} was asked for by nobody`]
      })
  },
}
