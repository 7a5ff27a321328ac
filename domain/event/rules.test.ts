import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { idFor, specOf } from '../spec.ts'
import { type EventCommand, event, rulesFor, rulesNow, termsNow } from './event.ts'
import { EventCancelReason, type EventDetails, type EventFact, type TicketType } from './facts.ts'
import {
  DEFAULT_RULES,
  kinder,
  type RefundRules,
  type ResaleRules,
  type Rules,
  RefundRules as SomeRefundRules,
  ResaleRules as SomeResaleRules,
  TransferRules as SomeTransferRules,
  type TransferRules,
} from './rules.ts'

const given = specOf(event)

const details: EventDetails = {
  venueId: idFor('venue'),
  name: 'The Night of the Counterfoil',
  type: 'single',
  startsAt: '2030-06-01T18:00:00.000Z',
  endsAt: '2030-06-01T22:00:00.000Z',
  timeZone: 'Europe/Berlin',
  currency: 'EUR',
  zones: ['GA'],
  chain: 'token',
}
const drafted: EventFact = { type: 'EventDrafted', data: details }
const published: EventFact = { type: 'EventPublished', data: {} }
const opened: EventFact = { type: 'EventSalesOpened', data: {} }
const cancelled: EventFact = { type: 'EventCancelled', data: { reason: 'weather' } }

const transferRules = (other: Partial<TransferRules>): TransferRules => ({ ...DEFAULT_RULES.transfer, ...other })
const resaleRules = (other: Partial<ResaleRules>): ResaleRules => ({ ...DEFAULT_RULES.resale, ...other })
const refundRules = (other: Partial<RefundRules>): RefundRules => ({ ...DEFAULT_RULES.refund, ...other })

const transferSet = (other: Partial<TransferRules>): EventFact => ({
  type: 'EventTransferRulesSet',
  data: transferRules(other),
})
const refundSet = (other: Partial<RefundRules>): EventFact => ({
  type: 'EventRefundRulesSet',
  data: refundRules(other),
})

const [strictTransfer, strictResale, strictRefund] = [
  transferRules({ allowed: false, maxMoves: 0 }),
  resaleRules({ cap: { basisPoints: 10_000 } }),
  refundRules({ feesRefunded: true, rescheduleDays: 14 }),
]

describe('the rules of an event', () => {
  const cases: readonly [name: string, command: EventCommand, fact: EventFact][] = [
    [
      'F16.11 F16.14 transfers',
      { type: 'SetTransferRules', rules: strictTransfer },
      { type: 'EventTransferRulesSet', data: strictTransfer },
    ],
    [
      'F11.7 resale',
      { type: 'SetResaleRules', rules: strictResale },
      { type: 'EventResaleRulesSet', data: strictResale },
    ],
    ['refunds', { type: 'SetRefundRules', rules: strictRefund }, { type: 'EventRefundRulesSet', data: strictRefund }],
  ]

  it.each(cases)('are set: of %s', (_, command, fact) => given(drafted).when(command).then(fact))

  it.each(cases)('change nothing where they are so already: of %s', (_, command, fact) =>
    given(drafted, fact).when(command).thenNothing(),
  )

  it.each(cases)('may change while its tickets are sold: of %s', (_, command, fact) =>
    given(drafted, published, opened).when(command).then(fact),
  )

  it.each(cases)('are none of an event that nobody drafted, or that is cancelled: of %s', (_, command) => {
    given().when(command).thenRefused('EventNotFound')
    given(drafted, cancelled).when(command).thenRefused('EventIsCancelled')
  })

  it('that an organizer never set are the defaults, and setting these changes nothing', () => {
    const { transfer, resale, refund } = DEFAULT_RULES
    given(drafted).when({ type: 'SetTransferRules', rules: transfer }).thenNothing()
    given(drafted).when({ type: 'SetResaleRules', rules: resale }).thenNothing()
    given(drafted).when({ type: 'SetRefundRules', rules: refund }).thenNothing()
    expect([transfer.cooldownMinutes, transfer.perDay, resale.platformBasisPoints]).toEqual([30, 10, 250])
  })

  it('F16.13 have no blackout that ends before it begins, nor at that very moment', () => {
    const { startsAt, endsAt } = details
    const blackout = (from: string, until: string): EventCommand => ({
      type: 'SetTransferRules',
      rules: transferRules({ blackouts: [{ from, until }] }),
    })
    given(drafted).when(blackout(startsAt, startsAt)).thenRefused('BlackoutEmpty')
    given(drafted).when(blackout(endsAt, startsAt)).thenRefused('BlackoutEmpty')
    given(drafted)
      .when(blackout(startsAt, endsAt))
      .then(transferSet({ blackouts: [{ from: startsAt, until: endsAt }] }))
  })
})

