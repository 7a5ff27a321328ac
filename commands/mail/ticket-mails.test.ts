import { describe, expect, it } from 'vitest'
import { DEFAULT_RULES } from '../../domain/event/rules.ts'
import type { OfferEnd, Refund, TicketFact } from '../../domain/ticket/facts.ts'
import { stepIdOf } from '../ids.ts'
import { EVENT, TYPE } from '../order-process.world.ts'
import { ANN, codes, plain, post } from './mails.world.ts'

const [BEA, CAL, DAN] = ['bea', 'cal', 'dan'].map((name) => stepIdOf(EVENT, name)) as [string, string, string]
const OFFER = stepIdOf(EVENT, 'offer')
const LISTING = stepIdOf(EVENT, 'listing')
const EXPIRES = '2030-01-03T10:00:00.000Z'

type World = Awaited<ReturnType<typeof post>>
type Data<T extends TicketFact['type']> = Omit<Extract<TicketFact, { type: T }>['data'], 'eventId' | 'typeId'>

const eur = (amount: number) => ({ amount, currency: 'EUR' })

/** A ticket that Ann bought for €50, and what befalls it, as facts tell. The others have told addresses too, but Dan. */
const ticket = async (world: World, { price = 5_000 } = {}) => {
  for (const [id, name] of [
    [BEA, 'Bea'],
    [CAL, 'Cal'],
  ] as const)
    await world.vault.people.save(id, { name, email: `${name.toLowerCase()}@example.org` })
  const ticketId = crypto.randomUUID()
  const { venueId } = world.log.find((fact) => fact.type === 'EventDrafted')!.data as { venueId: string }
  const tell = <T extends TicketFact['type']>(type: T, data: Data<T>) =>
    world.put('ticket', ticketId, { type, data: { eventId: EVENT, typeId: TYPE, ...data } } as unknown as TicketFact)

  const ordered = async (name: string, payerId: string, paid: number, resale?: { sellerId: string; share: number }) => {
    const orderId = stepIdOf(ticketId, name)
    const line = {
      ...{ kind: resale ? ('resale' as const) : ('ticket' as const), typeId: TYPE, slot: 'pool:GA:1', edition: 1 },
      ...{ holderId: payerId, price: paid, fees: [], taxes: [], zone: 'GA', validDates: null, transferable: true },
      ...(resale && {
        resale: {
          listingId: LISTING,
          sellerId: resale.sellerId,
          shares: [
            { account: `seller:${resale.sellerId}`, amount: resale.share },
            { account: 'platform', amount: paid - resale.share },
          ],
        },
      }),
    }
    await world.put('order', orderId, {
      type: 'OrderPlaced',
      data: {
        ...{ kind: resale ? ('resale' as const) : ('purchase' as const), eventId: EVENT, venueId, payerId },
        ...{ currency: 'EUR', lines: [line], total: paid, payments: [], limits: [], delivery: 'digital' as const },
        ...{ terms: 0, expiresAt: EXPIRES },
      },
    })
    return orderId
  }
  const bought = await ordered('bought', ANN, price)
  await tell('TicketSold', {
    ...{ venueId, typeId: TYPE, orderId: bought, payerId: ANN, holderId: ANN, price: eur(price), generation: 1 },
    ...{ zone: 'GA', validDates: null, delivery: 'digital', transferable: true },
  } as Data<'TicketSold'>)

  return {
    ticketId,
    tell,
    bought,
    offer: (to: string | null = BEA, from = ANN) =>
      tell('TicketOffered', { offerId: OFFER, kind: to === null ? 'gift' : 'transfer', from, to, expiresAt: EXPIRES }),
    end: (reason: OfferEnd) => tell('TicketOfferClosed', { offerId: OFFER, reason }),
    transfer: (from: string, to: string, generation = 2) =>
      tell('TicketTransferred', {
        ...{ from, to, generation, movedAt: '2030-01-01T12:00:00.000Z' },
        ...{ offerId: stepIdOf(OFFER, `${generation}`), kind: 'transfer' as const },
      }),
    /** For €60, of which the seller gets €55.50. */
    resell: async (from: string, to: string) => {
      const orderId = await ordered('resold', to, 6_000, { sellerId: from, share: 5_550 })
      await tell('TicketListed', { listingId: LISTING, sellerId: from, price: eur(6_000) })
      await tell('TicketResold', {
        ...{ from, to, generation: 3, movedAt: '2030-01-01T12:00:00.000Z' },
        ...{ listingId: LISTING, orderId, price: eur(6_000) },
      })
      return orderId
    },
    lock: (lockId: string, reason: Data<'TicketLocked'>['reason'] = 'legal_hold') =>
      tell('TicketLocked', { lockId, reason }),
    unlock: (lockId: string) => tell('TicketUnlocked', { lockId }),
  }
}

