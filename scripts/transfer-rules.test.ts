import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sqliteVault } from '../adapters/sqlite/vault.ts'
import { DEFAULT_RULES } from '../domain/event/rules.ts'
import type { TicketCommand } from '../domain/ticket/ticket.ts'
import type { Client } from './client.ts'
import { type OwnTicket, type Page, type World, wholeWorld } from './counterfoil.world.ts'
import { factCounter } from './routes.world.ts'
import {
  answer,
  befalls,
  codeOf,
  givers,
  hand,
  listOf,
  offer,
  refusal,
  type Transfer,
  ticketsOf,
} from './transfers.world.ts'

let w: World
let facts: ReturnType<typeof factCounter>
let people: ReturnType<typeof givers>
beforeAll(async () => {
  w = await wholeWorld()
  facts = factCounter(w.folder)
  people = givers(w)
})
afterAll(async () => {
  facts.close()
  await w.close()
})

const pass = (minutes: number): void => {
  w.clock.ahead += minutes * 60_000
}

/** The refusal of what is asked, which leaves nothing behind. */
const refused = async (asked: () => Promise<unknown>) => {
  const before = facts.count()
  const no = await refusal(asked())
  expect(facts.count()).toBe(before)
  return no
}

const inMinutes = (minutes: number): string => new Date(Date.now() + w.clock.ahead + minutes * 60_000).toISOString()

/** Until a part that was in the way of itself is not any more. */
const persist = async <T>(ask: () => Promise<T>): Promise<T> => {
  for (;;) {
    const no = await ask().then(
      (answer) => ({ answer }),
      (error) => ({ error }),
    )
    if ('answer' in no) return no.answer
    if (no.error.code !== 'unavailable') throw no.error
  }
}

