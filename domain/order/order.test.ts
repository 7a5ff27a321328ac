import { describe, expect, it } from 'vitest'
import { idFor, specOf } from '../spec.ts'
import type { EndReason, OrderFact, Placed } from './facts.ts'
import { type OrderCommand, order, type Stage } from './order.ts'

const given = specOf(order)

const [eventId, venueId, ann, typeId] = [idFor('event'), idFor('venue'), idFor('ann'), idFor('type')]
const paymentId = idFor('pay')
const ticketIds = [idFor('t7'), idFor('t8')]

const line = (slot: string) => ({
  kind: 'ticket' as const,
  typeId,
  slot,
  edition: 1,
  holderId: ann,
  price: 5_000,
  fees: [{ code: 'booking_fee', amount: 250, paidBy: 'buyer' as const }],
  taxes: [{ name: 'VAT', basisPoints: 1_900, inclusive: true, amount: 798 }],
  zone: 'GA',
  validDates: null,
  transferable: true,
})

const order7and8: Placed = {
  kind: 'purchase',
  eventId,
  venueId,
  payerId: ann,
  currency: 'EUR',
  lines: [line('pool:GA:7'), line('pool:GA:8')],
  total: 10_500,
  payments: [{ paymentId, amount: 10_500 }],
  limits: [],
  delivery: 'digital',
  terms: 0,
  expiresAt: '2030-01-01T10:30:00.000Z',
}
const limited: Placed = { ...order7and8, limits: [{ quotaId: idFor('quota'), amount: 2, limit: 4 }] }
const free: Placed = {
  ...order7and8,
  lines: [{ ...line('pool:GA:7'), price: 0, fees: [], taxes: [] }],
  total: 0,
  payments: [],
}

/** Ann buys what Bob has listed, for 100.00. */
const resale: Placed = {
  ...order7and8,
  kind: 'resale',
  lines: [
    {
      ...line('pool:GA:7'),
      ...{ kind: 'resale', price: 10_000, fees: [], taxes: [] },
      resale: {
        ...{ listingId: idFor('list'), sellerId: idFor('bob') },
        shares: [
          { account: 'platform', amount: 250 },
          { account: `venue:${venueId}`, amount: 500 },
          { account: `seller:${idFor('bob')}`, amount: 9_250 },
        ],
      },
    },
  ],
  total: 10_000,
  payments: [{ paymentId, amount: 10_000 }],
  terms: 3,
}

const placed = (data: Placed = order7and8): OrderFact => ({ type: 'OrderPlaced', data })
const limitClaimed: OrderFact = { type: 'OrderLimitClaimed', data: {} }
const reserved: OrderFact = { type: 'OrderTicketsReserved', data: {} }
const authorised: OrderFact = { type: 'OrderPaymentAuthorised', data: { paymentId } }
const captured: OrderFact = { type: 'OrderPaymentCaptured', data: { paymentId } }
const revertStarted = (reason: EndReason): OrderFact => ({ type: 'OrderRevertStarted', data: { reason } })
const cancelled = (reason: EndReason): OrderFact => ({
  type: 'OrderCancelled',
  data: { eventId, payerId: ann, reason },
})
const refundRequested: OrderFact = { type: 'OrderRefundRequested', data: { reason: 'reservation_lost' } }
const refunded: OrderFact = { type: 'OrderRefunded', data: { eventId, payerId: ann, reason: 'reservation_lost' } }
const confirmed: OrderFact = {
  type: 'OrderConfirmed',
  data: {
    eventId,
    venueId,
    payerId: ann,
    ticketIds,
    currency: 'EUR',
    total: 10_500,
    shares: [
      { account: `venue:${venueId}`, amount: 8_404 },
      { account: 'platform', amount: 500 },
      { account: 'tax', amount: 1_596 },
    ],
  },
}

const reserving = [placed()]
const authorising = [...reserving, reserved]
const capturing = [...authorising, authorised]
const selling = [...capturing, captured]