const refundOf = (orderId: string, amount: number, shares: Refund['shares'] = []): Refund => ({
  ...{ refundId: stepIdOf(orderId, 'refund'), orderId, paymentId: stepIdOf(orderId, 'payment/1') },
  ...{ amount: eur(amount), shares },
})

/** Who got which mail, in no order. */
const told = async ({ settled }: World) => (await settled()).map(({ to, subject }) => `${to}: ${subject}`).toSorted()

const about = (subject: string) => `${subject}: Night of the Long Queue`

const textOf = async ({ settled }: World, to: string) =>
  plain((await settled()).find((mail) => mail.to === to)?.text ?? 'none')

describe('an offer of a ticket', () => {
  it('brings its recipient a mail with who gives what, until when, and the code to accept it with', async () => {
    const world = await post()
    const { offer, ticketId } = await ticket(world)
    await offer()
    const [mail, ...more] = await world.settled()
    expect(more).toEqual([])
    expect(mail).toMatchObject({ to: 'bea@example.org', subject: about('A ticket is offered to you') })
    expect(plain(mail!.text)).toBe(
      [
        'Hello Bea,',
        'Ann Bøe wants to give you a ticket. It is yours once you accept it. It is for:',
        'Night of the Long Queue',
        'Sunday, June 1, 2031 at 9:00 PM GMT+2 – Monday, June 2, 2031 at 1:00 AM GMT+2\nThe <Arena>\nStanding',
        'To accept it, show this code. It is for you alone:',
        codes.codeOf(OFFER),
        'The offer stands until Thursday, January 3, 2030 at 11:00 AM GMT+1. You need not do anything if you do not want the ticket.',
        'To the offer\nhttps://tickets.example/',
        `Ticket number: ${ticketId}\nOffer number: ${OFFER}\n`,
      ].join('\n\n'),
    )
  })

  it('to an address goes there, in the language of its giver and without their own address', async () => {
    const world = await post({ name: 'Ann', email: 'ann@example.org', locale: 'de' })
    const { offer } = await ticket(world)
    await world.vault.addressees.save(OFFER, 'eve@example.org')
    await offer(null)
    const [mail, ...more] = await world.settled()
    expect(more).toEqual([])
    expect(mail).toMatchObject({ to: 'eve@example.org', subject: about('Ihnen wird ein Ticket angeboten') })
    expect(mail!.text).toContain('Guten Tag,\n\nAnn möchte Ihnen ein Ticket geben.')
    expect(mail!.text).toContain(codes.codeOf(OFFER))
    expect(mail!.text).not.toContain('ann@example.org')
  })

  it('to an address is told there that it has ended, and then the address is forgotten', async () => {
    const world = await post()
    const { offer, tell } = await ticket(world)
    await world.vault.addressees.save(OFFER, 'eve@example.org')
    await offer(null)
    await world.settled()
    await tell('TicketOfferClosed', { offerId: OFFER, reason: 'cancelled' })
    expect((await world.settled()).map(({ to }) => to)).toEqual(['eve@example.org', 'eve@example.org'])
    expect(await world.vault.addressees.find(OFFER)).toBeUndefined()
  })

  it('to an address goes there also where somebody says that it is theirs', async () => {
    const world = await post()
    const { tell } = await ticket(world)
    await world.vault.addressees.save(OFFER, 'eve@example.org')
    await tell('TicketOffered', { offerId: OFFER, kind: 'gift', from: ANN, to: BEA, expiresAt: EXPIRES })
    expect((await world.settled()).map(({ to }) => to)).toEqual(['eve@example.org'])
  })

  it('of who told no name is somebody’s', async () => {
    const world = await post(null)
    await (await ticket(world)).offer()
    expect(await textOf(world, 'bea@example.org')).toContain('Somebody wants to give you a ticket.')
  })

  it('brings no mail to an address that was forgotten, nor to a person who told none', async () => {
    const world = await post()
    await (await ticket(world)).offer(null)
    await (await ticket(world)).offer(DAN)
    expect(await told(world)).toEqual([])
  })

  it('that ended before its mail was sent is not told of any more', async () => {
    const world = await post()
    const { offer, end } = await ticket(world)
    await world.stop()
    await offer()
    await end('lapsed')
    await world.start()
    expect(await told(world)).toEqual([`ann@example.org: ${about('Your offer has ended')}`])
  })

  const [giver, recipient] = [
    `ann@example.org: ${about('Your offer has ended')}`,
    `bea@example.org: ${about('An offer to you has ended')}`,
  ]
  it.each<[OfferEnd, readonly string[]]>([
    ['lapsed', [giver]],
    ['declined', [giver]],
    ['too_many_tries', [giver, recipient]],
    ['locked', [giver, recipient]],
    ['cancelled', [recipient]],
    ['reported', [recipient]],
    ['closed', [recipient]],
  ])('that ended since it was %s tells whoever did not end it', async (reason, mails) => {
    const world = await post()
    const { offer, end } = await ticket(world)
    await offer()
    await world.settled()
    await end(reason)
    expect((await told(world)).filter((mail) => !mail.includes('is offered'))).toEqual(mails)
  })

  it('that was accepted tells its giver, and its recipient whose ticket it is', async () => {
    const world = await post()
    const { transfer } = await ticket(world)
    await transfer(ANN, BEA)
    expect(await told(world)).toEqual([
      `ann@example.org: ${about('Your ticket has changed hands')}`,
      `bea@example.org: ${about('You have a ticket')}`,
    ])
    expect(await textOf(world, 'bea@example.org')).toContain('Ann Bøe gave you a ticket, and it is yours now.')
    expect(await textOf(world, 'ann@example.org')).not.toContain('Bea')
  })

  it('tells nobody that a ticket is theirs, or is not, once that is not so', async () => {
    const world = await post()
    const { transfer } = await ticket(world)
    await world.stop()
    await transfer(ANN, BEA, 2)
    await transfer(BEA, ANN, 3)
    await world.start()
    expect(await told(world)).toEqual([
      `ann@example.org: ${about('You have a ticket')}`,
      `bea@example.org: ${about('Your ticket has changed hands')}`,
    ])
  })
})

