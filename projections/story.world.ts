import { memoryLedger } from '../adapters/memory-ledger.ts'
import { stepIdOf, ticketIdOf } from '../commands/ids.ts'
import type { ChainMode, TicketType } from '../domain/event/facts.ts'
import { type Recorded, streamOf } from '../domain/fact.ts'
import { sum } from '../domain/money.ts'
import type { EndReason, Line, Placed } from '../domain/order/facts.ts'
import { givenBack } from '../domain/order/giving-back.ts'
import { dueFor, priceOf, sharesOf } from '../domain/order/pricing.ts'
import { resaleShares } from '../domain/order/splitting.ts'
import type { AnyFact, Known } from '../domain/registry.ts'
import { known, versionOf } from '../domain/registry.ts'
import { poolSlot } from '../domain/slot.ts'
import type { GivingKind, OfferEnd, Refund, ReleaseReason } from '../domain/ticket/facts.ts'
import { plus } from '../domain/time.ts'
import type { Fee } from '../domain/venue.ts'
import { payoutActs } from './payouts.world.ts'

const ROOT = '7b1c0a52-93f5-4f0e-8d55-2f1f4a3a9c01'

/** The same id for the same name, in every test. */
export const idFor = (name: string): string => stepIdOf(ROOT, name)

export const TYPE = idFor('type/standing')
export const EARLY = idFor('type/early')

type Ticket = { readonly ticketId: string; readonly number: number; readonly edition: number; readonly line: Line }

export type StoryOrder = {
  readonly orderId: string
  readonly eventId: string
  readonly placed: Placed
  readonly tickets: readonly Ticket[]
}

