import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { isRefused } from '../decider.ts'
import { asRead, idFor } from '../spec.ts'
import { hours, plus } from '../time.ts'
import { type TicketFact, ticketFacts } from './facts.ts'
import { ann, asks, bob, cem, refundOf, rules, sale, terms } from './moves.world.ts'
import type { Held, Ticket } from './state.ts'
import { type TicketCommand, ticket } from './ticket.ts'

/** What chance says of one step: who asks, for whom, which of several ids, and whether it is done as it should be. */
type Roll = {
  readonly name: string
  readonly who: string
  readonly whom: string
  readonly n: number
  readonly proper: boolean
  readonly pause: number
}

const START = '2030-06-01T14:30:00.000Z'
const LEASE = 1_800
/** It lasts as long as any history, so that its gates are open all the time. */
const event = {
  ...admitCommand().event,
  details: { ...admitCommand().event.details, endsAt: '2031-06-01T00:00:00.000Z' },
}

const people = [ann, bob, cem]
const [saleOrders, resaleOrders] = [['A', 'B'].map(idFor), ['C', 'D', 'E', 'F', 'G', 'H'].map(idFor)]
const { eventId, venueId, typeId, price } = sale
const isVerified = { from: true, to: true }

/** What somebody asks for. Who does as they should looks at the ticket first: else nearly nothing would come about. */
const wishes: Record<string, (r: Roll, t: Ticket, at: string) => TicketCommand> = {
  reserve: ({ n }, _, at) => ({
    type: 'ReserveTicket',
    ...{ eventId, venueId, typeId, slot: 'pool:GA:7', edition: 1, orderId: saleOrders[n % 2]!, price },
    expiresAt: plus(at, LEASE),
  }),
  extend: ({ n }, _, at) => ({ type: 'ExtendReservation', orderId: saleOrders[n % 2]!, expiresAt: plus(at, LEASE) }),
  release: ({ n }) => ({ type: 'ReleaseReservation', orderId: saleOrders[n % 2]!, reason: 'order_ended' }),
  sell: ({ n, whom }) => ({
    type: 'SellTicket',
    ...{ orderId: saleOrders[n % 2]!, payerId: ann, holderId: whom, price, zone: 'GA', validDates: null },
    ...{ delivery: 'digital', transferable: true },
  }),
  undo: ({ n }) => ({ type: 'UndoSale', orderId: saleOrders[n % 2]! }),
  offer: (r, t) => ({
    type: 'OfferTicket',
    ...{ offerId: offerOf(r.n), kind: 'gift', from: holderFor(r, t), to: r.n % 3 === 0 ? null : r.whom },
    ...{ terms: { ...terms, cooldownMinutes: r.n }, isVerified },
  }),
  transfer: (r, t) => ({
    type: 'TransferTicket',
    ...{ offerId: offerOf(r.n), kind: 'transfer', from: holderFor(r, t), to: r.whom },
    ...{ terms: { ...terms, cooldownMinutes: r.n }, isVerified },
  }),
  accept: (r, t) => {
    const by = r.proper && t.status === 'held' ? (t.offer?.to ?? r.whom) : r.whom
    return { type: 'AcceptOffer', offerId: offerFor(r, t), by, terms, isVerified }
  },
  try: (r, t) => ({ type: 'TryOffer', offerId: offerFor(r, t), tryId: idFor(`try${r.n}`) }),
  unoffer: (r, t) => {
    const reason = (['cancelled', 'declined', 'lapsed'] as const)[r.n % 3]!
    return {
      type: 'CloseOffer',
      offerId: offerFor(r, t),
      reason,
      by: reason === 'cancelled' ? holderFor(r, t) : r.whom,
    }
  },
  list: (r, t) => ({
    type: 'ListTicket',
    ...{ listingId: listingFor(r, t), by: holderFor(r, t), price: { ...price, amount: 4_000 + r.n }, rules },
  }),
  delist: (r, t) => ({ type: 'DelistTicket', listingId: listingFor(r, t), by: holderFor(r, t) }),
  claim: (r, t, at) => ({
    type: 'ClaimTicket',
    ...{ orderId: resaleOrders[r.n % 6]!, listingId: listingFor(r, t), buyerId: r.whom, expiresAt: plus(at, LEASE) },
    price: (r.proper && t.status === 'held' && t.listing?.price) || price,
  }),
  extendClaim: (r, t, at) => ({ type: 'ExtendClaim', orderId: claimFor(r, t), expiresAt: plus(at, LEASE) }),
  releaseClaim: (r, t) => ({ type: 'ReleaseClaim', orderId: claimFor(r, t) }),
  resell: (r, t) => ({ type: 'ResellTicket', orderId: claimFor(r, t) }),
  admit: ({ n }, t) => admitCommand(t.status === 'held' ? t.generation : 1, idFor(`scan${n}`)),
  lock: ({ n }) => ({ type: 'LockTicket', lockId: idFor(`lock${n % 4}`), reason: 'dispute' }),
  unlock: ({ n, proper }) => ({ type: 'UnlockTicket', lockId: proper ? null : idFor(`lock${n % 4}`) }),
  report: (r, t) => ({
    type: 'ReportTicket',
    ...{ reportId: idFor(`rep${r.n}`), by: holderFor(r, t), kind: r.n % 2 ? 'lost' : 'stolen' },
  }),
  unreport: (r, t) => (r.n % 2 ? { type: 'WithdrawReport', by: holderFor(r, t) } : { type: 'RejectReport' }),
  check: ({ n, proper }) => ({
    type: 'CheckIdentity',
    ...{ checkId: idFor(`chk${n}`), document: 'passport', outcome: proper ? 'matched' : 'differed' },
  }),
  reissue: ({ n }) => ({ type: 'ReissueTicket', reissueId: idFor(`new${n}`) }),
  reschedule: ({ n }) => ({
    type: 'RescheduleTicket',
    ...{ startsAt: plus(START, hours(24 * (n + 1))), endsAt: plus(START, hours(24 * (n + 1) + 4)), days: new Map() },
  }),
  refund: (r, t) => ({ type: 'RefundTicket', refunds: refundsFor(r, t) }),
  cancel: (r, t) => ({ type: 'CancelTicket', refunds: refundsFor(r, t) }),
  revoke: () => ({ type: 'RevokeTicket', reason: 'fraud' }),
  expire: () => ({ type: 'ExpireTicket' }),
}

