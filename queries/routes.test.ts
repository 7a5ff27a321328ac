import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Authenticate } from '../adapters/http/auth.ts'
import { type HttpServer, httpServer } from '../adapters/http/server.ts'
import { soleLeader } from '../adapters/leadership.ts'
import { logTo } from '../adapters/log.ts'
import type { Recorded } from '../domain/fact.ts'
import { sum } from '../domain/money.ts'
import { type AnyFact, known } from '../domain/registry.ts'
import { Role } from '../domain/roles.ts'
import type { CopyTrouble } from '../domain/ticket/facts.ts'
import { repairs } from '../domain/ticket/mismatch.ts'
import { plus } from '../domain/time.ts'
import { places } from '../projections/databases.world.ts'
import { readModels } from '../projections/models.ts'
import { type Projections, startProjections } from '../projections/projector.ts'
import { idFor, type Story, type StoryOrder, story, TYPE } from '../projections/story.world.ts'
import { queryRoutes } from './routes.ts'

const log: Recorded[] = []
let projections: Projections
let server: HttpServer
/** What the clock of the server shows, where a test says so. */
let moment: string | undefined

/** A token is `<tenant>.<person>.<role>`, perhaps with a venue; those bound to one hold at the Arena otherwise. */
const authenticate: Authenticate = async (bearer) => {
  const [tenant = '', person = '', role, venue = 'Arena'] = bearer.split('.')
  const known = Role.safeParse(role)
  if (!known.success) return undefined
  const actor = { id: idFor(`person/${person}`), role: known.data }
  return { tenant, actor, role: known.data, venues: [idFor(`${tenant}/venue/${venue}`)], subject: person }
}

const ANNS_WALLET = '7vfCXTUXx5WJV5JADk17DUJ4ksgau7utNKj4b963voxs'

const serve = async ({ ledger, now }: Pick<Story, 'ledger' | 'now'>): Promise<HttpServer> => {
  const server = await httpServer({
    authenticate,
    health: async () => ({ ready: true }),
    metrics: new Registry(),
    rateLimit: { perMinute: 1_000_000 },
    log: logTo('error'),
  })
  const people = { find: async (id: string) => (id === idFor('person/ann') ? { name: 'Ann', email: null } : undefined) }
  const wallets = { find: async () => new Map([[idFor('person/ann'), ANNS_WALLET]]) }
  const addressees = { find: async () => undefined }
  queryRoutes(server, { projections, ledger, people, wallets, addressees, isVerified: async () => false, now })
  await server.ready()
  return server
}

const ask = async (bearer: string, path: string, headers: Record<string, string> = {}) => {
  const url = new URL(path, 'http://localhost')
  url.searchParams.set('minPosition', log.at(-1)!.position)
  const answer = await server.inject({
    url: `/api/v1${url.pathname}${url.search}`,
    headers: { authorization: `Bearer ${bearer}`, ...headers },
  })
  return { status: answer.statusCode, body: answer.json() }
}

/** What a list answers, page by page, with something happening in between. */
const pages = async (bearer: string, path: string, limit: number, between = async (_page: number) => {}) => {
  const items: Record<string, unknown>[] = []
  const url = new URL(path, 'http://localhost')
  url.searchParams.set('limit', String(limit))
  for (let page = 1; ; page++) {
    const { status, body } = await ask(bearer, `${url.pathname}${url.search}`)
    expect(status).toBe(200)
    expect(body.asOf).toBe(log.at(-1)!.position)
    items.push(...body.items)
    if (body.nextCursor === null) return items
    url.searchParams.set('cursor', body.nextCursor)
    await between(page)
  }
}

/** A tenant of its own for each test. */
const arena = async (tenant: string, tell: (tale: Story, eventId: string) => Promise<unknown> = async () => {}) => {
  const tale = story({ tenant, log })
  const venueId = await tale.venue('Arena')
  const eventId = await tale.event('Gala')
  await tell(tale, eventId)
  return { tale, venueId, eventId }
}

