import { sumOf } from '../history.ts'
import { ticketsIn } from './holders.ts'
import type { Invariant } from './invariant.ts'
import { bookkeeping, resaleParts } from './reckoning.ts'

const HELD: ReadonlySet<string> = new Set(['ACTIVE', 'TRANSFERRED'])

export const listingsHaveHolders: Invariant = {
  name: 'what is for sale is held, and neither locked, reported, offered nor being bought; and its holder sees it so',
  check: ({ books }) => {
    const tickets = new Map(ticketsIn(books).map((ticket) => [ticket.ticketId, ticket]))
    const shown = books.events.flatMap(({ listings }) => listings)
    const wrong = shown.flatMap(({ listingId, ticketId, price, isClaimed }) => {
      const ticket = tickets.get(ticketId)
      if (!ticket) return [`listing ${listingId} is of ticket ${ticketId}, which nobody has`]
      const { status, locks, report, offer, listing } = ticket
      const isSound = HELD.has(status) && locks.length === 0 && report === null && offer === null && !isClaimed
      const isSame = listing?.listingId === listingId && listing.priceCents === price.amount
      return isSound && isSame
        ? []
        : [
            `listing ${listingId} stands, and its ticket ${ticketId} is ${status} with ${JSON.stringify({ locks, report, offer, listing })}`,
          ]
    })
    const on = new Set(shown.map(({ listingId }) => listingId))
    const hidden = [...tickets.values()]
      .filter(({ status, listing }) => HELD.has(status) && listing !== null && !on.has(listing.listingId))
      .map(({ ticketId }) => `ticket ${ticketId} is listed to its holder, and to nobody else`)
    return [...wrong, ...hidden]
  },
}

/** No order is open any more. */
export const claimsEnd: Invariant = {
  name: 'no ticket is kept for a buyer whose order is over',
  check: ({ books }) =>
    ticketsIn(books)
      .filter(({ listing }) => listing?.isClaimed)
      .map(({ ticketId }) => `ticket ${ticketId} is kept for a buyer, and every order is over`),
}

export const resalesAreSplit: Invariant = {
  name: 'of every resale seller, venue and platform have what was paid, to the cent, as long as it is not given back',
  check: ({ books }) => {
    const { closedForMoney, lostDispute } = bookkeeping(books)
    const shares = Map.groupBy(books.shares, ({ orderId }) => orderId)
    const sold = books.orders.filter(({ kind, status }) => kind === 'resale' && status === 'confirmed')
    const known = new Set(sold.map(({ orderId }) => orderId))
    const sellers = new Map(
      Object.entries(books.transfers).flatMap(([personId, rows]) =>
        rows.flatMap(({ kind, from, transferId }) =>
          kind === 'resale' && from === 'you' ? [[transferId, personId] as const] : [],
        ),
      ),
    )
    const unknown = books.shares
      .filter(({ orderId }) => !known.has(orderId))
      .map(
        ({ orderId, sellerId }) =>
          `person ${sellerId} has a share of order ${orderId}, which is no resale that came about`,
      )
    return [
      ...unknown,
      ...sold.flatMap((order) => {
        const { orderId, total, ticketIds } = order
        const expected = resaleParts(total.amount)
        const [share, another] = shares.get(orderId) ?? []
        if (!share || another)
          return [`order ${orderId} is a resale, and ${share ? 'two have' : 'nobody has'} a seller's share of it`]
        const posted = books.venues
          .flatMap(({ postings }) => postings)
          .filter((posting) => posting.orderId === orderId && posting.money.amount > 0)
        const royalty = sumOf(posted.map(({ money }) => money.amount))
        const isUndone = ticketIds?.some((ticketId) => closedForMoney.has(ticketId)) === true
        const left = isUndone ? 0 : expected.sellers
        const isRight = share.share.amount === expected.sellers && royalty === expected.venueNet
        const isLeft = lostDispute(order) ? share.left.amount <= left || isUndone : share.left.amount === left
        return [
          ...(isRight
            ? []
            : [
                `of ${total.amount} for order ${orderId} its seller has ${share.share.amount} and its venue ${royalty}, ` +
                  `where ${expected.sellers} and ${expected.venueNet} are theirs`,
              ]),
          ...(isLeft
            ? []
            : [`the seller of order ${orderId} has ${share.left.amount} left of it, where ${left} is theirs`]),
          ...(share.sellerId === sellers.get(orderId)
            ? []
            : [`order ${orderId} credits ${share.sellerId}, and ${sellers.get(orderId)} sold the ticket`]),
        ]
      }),
    ]
  },
}