describe('the rules of an event', () => {
  it('F16.8 let a ticket rest for half an hour, and tell from when it may move again', async () => {
    const { ann, ticketId } = await people.holding()
    const ben = await people.known('ben')
    await hand(ann.client, ticketId, ben.personId)
    const no = await refused(() => hand(ben.client, ticketId, ann.personId))
    expect(no).toMatchObject({ status: 409, code: 'TransferCooldown' })
    const [, movedAt, from] = /Ticket \S+ changed hands at (\S+); it may again from (\S+)\. Try again/.exec(
      no!.message,
    )!
    expect(Date.parse(from!) - Date.parse(movedAt!)).toBe(1_800_000)
    pass(29.9)
    expect(await refused(() => hand(ben.client, ticketId, ann.personId))).toMatchObject({ code: 'TransferCooldown' })
    pass(0.2)
    expect((await hand(ben.client, ticketId, ann.personId)).body).toMatchObject({ status: 'accepted' })
  })

  it('F16.9 let a person give ten tickets away a day, whatever becomes of them, in 30 requests at once, too', async () => {
    const { ann, tickets } = await people.holding(30, { type: { maxPerOrder: 30 } })
    const ben = await people.known('ben')
    const asked = await Promise.all(
      tickets.map(({ ticketId }) => {
        const key = { 'idempotency-key': crypto.randomUUID() }
        const gift = { ticketId, toPersonId: ben.personId }
        return refusal(persist(() => ann.client.call('POST', '/transfer', gift, key)))
      }),
    )
    const noes = asked.filter((no) => no !== undefined)
    expect(noes).toHaveLength(20)
    expect(new Set(noes.map(({ code }) => code))).toEqual(new Set(['TooManyTransfersToday']))
    const midnight = `${new Date(Date.parse(inMinutes(0)) + 86_400_000).toISOString().slice(0, 10)}T00:00:00.000Z`
    expect(noes[0]!.message).toContain(`10 a day; it may be tried again from ${midnight}.`)
    const left = async () => (await ann.client.call<Page<OwnTicket>>('GET', '/tickets?limit=50')).body.items
    await expect.poll(left).toHaveLength(20)
    const { ticketId } = (await left())[0]!
    expect(await refused(() => offer(ann.client, ticketId))).toMatchObject({ code: 'TooManyTransfersToday' })
    pass((Date.parse(midnight) - Date.parse(inMinutes(0))) / 60_000)
    expect(await offer(await ann.again(), ticketId)).toMatchObject({ status: 'pending' })
  })

  it('F16.9 count an offer that was taken back, or mails could be sent without end', async () => {
    const { ann, ticketId } = await people.holding(1, { rules: { perDay: 2 } })
    for (const _ of [1, 2]) await answer(ann.client, (await offer(ann.client, ticketId)).offerId, 'cancel')
    expect(await refused(() => offer(ann.client, ticketId))).toMatchObject({ code: 'TooManyTransfersToday' })
  })

  it.each<[string, (by: string) => TicketCommand, string]>([
    ['locked', () => ({ type: 'LockTicket', lockId: crypto.randomUUID(), reason: 'dispute' }), 'TicketIsLocked'],
    [
      'listed',
      (by) => ({
        type: 'ListTicket',
        listingId: crypto.randomUUID(),
        by,
        price: { amount: 2_000, currency: 'EUR' },
        rules: DEFAULT_RULES.resale,
      }),
      'TicketIsListed',
    ],
    [
      'reported',
      (by) => ({ type: 'ReportTicket', reportId: crypto.randomUUID(), by, kind: 'lost' }),
      'TicketIsReported',
    ],
    ['revoked', () => ({ type: 'RevokeTicket', reason: 'fraud' }), 'TicketClosed'],
    ['expired', () => ({ type: 'ExpireTicket' }), 'TicketClosed'],
  ])('F16.10 leave a ticket that is %s where it is', async (_, command, code) => {
    const { ann, ticketId } = await people.holding()
    const ben = await people.known('ben')
    await befalls(w, ticketId, command(ann.personId))
    const no = await refused(() => hand(ann.client, ticketId, ben.personId))
    expect(no).toMatchObject({ status: 409, code, message: expect.stringContaining(`Ticket ${ticketId} is `) })
    expect(await refused(() => offer(ann.client, ticketId))).toMatchObject({ code })
  })

  it('F12.2 name both states of a ticket that is closed', async () => {
    const { ann, ticketId } = await people.holding()
    await befalls(w, ticketId, { type: 'RevokeTicket', reason: 'fraud' })
    expect(await refused(() => offer(ann.client, ticketId))).toMatchObject({
      message: expect.stringContaining(`Ticket ${ticketId} is REVOKED, and cannot become TRANSFERRED.`),
    })
  })

  it('F13.5 say of a ticket that is locked why', async () => {
    const { ann, ticketId } = await people.holding()
    await befalls(w, ticketId, { type: 'LockTicket', lockId: crypto.randomUUID(), reason: 'legal_hold' })
    expect(await refused(() => offer(ann.client, ticketId))).toMatchObject({
      message: expect.stringContaining(`Ticket ${ticketId} is locked: legal_hold.`),
    })
  })

  it('F16.10 leave a ticket that is reserved, or offered already, where it is', async () => {
    const { ann, ticketId, eventId, typeId } = await people.holding()
    const ben = await people.known('ben')
    const { position } = await ann.client.call('POST', '/orders', { eventId, items: [{ typeId, quantity: 1 }] })
    const [reserved] = (
      await ann.client.call<Page<OwnTicket>>('GET', `/tickets?status=RESERVED&minPosition=${position}`)
    ).body.items
    expect(await refused(() => hand(ann.client, reserved!.ticketId, ben.personId))).toMatchObject({
      code: 'NotTheHolder',
    })
    const { offerId } = await offer(ann.client, ticketId)
    expect(await refused(() => hand(ann.client, ticketId, ben.personId))).toMatchObject({
      code: 'TicketIsOffered',
      message: expect.stringContaining(`, as ${offerId}.`),
    })
  })

  it('F16.11 forbid transfers, but not of tickets that were sold when they were allowed', async () => {
    const forbidden = await people.holding(1, { rules: { allowed: false } })
    const ben = await people.known('ben')
    expect(await refused(() => hand(forbidden.ann.client, forbidden.ticketId, ben.personId))).toMatchObject({
      code: 'TransfersForbidden',
      message: expect.stringContaining(forbidden.eventId),
    })
    const { olga, ann, ticketId, eventId } = await people.holding()
    await olga.call('PUT', `/events/${eventId}/rules/transfers`, { allowed: false })
    expect((await hand(ann.client, ticketId, ben.personId)).body).toMatchObject({ status: 'accepted' })
  })

  it('F16.10 keep a ticket of a type that is not transferable with its holder', async () => {
    const { ann, ticketId } = await people.holding(1, { type: { transferable: false } })
    expect(await refused(() => offer(ann.client, ticketId))).toMatchObject({ code: 'TicketNotTransferable' })
  })

  it('F16.12 end transfers before the start, and offers with them', async () => {
    const { ann, ticketId } = await people.holding(1, { startsInHours: 3, rules: { endsMinutesBeforeStart: 60 } })
    const ben = await people.somebody('ben')
    const gift = await offer(ann.client, ticketId)
    expect(Date.parse(gift.expiresAt!)).toBeLessThan(Date.parse(inMinutes(121)))
    await answer(ann.client, gift.offerId, 'cancel')
    pass(121)
    expect(await refused(() => offer(ann.client, ticketId))).toMatchObject({
      code: 'TransferDeadlinePassed',
      message: expect.stringContaining(`Ticket ${ticketId} could be given away until ${gift.expiresAt}.`),
    })
    expect(await refused(() => answer(ben.client, gift.offerId, 'accept', { code: gift.code }))).toMatchObject({
      code: 'OfferClosed',
    })
  })

  it('F16.13 let nothing move in a blackout, nor be accepted, and tell its end', async () => {
    const blackouts = [{ from: inMinutes(10), until: inMinutes(20) }]
    const { ann, tickets } = await people.holding(2, { rules: { blackouts } })
    const [first, second] = tickets as [OwnTicket, OwnTicket]
    const ben = await people.somebody('ben')
    const gift = await offer(ann.client, first.ticketId)
    pass(11)
    const no = {
      code: 'TransferBlackout',
      message: expect.stringContaining(`it may again from ${blackouts[0]!.until}.`),
    }
    expect(await refused(() => offer(ann.client, second.ticketId))).toMatchObject(no)
    expect(await refused(() => answer(ben.client, gift.offerId, 'accept', { code: gift.code }))).toMatchObject(no)
    pass(9.1)
    expect((await answer(ben.client, gift.offerId, 'accept', { code: gift.code })).body).toMatchObject({
      status: 'accepted',
    })
  })

  it('F16.14 let a ticket move so often and no more', async () => {
    const { ann, ticketId } = await people.holding(1, { rules: { maxMoves: 1, cooldownMinutes: 0 } })
    const ben = await people.known('ben')
    await hand(ann.client, ticketId, ben.personId)
    expect(await refused(() => hand(ben.client, ticketId, ann.personId))).toMatchObject({
      code: 'TooManyTransfers',
      message: expect.stringContaining(`Ticket ${ticketId} may change hands 1 times`),
    })
  })

  it('F16.15 ask who gives and who gets to have shown who they are, which staff record', async () => {
    const { ann, tickets, venueId } = await people.holding(2, { rules: { identityVerified: true } })
    const [first, second] = tickets as [OwnTicket, OwnTicket]
    const ben = await people.known('ben', `ben-${crypto.randomUUID()}@example.org`)
    const window = await w.as('box_office', 'wanda', { venues: [venueId] })
    const show = (personId: string) =>
      window.call('POST', `/admin/people/${personId}/identity`, { document: 'passport' })
    const isVerified = async ({ client }: { client: Client }) =>
      (await client.call<{ isVerified: boolean }>('GET', '/me')).body.isVerified

    expect(await refused(() => hand(ann.client, first.ticketId, ben.personId))).toMatchObject({
      code: 'SenderNotVerified',
    })
    expect(await isVerified(ann)).toBe(false)
    expect((await show(ann.personId)).body).toEqual({ personId: ann.personId, isVerified: true })
    const before = facts.count()
    await show(ann.personId)
    expect(facts.count()).toBe(before)
    expect(await isVerified(ann)).toBe(true)
    expect(await refused(() => hand(ann.client, first.ticketId, ben.personId))).toMatchObject({
      code: 'RecipientNotVerified',
    })

    // Whether anybody is known by an address does not show: whoever accepts is asked.
    const email = (await ben.client.call<{ profile: { email: string } }>('GET', '/me')).body.profile.email
    const gift = await offer(ann.client, second.ticketId, email)
    const accept = () => answer(ben.client, gift.offerId, 'accept', { code: gift.code })
    expect(await refused(accept)).toMatchObject({ code: 'RecipientNotVerified' })
    await show(ben.personId)
    expect((await accept()).body).toMatchObject({ status: 'accepted' })
    expect((await hand(ann.client, first.ticketId, ben.personId)).body).toMatchObject({ status: 'accepted' })
    expect(await refused(() => show(crypto.randomUUID()))).toMatchObject({ status: 404, code: 'PersonNotFound' })
    expect(
      await refused(() => ann.client.call('POST', `/admin/people/${ann.personId}/identity`, { document: 'passport' })),
    ).toMatchObject({ status: 403 })
  })
})

