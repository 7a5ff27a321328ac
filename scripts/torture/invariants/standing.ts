import { disputesIn, type Exchange } from '../history.ts'
import { admissionsIn } from './credentials.ts'
import { CLOSES, type Deed, deedsIn, givenAway, type What } from './deeds.ts'
import { ticketsIn } from './holders.ts'
import type { Evidence, Invariant } from './invariant.ts'

/** What ends what stands in the way of a ticket. A ticket that changed hands is reported no more, and while it is it does not. */
const ENDS: Readonly<Partial<Record<What, readonly What[]>>> = {
  lock: ['unlock'],
  'report-stolen': ['unreport', 'reissue'],
  offer: ['accept', 'unoffer'],
}

const endsOf = (deed: Deed, all: readonly Deed[]): Deed[] =>
  all.filter(({ what, ticketId }) => ticketId === deed.ticketId && ENDS[deed.what]?.includes(what))

/** Whether something stood all the while from one moment to another: it was acknowledged before, and nobody had asked for its end. */
const stood = (deed: Deed, all: readonly Deed[], from: number, until: number): boolean =>
  deed.isDone && deed.told < from && !endsOf(deed, all).some((end) => end.told > deed.asked && end.asked < until)

/** Whether it may have stood at some moment between the two: it was asked for, and nothing had surely ended it. */
const mayHaveStood = (deed: Deed, all: readonly Deed[], from: number, until: number): boolean =>
  deed.asked < until && !endsOf(deed, all).some((end) => end.isDone && end.asked > deed.told && end.told < from)

const SHUT: ReadonlySet<What> = new Set(['lock', 'report-stolen', ...CLOSES])

export const whatStandsDenies: Invariant = {
  name: 'no gate let in a ticket that was locked, stolen or closed',
  check: (evidence) => {
    const deeds = Map.groupBy(deedsIn(evidence), ({ ticketId }) => ticketId)
    return admissionsIn(evidence.exchanges).flatMap(({ scan, sent, received }) => {
      const { ticketId } = scan.ticket!
      const own = deeds.get(ticketId) ?? []
      const bar = own.find((deed) => SHUT.has(deed.what) && stood(deed, own, sent, received) && isOfIt(deed))
      return bar ? [`scan ${scan.scanId} let ticket ${ticketId} in after ${bar.client}'s ${bar.what} of it`] : []
    })
  },
}

/** Of an order that was given back, some tickets may have been refused; of a cancelled event they are closed one by one. */
const isOfIt = ({ what, path, ticketId, answer }: Deed): boolean => {
  if (what === 'cancel') return false
  if (what !== 'refund' || !path.startsWith('/orders/')) return true
  const { tickets } = answer as { tickets: readonly { ticketId: string; refused: unknown }[] }
  return tickets.some((one) => one.ticketId === ticketId && one.refused === null)
}

/** What somebody may have wanted that makes a gate say so. */
const CAUSES: Readonly<Record<string, readonly What[]>> = {
  locked: ['lock'],
  reported_stolen: ['report-stolen'],
  offered: ['offer'],
  being_resold: ['claim'],
  refunded: ['refund'],
  revoked: ['revoke'],
  cancelled: ['cancel'],
}

/** Whether something stood in the way of a ticket that a gate may have meant. */
export const obstacles = (evidence: Evidence) => {
  const deeds = Map.groupBy(deedsIn(evidence), ({ ticketId }) => ticketId)
  const disputed = disputedTickets(evidence)
  return (ticketId: string, reason: string, { sent, received }: Pick<Exchange, 'sent' | 'received'>): boolean => {
    const own = deeds.get(ticketId) ?? []
    if (reason === 'locked' && disputed.has(ticketId)) return true
    return own.some((deed) => CAUSES[reason]?.includes(deed.what) === true && mayHaveStood(deed, own, sent, received))
  }
}

/** Those of an order whose payer's bank asked its money back at some time: they lock by themselves. */
export const disputedTickets = ({ exchanges, books }: Evidence): Set<string> => {
  const payments = new Set(
    exchanges
      .filter(({ wish, request }) => wish === 'pay' && (request as { card: string }).card === 'disputed')
      .map(({ path }) => path.split('/')[3]!),
  )
  const orders = books.orders.filter((order) => order.payments?.some(({ paymentId }) => payments.has(paymentId)))
  return new Set(orders.flatMap(({ ticketIds }) => ticketIds ?? []))
}

const CLOSED: ReadonlySet<string> = new Set(['REFUNDED', 'REVOKED', 'CANCELLED', 'EXPIRED', 'USED'])

export const locksAreKept: Invariant = {
  name: 'a lock stands until it is lifted, and a ticket that is locked does not move',
  check: (evidence) => {
    const deeds = Map.groupBy(deedsIn(evidence), ({ ticketId }) => ticketId)
    const tickets = ticketsIn(evidence.books).filter(({ status }) => !CLOSED.has(status))
    return tickets.flatMap(({ ticketId, locks, listing, offer }) => {
      const own = deeds.get(ticketId) ?? []
      const standing = own.filter((deed) => deed.what === 'lock' && stood(deed, own, Infinity, Infinity))
      const gone = standing.length > 0 && locks.length === 0
      const idle = locks.length > 0 && (listing !== null || offer !== null)
      const moved = [...givenAway(own), ...own.filter(({ what, isDone }) => what === 'reissue' && isDone)].filter(
        ({ asked, told }) => own.some((deed) => deed.what === 'lock' && stood(deed, own, asked, told)),
      )
      return [
        ...(gone
          ? [`ticket ${ticketId} was locked by ${standing[0]!.client} and never unlocked, and is not locked`]
          : []),
        ...(idle ? [`ticket ${ticketId} is locked, and listed or offered all the same`] : []),
        ...moved.map(({ what, client }) => `ticket ${ticketId} was locked, and ${client}'s ${what} of it went through`),
      ]
    })
  },
}

/** A ticket that its payer has sold or given on is another's, who did pay. */
export const disputesLock: Invariant = {
  name: 'what was bought with a payment that is disputed, or was lost, is locked, and with one that was won is not',
  check: (evidence) => {
    const disputes = disputesIn(evidence.exchanges)
    const unlocks = new Set(
      deedsIn(evidence)
        .filter(({ what }) => what === 'unlock')
        .map(({ ticketId }) => ticketId),
    )
    const tickets = new Map(ticketsIn(evidence.books).map((ticket) => [ticket.ticketId, ticket]))
    return evidence.books.orders
      .filter(({ status }) => status === 'confirmed')
      .flatMap(({ orderId, payments = [], ticketIds }) => {
        const dispute = payments.map(({ paymentId }) => disputes.get(paymentId)).find((one) => one !== undefined)
        if (!dispute?.isTold || dispute.mayBe.size > 1) return []
        return (ticketIds ?? []).flatMap((ticketId) => {
          const ticket = tickets.get(ticketId)
          if (!ticket || CLOSED.has(ticket.status) || ticket.orderId !== orderId) return []
          const isLocked = ticket.locks.some(({ reason }) => reason === 'chargeback_pending')
          if (dispute.mayBe.has('won'))
            return isLocked ? [`ticket ${ticketId} is locked for a dispute that was won`] : []
          return isLocked || unlocks.has(ticketId)
            ? []
            : [`ticket ${ticketId} was paid for in dispute, and is not locked`]
        })
      })
  },
}