describe('a sale from holder to holder', () => {
  it.each([
    [null, 'Your share is paid out to you after the event.'],
    [3, 'Your share is paid out to you from January 4, 2030 on.'],
  ])('tells the seller the price, their share and when they get it: payout days %s', async (payoutDays, when) => {
    const world = await post()
    await world.put('event', EVENT, {
      type: 'EventResaleRulesSet',
      data: { ...DEFAULT_RULES.resale, payoutDays },
    })
    const { resell } = await ticket(world)
    await resell(ANN, BEA)
    expect(await told(world)).toEqual([`ann@example.org: ${about('Your ticket is sold')}`])
    const text = await textOf(world, 'ann@example.org')
    expect(text).toContain('Price: €60.00\nYour share: €55.50')
    expect(text).toContain(when)
    expect(text).not.toContain('Bea')
  })
})

describe('a lock', () => {
  it('is told to the holder with its reason, and that it is lifted once none is left (F13.7)', async () => {
    const world = await post()
    const { transfer, lock, unlock } = await ticket(world)
    const [first, second] = [crypto.randomUUID(), crypto.randomUUID()]
    await transfer(ANN, DAN, 2)
    await transfer(DAN, CAL, 3)
    await world.settled()
    await lock(first, 'event_policy')
    await lock(second, 'legal_hold')
    const texts = (await world.settled()).map(({ text }) => text).join()
    expect(texts).toContain('The rules of the event require this.')
    expect(texts).toContain('The law requires this.')
    await unlock(first)
    await world.settled()
    await unlock(second)
    expect((await told(world)).filter((mail) => mail.startsWith('cal'))).toEqual([
      `cal@example.org: ${about('You have a ticket')}`,
      `cal@example.org: ${about('Your ticket is locked')}`,
      `cal@example.org: ${about('Your ticket is locked')}`,
      `cal@example.org: ${about('Your ticket is unlocked')}`,
    ])
  })

  it('of a payment in question says nothing of who holds the ticket (F13.7)', async () => {
    const world = await post()
    const { lock } = await ticket(world)
    await lock(crypto.randomUUID(), 'chargeback_pending')
    expect(await textOf(world, 'ann@example.org')).toContain('This says nothing about you')
  })

  it('that was lifted before its mail was sent is not told of, and several lifted together are told of once (F13.7)', async () => {
    const world = await post()
    const { lock, unlock } = await ticket(world)
    const ids = [crypto.randomUUID(), crypto.randomUUID()]
    await world.stop()
    for (const id of ids) await lock(id)
    for (const id of ids) await unlock(id)
    await world.start()
    expect(await told(world)).toEqual([`ann@example.org: ${about('Your ticket is unlocked')}`])
  })
})