const recordAuthorised: OrderCommand = { type: 'RecordPaymentAuthorised', paymentId }
const recordCaptured: OrderCommand = { type: 'RecordPaymentCaptured', paymentId }
const confirm: OrderCommand = { type: 'ConfirmOrder', ticketIds }
const giveUp = (during: Stage, reason: EndReason): OrderCommand => ({ type: 'GiveUp', during, reason })

describe('an order that goes well', () => {
  it('is placed with its lines, prices and total', () =>
    given().when({ type: 'PlaceOrder', placed: order7and8 }).then(placed()))

  it('is placed once: a second request under its id changes nothing (F07.17)', () =>
    given(placed()).when({ type: 'PlaceOrder', placed: free }).thenNothing())

  it('claims its limits before anything else', () =>
    given(placed(limited)).when({ type: 'RecordLimitClaimed' }).then(limitClaimed))

  it('reserves nothing before its limits are claimed', () =>
    given(placed(limited)).when({ type: 'RecordTicketsReserved' }).thenNothing())

  it('goes straight to reserving where nothing is limited', () =>
    given(placed()).when({ type: 'RecordTicketsReserved' }).then(reserved))

  it('waits for its payment to be authorised', () =>
    given(...authorising)
      .when(recordAuthorised)
      .then(authorised))

  it('then takes the money', () =>
    given(...capturing)
      .when(recordCaptured)
      .then(captured))

  it('is confirmed with its tickets, and says who gets what of the total (F07.14)', () =>
    given(...selling)
      .when(confirm)
      .then(confirmed))

  it('needs no payment where there is nothing to pay', () =>
    given(placed(free), reserved)
      .when({ type: 'ConfirmOrder', ticketIds: [idFor('t7')] })
      .then({
        type: 'OrderConfirmed',
        data: { ...confirmed.data, ticketIds: [idFor('t7')], total: 0, shares: [] },
      } as OrderFact))
})

describe('an order of a ticket that its holder sells', () => {
  const sellingIt = [placed(resale), reserved, authorised, captured]
  const confirmedIt = {
    type: 'OrderConfirmed',
    data: {
      ...{ eventId, venueId, payerId: ann, ticketIds: [idFor('t7')], currency: 'EUR', total: 10_000 },
      shares: resale.lines[0]!.resale!.shares,
    },
  } as OrderFact
  const confirmIt: OrderCommand = { type: 'ConfirmOrder', ticketIds: [idFor('t7')] }

  it('F11.1 is placed with its listing, its seller, and the terms that it is sold under', () =>
    given().when({ type: 'PlaceOrder', placed: resale }).then(placed(resale)))

  it('F11.12 F11.13 is confirmed with the shares that were reckoned when it was placed: 2.50, 5.00 and 92.50', () =>
    given(...sellingIt)
      .when(confirmIt)
      .then(confirmedIt))

  it('is confirmed once', () =>
    given(...sellingIt, confirmedIt)
      .when(confirmIt)
      .thenNothing())

  it('F11.6 F11.17 gives up without a charge where another buyer was first, or the card is declined', () => {
    given(placed(resale)).when(giveUp('reserving', 'tickets_taken')).then(revertStarted('tickets_taken'))
    given(placed(resale), reserved)
      .when(giveUp('authorising', 'payment_declined'))
      .then(revertStarted('payment_declined'))
  })

  it('F13.10 gives the money back where a lock took the ticket after it was paid', () =>
    given(...sellingIt)
      .when(giveUp('selling', 'reservation_lost'))
      .then(refundRequested))

  it('is tried with no other ticket, for it is this one that was listed', () =>
    given(placed(resale))
      .when({
        type: 'SuggestSlot',
        ...{ line: 0, slot: 'pool:GA:9', edition: 1, instead: { slot: 'pool:GA:7', edition: 1 } },
      })
      .thenNothing())
})