/** What happened, told fact by fact: each call records what the write side would record at that point. */
export const story = ({ tenant = 'acme', log = [] as Recorded[] } = {}) => {
  const ledger = memoryLedger({ log })
  let clock = '2030-01-01T10:00:00.000Z'
  let told = 0

  const tell = async (category: string, id: string, fact: AnyFact, correlation = id) => {
    const stream = streamOf(category, id)
    const revision = (await ledger.read(stream)).length - 1
    clock = plus(clock, 1)
    const metadata = {
      $correlationId: correlation,
      $causationId: idFor(`${tenant}/command/${told}`),
      tenant,
      actor: { id: idFor('clerk'), role: 'process' as const },
      at: clock,
      v: versionOf(fact.type),
      request: '',
    }
    const proposed = { ...fact, id: idFor(`${tenant}/fact/${told++}`), metadata }
    return ledger.append(stream, revision === -1 ? 'none' : revision, [proposed])
  }

  const onTicket = (order: StoryOrder, { ticketId }: Ticket, fact: AnyFact) =>
    tell('ticket', ticketId, fact, order.orderId)
  const onOrder = (order: StoryOrder, fact: AnyFact) => tell('order', order.orderId, fact)
  const onPayments = async (
    { placed, orderId }: StoryOrder,
    factFor: (payment: Placed['payments'][number]) => AnyFact,
  ) => {
    for (const payment of placed.payments) await tell('payment', payment.paymentId, factFor(payment), orderId)
  }
  const money = ({ placed }: StoryOrder, amount: number) => ({ amount, currency: placed.currency })

  const acts = {
    ...payoutActs(tell, tenant),

    venue: async (name: string, fees: Fee[] = []) => {
      const venueId = idFor(`${tenant}/venue/${name}`)
      await tell('venue', venueId, { type: 'VenueRegistered', data: { name, timeZone: 'Europe/Berlin' } })
      if (fees.length > 0) await tell('venue', venueId, { type: 'VenueFeesSet', data: { fees } })
      return venueId
    },

    event: async (
      name: string,
      {
        venueId = idFor(`${tenant}/venue/Arena`),
        size = 20,
        publish = true,
        price = 5_000,
        chain = 'token' as ChainMode,
      } = {},
    ) => {
      const eventId = idFor(`${tenant}/event/${name}`)
      const details = {
        venueId,
        name,
        type: 'single' as const,
        startsAt: '2031-06-01T19:00:00.000Z',
        endsAt: '2031-06-01T23:00:00.000Z',
        timeZone: 'Europe/Berlin',
        currency: 'EUR',
        zones: ['GA', 'VIP'],
        chain,
      }
      await tell('event', eventId, { type: 'EventDrafted', data: details })
      await tell('event', eventId, { type: 'EventPoolSized', data: { pool: 'GA', size } })
      for (const ticketType of [standing(price), { ...standing(price), typeId: EARLY, name: 'Early bird', to: 3 }])
        await tell('event', eventId, { type: 'EventTicketTypeSet', data: ticketType })
      if (publish) await tell('event', eventId, { type: 'EventPublished', data: {} })
      if (publish) await tell('event', eventId, { type: 'EventSalesOpened', data: {} })
      return eventId
    },

    place: async (
      name: string,
      eventId: string,
      numbers: readonly number[],
      { payer = 'ann', edition = 1, price = 5_000, fees = [] as Fee[], kind = 'purchase' as Placed['kind'] } = {},
    ): Promise<StoryOrder> => {
      const orderId = idFor(`${tenant}/order/${name}`)
      const payerId = idFor(`person/${payer}`)
      const tickets = numbers.map((number): Ticket => {
        const slot = poolSlot('GA', number)
        const each = priceOf(standing(price), fees, 'EUR')
        const line = {
          kind: 'ticket',
          typeId: TYPE,
          slot,
          edition,
          holderId: payerId,
          ...each,
          zone: 'GA',
          validDates: null,
          transferable: true,
        } as const
        return { ticketId: ticketIdOf(eventId, slot, edition), number, edition, line }
      })
      const lines = tickets.map(({ line }) => line)
      const total = sum(lines.map(dueFor))
      const placed: Placed = {
        kind,
        eventId,
        venueId: idFor(`${tenant}/venue/Arena`),
        payerId,
        currency: 'EUR',
        lines,
        total,
        payments: total === 0 ? [] : [{ paymentId: stepIdOf(orderId, 'payment/1'), amount: total }],
        limits: [],
        delivery: 'digital',
        terms: 0,
        expiresAt: plus(clock, 1_800),
      }
      await tell('order', orderId, { type: 'OrderPlaced', data: placed })
      return { orderId, eventId, placed, tickets }
    },

    reserve: async (order: StoryOrder) => {
      const { eventId, placed, orderId } = order
      const { venueId, expiresAt } = placed
      for (const ticket of order.tickets) {
        const { typeId, slot, edition, price } = ticket.line
        const lease = { eventId, venueId, typeId, slot, edition, orderId, price: money(order, price), expiresAt }
        await onTicket(order, ticket, { type: 'TicketReserved', data: lease })
      }
    },

    holdTickets: async (order: StoryOrder) => {
      await onOrder(order, { type: 'OrderTicketsReserved', data: {} })
      await onPayments(order, ({ amount }) => ({
        type: 'PaymentRequested',
        data: {
          orderId: order.orderId,
          eventId: order.eventId,
          payerId: order.placed.payerId,
          amount: money(order, amount),
          provider: order.placed.kind === 'external' ? 'external' : 'sandbox',
          reference: null,
        },
      }))
    },

    extend: async (order: StoryOrder) => {
      const data = { eventId: order.eventId, orderId: order.orderId, expiresAt: plus(order.placed.expiresAt, 1_200) }
      for (const ticket of order.tickets) await onTicket(order, ticket, { type: 'TicketReservationExtended', data })
    },

    pay: async (order: StoryOrder) => {
      await onPayments(order, () => ({ type: 'PaymentAuthorised', data: { orderId: order.orderId } }))
      for (const { paymentId } of order.placed.payments)
        await onOrder(order, { type: 'OrderPaymentAuthorised', data: { paymentId } })
      await onPayments(order, ({ amount }) => ({
        type: 'PaymentCaptured',
        data: { orderId: order.orderId, amount: money(order, amount) },
      }))
      for (const { paymentId } of order.placed.payments)
        await onOrder(order, { type: 'OrderPaymentCaptured', data: { paymentId } })
    },

    sell: async (order: StoryOrder) => {
      const { eventId, orderId, placed } = order
      const { venueId, payerId, delivery } = placed
      for (const ticket of order.tickets) {
        const { typeId, holderId, price, zone, validDates } = ticket.line
        await onTicket(order, ticket, {
          type: 'TicketSold',
          data: {
            eventId,
            venueId,
            typeId,
            orderId,
            payerId,
            holderId,
            price: money(order, price),
            generation: 1,
            zone,
            validDates,
            delivery,
            transferable: true,
          },
        })
      }
    },

    confirm: (order: StoryOrder) => {
      const { eventId, venueId, payerId, currency, total, lines } = order.placed
      const ticketIds = order.tickets.map(({ ticketId }) => ticketId)
      const shares = sharesOf(venueId, lines)
      return onOrder(order, {
        type: 'OrderConfirmed',
        data: { eventId, venueId, payerId, ticketIds, currency, total, shares },
      })
    },

    revert: (order: StoryOrder, reason: EndReason = 'cancelled') =>
      onOrder(order, { type: 'OrderRevertStarted', data: { reason } }),

    release: async (order: StoryOrder, reason: ReleaseReason = 'order_ended') => {
      const data = { eventId: order.eventId, orderId: order.orderId, reason }
      for (const ticket of order.tickets) await onTicket(order, ticket, { type: 'TicketReservationReleased', data })
    },

    cancel: ({ orderId, eventId, placed: { payerId } }: StoryOrder, reason: EndReason = 'cancelled') =>
      tell('order', orderId, { type: 'OrderCancelled', data: { eventId, payerId, reason } }),

    /** Sold, and then no longer to be confirmed: the tickets are closed and the money goes back. */
    refund: async (order: StoryOrder) => {
      const { orderId, eventId, placed } = order
      const reason = 'reservation_lost'
      await onOrder(order, { type: 'OrderRefundRequested', data: { reason } })
      for (const ticket of order.tickets) {
        const { typeId, price } = ticket.line
        const data = { eventId, typeId, orderId, price: money(order, price), refunds: [] }
        await onTicket(order, ticket, { type: 'TicketRefunded', data })
      }
      await onPayments(order, ({ paymentId, amount }) => ({
        type: 'PaymentRefunded',
        data: { orderId, refundId: stepIdOf(paymentId, 'refund'), amount: money(order, amount), shares: [] },
      }))
      await onOrder(order, { type: 'OrderRefunded', data: { eventId, payerId: placed.payerId, reason } })
    },

    /** One ticket of a confirmed order is given back for money, and is closed before the money goes. */
    close: async (
      order: StoryOrder,
      { as = 'TicketRefunded' as 'TicketRefunded' | 'TicketCancelled', withFees = true, only = 0 } = {},
    ) => {
      const { orderId, eventId, placed } = order
      const ticket = order.tickets[only]!
      const { typeId, price } = ticket.line
      const { amount, shares } = givenBack(placed.venueId, ticket.line, { withFees })
      const [paid] = placed.payments
      const refund = {
        ...{ refundId: stepIdOf(orderId, ticket.ticketId), orderId, paymentId: paid?.paymentId ?? null },
        ...{ amount: money(order, amount), shares: [...shares] },
      }
      await onTicket(
        order,
        ticket,
        as === 'TicketRefunded'
          ? { type: as, data: { eventId, typeId, orderId, price: money(order, price), refunds: [refund] } }
          : { type: as, data: { eventId, typeId, refunds: [refund] } },
      )
      return refund
    },

    /** The money of it goes. */
    payBack: async (order: StoryOrder, { refundId, amount, shares, orderId, paymentId }: Refund) => {
      if (paymentId === null) return
      const data = { orderId, refundId, amount, shares }
      await tell('payment', paymentId, { type: 'PaymentRefunded', data }, order.orderId)
    },

    /** An event is over: a ticket of it is closed by itself. */
    expire: (order: StoryOrder, { only = 0, admitted = false } = {}) =>
      onTicket(order, order.tickets[only]!, { type: 'TicketExpired', data: { eventId: order.eventId, admitted } }),

    revoke: (order: StoryOrder, { only = 0 } = {}) => {
      const ticket = order.tickets[only]!
      const data = { eventId: order.eventId, typeId: ticket.line.typeId, reason: 'fraud' as const }
      return onTicket(order, ticket, { type: 'TicketRevoked', data })
    },

    reschedule: (eventId: string, startsAt: string, endsAt: string) =>
      tell('event', eventId, { type: 'EventRescheduled', data: { startsAt, endsAt, refundsUntil: null } }),

    cancelEvent: (eventId: string) => tell('event', eventId, { type: 'EventCancelled', data: { reason: 'weather' } }),

    tellTicket: (order: StoryOrder, startsAt: string, endsAt: string, only = 0) =>
      onTicket(order, order.tickets[only]!, {
        type: 'TicketRescheduled',
        data: { eventId: order.eventId, startsAt, endsAt, validDates: null },
      }),

    admit: (order: StoryOrder, entrance = 'North') => {
      const [ticket] = order.tickets
      const at = plus(clock, 1)
      return onTicket(order, ticket!, {
        type: 'TicketAdmitted',
        data: {
          eventId: order.eventId,
          scanId: idFor(`${tenant}/scan/${told}`),
          generation: 1,
          carrier: 'app',
          nonce: 'a1b2',
          source: 'online',
          happenedAt: at,
          seenAt: at,
          deviceId: idFor('device/gate-7'),
          deviceName: 'Gate 7',
          entrance,
          zone: 'GA',
        },
      })
    },

    /** The first ticket of an order, listed by its payer. */
    list: (order: StoryOrder, price = RESALE_PRICE) => {
      const { listingId, sellerId } = resaleOf(order).listing
      const [ticket] = order.tickets
      return onTicket(order, ticket!, {
        type: 'TicketListed',
        data: { eventId: order.eventId, typeId: TYPE, listingId, sellerId, price: money(order, price) },
      })
    },

    delist: (order: StoryOrder, reason: 'withdrawn' | 'locked' = 'withdrawn') => {
      const { listingId } = resaleOf(order).listing
      return onTicket(order, order.tickets[0]!, {
        type: 'TicketDelisted',
        data: { eventId: order.eventId, listingId, reason },
      })
    },

    /** Somebody's order for the listed ticket: placed, and the ticket claimed for it. */
    claim: async (order: StoryOrder) => {
      const { listing, ...resale } = resaleOf(order)
      await tell('order', resale.orderId, { type: 'OrderPlaced', data: resale.placed })
      const { total, payerId: buyerId, expiresAt } = resale.placed
      const wanted = { eventId: order.eventId, listingId: listing.listingId, orderId: resale.orderId, buyerId }
      await onTicket(resale, resale.tickets[0]!, {
        type: 'TicketClaimed',
        data: { ...wanted, price: money(order, total), expiresAt },
      })
      await acts.holdTickets(resale)
    },

    extendClaim: (order: StoryOrder) => {
      const { eventId, orderId, tickets, placed } = resaleOf(order)
      const data = { eventId, orderId, expiresAt: plus(placed.expiresAt, 1_200) }
      return onTicket(order, tickets[0]!, { type: 'TicketClaimExtended', data })
    },

    loseClaim: async (order: StoryOrder) => {
      const resale = resaleOf(order)
      await acts.revert(resale, 'payment_declined')
      const { eventId, orderId } = resale
      const data = { eventId, orderId, reason: 'order_ended' as const }
      await onTicket(resale, resale.tickets[0]!, { type: 'TicketClaimReleased', data })
      await acts.cancel(resale, 'payment_declined')
    },

    payResale: (order: StoryOrder) => acts.pay(resaleOf(order)),

    resell: async (order: StoryOrder) => {
      const { listing, ...resale } = resaleOf(order)
      const { listingId, sellerId: from } = listing
      const { payerId: to, total } = resale.placed
      const what = { eventId: order.eventId, from, to, generation: 2, movedAt: plus(clock, 1) }
      const data = { ...what, listingId, orderId: resale.orderId, price: money(order, total) }
      await onTicket(resale, resale.tickets[0]!, { type: 'TicketResold', data })
      await acts.confirm(resale)
    },
    /** Of its first ticket, as are those that follow: to an address, where nobody is named. */
    offer: (order: StoryOrder, { name = 'gift', to = null as string | null } = {}) =>
      onTicket(order, order.tickets[0]!, {
        type: 'TicketOffered',
        data: {
          eventId: order.eventId,
          offerId: stepIdOf(order.orderId, name),
          kind: to === null ? 'gift' : 'transfer',
          from: order.placed.payerId,
          to: to === null ? null : idFor(`person/${to}`),
          expiresAt: plus(clock, 172_800),
        },
      }),

    endOffer: (order: StoryOrder, { name = 'gift', reason = 'cancelled' as OfferEnd } = {}) =>
      onTicket(order, order.tickets[0]!, {
        type: 'TicketOfferClosed',
        data: { eventId: order.eventId, offerId: stepIdOf(order.orderId, name), reason },
      }),

    handOver: (
      order: StoryOrder,
      { name = 'gift', from = null as string | null, to = 'bob', kind = 'gift' as GivingKind, generation = 2 } = {},
    ) =>
      onTicket(order, order.tickets[0]!, {
        type: 'TicketTransferred',
        data: {
          eventId: order.eventId,
          from: from === null ? order.placed.payerId : idFor(`person/${from}`),
          to: idFor(`person/${to}`),
          generation,
          movedAt: plus(clock, 1),
          offerId: stepIdOf(order.orderId, name),
          kind,
        },
      }),

    /** To whoever is named, of an order that nobody else knows. */
    sellOn: (order: StoryOrder, { from = 'bob', to = 'cat', amount = 4_000, generation = 3 } = {}) =>
      onTicket(order, order.tickets[0]!, {
        type: 'TicketResold',
        data: {
          eventId: order.eventId,
          from: idFor(`person/${from}`),
          to: idFor(`person/${to}`),
          generation,
          movedAt: plus(clock, 1),
          listingId: stepIdOf(order.orderId, 'listing'),
          orderId: stepIdOf(order.orderId, 'resale'),
          price: money(order, amount),
        },
      }),

    deny: (eventId: string | null, { asked = 'scan' as 'scan' | 'validation', venueId = null as string | null } = {}) =>
      tell('gate', idFor(`${tenant}/gate/${told}`), {
        type: 'AdmissionDenied',
        data: {
          scanId: idFor(`${tenant}/scan/${told}`),
          asked,
          reason: eventId ? 'wrong_zone' : 'unreadable_code',
          checks: [{ step: 'code_readable', outcome: eventId ? 'passed' : 'failed', note: '12 characters' }],
          codeHash: 'ab'.repeat(32),
          ticketId: null,
          eventId,
          venueId,
          deviceId: idFor('device/gate-7'),
          deviceName: 'Gate 7',
          entrance: 'North',
        },
      }),

    device: async (label: string, { venueId = idFor(`${tenant}/venue/Arena`), name = 'Gate 7' } = {}) => {
      const id = idFor(`device/${label}`)
      await tell('device', id, { type: 'DeviceRegistered', data: { deviceId: label, name, venueId, zone: 'GA' } })
      return id
    },
  }

  return {
    ...acts,
    log,
    ledger,
    tell,
    facts: (): Known[] => log.map(known),
    now: () => clock,
    pass: (seconds: number) => {
      clock = plus(clock, seconds)
    },
    /** From the order to its tickets, as it goes when all goes well. */
    buy: async (...args: Parameters<typeof acts.place>) => {
      const order = await acts.place(...args)
      for (const step of [acts.reserve, acts.holdTickets, acts.pay, acts.sell, acts.confirm]) await step(order)
      return order
    },
  }
}

