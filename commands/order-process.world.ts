import { type Fault, memoryLedger } from '../adapters/memory-ledger.ts'
import { byMethod } from '../adapters/payments/by-method.ts'
import { sandboxPayments } from '../adapters/payments/sandbox.ts'
import { type EventFact, eventFacts } from '../domain/event/facts.ts'
import type { Recorded } from '../domain/fact.ts'
import { type Ledger, Unavailable } from '../domain/ledger.ts'
import type { Touched } from '../domain/order/facts.ts'
import { order } from '../domain/order/order.ts'
import { poolSlot } from '../domain/slot.ts'
import { type Folded, load } from '../domain/stream.ts'
import { GRACE_SECONDS } from '../domain/ticket/sale.ts'
import { ticket } from '../domain/ticket/ticket.ts'
import { plus } from '../domain/time.ts'
import { type Context, record } from './handle.ts'
import { commandIdOf, requestHash, stepIdOf, ticketIdOf } from './ids.ts'
import { isPassing } from './order-process.ts'
import { type Deps, type Placing, placeOrder } from './ordering.ts'
import { syncOrder } from './payment-sync.ts'
import type { Card, Payments } from './payments.ts'
import type { SlotPool } from './slot-pool.ts'

export const EVENT = '7b1c0a52-93f5-4f0e-8d55-2f1f4a3a9c01'
export const TYPE = '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1a01'
const VENUE = '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1a02'
export const TENANT = 'acme'
const PRICE = 5_000

type Options = {
  /** How many slots the event has. */
  size?: number
  maxPerPerson?: number
  price?: number
  /** Where a scheduler lets others go first. */
  tick?: () => Promise<void>
  /** What befalls the next messages, last one first. */
  faults?: Fault[]
  /** How many seconds the next messages take, last one first. */
  delays?: number[]
  /** Whether streams are kept folded, as they are in a running process. */
  cached?: boolean
  /** Where the facts go instead of a log in memory, which `faults` trouble. */
  ledger?: Ledger
  /** Whether the next suggestions look at what is free at all, last one first. */
  blind?: boolean[]
}

/** One ledger, one bank and one clock, for the tests of the order process. */
export const orderWorld = async (options: Options = {}) => {
  const { size = 4, tick = async () => {}, faults = [], delays = [], blind = [], cached = false } = options
  let clock = '2030-01-01T10:00:00.000Z'
  const log: Recorded[] = []
  const fault = () => faults.pop() ?? 'none'
  const message = async () => {
    clock = plus(clock, delays.pop() ?? 0)
    await tick()
  }
  const untroubled = { ledger: options.ledger ?? memoryLedger({ log }), now: () => clock, sleep: message }
  await putOnSale(untroubled, options)

  const bank = sandboxPayments({ path: ':memory:', key: new Uint8Array(32), now: () => clock, deliver: async () => {} })
  const wire = async <T>(call: () => Promise<T>): Promise<T> => {
    await message()
    const failure = fault()
    if (failure === 'lost-request') throw new Unavailable('the bank did not hear')
    const answer = await call()
    await message()
    if (failure === 'lost-reply') throw new Unavailable('the bank was not heard')
    return answer
  }
  const tooLate: string[] = []
  const payments: Payments = {
    ...bank,
    request: (payment) => wire(() => bank.request(payment)),
    look: (payment) => wire(() => bank.look(payment)),
    capture: (payment) => {
      const late = leaseEnds(log, payment.paymentId).some((end) => end < plus(clock, 600))
      if (late) tooLate.push(payment.paymentId)
      return wire(() => bank.capture(payment))
    },
    void: (payment) => wire(() => bank.void(payment)),
    refund: (payment, refundId, amount) => wire(() => bank.refund(payment, refundId, amount)),
  }

  const open = async (slot: string): Promise<Touched & { free: boolean }> => {
    for (let edition = 1; ; edition++) {
      const { state } = await load(untroubled, ticket, ticketIdOf(EVENT, slot, edition))
      const lapsed = state.status === 'reserved' && plus(state.lease.expiresAt, GRACE_SECONDS) <= clock
      if (state.status !== 'closed') return { slot, edition, free: state.status === 'available' || lapsed }
    }
  }
  const all = Array.from({ length: size }, (_, i) => poolSlot('GA', i + 1))
  const slots: SlotPool = {
    take: async (_, count, own) => {
      const known = await Promise.all(all.map(open))
      const looksFree = blind.pop() ? known.toReversed() : known.filter((slot) => slot.free)
      const others = looksFree.filter(({ slot }) => !own.some((had) => had.slot === slot))
      return others.slice(0, count).map(({ slot, edition }) => ({ slot, edition }))
    },
    tried: () => {},
    giveBack: () => {},
  }
  const deps: Deps = {
    ...untroubled,
    ledger: options.ledger ?? memoryLedger({ log, tick: message, fault }),
    payments: byMethod({ card: payments, crypto: payments }),
    slots,
    reservationMinutes: 30,
    ...(cached && { cache: new Map<string, Folded<unknown>>() }),
  }

  /** As a client does: the same key again until there is an answer, and then the card. */
  const buy = async (name: string, quantity: number, card: Card = 'good'): Promise<string> => {
    const { orderId, placing } = await place(name, quantity)
    if ('placed' in placing) await enterCard(orderId, card)
    return orderId
  }
  const place = async (name: string, quantity: number): Promise<{ orderId: string; placing: Placing }> => {
    const payerId = personId(name)
    const context = contextOf(payerId, quantity)
    const orderId = stepIdOf(context.commandId, 'order')
    const request = { kind: 'purchase', eventId: EVENT, payerId, items: [{ typeId: TYPE, quantity }] } as const
    return { orderId, placing: await insist(() => placeOrder(deps, orderId, request, context)) }
  }
  const enterCard = async (orderId: string, card: Card) => {
    const paymentId = paymentOf(orderId)
    const { status } = await bank.look({ paymentId, reference: null })
    if (status !== 'pending') return
    const { clientSecret } = await bank.request({
      paymentId,
      reference: null,
      orderId,
      tenant: TENANT,
      amount: (await totalOf(orderId))!,
    })
    await bank.confirm(paymentId, clientSecret, card, paymentId)
  }
  const totalOf = async (orderId: string) => {
    const { state } = await load(untroubled, order, orderId)
    return state.status === 'new' ? undefined : { amount: state.placed.total, currency: state.placed.currency }
  }

  return {
    deps,
    /** The bank behind a wire that may fail. */
    payments,
    log,
    bank,
    buy,
    place,
    enterCard,
    capturedTooLate: tooLate,
    pass: (seconds: number) => {
      clock = plus(clock, seconds)
    },
    /** As the worker does that looks again until nothing is left to do. */
    settle: async (orderId: string) => (await insist(() => syncOrder(deps, orderId))).status,
    /** A worker that may die on the way. */
    worker: (orderId: string) =>
      syncOrder(deps, orderId).catch((error: unknown) => {
        if (!isPassing(error)) throw error
      }),
    orderOf: async (orderId: string) => (await load(untroubled, order, orderId)).state,
    orderFacts: (orderId: string) => untroubled.ledger.read(`order-${orderId}`),
    ticketFacts: (number: number, edition = 1) =>
      untroubled.ledger.read(`ticket-${ticketIdOf(EVENT, poolSlot('GA', number), edition)}`),
    /** The streams of all the tickets that were ever touched. */
    tickets: () =>
      Object.values(
        Object.groupBy(
          log.filter((fact) => fact.stream.startsWith('ticket-')),
          (fact) => fact.stream,
        ),
      ) as Recorded[][],
    /** What the merchant has of an order in the end. */
    kept: async (orderId: string) => {
      const { status, refunded } = await bank.look({ paymentId: paymentOf(orderId), reference: null })
      return status === 'captured' ? (await totalOf(orderId))!.amount - refunded : 0
    },
  }
}