describe('whoever tries', () => {
  it('F16.3 has five guesses at a code, then the offer is over, for the right code too', async () => {
    const { ann, ticketId } = await people.holding()
    const gift = await offer(ann.client, ticketId)
    const mallory = await people.somebody('mallory')
    const guess = (code: string, headers = {}) =>
      refusal(answer(mallory.client, gift.offerId, 'accept', { code }, headers))
    const key = { 'idempotency-key': 'one guess' }
    expect(await guess('0000-0000', key)).toMatchObject({ message: expect.stringContaining('4 more') })
    // Sent again it is the same guess; another under the same key is another one.
    expect(await guess('0000-0000', key)).toMatchObject({ message: expect.stringContaining('4 more') })
    expect(await guess('0000-0001', key)).toMatchObject({
      code: 'AcceptanceCodeWrong',
      message: expect.stringContaining('3 more'),
    })
    await guess('0000-0002')
    await guess('0000-0003')
    expect(await guess('0000-0004')).toMatchObject({
      code: 'AcceptanceCodeWrong',
      message: expect.stringContaining('is not offered any more'),
    })
    const before = facts.count()
    expect(await guess('0000-0005')).toMatchObject({
      code: 'OfferClosed',
      message: expect.stringContaining('too_many_tries'),
    })
    expect(await guess(gift.code)).toMatchObject({ code: 'OfferClosed' })
    expect(facts.count()).toBe(before)
    await expect.poll(() => listOf(ann.client, 'status=too_many_tries', gift.position)).toHaveLength(1)
    expect(await codeOf(ann.client, ticketId)).toEqual(expect.any(String))
  })

  it('F16.3 F16.5 guesses at an offer to somebody else not even once', async () => {
    const { ann, ticketId } = await people.holding()
    const dora = await people.known('dora')
    const asked = (await hand(ann.client, ticketId, dora.personId, { needsAcceptance: true })).body
    const gift = { offerId: asked.offerId, code: asked.acceptanceCode! }
    const mallory = await people.somebody('mallory')
    for (const code of [gift.code, '0000-0000'])
      expect(await refused(() => answer(mallory.client, gift.offerId, 'accept', { code }))).toMatchObject({
        status: 404,
        code: 'OfferNotFound',
      })
    expect(
      await refused(() => answer(mallory.client, crypto.randomUUID(), 'accept', { code: gift.code })),
    ).toMatchObject({ code: 'OfferNotFound' })
  })

  it('F16.3 is told of by name what is no code, no address, no ticket', async () => {
    const { ann, ticketId } = await people.holding()
    for (const body of [
      { ticketId, email: 'nobody' },
      { ticketId: 'x', email: 'a@example.org' },
      { ticketId },
      { ticketId, email: 'a@example.org', note: 'hi' },
    ])
      expect(await refused(() => ann.client.call('POST', '/transfers/gift', body))).toMatchObject({
        status: 400,
        code: 'validation_failed',
      })
    expect(await refused(() => answer(ann.client, crypto.randomUUID(), 'accept', { code: '' }))).toMatchObject({
      status: 400,
    })
  })

  it('F16.7 gives nothing to an address of their own, nor takes it back under another', async () => {
    const { ann, ticketId } = await people.holding()
    const own = `ann-${crypto.randomUUID()}@example.org`
    await ann.client.call('PUT', '/me', { name: 'Ann', email: own })
    expect(await refused(() => offer(ann.client, ticketId, own.toUpperCase()))).toMatchObject({ code: 'SelfTransfer' })
    const gift = await offer(ann.client, ticketId, `ann-too-${own}`)
    expect(await refused(() => answer(ann.client, gift.offerId, 'accept', { code: gift.code }))).toMatchObject({
      code: 'SelfTransfer',
      message: expect.stringContaining(`Ticket ${ticketId} would stay where it is.`),
    })
  })

  it('F16.2 accepts twice with one effect, and once only of several at the same instant', async () => {
    const { ann, ticketId } = await people.holding()
    const gift = await offer(ann.client, ticketId)
    const takers = await Promise.all(Array.from({ length: 8 }, () => people.somebody('taker')))
    const outcomes = await Promise.all(
      takers.map(({ client }) => refusal(persist(() => answer(client, gift.offerId, 'accept', { code: gift.code })))),
    )
    expect(outcomes.filter((no) => no === undefined)).toHaveLength(1)
    expect(new Set(outcomes.filter((no) => no !== undefined).map(({ code }) => code))).toEqual(new Set(['OfferClosed']))
    const winner = takers[outcomes.indexOf(undefined)]!
    const before = facts.count()
    expect((await answer(winner.client, gift.offerId, 'accept', { code: gift.code })).body).toMatchObject({
      status: 'accepted',
    })
    expect(facts.count()).toBe(before)
    expect(await refused(() => answer(ann.client, gift.offerId, 'cancel'))).toMatchObject({
      code: 'OfferClosed',
      message: expect.stringContaining('is over: accepted.'),
    })
  })

  it('F11.5 F16.6 moves a ticket one way alone, of several at the same instant', async () => {
    const { ann, ticketId } = await people.holding()
    const ben = await people.known('ben')
    const ways = [
      () => hand(ann.client, ticketId, ben.personId),
      () => offer(ann.client, ticketId),
      () => hand(ann.client, ticketId, ben.personId, { needsAcceptance: true }),
      () => offer(ann.client, ticketId),
    ]
    const outcomes = await Promise.all(ways.map((way) => refusal(way())))
    expect(outcomes.filter((no) => no === undefined)).toHaveLength(1)
    for (const no of outcomes.filter((no) => no !== undefined))
      expect(['TicketIsOffered', 'NotTheHolder', 'unavailable']).toContain(no.code)

    const other = await people.holding()
    const gift = await offer(other.ann.client, other.ticketId)
    const [accepted, cancelled] = await Promise.all([
      refusal(persist(() => answer(ben.client, gift.offerId, 'accept', { code: gift.code }))),
      refusal(persist(() => answer(other.ann.client, gift.offerId, 'cancel'))),
    ])
    expect([accepted, cancelled].filter((no) => no === undefined)).toHaveLength(1)
    expect(accepted ?? cancelled).toMatchObject({ code: 'OfferClosed' })
  })

  it('is refused another request under the same key, and answered the same by the same', async () => {
    const { ann, tickets } = await people.holding(2)
    const [first, second] = tickets as [OwnTicket, OwnTicket]
    const key = { 'idempotency-key': 'a gift' }
    const email = `friend-${crypto.randomUUID()}@example.org`
    const gift = await offer(ann.client, first.ticketId, email, key)
    expect(await offer(ann.client, first.ticketId, email, key)).toEqual(gift)
    expect(await refused(() => offer(ann.client, first.ticketId, 'other@example.org', key))).toMatchObject({
      code: 'KeyReused',
    })
    expect(await refused(() => offer(ann.client, second.ticketId, email, key))).toMatchObject({ code: 'KeyReused' })
    expect(await listOf(ann.client, 'direction=out', gift.position)).toMatchObject([{ recipient: email }])
  })

  it('F11.5 accepts nothing that a lock has ended, and the list says what befell it', async () => {
    const { ann, ticketId } = await people.holding()
    const ben = await people.somebody('ben')
    const gift = await offer(ann.client, ticketId)
    await befalls(w, ticketId, { type: 'LockTicket', lockId: crypto.randomUUID(), reason: 'dispute' })
    expect(await refused(() => answer(ben.client, gift.offerId, 'accept', { code: gift.code }))).toMatchObject({
      code: 'OfferClosed',
      message: expect.stringContaining('is over: locked.'),
    })
    await expect
      .poll(async () =>
        (await listOf(ann.client, 'direction=out', '')).map(({ status, reason }) => ({ status, reason })),
      )
      .toEqual([{ status: 'ended', reason: 'locked' }])
  })
})

