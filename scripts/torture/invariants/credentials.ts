import { type Exchange, isAccepted, scansIn, sightingsIn } from '../history.ts'
import { deedsIn, givenAway } from './deeds.ts'
import { type Move, movesIn } from './holders.ts'
import type { Evidence, Invariant } from './invariant.ts'

/** A code, as somebody was shown it. */
export type Shown = {
  readonly ticketId: string
  readonly client: string
  readonly sent: number
  readonly received: number
  readonly until: number
}

export const codesIn = (exchanges: readonly Exchange[]): Map<string, Shown> =>
  new Map(
    exchanges
      .filter((exchange) => exchange.wish === 'code' && isAccepted(exchange))
      .map(({ path, client, sent, received, body }) => {
        const { code, expiresAt } = body as { code: string; expiresAt: string }
        return [code, { ticketId: path.split('/')[2]!, client, sent, received, until: Date.parse(expiresAt) }]
      }),
  )

type Window = { readonly asked: number; readonly told: number }

/** Between when and when each order was confirmed, as far as somebody was told. */
const confirmedIn = (exchanges: readonly Exchange[]): Map<string, Window> => {
  const seen = new Map<string, Window>()
  for (const { exchange, order } of sightingsIn(exchanges)) {
    const { asked, told } = seen.get(order.orderId) ?? NEVER_TOLD
    seen.set(order.orderId, {
      asked: Math.min(asked, exchange.sent),
      told: order.status === 'confirmed' ? Math.min(told, exchange.received) : told,
    })
  }
  return seen
}

const NEVER_TOLD: Window = { asked: Number.POSITIVE_INFINITY, told: Number.POSITIVE_INFINITY }

/** A move whose two sides are known; it happened at some moment of its window. */
type TimedMove = Window & Pick<Move, 'transferId' | 'ticketId' | 'fromId' | 'toId'>

const timedMoves = (evidence: Evidence): TimedMove[] => {
  const given = new Map<string, Window>(
    givenAway(deedsIn(evidence)).map((deed) => [(deed.answer as { offerId: string }).offerId, deed]),
  )
  const bought = confirmedIn(evidence.exchanges)
  return movesIn(evidence.books)
    .filter(({ status }) => status === 'accepted')
    .map(({ transferId, ticketId, fromId, toId }) => {
      const { asked, told } = given.get(transferId) ?? bought.get(transferId) ?? { asked: 0, told: NEVER_TOLD.told }
      return { transferId, ticketId, fromId, toId, asked, told }
    })
}

/** Something that killed the credential before it. */
export type Change = Window & { readonly ticketId: string; readonly how: 'moved' | 'reissued'; readonly by: string }

/** Every change of holder, and every new credential that may have been issued. */
export const changesIn = (evidence: Evidence): Change[] => [
  ...timedMoves(evidence).map((move) => ({ ...move, how: 'moved' as const, by: `move ${move.transferId}` })),
  ...deedsIn(evidence)
    .filter(({ what }) => what === 'reissue')
    .map((deed) => ({ ...deed, how: 'reissued' as const, by: `${deed.client}'s ${deed.path}` })),
]

/** When each scan that let somebody in was first asked for: asked again, it stays what it was. */
const firstSent = (exchanges: readonly Exchange[]): Map<string, number> => {
  const first = new Map<string, number>()
  for (const { client, key, sent, wish } of exchanges)
    if (wish === 'scan') first.set(`${client} ${key}`, Math.min(first.get(`${client} ${key}`) ?? sent, sent))
  return first
}

export const admissionsIn = (exchanges: readonly Exchange[]) => {
  const first = firstSent(exchanges)
  return scansIn(exchanges)
    .filter(({ scan }) => scan.verdict === 'allow')
    .map(({ exchange, scan }) => ({
      ...{ scan, received: exchange.received, sent: first.get(`${exchange.client} ${exchange.key}`)! },
      code: (exchange.request as { code: string }).code,
    }))
}

export const deadCodesStayShut: Invariant = {
  name: 'no code opened once its ticket had changed hands or was issued anew',
  check: (evidence) => {
    const codes = codesIn(evidence.exchanges)
    const changes = Map.groupBy(changesIn(evidence), ({ ticketId }) => ticketId)
    return admissionsIn(evidence.exchanges).flatMap(({ scan, sent, code }) => {
      const shown = codes.get(code)
      const dead =
        shown && changes.get(shown.ticketId)?.find(({ asked, told }) => asked > shown.received && told < sent)
      return dead ? [`scan ${scan.scanId} let ticket ${shown.ticketId} in by a code from before ${dead.by}`] : []
    })
  },
}

export const codesAreTheHolders: Invariant = {
  name: 'nobody was shown a code of a ticket that they had given away or sold',
  check: (evidence) => {
    const moves = Map.groupBy(timedMoves(evidence), ({ ticketId }) => ticketId)
    return [...codesIn(evidence.exchanges).values()].flatMap(({ client, ticketId, sent, received }) => {
      const personId = evidence.people[client]
      const own = moves.get(ticketId) ?? []
      const mayBeBackAfter = (gone: TimedMove) =>
        own.some(({ toId, asked, told }) => toId === personId && told > gone.asked && asked < received)
      const gone = own.find((move) => move.fromId === personId && move.told < sent && !mayBeBackAfter(move))
      return gone ? [`${client} was shown a code of ticket ${ticketId}, which was ${gone.toId}'s by then`] : []
    })
  },
}