describe.each(places)('on $name', ({ use }) => {
  const { open } = use()
  beforeAll(async () => {
    log.length = 0
    const { ledger, now } = story({ log })
    const database = await open()
    const options = { database, ledger, leadership: soleLeader, models: readModels, decode: known, now }
    projections = await startProjections(options)
    server = await serve({ ledger, now: () => moment ?? now() })
  })
  afterAll(async () => {
    await server.close()
    await projections.close()
  })

  describe('my tickets', () => {
    const lists = ['/tickets', '/orders/tickets', `/tickets/users/${idFor('person/ann')}`]

    it('are one shape under three names, with price, event and type (F19.1, F19.3, F19.6, F19.7)', async () => {
      const { eventId } = await arena('shape', async (tale, eventId) => {
        await tale.buy('mine', eventId, [1])
        await tale.buy('hers', eventId, [2], { payer: 'bea' })
      })
      const answers = await Promise.all(
        lists.map((path) => ask('shape.ann.attendee', path, { 'accept-language': 'de-DE' })),
      )
      for (const { body } of answers) expect(body).toEqual(answers[0]!.body)
      expect(answers[0]!.body.items).toEqual([
        expect.objectContaining({
          eventId,
          eventName: 'Gala',
          eventDate: '2031-06-01T19:00:00.000Z',
          typeId: TYPE,
          typeName: 'Standing',
          slot: 'pool:GA:1',
          zone: 'GA',
          status: 'ACTIVE',
          priceCents: 5_000,
          currency: 'EUR',
          priceFormatted: '50,00\u00a0€',
          holderId: idFor('person/ann'),
          inside: false,
        }),
      ])
    })

    it('are one’s own: those of others are for admin and auditor (F19.2)', async () => {
      await arena('own', (tale, eventId) => tale.buy('mine', eventId, [1]))
      const path = `/tickets/users/${idFor('person/ann')}`
      const statuses = [
        'ann.attendee',
        'bea.attendee',
        'bea.organizer',
        'bea.box_office',
        'bea.admin',
        'bea.auditor',
      ].map(async (who) => [who, (await ask(`own.${who}`, path)).status])
      expect(Object.fromEntries(await Promise.all(statuses))).toEqual({
        'ann.attendee': 200,
        'bea.attendee': 403,
        'bea.organizer': 403,
        'bea.box_office': 403,
        'bea.admin': 200,
        'bea.auditor': 200,
      })
    })

    it('are those of the token’s tenant (F19.8)', async () => {
      await arena('here', (tale, eventId) => tale.buy('mine', eventId, [1]))
      await arena('there')
      expect((await ask('here.ann.attendee', '/tickets')).body.items).toHaveLength(1)
      expect((await ask('there.ann.attendee', '/tickets')).body.items).toEqual([])
      expect((await ask('there.bea.admin', lists[2]!)).body.items).toEqual([])
    })

    it('can be filtered by event and status, and an unknown status is a 400 (F19.4)', async () => {
      const { eventId } = await arena('filter', async (tale, eventId) => {
        await tale.buy('active', eventId, [1])
        await tale.reserve(await tale.place('reserved', eventId, [2]))
        await tale.buy('elsewhere', await tale.event('Matinee'), [1])
      })
      const slots = async (query: string) =>
        (await ask('filter.ann.attendee', `/tickets?${query}`)).body.items.map((item: { slot: string }) => item.slot)
      expect(await slots(`eventId=${eventId}`)).toEqual(['pool:GA:2', 'pool:GA:1'])
      expect(await slots('status=ACTIVE')).toEqual(['pool:GA:1', 'pool:GA:1'])
      expect(await slots(`status=RESERVED&eventId=${eventId}`)).toEqual(['pool:GA:2'])
      expect(await slots('status=TRANSFERRED')).toEqual([])
      for (const path of lists) {
        const refused = await ask('filter.ann.attendee', `${path}?status=active`)
        expect(refused).toMatchObject({
          status: 400,
          body: { code: 'validation_failed', errors: [{ field: 'status' }] },
        })
      }
    })

    it('come page by page, none twice and none missed, while more are bought (F19.5)', async () => {
      const { tale, eventId } = await arena('pages', async (tale, eventId) => {
        for (let number = 1; number <= 7; number++) await tale.buy(`b${number}`, eventId, [number])
        await tale.reserve(await tale.place('open', eventId, [8]))
      })
      const open = { ...(await tale.place('late', eventId, [9])) }
      await tale.reserve(open)
      const found = await pages('pages.ann.attendee', '/tickets', 2, async (page) => {
        // What was reserved is sold meanwhile, and more is bought.
        if (page === 1) for (const step of [tale.holdTickets, tale.pay, tale.sell, tale.confirm]) await step(open)
        await tale.buy(`later${page}`, eventId, [10 + page])
      })
      const numbers = found.map(({ slot }) => Number(String(slot).split(':')[2]))
      expect(numbers).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1])
    })
  })

  describe('a ticket', () => {
    it('is shown to its holder and the staff of its venue, and to others as if there were none (F20.1)', async () => {
      const { tale, eventId } = await arena('seen')
      const { tickets } = await tale.buy('mine', eventId, [1])
      const path = `/tickets/${tickets[0]!.ticketId}`
      const statusFor = async (who: string) => (await ask(who, path)).status
      expect(await statusFor('seen.ann.attendee')).toBe(200)
      expect(await statusFor('seen.bea.attendee')).toBe(404)
      expect(await statusFor('seen.bea.venue_staff')).toBe(200)
      expect(await statusFor('seen.bea.venue_staff.Hall')).toBe(404)
      expect(await statusFor('seen.bea.admin')).toBe(200)
      expect(await statusFor('other.bea.admin')).toBe(404)
      expect(await statusFor('seen.gate.scanner')).toBe(403)
      expect(await statusFor('nobody')).toBe(401)
    })

    it('tells all that happened to it; who did it, to staff alone (F12.12)', async () => {
      const { tale, eventId } = await arena('history')
      const order = await tale.buy('mine', eventId, [1])
      await tale.admit(order)
      const path = `/tickets/${order.tickets[0]!.ticketId}`
      const { body: own } = await ask('history.ann.attendee', path)
      const types = own.history.map(({ type }: { type: string }) => type)
      expect(types).toEqual(['TicketReserved', 'TicketSold', 'TicketAdmitted'])
      expect(own.history[2]).toMatchObject({
        actor: { role: 'process' },
        data: { deviceName: 'Gate 7', entrance: 'North' },
      })
      expect(own.history[2].actor).not.toHaveProperty('id')
      expect(JSON.stringify(own)).not.toContain('a1b2')
      expect(own).toMatchObject({
        status: 'CHECKED_IN',
        inside: true,
        admissions: { count: 1, entrance: 'North' },
        holder: { personId: idFor('person/ann'), name: 'Ann' },
      })
      const { body: staffs } = await ask('history.bea.venue_staff', path)
      expect(staffs.history[2].actor).toEqual({ id: idFor('clerk'), role: 'process' })
    })

    const given = async (tenant: string) => {
      const { tale, eventId } = await arena(tenant)
      const { tickets, orderId } = await tale.buy('mine', eventId, [1])
      const { ticketId } = tickets[0]!
      const [ann, bea] = [idFor('person/ann'), idFor('person/bea')]
      const tell = (fact: AnyFact) => tale.tell('ticket', ticketId, fact)
      const [lockId, offerId] = [idFor('lock'), idFor('offer')]
      await tell({ type: 'TicketLocked', data: { eventId, lockId, reason: 'fraud_investigation' } })
      const checked = { checkId: idFor('check'), document: 'passport', outcome: 'matched' } as const
      await tell({ type: 'TicketIdentityChecked', data: { eventId, ...checked } })
      await tell({ type: 'TicketUnlocked', data: { eventId, lockId } })
      const expiresAt = '2030-01-03T10:00:00.000Z'
      await tell({ type: 'TicketOffered', data: { eventId, offerId, kind: 'gift', from: ann, to: bea, expiresAt } })
      await tell({ type: 'TicketOfferTried', data: { eventId, offerId, tryId: idFor('try') } })
      const moved = { from: ann, to: bea, generation: 2, movedAt: '2030-01-01T12:00:00.000Z' }
      await tell({ type: 'TicketTransferred', data: { eventId, offerId, kind: 'gift', ...moved } })
      return { ticketId, orderId, ann, bea, path: `/tickets/${ticketId}/history`, tell, eventId }
    }

    it('has a history of each change with time and actor, page by page, for its holder and for staff (F12.12)', async () => {
      const { path } = await given('changes')
      const types = [
        ...['TicketReserved', 'TicketSold', 'TicketLocked', 'TicketIdentityChecked', 'TicketUnlocked'],
        ...['TicketOffered', 'TicketOfferTried', 'TicketTransferred'],
      ]
      for (const who of ['bea.attendee', 'cal.venue_staff', 'cal.organizer', 'cal.admin', 'cal.auditor']) {
        const items = await pages(`changes.${who}`, path, 3)
        expect(items.map(({ type }) => type)).toEqual(types)
        expect(items.map(({ at }) => at)).toEqual(items.map(({ at }) => at).toSorted())
        for (const item of items) expect(Object.keys(item)).toEqual(['type', 'at', 'actor', 'data'])
      }
      const statusFor = async (who: string) => (await ask(who, path)).status
      expect(await statusFor('changes.cal.attendee')).toBe(404)
      expect(await statusFor('changes.cal.venue_staff.Hall')).toBe(404)
      expect(await statusFor('elsewhere.cal.admin')).toBe(404)
      expect(await statusFor('changes.gate.scanner')).toBe(403)
      expect((await ask('changes.bea.attendee', `${path}?cursor=x`)).body.errors).toMatchObject([{ field: 'cursor' }])
    })

    it('that was given away leaves its giver’s list, and stays in a history that names nobody to its new holder (F12.12, F19.10)', async () => {
      const { path, ticketId, ann, bea, orderId } = await given('gave')
      expect((await ask('gave.ann.attendee', '/tickets')).body.items).toEqual([])
      expect((await ask('gave.ann.attendee', path)).status).toBe(404)
      const { body: hers } = await ask('gave.bea.attendee', path)
      expect(hers.items.at(-1)).toMatchObject({
        type: 'TicketTransferred',
        actor: { role: 'process' },
        data: { kind: 'gift', from: null, to: bea, generation: 2 },
      })
      expect(hers.items[1].data).toMatchObject({ holderId: null, payerId: null, orderId: null, priceCents: 5_000 })
      for (const secret of [ann, orderId, 'passport', 'matched', 'fraud_investigation', idFor('clerk')])
        expect(JSON.stringify(hers)).not.toContain(secret)
      const { body: shown } = await ask('gave.bea.attendee', `/tickets/${ticketId}`)
      expect(shown.history).toEqual(hers.items)

      const { body: staffs } = await ask('gave.cal.venue_staff', path)
      expect(staffs.items.at(-1)).toMatchObject({ actor: { id: idFor('clerk') }, data: { from: ann, to: bea } })
      expect(staffs.items[1].data).toMatchObject({ holderId: ann, payerId: ann, orderId })
      expect(staffs.items[3].data).toMatchObject({ document: 'passport', outcome: 'matched' })
    })

    it('that came back tells its holder what they knew before, and of who had it meanwhile nothing (F12.12)', async () => {
      const { path, ann, bea, tell, eventId } = await given('back')
      await tell({
        type: 'TicketReportedLost',
        data: { eventId, reportId: idFor('report'), kind: 'stolen' },
      })
      const moved = { from: bea, to: ann, generation: 3, movedAt: '2030-01-02T12:00:00.000Z' }
      await tell({
        type: 'TicketTransferred',
        data: { eventId, offerId: idFor('offer/2'), kind: 'transfer', ...moved },
      })
      const { body } = await ask('back.ann.attendee', path)
      const { data } = body.items.find(({ type }: { type: string }) => type === 'TicketLocked')
      expect(data).toMatchObject({ reason: 'fraud_investigation' })
      expect(body.items.at(-2).data).toEqual({ reportId: idFor('report'), kind: null })
      expect(body.items.at(-1).data).toMatchObject({ from: null, to: ann })
      expect(JSON.stringify(body)).not.toContain(bea)
    })
  })

  describe('the chain', () => {
    const [PDA, EVENT_PDA, MINT] = ['7vfCXTUXx5WJV5JADk17DUJ4ksgau7utNKj4b963voxs', 'e'.repeat(40), 'm'.repeat(40)]

    const onChain = (tale: Story, { eventId, tickets }: StoryOrder, i = 0) => {
      const { ticketId } = tickets[i]!
      const tell = (fact: AnyFact) => tale.tell('ticket', ticketId, fact)
      const addresses = { ticketAddress: PDA, eventAddress: EVENT_PDA, mintAddress: MINT }
      return {
        ticketId,
        mint: (version = 1) =>
          tell({ type: 'TicketMinted', data: { eventId, version, ...addresses, signature: null } }),
        doubt: (trouble: CopyTrouble) => tell({ type: 'TicketUnsettled', data: { eventId, version: 1, trouble } }),
        orderRepair: () => tell({ type: 'TicketRepairOrdered', data: { eventId, version: 2 } }),
        leave: () => tell({ type: 'TicketLeftChain', data: { eventId, signature: null } }),
      }
    }

    it('shows where a ticket is and whether it is settled there, and no address once its accounts are closed (F16.17)', async () => {
      const { tale, eventId } = await arena('copied')
      const order = await tale.buy('mine', eventId, [1])
      const { ticketId, mint, doubt, orderRepair, leave } = onChain(tale, order)
      const none = { mintAddress: null, mintedAt: null, ticketPda: null, eventPda: null }
      const some = { mintAddress: MINT, ticketPda: PDA, eventPda: EVENT_PDA }
      const shown = async () => {
        const [listed] = (await ask('copied.ann.attendee', '/tickets')).body.items
        const { body } = await ask('copied.ann.attendee', `/tickets/${ticketId}`)
        expect(body).toMatchObject(listed)
        expect(listed.walletAddress).toBe(ANNS_WALLET)
        return listed
      }
      const sold = (await shown()).chain.asOf
      expect(await shown()).toMatchObject({ ...none, chain: { state: 'pending', asOf: expect.any(String) } })
      await mint()
      const minted = tale.now()
      expect(minted > sold).toBe(true)
      expect(await shown()).toMatchObject({ ...some, mintedAt: minted, chain: { state: 'settled', asOf: minted } })
      await doubt('holder_differs')
      expect(await shown()).toMatchObject({ ...some, mintedAt: minted, chain: { state: 'differs', asOf: tale.now() } })
      await orderRepair()
      expect((await shown()).chain.state).toBe('differs')
      await mint(2)
      expect((await shown()).chain.state).toBe('settled')
      await leave()
      expect(await shown()).toMatchObject({ ...none, chain: { state: 'off', asOf: null } })
    })

    it('is told of where it does not agree: cause, age and repair of each ticket, by event, page and tenant (F07.16)', async () => {
      const { tale, eventId } = await arena('behind')
      const order = await tale.buy('some', eventId, [1, 2, 3, 4, 5])
      const [late, differing, failed, settled, left] = [0, 1, 2, 3, 4].map((i) => onChain(tale, order, i))
      for (const { mint } of [differing!, settled!]) await mint()
      await differing!.doubt('mint_missing')
      await failed!.doubt('failed')
      await left!.leave()
      await tale.buy('off', await tale.event('Offline', { chain: 'off' }), [1])
      const matinee = await tale.event('Matinee')
      const other = onChain(tale, await tale.buy('other', matinee, [1]))
      const path = '/admin/reconciliation'

      const all = await pages('behind.bea.admin', path, 2)
      expect(all.map(({ ticketId }) => ticketId)).toEqual(
        [late!, differing!, failed!, other].map(({ ticketId }) => ticketId).toSorted(),
      )
      const causes = Object.fromEntries(all.map(({ ticketId, cause, ticketPda }) => [ticketId, [cause, ticketPda]]))
      expect(causes).toEqual({
        [late!.ticketId]: ['not_yet_sent', null],
        [differing!.ticketId]: ['mint_missing', PDA],
        [failed!.ticketId]: ['failed', null],
        [other.ticketId]: ['not_yet_sent', null],
      })

      moment = plus(tale.now(), 90)
      onTestFinished(() => {
        moment = undefined
      })
      const [one] = (await ask('behind.bea.auditor', `${path}?eventId=${matinee}`)).body.items
      expect(one).toMatchObject({ ticketId: other.ticketId, eventId: matinee, repair: repairs.not_yet_sent })
      expect(plus(one.since, one.ageSeconds)).toBe(moment)
      expect(one.ageSeconds).toBeGreaterThan(90)
      expect((await ask('elsewhere.bea.admin', path)).body.items).toEqual([])
      expect((await ask('behind.ann.attendee', path)).status).toBe(403)

      await other.mint()
      expect((await ask('behind.bea.admin', `${path}?eventId=${matinee}`)).body.items).toEqual([])
    })
  })

  describe('orders', () => {
    it('show lines, total, payments and tickets to their payer, and refuse other people (F07.19)', async () => {
      const { tale, eventId } = await arena('order')
      const { orderId, tickets } = await tale.buy('mine', eventId, [1, 2])
      const { body } = await ask('order.ann.attendee', `/orders/${orderId}`)
      expect(body).toMatchObject({
        orderId,
        status: 'confirmed',
        reason: null,
        total: { amount: 10_000, currency: 'EUR', formatted: '€100.00' },
        lines: [
          { typeId: TYPE, slot: 'pool:GA:1', edition: 1, priceCents: 5_000, taxes: [{ amount: 327 }] },
          { slot: 'pool:GA:2' },
        ],
        payments: [{ amount: 10_000, refunded: 0, status: 'captured', provider: 'sandbox' }],
        ticketIds: tickets.map(({ ticketId }) => ticketId),
      })
      expect((await ask('order.bea.attendee', `/orders/${orderId}`)).status).toBe(404)
      expect((await ask('other.ann.attendee', `/orders/${orderId}`)).status).toBe(404)
      expect((await ask('order.bea.box_office', `/orders/${orderId}`)).status).toBe(200)
    })

    it('are listed to their payer; staff may ask for a person’s or an event’s', async () => {
      const { eventId } = await arena('list', async (tale, eventId) => {
        await tale.buy('anns', eventId, [1])
        await tale.buy('beas', eventId, [2], { payer: 'bea' })
        await tale.buy('others', await tale.event('Matinee', { venueId: await tale.venue('Hall') }), [1], {
          payer: 'bea',
        })
      })
      const bea = idFor('person/bea')
      const count = async (who: string, query = '') => (await ask(`list.${who}`, `/orders${query}`)).body.items?.length
      expect(await count('ann.attendee')).toBe(1)
      expect((await ask('list.ann.attendee', `/orders?payerId=${bea}`)).status).toBe(403)
      expect(await count('ann.attendee', `?eventId=${eventId}`)).toBe(1)
      expect(await count('carl.organizer')).toBe(0)
      expect(await count('carl.organizer', `?payerId=${bea}`)).toBe(2)
      expect(await count('carl.organizer', `?eventId=${eventId}`)).toBe(2)
      expect(await pages('list.carl.admin', `/orders?payerId=${bea}`, 1)).toHaveLength(2)
    })

    it('keep whoever waits until they end, and no longer (F07.19)', async () => {
      const { tale, eventId } = await arena('wait')
      const order = await tale.place('slow', eventId, [1])
      await tale.reserve(order)
      const path = `/orders/${order.orderId}?wait=20s`
      const began = performance.now()
      const waiting = Promise.all(Array.from({ length: 64 }, () => ask('wait.ann.attendee', path)))
      for (const step of [tale.holdTickets, tale.pay, tale.sell, tale.confirm]) {
        await new Promise((resolve) => setTimeout(resolve, 30))
        await step(order)
      }
      const answers = await waiting
      expect(answers.map(({ body }) => body.status)).toEqual(Array(64).fill('confirmed'))
      expect((await ask('wait.ann.attendee', path)).body.status).toBe('confirmed')
      expect(performance.now() - began).toBeLessThan(10_000)
    })

    it('tell their end to whoever waits, though no read model has heard of them yet', async () => {
      // A log of its own, which nothing projects.
      const tale = story({ tenant: 'still' })
      const server = await serve(tale)
      const get = async (path: string) => {
        const answer = await server.inject({
          url: `/api/v1${path}`,
          headers: { authorization: 'Bearer still.ann.admin' },
        })
        return answer.json()
      }
      const order = await tale.place('quick', await tale.event('Gala'), [1])
      const waiting = get(`/orders/${order.orderId}?wait=20s`)
      for (const step of [tale.reserve, tale.holdTickets, tale.pay, tale.sell, tale.confirm]) await step(order)
      const ended = {
        orderId: order.orderId,
        status: 'confirmed',
        payments: [{ status: 'captured', provider: 'sandbox' }],
        ticketIds: order.tickets.map(({ ticketId }) => ticketId),
        changedAt: tale.now(),
        asOf: tale.log.at(-1)!.position,
      }
      expect(await waiting).toMatchObject(ended)
      expect(await get(`/orders/${order.orderId}?wait=20s`)).toMatchObject(ended)
      expect((await get('/orders')).items).toEqual([])
      await server.close()
    })

    it('are the same in a list and by themselves', async () => {
      const { tale, eventId } = await arena('same')
      const { orderId: bought } = await tale.buy('bought', eventId, [1])
      const refunded = await tale.place('refunded', eventId, [2])
      for (const step of [tale.reserve, tale.holdTickets, tale.pay, tale.sell, tale.refund]) await step(refunded)
      const { orderId: free } = await tale.place('free', eventId, [3], { price: 0 })
      const listed = (await ask('same.ann.attendee', '/orders')).body.items
      const single = [free, refunded.orderId, bought].map(async (orderId) => {
        const { asOf, ...order } = (await ask('same.ann.attendee', `/orders/${orderId}`)).body
        return order
      })
      expect(listed).toEqual(await Promise.all(single))
    })

    it('are told as they are once the wait is over (F07.19)', async () => {
      const { tale, eventId } = await arena('patience')
      const order = await tale.place('slow', eventId, [1])
      const { body } = await ask('patience.ann.attendee', `/orders/${order.orderId}?wait=1s`)
      expect(body.status).toBe('reserving')
      expect((await ask('patience.bea.attendee', `/orders/${order.orderId}?wait=30s`)).status).toBe(404)
      for (const wait of ['31s', '0s', '5', '1m'])
        expect((await ask('patience.ann.attendee', `/orders/${order.orderId}?wait=${wait}`)).status).toBe(400)
    })
  })

  describe('the catalogue', () => {
    it('shows drafts to those who make them, and to others only what is published', async () => {
      const { tale, venueId } = await arena('drafts')
      const hall = await tale.venue('Hall')
      const draft = await tale.event('Draft', { publish: false })
      const elsewhere = await tale.event('Elsewhere', { publish: false, venueId: hall })
      const seen = async (who: string, query = '') =>
        (await ask(`drafts.${who}`, `/events${query}`)).body.items.map(({ name }: { name: string }) => name).sort()
      expect(await seen('ann.attendee')).toEqual(['Gala'])
      expect(await seen('ann.box_office')).toEqual(['Gala'])
      expect(await seen('ann.venue_staff')).toEqual(['Draft', 'Gala'])
      expect(await seen('ann.organizer')).toEqual(['Draft', 'Elsewhere', 'Gala'])
      expect(await seen('ann.organizer', `?venueId=${venueId}`)).toEqual(['Draft', 'Gala'])
      const status = async (who: string, id: string) => (await ask(`drafts.${who}`, `/events/${id}`)).status
      expect([await status('ann.attendee', draft), await status('ann.venue_staff', draft)]).toEqual([404, 200])
      expect([await status('ann.venue_staff', elsewhere), await status('ann.auditor', elsewhere)]).toEqual([404, 200])
    })

    it('shows what an event sells and where it is left, page by page', async () => {
      const { tale, eventId, venueId } = await arena('catalogue')
      await tale.reserve(await tale.place('one', eventId, [1, 2]))
      for (const name of ['A', 'B', 'C']) await tale.event(name)
      expect(await pages('catalogue.ann.attendee', '/events', 2)).toHaveLength(4)
      const { body } = await ask('catalogue.ann.attendee', `/events/${eventId}`)
      expect(body).toMatchObject({ eventId, venueId, name: 'Gala', salesOpen: true, pools: [{ pool: 'GA', size: 20 }] })
      expect(body.types[0]).toMatchObject({
        typeId: TYPE,
        price: { amount: 5_000, currency: 'EUR', formatted: '€50.00' },
      })
      const left = await ask('catalogue.ann.attendee', `/events/${eventId}/availability`)
      expect(left.body.pools).toEqual([{ pool: 'GA', capacity: 20, available: 18, reserved: 2, sold: 0 }])
      expect((await ask('other.ann.attendee', `/events/${eventId}/availability`)).status).toBe(404)
      expect((await ask('catalogue.ann.attendee', `/venues/${venueId}`)).body.royaltyBasisPoints).toBe(500)
      expect(await pages('catalogue.ann.attendee', '/venues', 1)).toHaveLength(1)
      expect((await ask('other.ann.attendee', `/venues/${venueId}`)).status).toBe(404)
    })
  })

  describe('money', () => {
    it('of a venue is the sum of its postings, and of an event is divided without a rest (F00.7, F07.14)', async () => {
      const { venueId, eventId } = await arena('money', async (tale, eventId) => {
        for (const number of [1, 2, 3, 4, 5]) await tale.buy(`b${number}`, eventId, [number])
      })
      const balance = await ask('money.ann.organizer', `/venues/${venueId}/balance`)
      expect(balance.body.balances).toEqual([{ amount: 5 * 4_673, currency: 'EUR', formatted: '€233.65' }])
      const postings = await pages('money.ann.organizer', `/venues/${venueId}/postings`, 2)
      expect(sum(postings.map(({ money }) => (money as { amount: number }).amount))).toBe(5 * 4_673)
      const { body } = await ask('money.ann.auditor', `/events/${eventId}/reports/settlement`)
      expect(body.currencies).toMatchObject([
        { gross: { amount: 25_000 }, fees: { amount: 0 }, taxes: { amount: 5 * 327 }, venueNet: { amount: 5 * 4_673 } },
      ])
      const report = await ask('money.ann.auditor', `/events/${eventId}/reports/sales`)
      expect(report.body.sales).toMatchObject([{ typeId: TYPE, sold: 5, refunded: 0, gross: { amount: 25_000 } }])
      expect((await ask('money.ann.attendee', `/venues/${venueId}/balance`)).status).toBe(403)
      expect((await ask('other.ann.admin', `/venues/${venueId}/balance`)).status).toBe(404)
      expect((await ask('other.ann.admin', `/events/${eventId}/reports/sales`)).status).toBe(404)
    })
  })

  describe('the gate', () => {
    it('logs every scan with its device, entrance and reason, to the staff of its venue (F15.21)', async () => {
      const { tale, eventId } = await arena('gate')
      const order = await tale.buy('one', eventId, [1])
      await tale.admit(order)
      await tale.deny(eventId)
      await tale.deny(null)
      const found = await pages('gate.ann.organizer', '/scans', 1)
      expect(found.map(({ verdict, reason }) => [verdict, reason])).toEqual([
        ['deny', 'unreadable_code'],
        ['deny', 'wrong_zone'],
        ['allow', null],
      ])
      expect(found[1]).toMatchObject({ deviceName: 'Gate 7', entrance: 'North', checks: [{ step: 'code_readable' }] })
      expect(found[2]).toMatchObject({ ticketId: order.tickets[0]!.ticketId, venueId: idFor('gate/venue/Arena') })
      const bound = await ask('gate.ann.venue_staff', '/scans?verdict=deny')
      expect(bound.body.items).toHaveLength(1)
      expect((await ask('gate.ann.attendee', '/scans')).status).toBe(403)
      expect((await ask('other.ann.organizer', '/scans')).body.items).toEqual([])
      const device = idFor('device/gate-7')
      expect((await ask('gate.ann.organizer', `/scans?deviceId=${device}&eventId=${eventId}`)).body.items).toHaveLength(
        2,
      )
      const { body } = await ask('gate.ann.venue_staff', `/events/${eventId}/attendance`)
      expect(body).toMatchObject({ admitted: 1, admissions: 1, byEntrance: [{ entrance: 'North', admitted: 1 }] })
    })

    it('has devices, active or not, each seen in its tenant and venue (F08.1, F08.4, F08.5, F08.8)', async () => {
      const { tale, eventId } = await arena('device')
      const off = await tale.device('b-2')
      await tale.device('a-1')
      await tale.device('a-1', { name: 'Renamed' })
      await tale.device('c-3', { venueId: await tale.venue('Hall') })
      await tale.tell('device', off, { type: 'DeviceAssigned', data: { eventId, zone: 'VIP', entrance: 'East' } })
      await tale.tell('device', off, { type: 'DeviceDeactivated', data: {} })
      const labels = async (who: string, query = '') =>
        (await pages(who, `/devices${query}`, 2)).map(({ deviceId, name }) => `${deviceId} ${name}`)
      expect(await labels('device.ann.admin')).toEqual(['a-1 Renamed', 'b-2 Gate 7', 'c-3 Gate 7'])
      expect(await labels('device.ann.admin', '?active=true')).toEqual(['a-1 Renamed', 'c-3 Gate 7'])
      expect(await labels('device.ann.venue_staff', '?active=true')).toEqual(['a-1 Renamed'])
      expect(await labels('other.ann.admin')).toEqual([])
      const { body } = await ask('device.ann.admin', '/devices?active=false')
      expect(body.items).toEqual([
        {
          id: off,
          deviceId: 'b-2',
          name: 'Gate 7',
          zone: 'GA',
          venueId: idFor('device/venue/Arena'),
          isActive: false,
          assignment: { eventId, zone: 'VIP', entrance: 'East' },
        },
      ])
    })
  })
})