export type Story = ReturnType<typeof story>

export const standing = (price: number): TicketType => ({
  typeId: TYPE,
  name: 'Standing',
  pool: 'GA',
  from: 1,
  to: null,
  price,
  taxes: [{ name: 'VAT', basisPoints: 700, inclusive: true }],
  zone: 'GA',
  validDates: null,
  maxPerOrder: 10,
  maxPerPerson: null,
  onSaleFrom: null,
  onSaleUntil: null,
  transferable: true,
})

export const RESALE_PRICE = 10_000

/** The order that buys the first ticket of another, once it is listed. */
export const resaleOf = (bought: StoryOrder): StoryOrder & { listing: { listingId: string; sellerId: string } } => {
  const { orderId: first, placed, eventId } = bought
  const [ticket] = bought.tickets
  const orderId = stepIdOf(first, 'resale')
  const listing = { listingId: stepIdOf(first, 'listing'), sellerId: placed.payerId }
  const payerId = idFor('person/zoe')
  const rates = { sellerId: listing.sellerId, venueId: placed.venueId, platform: 250, royalty: 500 }
  const resale = { ...listing, shares: resaleShares(RESALE_PRICE, rates) }
  const what = { kind: 'resale', holderId: payerId, price: RESALE_PRICE, fees: [], taxes: [], resale } as const
  const line: Line = { ...ticket!.line, ...what, fees: [], taxes: [] }
  const payments = [{ paymentId: stepIdOf(orderId, 'payment/1'), amount: RESALE_PRICE }]
  return {
    ...{ orderId, eventId, listing },
    placed: { ...placed, kind: 'resale', payerId, lines: [line], total: RESALE_PRICE, payments },
    tickets: [{ ...ticket!, line }],
  }
}