const RARE = ['undo', 'admit', 'refund', 'cancel', 'revoke', 'expire', 'lock', 'report']
const ON_THE_MARKET = ['list', 'claim', 'extendClaim', 'resell', 'offer', 'accept', 'unlock', 'unreport']

const offerOf = (n: number): string => idFor(`off${n}`)
const holderFor = ({ proper, who }: Roll, t: Ticket): string => (proper && t.status === 'held' ? t.holderId : who)
const offerFor = ({ proper, n }: Roll, t: Ticket): string =>
  (proper && t.status === 'held' && t.offer?.offerId) || offerOf(n)
const listingFor = ({ proper, n }: Roll, t: Ticket): string =>
  (proper && t.status === 'held' && t.listing?.listingId) || idFor(`list${n % 3}`)
const claimFor = ({ proper, n }: Roll, t: Ticket): string =>
  (proper && t.status === 'held' && t.claim?.orderId) || resaleOrders[n % 6]!

/** Reckoned from the ticket as it is, or as if it had never been sold on. */
const refundsFor = ({ proper }: Roll, t: Ticket) => {
  if (!('paid' in t)) return [refundOf]
  return t.paid.slice(0, proper ? undefined : 1).map(({ orderId }) => ({ ...refundOf, orderId }))
}

/** By a print, which does not rotate. */
function admitCommand(generation = 1, scanId = idFor('scan')) {
  const { command } = asks.admit
  if (command.type !== 'AdmitTicket') throw new Error('To admit is to admit')
  return {
    ...command,
    scanId,
    hmac: { generation },
    code: { ...command.code, nonce: `s${command.code.nonce.slice(1)}` },
  }
}

type Told = { now: number; state: Ticket; facts: TicketFact[] }

const run = (told: Told, roll: Roll): void => {
  told.now += roll.pause
  const at = plus(START, told.now)
  const asked = wishes[roll.name]!(roll, told.state, at)
  const command = { ...asked, at, ...(asked.type === 'AdmitTicket' ? { event } : {}) }
  const decision = ticket.decide(command, told.state)
  if (isRefused(decision)) return
  expect(decision.map(asRead)).toEqual(decision)
  for (const fact of decision) {
    const before = told.state
    told.state = ticket.evolve(before, fact)
    follows(before, fact, told.state)
    told.facts.push(fact)
  }
  expect(ticket.decide(command, told.state)).toEqual([])
  if (decision.length > 0) holds(told, at)
}

const soldOf = (t: Ticket) => (t.status === 'held' || t.status === 'closed' ? t : null)

/** What one fact may change. */
const follows = (before: Ticket, fact: TicketFact, after: Ticket): void => {
  const [was, is] = [soldOf(before), soldOf(after)]
  expect(before.status).not.toBe('closed')
  if (!is) return
  const replaced = fact.type === 'TicketTransferred' || fact.type === 'TicketResold' || fact.type === 'TicketReissued'
  const generation = was ? was.generation + (replaced ? 1 : 0) : 1
  expect(is.generation).toBe(generation)
  if ('generation' in fact.data) expect(fact.data.generation).toBe(generation)
  if ('to' in fact.data && 'movedAt' in fact.data) {
    expect(fact.data.from).toBe(was?.holderId)
    expect(fact.data.to).not.toBe(fact.data.from)
  } else if (was) expect(is.holderId).toBe(was.holderId)
  // The copy on chain follows the holder and the standing, and nothing else.
  const changed = !was || onChain(was) !== onChain(is)
  expect(is.copy.version).toBe((was?.copy.version ?? 0) + (changed ? 1 : 0))
  expect(is.copy.heldSince).toBe(was?.holderId === is.holderId ? was.copy.heldSince : is.copy.version)
}