describe('a report of a lost ticket', () => {
  const reportId = stepIdOf(EVENT, 'report')

  it.each(['lost', 'stolen'] as const)('is confirmed to who reported it %s (F14.10)', async (kind) => {
    const world = await post()
    await (await ticket(world)).tell('TicketReportedLost', { reportId, kind })
    expect(await told(world)).toEqual([`ann@example.org: ${about('We have your report')}`])
    expect(await textOf(world, 'ann@example.org')).toContain(`You reported this ticket ${kind}.`)
  })

  it('that is rejected is told of, and that it was withdrawn is not (F14.10)', async () => {
    const world = await post()
    for (const outcome of ['rejected', 'withdrawn'] as const) {
      const { tell } = await ticket(world)
      await tell('TicketReportedLost', { reportId, kind: 'lost' })
      await world.settled()
      await tell('TicketReportClosed', { reportId, outcome })
    }
    expect((await told(world)).filter((mail) => !mail.includes('We have'))).toEqual([
      `ann@example.org: ${about('Your report was rejected')}`,
    ])
  })

  it('leads to a new code, and the holder is told that the old one is dead (F14.8, F14.10)', async () => {
    const world = await post()
    const { tell } = await ticket(world)
    const reissue = (generation: number) =>
      tell('TicketReissued', {
        ...{ reissueId: crypto.randomUUID(), reason: 'duplicate_ticket' as const, reportId, generation },
      })
    await world.stop()
    await reissue(2)
    await reissue(3)
    await world.start()
    expect(await told(world)).toEqual([`ann@example.org: ${about('Your ticket has a new code')}`])
    expect(await textOf(world, 'ann@example.org')).toContain('The code that it had before no longer works')
  })
})