/** A long story by dice: several orders at once, each going on or being given up at any point. `dice` are numbers from 0 up. */
export const tossed = async (tale: Story, dice: readonly number[], size = 12): Promise<void> => {
  const fees: Fee[] = [
    { code: 'booking_fee', flat: [{ amount: 150, currency: 'EUR' }], basisPoints: 250, paidBy: 'buyer' },
  ]
  await tale.venue('Arena', fees)
  const eventId = await tale.event('Gala', { size })
  await tale.device('gate-7')
  const free = Array.from({ length: size }, (_, i) => ({ number: i + 1, edition: 1 }))
  const { reserve, holdTickets, extend, pay, sell, confirm, revert, release, cancel, refund, admit, expire } = tale
  const { confirmResale, credit, dispute, winDispute, loseDispute } = tale
  const { failPayout, payOut, giveBack, reversePayout, loseReversal } = tale
  const { list, delist, claim, extendClaim, loseClaim, payResale, resell } = tale
  const { offer, endOffer, handOver } = tale
  const back = (withFees: boolean) => async (order: StoryOrder) =>
    tale.payBack(order, await tale.close(order, { withFees, as: withFees ? 'TicketCancelled' : 'TicketRefunded' }))
  const open: { order: StoryOrder; steps: ((order: StoryOrder) => Promise<unknown>)[] }[] = []

  const freed = (edition: number) => async (order: StoryOrder) => {
    free.push(...order.tickets.map((ticket) => ({ number: ticket.number, edition: ticket.edition + edition })))
  }
  const fates = [
    [reserve, holdTickets, pay, sell, confirm, offer, endOffer, admit, admit],
    [reserve, holdTickets, extend, pay, sell, confirm, offer, handOver],
    [reserve, revert, release, freed(0), cancel],
    [reserve, holdTickets, pay, sell, refund, freed(1)],
    [reserve, holdTickets, revert, cancel],
    [reserve, holdTickets, pay, sell, confirmResale, credit, failPayout, payOut, giveBack, reversePayout],
    [reserve, holdTickets, pay, sell, confirmResale, credit, dispute, winDispute, payOut],
    [reserve, holdTickets, pay, sell, confirmResale, credit, dispute, loseDispute],
    [reserve, holdTickets, pay, sell, confirmResale, credit, payOut, dispute, loseDispute, loseReversal],
    [reserve, holdTickets, pay, sell, confirm, list, claim, extendClaim, payResale, resell],
    [reserve, holdTickets, pay, sell, confirm, list, list, claim, loseClaim, delist],
    [reserve, holdTickets, pay, sell, confirm, back(true)],
    [reserve, holdTickets, pay, sell, confirm, back(false)],
    [reserve, holdTickets, pay, sell, confirm, admit, expire],
  ] as const
  for (const [i, die] of dice.entries()) {
    const chosen = open[die % Math.max(1, open.length)]
    if (die % 4 === 0 && free.length > 0) {
      const { number, edition } = free.shift()!
      const other = free.findIndex((slot) => slot.edition === edition)
      const numbers = die % 8 === 0 && other !== -1 ? [number, free.splice(other, 1)[0]!.number] : [number]
      const kind = die % 3 === 0 ? 'external' : 'purchase'
      const order = await tale.place(`${i}`, eventId, numbers, { edition, fees, kind, payer: `p${die % 5}` })
      open.push({ order, steps: [...fates[(die >> 3) % fates.length]!] })
    } else if (die % 11 === 0) await tale.deny(die % 2 === 0 ? eventId : null)
    else if (chosen) {
      await chosen.steps.shift()!(chosen.order)
      if (chosen.steps.length === 0) open.splice(open.indexOf(chosen), 1)
    }
  }
}