const onChain = (t: NonNullable<ReturnType<typeof soldOf>>): string =>
  JSON.stringify([t.holderId, t.generation, t.status, t.status === 'held' && t.locks])

/** What is so of a ticket after whatever befell it. */
const holds = ({ state, facts }: Told, at: string): void => {
  const t = soldOf(state)
  const top = t?.generation ?? 1
  const live = Array.from({ length: top + 1 }, (_, i) => i + 1).filter((generation) => admits(state, generation, at))
  expect(live.length === 0 || (state.status === 'held' && live.join() === `${top}`)).toBe(true)
  if (!t) return
  const receivers = facts.flatMap(({ type, data }) => {
    if (type === 'TicketSold') return [data.holderId]
    return type === 'TicketTransferred' || type === 'TicketResold' ? [data.to] : []
  })
  expect(t.holderId).toBe(receivers.at(-1))
  expect(t.superseded).toHaveLength(top - 1)
  const last = facts.at(-1)
  if (last?.type === 'TicketCancelled' || (last?.type === 'TicketRefunded' && last.data.refunds.length > 0))
    expect(last.data.refunds.map(({ orderId }) => orderId)).toEqual(t.paid.map(({ orderId }) => orderId))
  if (t.status === 'held') belongs(t)
  else expect(facts.filter(({ type }) => isClosing(type))).toEqual([last])
}

/** An offer, a listing and a claim are its holder's, and never an offer beside a listing. */
const belongs = ({ holderId, offer, listing, claim, admissions }: Held): void => {
  expect(offer && listing).toBe(null)
  if (offer) expect([offer.from, offer.to === holderId]).toEqual([holderId, false])
  if (listing) expect([listing.sellerId, admissions]).toEqual([holderId, []])
  if (claim) expect([claim.listingId, claim.buyerId === holderId]).toEqual([listing?.listingId, false])
}

/** Whether a gate would let in whoever shows a code of that generation now. */
const admits = (state: Ticket, generation: number, at: string): boolean =>
  !isRefused(ticket.decide({ ...admitCommand(generation, idFor('look')), event, at }, state))

const isClosing = (type: TicketFact['type']): boolean =>
  ['TicketRefunded', 'TicketRevoked', 'TicketCancelled', 'TicketExpired'].includes(type)

const roll = (names: fc.Arbitrary<string>): fc.Arbitrary<Roll> =>
  fc.record({
    name: names,
    who: fc.constantFrom(...people),
    whom: fc.constantFrom(...people),
    n: fc.nat(9),
    proper: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    pause: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(0, 1, 60) },
      { weight: 6, arbitrary: fc.nat(LEASE * 2) },
      { weight: 1, arbitrary: fc.constant(hours(48)) },
    ),
  })

const often = Object.keys(wishes).filter((name) => !RARE.includes(name))
const chance = roll(
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...ON_THE_MARKET) },
    { weight: 12, arbitrary: fc.constantFrom(...often) },
    { weight: 1, arbitrary: fc.constantFrom(...RARE) },
  ),
)
const bought = fc
  .tuple(roll(fc.constant('reserve')), roll(fc.constant('sell')))
  .map(([reserve, sell]) => [reserve, { ...sell, n: reserve.n }])
const histories = fc
  .tuple(fc.array(chance, { maxLength: 3 }), bought, fc.array(chance, { minLength: 40, maxLength: 80 }))
  .map((parts) => parts.flat())

/** What other tests are about: `copying.test.ts` and `sale.model.test.ts`. */
const OF_OTHERS = /^Ticket(Minted|Settled|Unsettled|RepairOrdered|WalletChanged|LeftChain|Reservation\w+)$/

it('F12.3 F16.18 a ticket has one holder and at most one live credential, whoever does whatever with it in whichever order', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(histories, (rolls) => {
      const told: Told = { now: 0, state: ticket.initial, facts: [] }
      for (const one of rolls) run(told, one)
      for (const { type } of told.facts) seen.add(type)
    }),
    { numRuns: 400 },
  )
  // Or the histories would prove nothing of what they never reached.
  expect([...seen].filter((type) => !OF_OTHERS.test(type)).toSorted()).toEqual(
    Object.keys(ticketFacts)
      .filter((type) => !OF_OTHERS.test(type))
      .toSorted(),
  )
})