describe('the terms that a ticket was sold under', () => {
  const eventAfter = (...facts: EventFact[]) => {
    const state = [drafted, ...facts].reduce(event.evolve, event.initial)
    if (state.status === 'unknown') throw new Error('It was drafted')
    return state
  }

  it('are a version of the rules, and every version is kept', () => {
    const changed = eventAfter(transferSet({ allowed: false }), refundSet({ feesRefunded: true }))
    expect(termsNow(eventAfter())).toBe(0)
    expect(termsNow(changed)).toBe(2)
    expect(rulesNow(changed)).toEqual({
      transfer: transferRules({ allowed: false }),
      resale: DEFAULT_RULES.resale,
      refund: refundRules({ feesRefunded: true }),
    })
  })

  it('hold on where the rules became stricter since, and give way where they became kinder', () => {
    const stricter = eventAfter(transferSet({ allowed: false, perDay: 20 }))
    expect(rulesFor(stricter, 0).transfer).toEqual(transferRules({ allowed: true, perDay: 20 }))
    expect(rulesFor(stricter, 1).transfer).toEqual(transferRules({ allowed: false, perDay: 20 }))
    expect(rulesFor(eventAfter(transferSet({ allowed: false }), transferSet({})), 1)).toEqual(DEFAULT_RULES)
  })

  it('are those that it began with where a version is unknown', () =>
    expect(rulesFor(eventAfter(transferSet({ allowed: false })), 7).transfer.allowed).toBe(true))
})

