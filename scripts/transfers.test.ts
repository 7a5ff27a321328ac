import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OwnTicket, Page } from './counterfoil.world.ts'
import { type World, wholeWorld } from './counterfoil.world.ts'
import { factCounter } from './routes.world.ts'
import {
  answer,
  befalls,
  codeOf,
  gateAt,
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

const pass = (hours: number): void => {
  w.clock.ahead += hours * 3_600_000
}

/** What the worker does each minute. */
const lapse = async () =>
  (await (await w.as('admin', 'ada')).call<{ looked: number; lapsed: number }>('POST', '/admin/offers/expire')).body

/** Nothing recorded, whatever was refused. */
const nothingRecorded = async (asked: () => Promise<unknown>) => {
  const before = facts.count()
  const outcome = await asked()
  expect(facts.count()).toBe(before)
  return outcome
}

describe('a ticket handed over', () => {
  it('F16.1 F11.3 is the other person’s at once, in one history with gifts; repeated, it is one', async () => {
    const { ann, ticketId, olga } = await people.holding()
    const ben = await people.known('ben')
    const key = { 'idempotency-key': 'once' }
    const send = () => ann.client.call('POST', '/transfer', { ticketId, toPersonId: ben.personId }, key)
    const first = await send()
    expect(first).toMatchObject({
      status: 201,
      body: { kind: 'transfer', status: 'accepted', recipient: ben.personId, acceptanceCode: null },
    })
    expect(await send()).toEqual(first)
    expect(await ticketsOf(ben.client, first.position)).toMatchObject([{ ticketId, status: 'TRANSFERRED' }])

    pass(1)
    const cat = await people.somebody('cat')
    const gift = await offer(ben.client, ticketId)
    const { position } = await answer(cat.client, gift.offerId, 'accept', { code: gift.code })
    const history = (
      await cat.client.call<Page<Transfer>>('GET', `/tickets/${ticketId}/transfers?minPosition=${position}`)
    ).body.items
    expect(history.map(({ kind, from, to, status }) => ({ kind, from, to, status }))).toEqual([
      { kind: 'gift', from: null, to: 'you', status: 'accepted' },
      { kind: 'transfer', from: null, to: null, status: 'accepted' },
    ])
    const staff = (await olga.call<Page<Transfer>>('GET', `/tickets/${ticketId}/transfers`)).body.items
    expect(staff.map(({ from, to }) => [from, to])).toEqual([
      [ben.personId, cat.personId],
      [ann.personId, ben.personId],
    ])
    expect(await refusal(ann.client.call('GET', `/tickets/${ticketId}/transfers`))).toMatchObject({ status: 404 })
  })

  it('F11.4 has a history that is empty only for a ticket that never moved', async () => {
    const { ann, ticketId, tickets } = await people.holding(2)
    const { offerId } = await offer(ann.client, ticketId)
    const { position } = await answer(ann.client, offerId, 'cancel')
    const historyOf = async (query = '') =>
      (await ann.client.call<Page<Transfer>>('GET', `/tickets/${ticketId}/transfers?minPosition=${position}${query}`))
        .body.items
    expect(await historyOf()).toEqual([])
    expect(await historyOf('&status=cancelled')).toMatchObject([{ from: 'you', to: null, status: 'cancelled' }])
    expect(tickets).toHaveLength(2)
  })

  it('F16.1 waits to be accepted where its giver wants that, by the person that it is for alone', async () => {
    const { ann, ticketId } = await people.holding()
    const ben = await people.known('ben')
    const { body, position } = await hand(ann.client, ticketId, ben.personId, { needsAcceptance: true })
    expect(body).toMatchObject({
      kind: 'transfer',
      status: 'pending',
      acceptanceCode: expect.stringMatching(/^\w{4}-\w{4}$/),
    })
    expect(await listOf(ben.client, 'direction=in&status=pending', position)).toMatchObject([
      { transferId: body.offerId, from: null, to: 'you' },
    ])
    const cat = await people.somebody('cat')
    const code = { code: body.acceptanceCode! }
    expect(await refusal(answer(cat.client, body.offerId, 'accept', code))).toMatchObject({ code: 'OfferNotFound' })
    expect((await answer(ben.client, body.offerId, 'accept', code)).body).toMatchObject({ status: 'accepted' })
  })

  it('F11.3 F16.7 is refused to nobody, to oneself, and by somebody else, with nothing recorded', async () => {
    const { ann, ticketId } = await people.holding()
    const ben = await people.known('ben')
    await nothingRecorded(async () => {
      expect(await refusal(hand(ann.client, ticketId, crypto.randomUUID()))).toMatchObject({
        status: 404,
        code: 'PersonNotFound',
      })
      expect(await refusal(hand(ann.client, ticketId, ann.personId))).toMatchObject({
        status: 409,
        code: 'SelfTransfer',
      })
      expect(await refusal(hand(ben.client, ticketId, ben.personId))).toMatchObject({
        status: 404,
        code: 'NotTheHolder',
      })
      expect(await refusal(hand(ann.client, crypto.randomUUID(), ben.personId))).toMatchObject({ code: 'NotTheHolder' })
      const rival = await w.as('attendee', ann.subject, { tenant: 'rival' })
      expect(await refusal(hand(rival, ticketId, ben.personId))).toMatchObject({ status: 404, code: 'NotTheHolder' })
    })
  })

  it('goes to somebody who has only bought a ticket, too', async () => {
    const { ann, ticketId, eventId, typeId } = await people.holding()
    const ben = await people.somebody('ben')
    await w.buyTickets(ben.client, eventId, typeId)
    expect((await hand(ann.client, ticketId, ben.personId)).body).toMatchObject({ status: 'accepted' })
  })

  it('F16.18 F19.9 F19.10 is denied at the gate to its giver from that moment, and admits who got it', async () => {
    const event = await people.holding(1, { startsInHours: 1 })
    const { ann, ticketId } = event
    const ben = await people.known('ben')
    const scan = await gateAt(w, event)
    const old = await codeOf(ann.client, ticketId)
    const { position } = await hand(ann.client, ticketId, ben.personId)
    expect(await scan(old)).toMatchObject({ verdict: 'deny', reason: 'transferred_code' })
    expect(await refusal(codeOf(ann.client, ticketId))).toMatchObject({ status: 404 })
    expect(await ticketsOf(ann.client, position)).toEqual([])
    expect(await ticketsOf(ben.client, position)).toMatchObject([{ ticketId }])
    expect(await listOf(ann.client, 'direction=out', position)).toMatchObject([
      { ticketId, from: 'you', status: 'accepted', recipient: ben.personId },
    ])
    expect(await scan(await codeOf(ben.client, ticketId))).toMatchObject({ verdict: 'allow' })
    expect(await refusal(hand(ben.client, ticketId, ann.personId))).toMatchObject({ code: 'TicketIsAdmitted' })
  })
})

describe('a gift', () => {
  it('F16.2 F16.3 F19.9 is offered to an address, and accepted with its code alone; both lists show it at the returned position', async () => {
    const { ann, ticketId } = await people.holding()
    const gift = await offer(ann.client, ticketId, 'Ben.Friend@example.org')
    expect(gift).toMatchObject({ kind: 'gift', status: 'pending', recipient: 'Ben.Friend@example.org' })
    expect(await ticketsOf(ann.client, gift.position)).toMatchObject([{ ticketId, offer: { offerId: gift.offerId } }])
    expect(await refusal(codeOf(ann.client, ticketId))).toMatchObject({ code: 'TicketIsOffered' })

    const ben = await people.somebody('ben')
    expect(await refusal(answer(ben.client, gift.offerId, 'accept', { code: 'AAAA-AAAA' }))).toMatchObject({
      code: 'AcceptanceCodeWrong',
      message: expect.stringContaining(`Ticket ${ticketId} is still offered; 4 more`),
    })
    const typed = gift.code.toLowerCase().replace('-', ' ')
    const { body, position } = await answer(ben.client, gift.offerId, 'accept', { code: typed })
    expect(body).toMatchObject({ offerId: gift.offerId, ticketId, status: 'accepted', expiresAt: null })
    expect(await ticketsOf(ann.client, position)).toEqual([])
    expect(await ticketsOf(ben.client, position)).toMatchObject([{ ticketId, offer: null }])
    expect(await listOf(ben.client, 'direction=in', position)).toMatchObject([{ transferId: gift.offerId, to: 'you' }])
    expect(await listOf(ann.client, 'direction=out', position)).toMatchObject([
      { from: 'you', to: null, recipient: null },
    ])
  })

  it('F16.5 makes a person of whoever is new, under the address and the name that they choose', async () => {
    const { ann, tickets } = await people.holding(2)
    const ben = await people.somebody('ben')
    const [first, second] = tickets as [OwnTicket, OwnTicket]
    const gift = await offer(ann.client, first.ticketId, 'ben@example.org')
    await answer(ben.client, gift.offerId, 'accept', { code: gift.code })
    const me = async () => (await ben.client.call<{ profile: object }>('GET', '/me')).body.profile
    expect(await me()).toEqual({ name: 'ben', email: 'ben@example.org' })

    const other = await offer(ann.client, second.ticketId, 'other@example.org')
    await answer(ben.client, other.offerId, 'accept', { code: other.code, name: 'Benjamin' })
    // Whoever is known keeps what they told.
    expect(await me()).toEqual({ name: 'ben', email: 'ben@example.org' })
    const cat = await people.somebody('cat')
    expect(await refusal(answer(cat.client, other.offerId, 'accept', { code: other.code }))).toMatchObject({
      code: 'OfferClosed',
    })
  })

  it('F16.5 is the known person’s, and nothing that its giver sees tells whether anybody is known', async () => {
    const { ann, tickets } = await people.holding(2)
    const [first, second] = tickets as [OwnTicket, OwnTicket]
    const dora = await people.known('dora', 'dora.known@example.org')
    const known = await offer(ann.client, first.ticketId, 'Dora.Known@example.org')
    const unknown = await offer(ann.client, second.ticketId, 'nobody.knows@example.org')
    const alike = ({
      offerId: _,
      ticketId: __,
      code: ___,
      acceptanceCode: ____,
      recipient: _____,
      expiresAt: ______,
      position: _______,
      ...rest
    }: typeof known) => rest
    expect(alike(known)).toEqual(alike(unknown))
    const [newer, older] = await listOf(ann.client, 'direction=out&status=pending', unknown.position)
    const without = ({
      transferId: _,
      ticketId: __,
      offeredAt: ___,
      expiresAt: ____,
      recipient,
      ...rest
    }: Transfer & { offeredAt?: string }) => rest
    expect([newer!.recipient, older!.recipient]).toEqual(['nobody.knows@example.org', 'Dora.Known@example.org'])
    expect(without(newer!)).toEqual(without(older!))
    expect(await listOf(dora.client, 'direction=in&status=pending', unknown.position)).toMatchObject([
      { transferId: known.offerId, from: null, to: 'you', recipient: null },
    ])
    await answer(dora.client, known.offerId, 'accept', { code: known.code })
  })

  it('F16.6 F11.5 is over once its giver takes it back: nobody accepts it any more, and the ticket is theirs to use', async () => {
    const event = await people.holding(1, { startsInHours: 1 })
    const { ann, ticketId } = event
    const ben = await people.somebody('ben')
    const gift = await offer(ann.client, ticketId)
    expect(await refusal(answer(ben.client, gift.offerId, 'cancel'))).toMatchObject({
      status: 404,
      code: 'OfferNotFound',
    })
    const { body, position } = await answer(ann.client, gift.offerId, 'cancel')
    expect(body).toMatchObject({ status: 'cancelled' })
    expect((await answer(ann.client, gift.offerId, 'cancel')).body).toEqual(body)
    await nothingRecorded(async () =>
      expect(await refusal(answer(ben.client, gift.offerId, 'accept', { code: gift.code }))).toMatchObject({
        status: 409,
        code: 'OfferClosed',
        message: expect.stringContaining(`The offer of ticket ${ticketId} is over: cancelled.`),
      }),
    )
    expect(await listOf(ann.client, 'direction=out&status=cancelled', position)).toHaveLength(1)
    const scan = await gateAt(w, event)
    expect(await scan(await codeOf(ann.client, ticketId))).toMatchObject({ verdict: 'allow' })
  })

  it('F16.6 is declined by whoever has its code, or whom it was made to by name without one', async () => {
    const { ann, tickets } = await people.holding(2)
    const [first, second] = tickets as [OwnTicket, OwnTicket]
    const ben = await people.known('ben')
    const gift = await offer(ann.client, first.ticketId)
    const asked = await hand(ann.client, second.ticketId, ben.personId, { needsAcceptance: true })
    await nothingRecorded(async () => {
      expect(await refusal(answer(ben.client, gift.offerId, 'decline'))).toMatchObject({ code: 'AcceptanceCodeWrong' })
      expect(await refusal(answer(ann.client, gift.offerId, 'decline', { code: gift.code }))).toMatchObject({
        code: 'OfferNotFound',
      })
    })
    expect((await answer(ben.client, gift.offerId, 'decline', { code: gift.code })).body).toMatchObject({
      status: 'declined',
    })
    const { body, position } = await answer(ben.client, asked.body.offerId, 'decline')
    expect(body).toMatchObject({ status: 'declined' })
    expect(await refusal(answer(ben.client, asked.body.offerId, 'decline'))).toMatchObject({
      code: 'OfferClosed',
      message: expect.stringContaining(`The offer of ticket ${second.ticketId} is over: declined.`),
    })
    expect(await listOf(ann.client, 'direction=out', position)).toMatchObject([
      { status: 'declined' },
      { status: 'declined' },
    ])
    expect((await offer(ann.client, first.ticketId)).status).toBe('pending')
  })

  it('F00.10 stays accepted once its ticket is closed, of which its giver is told nothing', async () => {
    const { ann, ticketId } = await people.holding()
    const ben = await people.somebody('ben')
    const gift = await offer(ann.client, ticketId)
    const accept = () =>
      answer(ben.client, gift.offerId, 'accept', { code: gift.code }, { 'idempotency-key': 'accepted once' })
    const { body } = await accept()
    expect(body).toMatchObject({ status: 'accepted' })
    await befalls(w, ticketId, { type: 'RevokeTicket', reason: 'fraud' })
    expect((await accept()).body).toEqual(body)
    for (const what of ['cancel', 'accept'] as const)
      expect(
        await refusal(answer(ann.client, gift.offerId, what, what === 'accept' ? { code: gift.code } : undefined)),
      ).toMatchObject({ code: 'OfferClosed', message: expect.stringContaining('is over: accepted.') })
  })

  it('F16.4 lapses after 48 hours: then nobody accepts it, and the giver has the ticket again', async () => {
    const { ann, ticketId } = await people.holding(2)
    const ben = await people.somebody('ben')
    const gift = await offer(ann.client, ticketId)
    expect(Date.parse(gift.expiresAt!) - Date.now() - w.clock.ahead).toBeGreaterThan(47.9 * 3_600_000)
    pass(47.9)
    expect(await lapse()).toMatchObject({ lapsed: 0 })
    pass(0.11)
    const late = await ben.again()
    expect(await refusal(answer(late, gift.offerId, 'accept', { code: gift.code }))).toMatchObject({
      status: 410,
      code: 'OfferLapsed',
      message: expect.stringContaining(`Ticket ${ticketId} was offered until ${gift.expiresAt}.`),
    })
    expect(await lapse()).toMatchObject({ lapsed: expect.any(Number) })
    expect(await lapse()).toEqual({ looked: 0, lapsed: 0 })
    expect(await refusal(answer(late, gift.offerId, 'accept', { code: gift.code }))).toMatchObject({
      code: 'OfferClosed',
      message: expect.stringContaining('is over: lapsed.'),
    })
    const again = await ann.again()
    expect(await codeOf(again, ticketId)).toEqual(expect.any(String))
    expect((await offer(again, ticketId)).status).toBe('pending')
  })

  it('is still there after a restart, with the same code', async () => {
    const { ann, ticketId } = await people.holding()
    const key = { 'idempotency-key': 'before the restart' }
    const gift = await offer(ann.client, ticketId, 'friend@example.org', key)
    await w.restart()
    const again = await offer(await ann.again(), ticketId, 'friend@example.org', key)
    expect(again).toEqual(gift)
    const cat = await people.somebody('cat')
    expect((await answer(cat.client, gift.offerId, 'accept', { code: gift.code })).body).toMatchObject({
      status: 'accepted',
    })
    expect((await cat.client.call('GET', '/me')).body).toMatchObject({ profile: { email: 'friend@example.org' } })
  })

  it('is another tenant’s business not at all', async () => {
    const { ann, ticketId } = await people.holding()
    const gift = await offer(ann.client, ticketId)
    const rival = await w.as('attendee', 'rita', { tenant: 'rival' })
    await nothingRecorded(async () => {
      for (const what of ['accept', 'decline', 'cancel'] as const)
        expect(
          await refusal(answer(rival, gift.offerId, what, what === 'cancel' ? undefined : { code: gift.code })),
        ).toMatchObject({
          status: 404,
          code: 'OfferNotFound',
        })
    })
    expect((await rival.call<Page<Transfer>>('GET', '/transfers')).body.items).toEqual([])
  })
})
