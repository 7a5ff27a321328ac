import { type EventCommand, event } from '../../domain/event/event.ts'
import type { RefundRules } from '../../domain/event/rules.ts'
import { idOf } from '../../domain/fact.ts'
import { share } from '../../domain/money.ts'
import type { Line, Placed } from '../../domain/order/facts.ts'
import { order } from '../../domain/order/order.ts'
import type { AnyFact } from '../../domain/registry.ts'
import { known } from '../../domain/registry.ts'
import { load } from '../../domain/stream.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import type { Fee } from '../../domain/venue.ts'
import { record as append, type Context, handle } from '../handle.ts'
import { stepIdOf } from '../ids.ts'
import { isPassing } from '../order-process.ts'
import { EVENT, orderWorld } from '../order-process.world.ts'
import { syncPayment } from '../payment-sync.ts'
import type { Acted } from '../reactors/reactor.ts'
import { closeForMoney } from './closing-tickets.ts'
import type { Left } from './left-tickets.ts'
import { refundReactor } from './refunds.ts'
import { closeCancelled, followReschedules } from './sweeps.ts'

/** The world of the order process, whose event may be cancelled, and whose tickets may be given back. */
export const closingWorld = async (options: Parameters<typeof orderWorld>[0] = {}) => {
  const w = await orderWorld(options)
  const { deps, log } = w
  const tenant = 'acme'

  const context = (name: string): Context => ({
    commandId: stepIdOf(EVENT, name),
    correlationId: EVENT,
    tenant,
    actor: { id: EVENT, role: 'admin' },
    request: '',
  })
  const ticketIds = () => [
    ...new Set(log.flatMap(({ stream }) => (stream.startsWith('ticket-') ? [idOf(stream)] : []))),
  ]

  /** As the read model would know them, of one that has caught up. */
  const left: Left = {
    events: async () => [{ tenant, eventId: EVENT }],
    tickets: async (_, after) => {
      const states = await Promise.all(
        ticketIds().map(async (ticketId) => ({ ticketId, ...(await load({ ledger: deps.ledger }, ticket, ticketId)) })),
      )
      const held = states.filter(({ state }) => state.status === 'held').map(({ ticketId }) => ticketId)
      return held.toSorted().filter((ticketId) => after === undefined || ticketId > after)
    },
  }
  const reactor = refundReactor(deps)
  const { venueId } = log.find(({ type }) => type === 'EventDrafted')!.data as { venueId: string }

  let put = 0
  const record = (category: string, id: string, fact: AnyFact) =>
    append(deps, category, id, fact, { ...context(`put/${put++}`), correlationId: id })
  const onEvent = (command: EventCommand) =>
    insist(() => handle(deps, event, EVENT, command, context(`${command.type}/${put++}`)))

  return {
    ...w,
    ticketIds,
    venueAccount: `venue:${venueId}`,
    setFees: async (fees: Fee[]) => {
      await record('venue', venueId, { type: 'VenueRegistered', data: { name: 'Arena', timeZone: 'Europe/Berlin' } })
      await record('venue', venueId, { type: 'VenueFeesSet', data: { fees } })
    },
    setRefundRules: (rules: RefundRules) => onEvent({ type: 'SetRefundRules', rules }),
    reschedule: (startsAt: string, endsAt: string) => onEvent({ type: 'RescheduleEvent', startsAt, endsAt }),
    /** Its holder sells it on to somebody, who has paid by card. */
    sellOn: async (ticketId: string, buyer: string, amount: number) => {
      const { state } = await load(deps, ticket, ticketId)
      if (state.status !== 'held') throw new Error('only what is held is sold on')
      const { holderId, sale, generation } = state
      const { state: first } = await load(deps, order, sale.orderId)
      if (first.status === 'new') throw new Error('what was sold has an order')
      const [listingId, orderId, buyerId] = [`list/${put}`, `order/${put}`, buyer].map((name) =>
        stepIdOf(EVENT, name),
      ) as [string, string, string]
      const paymentId = stepIdOf(orderId, 'payment/1')
      const price = { amount, currency: 'EUR' }
      const shares = [
        { account: 'platform', amount: share(amount, 250) },
        { account: `venue:${venueId}`, amount: share(amount, 500) },
        { account: `seller:${holderId}`, amount: amount - share(amount, 250) - share(amount, 500) },
      ]
      const line: Line = {
        ...{ ...first.placed.lines[0]!, kind: 'resale', holderId: buyerId, price: amount, fees: [], taxes: [] },
        resale: { listingId, sellerId: holderId, shares },
      }
      const placed: Placed = {
        ...{ ...first.placed, kind: 'resale', payerId: buyerId, lines: [line], total: amount, limits: [] },
        payments: [{ paymentId, amount }],
      }
      const asked = { paymentId, reference: null, orderId, tenant, amount: price }
      const { clientSecret } = await w.bank.request(asked)
      await w.bank.confirm(paymentId, clientSecret, 'good', paymentId)
      await w.bank.capture({ paymentId, reference: null })
      await record('order', orderId, { type: 'OrderPlaced', data: placed })
      const requested = {
        orderId,
        eventId: EVENT,
        payerId: buyerId,
        amount: price,
        provider: 'sandbox',
        reference: null,
      }
      await record('payment', paymentId, { type: 'PaymentRequested', data: requested })
      await record('payment', paymentId, { type: 'PaymentCaptured', data: { orderId, amount: price } })
      await record('ticket', ticketId, {
        type: 'TicketResold',
        data: {
          ...{ eventId: EVENT, from: holderId, to: buyerId, generation: generation + 1, movedAt: deps.now() },
          ...{ listingId, orderId, price },
        },
      })
      const confirmed = { eventId: EVENT, venueId, payerId: buyerId, ticketIds: [ticketId], ...price, total: amount }
      const { amount: _, ...data } = confirmed
      await record('order', orderId, { type: 'OrderConfirmed', data: { ...data, shares } })
      return { orderId, paymentId, shares }
    },
    stateOf: async (ticketId: string) => (await load(deps, ticket, ticketId)).state,
    cancelEvent: () =>
      insist(() => handle(deps, event, EVENT, { type: 'CancelEvent', reason: 'weather' }, context('cancel'))),
    refund: (ticketId: string) => insist(() => closeForMoney(deps, ticketId, 'RefundTicket', context(ticketId))),
    /** As the worker does; one that may die on the way. */
    sweep: () =>
      closeCancelled({ ...deps, closing: new AbortController().signal, giveWay: () => deps.sleep(0) }, left).catch(
        (error: unknown) => {
          if (!(error instanceof AggregateError) && !isPassing(error)) throw error
        },
      ),
    followReschedules: () =>
      followReschedules({ ...deps, closing: new AbortController().signal, giveWay: () => deps.sleep(0) }, left),
    /** As a worker that is late does: it tells a ticket of a time that is not the event's any more. */
    tellLate: (ticketId: string, startsAt: string, endsAt: string) => {
      const command = { type: 'RescheduleTicket', startsAt, endsAt, days: new Map() } as const
      return insist(() => handle(deps, ticket, ticketId, command, context('late')))
    },
    /** Tries every refund there is once, whether it was tried before or not. */
    payBack: async (): Promise<Acted[]> => {
      const intents = log.map(known).flatMap((fact) => {
        if (fact.type === 'TicketRefunded') return reactor.wants.TicketRefunded!(fact)
        return fact.type === 'TicketCancelled' ? reactor.wants.TicketCancelled!(fact) : []
      })
      const all = intents.map((data, i) => ({ id: `${i}`, data, attempts: 1 }))
      return [...(await reactor.act(all, new AbortController().signal))]
    },
    /** As its webhook has it done. */
    look: (paymentId: string) => syncPayment(deps, paymentId),
  }
}

const insist = async <T>(work: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!isPassing(error) || tries === 50) throw error
    }
  }
}