describe('the kinder of two rules', () => {
  const may = { from: '2030-05-01T00:00:00.000Z', until: '2030-06-01T00:00:00.000Z' }
  const midMay = { from: '2030-05-10T00:00:00.000Z', until: '2030-05-20T00:00:00.000Z' }
  const lateMay = { from: '2030-05-15T00:00:00.000Z', until: '2030-06-10T00:00:00.000Z' }

  it.each([
    ['allows it', { allowed: false }, { allowed: true }, { allowed: true }],
    ['asks for the shorter rest', { cooldownMinutes: 60 }, { cooldownMinutes: 5 }, { cooldownMinutes: 5 }],
    ['grants more a day', { perDay: 3 }, { perDay: 10 }, { perDay: 10 }],
    ['ends later', { endsMinutesBeforeStart: 60 }, { endsMinutesBeforeStart: 15 }, { endsMinutesBeforeStart: 15 }],
    ['never ends', { endsMinutesBeforeStart: 0 }, { endsMinutesBeforeStart: null }, { endsMinutesBeforeStart: null }],
    ['grants more moves', { maxMoves: 1 }, { maxMoves: 2 }, { maxMoves: 2 }],
    ['grants any number of moves', { maxMoves: 1_000 }, { maxMoves: null }, { maxMoves: null }],
    ['asks nobody who they are', { identityVerified: true }, { identityVerified: false }, { identityVerified: false }],
    ['is quiet only when both are', { blackouts: [may] }, { blackouts: [midMay] }, { blackouts: [midMay] }],
    [
      'is quiet where both overlap',
      { blackouts: [may, lateMay] },
      { blackouts: [lateMay] },
      { blackouts: [{ from: lateMay.from, until: may.until }, lateMay] },
    ],
    ['is never quiet where one is not', { blackouts: [may] }, { blackouts: [] }, { blackouts: [] }],
  ] as const)('for transfers %s', (_, one, other, kind) => {
    const with_ = (transfer: Partial<TransferRules>): Rules => ({ ...DEFAULT_RULES, transfer: transferRules(transfer) })
    const [a, b] = [with_(one as Partial<TransferRules>), with_(other as Partial<TransferRules>)]
    expect(kinder(a, b)).toEqual(with_(kind as Partial<TransferRules>))
    expect(kinder(b, a)).toEqual(with_(kind as Partial<TransferRules>))
  })

  it.each([
    ['allows it', { allowed: false }, { allowed: true }, { allowed: true }],
    ['has the higher cap', { cap: { amount: 1 } }, { cap: { amount: 2 } }, { cap: { amount: 2 } }],
    [
      'has the higher cap in parts of what was paid',
      { cap: { basisPoints: 10_000 } },
      { cap: { basisPoints: 12_000 } },
      { cap: { basisPoints: 12_000 } },
    ],
    ['has no cap', { cap: { amount: 1 } }, { cap: null }, { cap: null }],
    ['leaves the platform less', { platformBasisPoints: 500 }, { platformBasisPoints: 0 }, { platformBasisPoints: 0 }],
    ['pays sooner', { payoutDays: 30 }, { payoutDays: 7 }, { payoutDays: 7 }],
    ['pays by days rather than after the event', { payoutDays: null }, { payoutDays: 7 }, { payoutDays: 7 }],
  ] as const)('for resale %s', (_, one, other, kind) => {
    const with_ = (resale: Partial<ResaleRules>): Rules => ({ ...DEFAULT_RULES, resale: resaleRules(resale) })
    expect(kinder(with_(one), with_(other))).toEqual(with_(kind))
    expect(kinder(with_(other), with_(one))).toEqual(with_(kind))
  })

  it('for resale keeps the cap that the ticket was sold under where the two are of different kinds', () => {
    const with_ = (cap: ResaleRules['cap']): Rules => ({ ...DEFAULT_RULES, resale: resaleRules({ cap }) })
    const [amount, part] = [with_({ amount: 5_000 }), with_({ basisPoints: 10_000 })]
    expect(kinder(amount, part)).toEqual(amount)
    expect(kinder(part, amount)).toEqual(part)
  })

  it.each([
    ['gives the fees back', { feesRefunded: false }, { feesRefunded: true }, { feesRefunded: true }],
    ['grants more days', { rescheduleDays: 7 }, { rescheduleDays: 14 }, { rescheduleDays: 14 }],
    ['grants days at all', { rescheduleDays: null }, { rescheduleDays: 1 }, { rescheduleDays: 1 }],
  ] as const)('for refunds %s', (_, one, other, kind) => {
    const with_ = (refund: Partial<RefundRules>): Rules => ({ ...DEFAULT_RULES, refund: refundRules(refund) })
    expect(kinder(with_(one), with_(other))).toEqual(with_(kind))
    expect(kinder(with_(other), with_(one))).toEqual(with_(kind))
  })
})