describe('the terms of an order', () => {
  it('are the version of the event’s rules that it was sold under, and stay so', () => {
    const state = [placed({ ...order7and8, terms: 2 }), reserved, authorised, captured, confirmed].reduce(
      order.evolve,
      order.initial,
    )
    expect(state).toMatchObject({ status: 'confirmed', placed: { terms: 2 } })
  })
})

describe('an order in flight when its event is cancelled (F12.11)', () => {
  const before: readonly [Stage, OrderFact[]][] = [
    ['limiting', [placed(limited)]],
    ['reserving', reserving],
    ['authorising', authorising],
    ['capturing', capturing],
  ]

  it.each(before)('ends without tickets or a charge while it is %s', (stage, past) => {
    given(...past)
      .when(giveUp(stage, 'event_cancelled'))
      .then(revertStarted('event_cancelled'))
    given(...past, revertStarted('event_cancelled'))
      .when(giveUp(stage, 'event_cancelled'))
      .thenNothing()
    given(...past, revertStarted('event_cancelled'))
      .when({ type: 'RecordCancelled' })
      .then(cancelled('event_cancelled'))
  })

  it('gives the money back where it was taken', () => {
    const requested: OrderFact = { type: 'OrderRefundRequested', data: { reason: 'event_cancelled' } }
    given(...selling)
      .when(giveUp('selling', 'event_cancelled'))
      .then(requested)
    given(...selling, requested)
      .when({ type: 'RecordRefunded' })
      .then({ type: 'OrderRefunded', data: { eventId, payerId: ann, reason: 'event_cancelled' } })
  })

  it('is left as it is once it is confirmed: then its tickets are closed and paid back', () =>
    given(...selling, confirmed)
      .when(giveUp('selling', 'event_cancelled'))
      .thenNothing())
})

describe('a late or repeated report', () => {
  it('of an authorisation records nothing once the money is taken (F07.18)', () =>
    given(...selling)
      .when(recordAuthorised)
      .thenNothing())

  it('of a capture records nothing before an authorisation (F07.18)', () =>
    given(...authorising)
      .when(recordCaptured)
      .thenNothing())

  it('of a sale records nothing before the money is taken (F07.12)', () =>
    given(...capturing)
      .when(confirm)
      .thenNothing())

  it('of a sale records nothing once the order is being refunded', () =>
    given(...selling, refundRequested)
      .when(confirm)
      .thenNothing())

  it('of anything is refused for an order that was never placed', () => {
    given().when(recordAuthorised).thenRefused('OrderNotFound')
    given().when({ type: 'CancelOrder' }).thenRefused('OrderNotFound')
    given().when(giveUp('reserving', 'lapsed')).thenRefused('OrderNotFound')
  })
})

describe('a suggested slot that was taken', () => {
  const seven = { slot: 'pool:GA:7', edition: 1 }
  const suggest = (slot: string, { line = 0, instead = seven } = {}): OrderCommand => ({
    type: 'SuggestSlot',
    line,
    slot,
    edition: 2,
    instead,
  })
  const suggested: OrderFact = { type: 'OrderSlotSuggested', data: { line: 0, slot: 'pool:GA:9', edition: 2 } }

  it('is replaced by another', () =>
    given(...reserving)
      .when(suggest('pool:GA:9'))
      .then(suggested))

  it('is not replaced by one that the order has on another line: that would be one ticket, paid for twice', () =>
    given(...reserving)
      .when(suggest('pool:GA:8'))
      .thenNothing())

  it('is replaced once, though two workers saw it taken', () =>
    given(...reserving, suggested)
      .when(suggest('pool:GA:10'))
      .thenNothing())

  it('may have its replacement replaced', () =>
    given(...reserving, suggested)
      .when(suggest('pool:GA:10', { instead: { slot: 'pool:GA:9', edition: 2 } }))
      .then({ type: 'OrderSlotSuggested', data: { line: 0, slot: 'pool:GA:10', edition: 2 } }))

  it('is replaced only for the line that it is of', () => {
    given(...reserving)
      .when(suggest('pool:GA:9', { line: 1 }))
      .thenNothing()
    given(...reserving)
      .when(suggest('pool:GA:9', { line: 2 }))
      .thenNothing()
  })

  it('is not replaced once all tickets are reserved', () =>
    given(...authorising)
      .when(suggest('pool:GA:9'))
      .thenNothing())

  it('is remembered, for a lost reply may hide a reservation of it', () =>
    expect([...reserving, suggested].reduce(order.evolve, order.initial)).toMatchObject({
      placed: { lines: [{ slot: 'pool:GA:9', edition: 2, price: 5_000 }, { slot: 'pool:GA:8' }] },
      discarded: [seven],
    }))
})