describe('a ticket that is closed', () => {
  const refunded = about('A ticket was refunded')

  it('for money tells its holder what goes back', async () => {
    const world = await post()
    const { tell, bought } = await ticket(world)
    await tell('TicketRefunded', { orderId: bought, price: eur(5_000), refunds: [refundOf(bought, 5_000)] })
    expect(await told(world)).toEqual([`ann@example.org: ${refunded}`])
    const text = await textOf(world, 'ann@example.org')
    expect(text).toContain('Your ticket was refunded and is not valid any more.')
    expect(text).toContain('€50.00 is on its way back to you')
  })

  it('after it was given away tells payer and holder each their own', async () => {
    const world = await post()
    const { tell, bought, transfer } = await ticket(world)
    await transfer(ANN, BEA)
    await world.settled()
    await tell('TicketRefunded', { orderId: bought, price: eur(5_000), refunds: [refundOf(bought, 5_000)] })
    const mails = (await world.settled()).filter(({ subject }) => subject === refunded)
    const texts = Object.fromEntries(mails.map(({ to, text }) => [to, text]))
    expect(Object.keys(texts).toSorted()).toEqual(['ann@example.org', 'bea@example.org'])
    expect(texts['ann@example.org']).toContain('€50.00 is on its way back to you')
    expect(texts['bea@example.org']).toContain('Your ticket was refunded')
    expect(texts['bea@example.org']).not.toContain('€')
  })

  it('after it was sold on tells each what goes back to them, and of the share that they give back', async () => {
    const world = await post()
    const { tell, bought, transfer, resell } = await ticket(world)
    await transfer(ANN, BEA)
    const resold = await resell(BEA, CAL)
    await world.settled()
    const refunds = [refundOf(bought, 5_000), refundOf(resold, 6_000, [{ account: `seller:${BEA}`, amount: 5_550 }])]
    await tell('TicketCancelled', { refunds })
    const mails = (await world.settled()).filter(({ subject }) => subject.startsWith('Cancelled'))
    const texts = Object.fromEntries(mails.map(({ to, text }) => [to, text]))
    expect(mails).toHaveLength(3)
    expect(texts['ann@example.org']).toContain('€50.00 is on its way back to you')
    expect(texts['bea@example.org']).toContain('€55.50, your share of that sale, goes back to the buyer')
    expect(texts['bea@example.org']).not.toContain('on its way')
    expect(texts['cal@example.org']).toContain('your ticket is not valid any more')
    expect(texts['cal@example.org']).toContain('€60.00 is on its way back to you')
  })

  it('tells who paid for it twice once, with both', async () => {
    const world = await post()
    const { tell, bought, transfer, resell } = await ticket(world)
    await transfer(ANN, BEA)
    const resold = await resell(BEA, ANN)
    await tell('TicketRefunded', {
      ...{ orderId: bought, price: eur(5_000) },
      refunds: [refundOf(bought, 5_000), refundOf(resold, 6_000)],
    })
    const mails = (await world.settled()).filter(({ subject }) => subject === refunded)
    expect(mails.map(({ to }) => to)).toEqual(['ann@example.org'])
    expect(mails[0]!.text).toContain('€110.00 is on its way back to you')
  })

  it('with its order, which never came to an end, is told of by the order alone', async () => {
    const world = await post()
    const { tell, bought } = await ticket(world)
    await tell('TicketRefunded', { orderId: bought, price: eur(5_000), refunds: [] })
    expect(await told(world)).toEqual([])
  })

  it('and was free speaks of no money', async () => {
    const world = await post()
    const { tell, bought } = await ticket(world, { price: 0 })
    await tell('TicketCancelled', { refunds: [{ ...refundOf(bought, 0), paymentId: null }] })
    expect(await told(world)).toEqual([`ann@example.org: ${about('Cancelled')}`])
    expect(await textOf(world, 'ann@example.org')).not.toMatch(/€|back/)
  })

  it('with its event says why', async () => {
    const world = await post()
    const { tell, bought } = await ticket(world)
    await world.put('event', EVENT, { type: 'EventCancelled', data: { reason: 'weather' } })
    await tell('TicketCancelled', { refunds: [refundOf(bought, 5_000)] })
    expect(await textOf(world, 'ann@example.org')).toContain('The weather does not allow it.')
  })

  it('without money tells its holder why', async () => {
    const world = await post()
    const { tell } = await ticket(world)
    await tell('TicketRevoked', { reason: 'terms_violated' })
    expect(await told(world)).toEqual([`ann@example.org: ${about('Your ticket was withdrawn')}`])
    expect(await textOf(world, 'ann@example.org')).toContain('The terms that it was sold under were not kept.')
  })

  it('since its event is over is told of to nobody, nor is an offer that ended with it', async () => {
    const world = await post()
    const { tell, offer, end } = await ticket(world)
    await world.stop()
    await offer()
    await end('closed')
    await tell('TicketExpired', { admitted: false })
    await world.start()
    expect(await told(world)).toEqual([])
  })
})