describe('whatever the rules were and are', () => {
  const days = fc.nat(60).map((day) => new Date(Date.UTC(2030, 4, 1 + day)).toISOString())
  const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
  const blackout = fc.tuple(days, days).map(([a, b]) => (a < b ? { from: a, until: b } : { from: b, until: a }))
  const anyRules: fc.Arbitrary<Rules> = fc.record({
    transfer: fc.record({
      allowed: fc.boolean(),
      cooldownMinutes: fc.nat(60),
      perDay: fc.integer({ min: 1, max: 20 }),
      endsMinutesBeforeStart: orNull(fc.nat(60)),
      blackouts: fc.array(blackout, { maxLength: 5 }),
      maxMoves: orNull(fc.nat(5)),
      identityVerified: fc.boolean(),
    }),
    resale: fc.record({
      allowed: fc.boolean(),
      cap: orNull(
        fc.oneof(fc.record({ amount: fc.nat(10_000) }), fc.record({ basisPoints: fc.nat(20_000) })),
      ) as fc.Arbitrary<ResaleRules['cap']>,
      platformBasisPoints: fc.nat(10_000),
      payoutDays: orNull(fc.nat(60)),
    }),
    refund: fc.record({ feesRefunded: fc.boolean(), rescheduleDays: orNull(fc.integer({ min: 1, max: 60 })) }),
  })

  const isQuiet = ({ transfer }: Rules, at: string) =>
    transfer.blackouts.some(({ from, until }) => from <= at && at < until)
  const noneIsMost = (limit: number | null) => limit ?? Number.POSITIVE_INFINITY

  /** Each a question to the rules whose answer a holder would rather have high. */
  const kindness: readonly ((rules: Rules) => number)[] = [
    ({ transfer }) => Number(transfer.allowed),
    ({ transfer }) => -transfer.cooldownMinutes,
    ({ transfer }) => transfer.perDay,
    ({ transfer }) => -(transfer.endsMinutesBeforeStart ?? -1),
    ({ transfer }) => noneIsMost(transfer.maxMoves),
    ({ transfer }) => -Number(transfer.identityVerified),
    ({ resale }) => Number(resale.allowed),
    ({ resale }) => -resale.platformBasisPoints,
    ({ resale }) => -noneIsMost(resale.payoutDays),
    ({ refund }) => Number(refund.feesRefunded),
    ({ refund }) => refund.rescheduleDays ?? 0,
  ]

  it('the kinder of them is exactly as kind as the kinder one in each of its fields, and can be read back', () =>
    fc.assert(
      fc.property(anyRules, anyRules, days, (then, now, at) => {
        const kind = kinder(then, now)
        for (const ask of kindness) expect(ask(kind)).toBe(Math.max(ask(then), ask(now)))
        expect(isQuiet(kind, at)).toBe(isQuiet(then, at) && isQuiet(now, at))
        expect(SomeResaleRules.parse(kind.resale)).toEqual(kind.resale)
        expect(SomeRefundRules.parse(kind.refund)).toEqual(kind.refund)
        expect(SomeTransferRules.parse(kind.transfer)).toEqual(kind.transfer)
      }),
    ))

  it('the kinder of them never has a lower cap than the one that the ticket was sold under', () =>
    fc.assert(
      fc.property(anyRules, anyRules, (then, now) => {
        const [before, after] = [then.resale.cap, kinder(then, now).resale.cap]
        if (before === null || after === null) {
          expect(after).toBe(null)
          return
        }
        const size = (cap: NonNullable<ResaleRules['cap']>) => ('amount' in cap ? cap.amount : cap.basisPoints)
        expect(Object.keys(after)).toEqual(Object.keys(before))
        expect(size(after)).toBeGreaterThanOrEqual(size(before))
      }),
    ))
})