export const paymentOf = (orderId: string) => stepIdOf(orderId, 'payment/1')

export const personId = (name: string) => stepIdOf(EVENT, name)

const contextOf = (actorId: string, quantity: number): Context => ({
  commandId: commandIdOf({ tenant: TENANT, actorId, operation: 'PlaceOrder', target: '', idempotencyKey: 'the same' }),
  correlationId: EVENT,
  tenant: TENANT,
  actor: { id: actorId, role: 'attendee' },
  request: requestHash({ quantity }),
})

const putOnSale = async (deps: Parameters<typeof record>[0], { size = 4, price = PRICE, maxPerPerson }: Options) => {
  const actor = { id: VENUE, role: 'organizer' } as const
  const facts: EventFact[] = [
    {
      type: 'EventDrafted',
      data: eventFacts.EventDrafted.parse({
        venueId: VENUE,
        name: 'Night of the Long Queue',
        type: 'single',
        startsAt: '2031-06-01T19:00:00.000Z',
        endsAt: '2031-06-01T23:00:00.000Z',
        timeZone: 'Europe/Berlin',
        currency: 'EUR',
        zones: ['GA', 'VIP'],
        chain: 'token',
      }),
    },
    { type: 'EventPoolSized', data: { pool: 'GA', size } },
    {
      type: 'EventTicketTypeSet',
      data: eventFacts.EventTicketTypeSet.parse({
        typeId: TYPE,
        name: 'Standing',
        pool: 'GA',
        from: 1,
        to: null,
        price,
        taxes: [],
        zone: 'GA',
        validDates: null,
        maxPerOrder: 10,
        maxPerPerson: maxPerPerson ?? null,
        onSaleFrom: null,
        onSaleUntil: null,
        transferable: true,
      }),
    },
    { type: 'EventPublished', data: {} },
    { type: 'EventSalesOpened', data: {} },
  ]
  for (const [i, fact] of facts.entries()) {
    const commandId = stepIdOf(EVENT, `${i}`)
    await record(deps, 'event', EVENT, fact, { commandId, correlationId: EVENT, tenant: TENANT, actor, request: '' })
  }
}

const LEASES: ReadonlySet<string> = new Set([
  'TicketReserved',
  'TicketReservationExtended',
  'TicketClaimed',
  'TicketClaimExtended',
])

/** The end of the last lease that a payment's order had on each of its tickets. */
const leaseEnds = (log: readonly Recorded[], paymentId: string): string[] => {
  const ends = new Map<string, string>()
  for (const { type, stream, data, metadata } of log)
    if (paymentOf(metadata.$correlationId) === paymentId)
      if (LEASES.has(type)) ends.set(stream, (data as { expiresAt: string }).expiresAt)
      else if (type === 'TicketReservationReleased' || type === 'TicketClaimReleased') ends.delete(stream)
  return [...ends.values()]
}

/** As a client does that repeats what merely failed. */
export const insist = async <T>(work: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!isPassing(error) || tries === 50) throw error
    }
  }
}