describe('an event at another time', () => {
  const move = async (
    world: World,
    { tell }: Awaited<ReturnType<typeof ticket>>,
    day: number,
    until: string | null,
  ) => {
    const times = { startsAt: `2031-06-0${day}T19:00:00.000Z`, endsAt: `2031-06-0${day}T23:00:00.000Z` }
    await world.put('event', EVENT, { type: 'EventRescheduled', data: { ...times, refundsUntil: until } })
    await tell('TicketRescheduled', { ...times, validDates: null })
  }

  it('is told to the holder with the old time, the new one and until when the ticket can be given back', async () => {
    const world = await post()
    await move(world, await ticket(world), 7, '2030-02-01T11:00:00.000Z')
    expect(await told(world)).toEqual([`ann@example.org: ${about('New time')}`])
    const text = await textOf(world, 'ann@example.org')
    expect(text).toContain('Saturday, June 7, 2031 at 9:00 PM')
    expect(text).toContain('Before, it was to be: Sunday, June 1, 2031 at 9:00 PM')
    expect(text).toContain('fees included, until Friday, February 1, 2030 at 12:00 PM')
  })

  it('is told of once where it was moved again meanwhile, and of no window where the rules grant none', async () => {
    const world = await post()
    const moved = await ticket(world)
    await world.stop()
    await move(world, moved, 7, null)
    await move(world, moved, 8, null)
    await world.start()
    expect(await told(world)).toEqual([`ann@example.org: ${about('New time')}`])
    const text = await textOf(world, 'ann@example.org')
    expect(text).toContain('Sunday, June 8, 2031 at 9:00 PM')
    expect(text).not.toContain('give the ticket back')
  })
})

describe('a mail about a ticket', () => {
  it('is sent once, however often the process starts again', async () => {
    const world = await post()
    const { transfer, lock } = await ticket(world)
    await transfer(ANN, BEA)
    await world.settled()
    await world.stop()
    await lock(crypto.randomUUID())
    for (let restart = 0; restart < 3; restart++) {
      await world.start()
      await world.settled()
      await world.stop()
    }
    await world.start()
    expect(await told(world)).toEqual([
      `ann@example.org: ${about('Your ticket has changed hands')}`,
      `bea@example.org: ${about('You have a ticket')}`,
      `bea@example.org: ${about('Your ticket is locked')}`,
    ])
  })

  it('is sent to nobody who told no address, or was erased before', async () => {
    const world = await post({ name: 'Ann', email: null })
    const { transfer } = await ticket(world)
    await world.stop()
    await transfer(ANN, BEA)
    await world.vault.people.erase(BEA)
    await world.start()
    expect(await told(world)).toEqual([])
  })

  it('is wanted by ids alone, so that nothing personal is kept with it', async () => {
    const world = await post()
    const kept: object[] = []
    const { keep } = world.vault.intents
    Object.assign(world.vault.intents, {
      keep: (...args: Parameters<typeof keep>) => {
        kept.push(...args[3].map(({ data }) => data))
        return keep(...args)
      },
    })
    const { offer, ticketId } = await ticket(world)
    await offer()
    await world.settled()
    expect(kept).toEqual([{ mail: 'ticket', ticketId, revision: 1, reader: 'recipient', nth: 0, forgets: null }])
  })
})