describe('an event that is moved', () => {
  const [startsAt, endsAt] = ['2030-07-01T18:00:00.000Z', '2030-07-01T22:00:00.000Z']
  const move = (other: { startsAt?: string; endsAt?: string } = {}): EventCommand => ({
    type: 'RescheduleEvent',
    ...{ startsAt, endsAt, ...other },
  })
  const moved = (refundsUntil: string | null = null): EventFact => ({
    type: 'EventRescheduled',
    data: { startsAt, endsAt, refundsUntil },
  })

  it('F12.9 takes place at another time', () => given(drafted, published, opened).when(move()).then(moved()))

  it('is moved once to the same time', () => given(drafted, moved()).when(move()).thenNothing())

  it('may be moved again, and forward too', () => {
    const back = { startsAt: details.startsAt, endsAt: details.endsAt }
    given(drafted, moved())
      .when(move(back))
      .then({ type: 'EventRescheduled', data: { ...back, refundsUntil: null } })
  })

  it('F12.9 moves the days that its ticket types admit on by as many days, and those of others not at all', () => {
    const dayType: TicketType = {
      ...{ typeId: idFor('day'), name: 'Day', pool: 'GA', from: 1, to: null, price: 0, taxes: [], zone: 'GA' },
      ...{ validDates: ['2030-06-01', '2030-06-02'], maxPerOrder: 8, maxPerPerson: null, onSaleFrom: null },
      ...{ onSaleUntil: null, transferable: true },
    }
    const typeSet = (type: TicketType): EventFact => ({ type: 'EventTicketTypeSet', data: type })
    const whole = { ...dayType, typeId: idFor('whole'), validDates: null }
    given(drafted, typeSet(dayType), typeSet(whole))
      .when(move())
      .then(moved(), typeSet({ ...dayType, validDates: ['2030-07-01', '2030-07-02'] }))
    const later = { startsAt: details.startsAt, endsAt: '2030-06-01T23:30:00.000Z' }
    given(drafted, typeSet(dayType))
      .when(move(later))
      .then({ type: 'EventRescheduled', data: { ...later, refundsUntil: null } })
  })

  it('does not end before it starts, nor before now, and what is over is not moved', () => {
    given(drafted)
      .when(move({ endsAt: startsAt }))
      .thenRefused('EventEndsBeforeItStarts')
    given(drafted).when(move(), details.endsAt).thenRefused('EventOver')
    given(drafted)
      .when(move({ startsAt: '2029-12-01T18:00:00.000Z', endsAt: '2029-12-01T22:00:00.000Z' }))
      .thenRefused('EventOver')
    given(drafted, cancelled).when(move()).thenRefused('EventIsCancelled')
  })

  it('grants refunds with fees for as long as its rules say', () =>
    given(drafted, refundSet({ rescheduleDays: 14 }))
      .when(move())
      .then(moved('2030-01-15T10:00:00.000Z')))

  it('grants them by earlier rules too, which its tickets were sold under', () =>
    given(drafted, refundSet({ rescheduleDays: 14 }), refundSet({ rescheduleDays: null }))
      .when(move())
      .then(moved('2030-01-15T10:00:00.000Z')))
})

describe('an event that is cancelled', () => {
  const cancel: EventCommand = { type: 'CancelEvent', reason: 'weather' }

  it.each(EventCancelReason.options)('F12.11 is so for a reason: %s', (reason) =>
    given(drafted, published).when({ type: 'CancelEvent', reason }).then({ type: 'EventCancelled', data: { reason } }),
  )

  it('F12.11 is so while it is sold, and sells nothing any more', () => {
    given(drafted, published, opened).when(cancel).then(cancelled)
    const state = [drafted, published, opened, cancelled].reduce(event.evolve, event.initial)
    expect(state).toMatchObject({ status: 'cancelled', salesOpen: false })
  })

  it('is so once, for the first reason that was given', () =>
    given(drafted, cancelled).when({ type: 'CancelEvent', reason: 'other' }).thenNothing())

  it('is refused once it is over, for it took place', () =>
    given(drafted).when(cancel, details.endsAt).thenRefused('EventOver'))

  it('takes no other command afterwards', () => {
    for (const command of [
      { type: 'OpenSales' },
      { type: 'CloseSales' },
      { type: 'PublishEvent' },
      { type: 'SizePool', pool: 'GA', size: 10 },
      { type: 'SetEntrance', name: 'North', zone: 'GA' },
    ] as const)
      given(drafted, published, cancelled).when(command).thenRefused('EventIsCancelled')
  })
})
