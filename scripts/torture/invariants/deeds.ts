import { type Exchange, type GivenAnswer, isAccepted, type ListingAnswer, type OrderAnswer } from '../history.ts'
import type { Evidence } from './invariant.ts'

/** What somebody wanted to happen to a ticket. */
export type What =
  | 'offer'
  | 'transfer'
  | 'accept'
  | 'unoffer'
  | 'list'
  | 'claim'
  | 'report-lost'
  | 'report-stolen'
  | 'unreport'
  | 'lock'
  | 'unlock'
  | 'reissue'
  | 'refund'
  | 'revoke'
  | 'cancel'

/** One thing that somebody asked for, however often they had to ask. It happened, if it did, between `asked` and `told`. */
export type Deed = {
  readonly what: What
  readonly ticketId: string
  readonly client: string
  readonly asked: number
  /** When they knew; infinity for who never did. */
  readonly told: number
  /** It was acknowledged. Otherwise an answer was lost, and it may have happened all the same. */
  readonly isDone: boolean
  /** As it was acknowledged first. */
  readonly answer: unknown
  readonly path: string
}

/** All that was asked for under one key. */
type Asked = { readonly first: Exchange; readonly accepted: Exchange | undefined; readonly mayBe: boolean }

const MOVING: ReadonlySet<Exchange['wish']> = new Set(['give', 'answer', 'list', 'report', 'desk', 'place'])

const askedIn = (exchanges: readonly Exchange[]): Asked[] => {
  const written = exchanges.filter(({ wish, key }) => MOVING.has(wish) && key !== null)
  return [...Map.groupBy(written, ({ client, key }) => `${client} ${key}`).values()].map((attempts) => ({
    first: attempts[0]!,
    accepted: attempts.find(isAccepted),
    mayBe: attempts.some(({ status }) => status === null || status >= 500 || isAccepted({ status } as Exchange)),
  }))
}

/** Which tickets an offer, a listing, an order or an event is about, as far as anybody was told. */
const ticketsNamed = ({ exchanges, books }: Evidence) => {
  const offers = new Map<string, string>()
  const listings = new Map<string, string>()
  for (const exchange of exchanges.filter(isAccepted)) {
    if (exchange.wish === 'give') {
      const { offerId, ticketId } = exchange.body as GivenAnswer
      offers.set(offerId, ticketId)
    }
    if (exchange.wish === 'list') {
      const { listingId, ticketId } = exchange.body as ListingAnswer
      listings.set(listingId, ticketId)
    }
  }
  for (const { transferId, ticketId } of Object.values(books.transfers).flat()) offers.set(transferId, ticketId)
  for (const { listingId, ticketId } of books.events.flatMap(({ listings }) => listings))
    listings.set(listingId, ticketId)
  const orders = new Map(books.orders.map(({ orderId, ticketIds }) => [orderId, ticketIds ?? []]))
  const tickets = Object.values(books.tickets).flat()
  const byEvent = Map.groupBy(tickets, ({ eventId }) => eventId)
  return { offers, listings, orders, byEvent }
}

/** Everything that was asked for and may have happened. */
export const deedsIn = (evidence: Evidence): Deed[] => {
  const { offers, listings, orders, byEvent } = ticketsNamed(evidence)
  const confirmed = new Set(
    evidence.books.orders.filter(({ status }) => status === 'confirmed').map(({ orderId }) => orderId),
  )

  const known = ({
    first: { path, request, wish, method },
  }: Asked): [What, readonly (string | undefined)[]] | undefined => {
    const body = (request ?? {}) as Record<string, string>
    const [, noun, id, verb] = path.split('?')[0]!.split('/')
    if (wish === 'give') return [path === '/transfer' && !body.needsAcceptance ? 'transfer' : 'offer', [body.ticketId]]
    if (wish === 'answer') return [verb === 'accept' ? 'accept' : 'unoffer', [offers.get(id!)]]
    if (wish === 'list') return ['list', [body.ticketId ?? listings.get(id!)]]
    if (wish === 'place') return path === '/transfers/purchase' ? ['claim', [listings.get(body.listingId!)]] : undefined
    if (wish === 'report') {
      if (method === 'DELETE') return ['unreport', [id]]
      return [body.kind === 'stolen' ? 'report-stolen' : 'report-lost', [id]]
    }
    if (noun === 'events') return ['cancel', (byEvent.get(id!) ?? []).map(({ ticketId }) => ticketId)]
    if (noun === 'orders') return ['refund', orders.get(id!) ?? []]
    if (noun !== 'admin') return undefined
    const [, , , ticketId, act] = path.split('?')[0]!.split('/')
    if (act === 'lock') return [method === 'DELETE' ? 'unlock' : 'lock', [ticketId]]
    if (act === 'report') return ['unreport', [ticketId]]
    return act === 'reissue' || act === 'refund' || act === 'revoke' ? [act, [ticketId]] : undefined
  }

  return askedIn(evidence.exchanges)
    .filter(({ mayBe }) => mayBe)
    .flatMap((asked) => {
      const [what, ticketIds] = known(asked) ?? []
      if (!what) return []
      const { first, accepted } = asked
      const isDone =
        accepted !== undefined && (what !== 'claim' || confirmed.has((accepted.body as OrderAnswer).orderId))
      return ticketIds!.flatMap((ticketId) =>
        ticketId === undefined
          ? []
          : [
              {
                ...{ what, ticketId, client: first.client, asked: first.sent, path: first.path },
                ...{ told: accepted?.received ?? Number.POSITIVE_INFINITY, isDone, answer: accepted?.body ?? null },
              },
            ],
      )
    })
}

/** For money, by force, or since the event does not take place. */
export const CLOSES: ReadonlySet<What> = new Set(['refund', 'revoke', 'cancel'])

/** What changed hands without money, each move once: who takes an offer that they have taken already is told so again. */
export const givenAway = (deeds: readonly Deed[]): Deed[] => {
  const done = deeds.filter(({ what, isDone }) => isDone && (what === 'transfer' || what === 'accept'))
  const byOffer = Map.groupBy(done, ({ answer }) => (answer as GivenAnswer).offerId)
  return [...byOffer.values()].map((same) => ({
    ...same[0]!,
    asked: Math.min(...same.map(({ asked }) => asked)),
    told: Math.min(...same.map(({ told }) => told)),
  }))
}