describe('what is left behind', () => {
  it('F16.4 is no address: it is forgotten when the offer is over, whatever ended it', async () => {
    const { ann, tickets } = await people.holding(3)
    const ben = await people.somebody('ben')
    const gifts = await Promise.all(tickets.map(({ ticketId }) => offer(ann.client, ticketId)))
    const vault = sqliteVault(join(w.folder, 'vault.db'))
    const kept = () => Promise.all(gifts.map(({ offerId }) => vault.addressees.find(offerId)))
    expect(await kept()).toEqual(gifts.map(({ recipient }) => recipient))
    await answer(ben.client, gifts[0]!.offerId, 'accept', { code: gifts[0]!.code })
    await answer(ben.client, gifts[1]!.offerId, 'decline', { code: gifts[1]!.code })
    await expect.poll(kept, { timeout: 20_000 }).toEqual([undefined, undefined, gifts[2]!.recipient])
    await vault.close()
  })

  it('F16.19 is counted, what was refused too', async () => {
    const { ann, ticketId } = await people.holding()
    const ben = await people.known('ben')
    const counted = async (counter: string) => {
      const text = await (await fetch(`${w.url}/metrics`)).text()
      return Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`counterfoil_${counter} `))
          ?.split(' ')[1] ?? 0,
      )
    }
    const counters = [
      'facts_total{type="TicketTransferred",detail="transfer"}',
      'refusals_total{code="TransferCooldown",route="/api/v1/transfer"}',
    ]
    const before = await Promise.all(counters.map(counted))
    await hand(ann.client, ticketId, ben.personId)
    await refusal(hand(ben.client, ticketId, ann.personId))
    expect(await Promise.all(counters.map(counted))).toEqual(before.map((count) => count + 1))
  })

  it('F16.4 the worker that closes what has lapsed is there for operators to see', async () => {
    const ada = await w.as('admin', 'ada')
    const { items } = (await ada.call<Page<{ name: string; every: string }>>('GET', '/admin/workers')).body
    expect(items.find(({ name }) => name === 'offer-expiry')).toMatchObject({ every: '* * * * *' })
  })
})

describe('lists of transfers', () => {
  it('F16.6 F19.10 turn pages without one twice, newest first, in both directions', async () => {
    const { ann, tickets } = await people.holding(5)
    const ben = await people.known('ben')
    let position: string | null = null
    for (const { ticketId } of tickets) position = (await hand(ann.client, ticketId, ben.personId)).position
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const path: string = `/transfers?direction=out&limit=2&minPosition=${position}${cursor ? `&cursor=${cursor}` : ''}`
      const { body }: { body: Page<Transfer> } = await ann.client.call<Page<Transfer>>('GET', path)
      seen.push(...body.items.map(({ ticketId }) => ticketId))
      cursor = body.nextCursor
    } while (cursor)
    expect(seen).toEqual(tickets.map(({ ticketId }) => ticketId).toReversed())
    expect(await listOf(ann.client, 'direction=in', position)).toEqual([])
    expect(await listOf(ben.client, 'direction=in', position)).toHaveLength(5)
    expect(await ticketsOf(ann.client, position)).toEqual([])
  })
})