describe('an order that fails', () => {
  it('gives its places back, and the reason is kept (F04.11)', () => {
    given(...reserving)
      .when(giveUp('reserving', 'tickets_taken'))
      .then(revertStarted('tickets_taken'))
    given(...reserving, revertStarted('tickets_taken'))
      .when({ type: 'RecordCancelled' })
      .then(cancelled('tickets_taken'))
  })

  it('is cancelled where the card is declined (F07.11)', () =>
    given(...authorising)
      .when(giveUp('authorising', 'payment_declined'))
      .then(revertStarted('payment_declined')))

  it('gives the money back where the tickets were lost after it was taken (F04.12, F07.12)', () => {
    given(...selling)
      .when(giveUp('selling', 'reservation_lost'))
      .then(refundRequested)
    given(...selling, refundRequested)
      .when({ type: 'RecordRefunded' })
      .then(refunded)
  })

  it('does not fail by an old "no" about a step that it is past', () => {
    given(...authorising)
      .when(giveUp('reserving', 'tickets_taken'))
      .thenNothing()
    given(...selling)
      .when(giveUp('authorising', 'payment_declined'))
      .thenNothing()
    given(...selling, confirmed)
      .when(giveUp('selling', 'reservation_lost'))
      .thenNothing()
  })

  it('fails for the first reason that was given', () =>
    given(...reserving, revertStarted('lapsed'))
      .when(giveUp('reserving', 'tickets_taken'))
      .thenNothing())

  it('is neither cancelled nor refunded before it has given up', () => {
    given(...selling)
      .when({ type: 'RecordCancelled' })
      .thenNothing()
    given(...selling)
      .when({ type: 'RecordRefunded' })
      .thenNothing()
  })

  it('is not called cancelled where money has to go back first', () =>
    given(...selling, refundRequested)
      .when({ type: 'RecordCancelled' })
      .thenNothing())
})

describe('a buyer who thinks better of it', () => {
  it.each([
    ['before the limits are claimed', [placed(limited)]],
    ['while tickets are reserved', reserving],
    ['before paying', authorising],
    ['while the bank is asked', capturing],
  ])('may cancel %s', (_, past) =>
    given(...past)
      .when({ type: 'CancelOrder' })
      .then(revertStarted('cancelled')),
  )

  it('cancels once', () =>
    given(...reserving, revertStarted('cancelled'), cancelled('cancelled'))
      .when({ type: 'CancelOrder' })
      .thenNothing())

  it.each([
    ['once the money is taken', selling],
    ['once the order is confirmed', [...selling, confirmed]],
  ])('may not cancel %s', (_, past) =>
    given(...past)
      .when({ type: 'CancelOrder' })
      .thenRefused('OrderAlreadyPaid'),
  )

  it('needs not cancel what is being refunded anyway', () =>
    given(...selling, refundRequested)
      .when({ type: 'CancelOrder' })
      .thenNothing())
})

it('an order of the dearest tickets can be read back, though its total is more than one amount may be', () => {
  const price = 100_000_000_000
  const lines = Array.from({ length: 50 }, (_, i) => ({ ...line(`pool:GA:${i + 1}`), price, fees: [], taxes: [] }))
  const dear: Placed = {
    ...order7and8,
    lines,
    total: 50 * price,
    payments: [{ paymentId, amount: 50 * price }],
  }
  given().when({ type: 'PlaceOrder', placed: dear }).then(placed(dear))
})
