import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { soleLeader } from '../adapters/leadership.ts'
import { START } from '../domain/fact.ts'
import { sum } from '../domain/money.ts'
import { type Known, known } from '../domain/registry.ts'
import { placeOf } from '../domain/slot.ts'
import { plus } from '../domain/time.ts'
import { availabilityOf, freeSlots, negatives, newestSlots, orphans } from './availability/read.ts'
import { prepare, schemaOf } from './builds.ts'
import { applyBatch, forget, type Site, siteOf } from './checkpoint.ts'
import { countOf, refundsOf } from './closings/read.ts'
import { places } from './databases.world.ts'
import { dueOrders } from './due/read.ts'
import { journal } from './journal/model.ts'
import { balanceOf, postingsOf, settlementOf } from './journal/read.ts'
import { claimsBefore, listingOf, listingsBy, openListings } from './listings/read.ts'
import { migrate } from './migrations.ts'
import { readModels } from './models.ts'
import { orders } from './orders/model.ts'
import { startProjections } from './projector.ts'
import type { ReadModel } from './read-model.ts'
import type { ReadDatabase, Reading } from './reading.ts'
import { salesOf } from './sales/read.ts'
import { attendanceOf } from './scan-log/read.ts'
import { EARLY, idFor, resaleOf, type Story, type StoryOrder, standing, story, TYPE, tossed } from './story.world.ts'
import { eventsLeft, type Occasion, ticketsLeft } from './tickets/left.ts'
import { ticketsOf } from './tickets/read.ts'
import { lapsedOffers, transferOf, transfersOf, transfersOfTicket } from './transfers/read.ts'

describe.each(places)('on $name', ({ use }) => {
  const { open } = use()
  let database: ReadDatabase
  beforeAll(async () => {
    database = await open()
    await migrate(database.db)
    await prepare(database.db, readModels)
  })

  const first = ({ name, version }: Pick<ReadModel<never>, 'name' | 'version'>) => ({ name, version, build: 1 })
  const SITES = readModels.map((model) => siteOf(model, first(model), { shared: false }))

  const db: Reading = {
    tables: (model, tenant) => database.as(tenant).withSchema(schemaOf(first(model))),
    everyTenant: (model) => database.db.withSchema(schemaOf(first(model))),
  }

  const tablesIn = async (schema: string, { db }: Pick<ReadDatabase, 'db'> = database): Promise<string[]> => {
    const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = ${schema} order by 1`.execute(db)
    return rows.map(({ name }) => name)
  }

  const startOver = async (site: Site<Known>) => {
    const tables = (await tablesIn(site.schema)).map((name) => sql.id(site.schema, name))
    await sql`truncate ${sql.join(tables)}`.execute(database.db)
    await sql`update read_model.build set position = ${START} where name = ${site.model.name}`.execute(database.db)
    forget(site)
  }

  /** Fills a model anew, in batches of these sizes; the last size goes on to the end. */
  const fill = async (site: Site<Known>, facts: readonly Known[], sizes: readonly number[]) => {
    await startOver(site)
    let position = START
    for (let at = 0, i = 0; at < facts.length; i++) {
      const size = sizes[Math.min(i, sizes.length - 1)]!
      position = await applyBatch(database.db, site, position, facts.slice(at, at + size))
      at += size
    }
  }

  const show = async (tale: Story) => {
    for (const site of SITES) await fill(site, tale.facts(), [1_000])
  }

  /** Every row of every table of a build. */
  const rowsOf = async (schema: string, { db }: Pick<ReadDatabase, 'db'> = database) => {
    const tables: Record<string, unknown[]> = {}
    for (const name of await tablesIn(schema, { db })) {
      const table = sql.id(schema, name)
      const { rows } = await sql`select to_jsonb(t) as row from ${table} t order by to_jsonb(t)::text`.execute(db)
      tables[name] = rows
    }
    return tables
  }

  describe('every read model', () => {
    it('has the same rows, however the ledger is cut into batches', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.nat(1_000), { minLength: 20, maxLength: 120 }),
          fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 }),
          async (dice, sizes) => {
            const tale = story()
            await tossed(tale, dice)
            const facts = tale.facts()
            for (const site of SITES) {
              await fill(site, facts, [1_000])
              const whole = await rowsOf(site.schema)
              await fill(site, facts, sizes)
              expect(await rowsOf(site.schema)).toEqual(whole)
            }
          },
        ),
        { numRuns: 10 },
      )
    })

    it('is the same when it is built anew while it is read (F04.7)', async () => {
      const tale = story()
      await tossed(tale, dice(400))
      await tale.place('still open', idFor('acme/event/Gala'), [1])
      const { ledger, now } = tale
      const own = await open()
      const options = { database: own, ledger, leadership: soleLeader, models: readModels, decode: known, now }
      const projections = await startProjections(options)
      const names = readModels.map(({ name }) => name)
      expect(await projections.waitFor(names, await ledger.head(), 20_000)).toBe(true)
      for (const model of readModels) {
        const before = await rowsOf(schemaOf(first(model)), own)
        expect(Object.values(before).flat().length).toBeGreaterThan(0)
        await projections.rebuild(model.name)
        expect(await rowsOf(schemaOf({ ...first(model), build: 2 }), own)).toEqual(before)
      }
      await projections.close()
    })
  })

  /** Always the same throws. */
  const dice = (count: number): number[] => {
    let seed = 20_300_101
    return Array.from({ length: count }, () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % 1_009
    })
  }

  /** Sold, and then given back. */
  const undo = async ({ reserve, holdTickets, pay, sell, refund }: Story, order: StoryOrder) => {
    for (const step of [reserve, holdTickets, pay, sell, refund]) await step(order)
  }

  /** The slots that ticket types draw from, where it is not the whole pool. */
  const LATE = idFor('type/late')
  const RANGES = new Map<string, readonly [number, number]>([
    [EARLY, [1, 3]],
    [LATE, [4, 8]],
  ])
  const WHOLE = [1, 12] as const

  describe('availability', () => {
    const range = (eventId: string, from: number, to: number) => ({ tenant: 'acme', eventId, pool: 'GA', from, to })

    it('falls by what is reserved and rises by what is released (F04.3)', async () => {
      const tale = story()
      const eventId = await tale.event('Gala', { size: 10 })
      const kept = await tale.place('kept', eventId, [2, 3])
      await tale.reserve(kept)
      const given = await tale.place('given', eventId, [5])
      await tale.reserve(given)
      await show(tale)
      const whole = { pool: 'GA', capacity: 10, available: 7, reserved: 3, sold: 0 }
      expect(await availabilityOf(db, 'acme', eventId)).toEqual({
        pools: [whole],
        types: [
          { typeId: EARLY, name: 'Early bird', pool: 'GA', capacity: 3, available: 1, reserved: 2, sold: 0 },
          { typeId: TYPE, name: 'Standing', ...whole },
        ].sort((a, b) => (a.typeId < b.typeId ? -1 : 1)),
      })

      await tale.release(given)
      await tale.sell(kept)
      await show(tale)
      const { pools } = await availabilityOf(db, 'acme', eventId)
      expect(pools).toEqual([{ pool: 'GA', capacity: 10, available: 8, reserved: 0, sold: 2 }])
    })

    it('counts what the slots themselves say, at every moment, and never less than none (F04.3, F04.9)', async () => {
      const tale = story()
      const eventId = idFor('acme/event/Gala')
      await tossed(tale, dice(300))
      await tale.tell('event', eventId, {
        type: 'EventTicketTypeSet',
        data: { ...standing(5_000), typeId: LATE, from: 4, to: 8 },
      })
      const site = SITES.find(({ model }) => model.name === 'availability')!
      await startOver(site)
      let position = START
      let mostSold = 0
      for (const fact of tale.facts()) {
        position = await applyBatch(database.db, site, position, [fact])
        const { pools, types } = await availabilityOf(db, 'acme', eventId)
        const slots = await newestSlots(db, 'acme', eventId)
        const ranges = types.map((counts) => ({ counts, range: RANGES.get(counts.typeId) ?? WHOLE }))
        for (const { counts, range } of [...pools.map((counts) => ({ counts, range: WHOLE })), ...ranges]) {
          const [from, to] = range
          const within = slots.filter(({ slot }) => from <= placeOf(slot).number && placeOf(slot).number <= to)
          const having = (wanted: string) => within.filter(({ status }) => status === wanted).length
          expect(counts).toMatchObject({ capacity: to - from + 1, reserved: having('reserved'), sold: having('sold') })
          expect(counts.available + counts.reserved + counts.sold).toBe(counts.capacity)
          expect(counts.available).toBeGreaterThanOrEqual(0)
        }
        mostSold = Math.max(mostSold, pools[0]?.sold ?? 0)
      }
      expect(mostSold).toBeGreaterThan(3)
      expect(await negatives(db)).toBe(0)
    })

    it('counts a pool whose view shows less than nothing (F04.9)', async () => {
      const tale = story()
      const eventId = await tale.event('Tiny', { size: 1 })
      await tale.reserve(await tale.place('one', eventId, [1, 2]))
      await show(tale)
      expect(await negatives(db)).toBe(1)
    })

    it('offers what nobody touched, what was released, and what was closed as its next edition', async () => {
      const tale = story()
      const eventId = await tale.event('Gala', { size: 6 })
      await tale.buy('sold', eventId, [1])
      const released = await tale.place('released', eventId, [2])
      await tale.reserve(released)
      await tale.release(released)
      const refunded = await tale.place('refunded', eventId, [4])
      await undo(tale, refunded)
      const again = await tale.place('again', eventId, [5])
      await undo(tale, again)
      await tale.buy('second edition', eventId, [5], { edition: 2 })
      await show(tale)
      const free = [
        { slot: 'pool:GA:2', edition: 1 },
        { slot: 'pool:GA:3', edition: 1 },
        { slot: 'pool:GA:4', edition: 2 },
        { slot: 'pool:GA:6', edition: 1 },
      ]
      expect(await freeSlots(db, range(eventId, 1, 6), 10)).toEqual(free)
      expect(await freeSlots(db, range(eventId, 1, 6), 2)).toEqual(free.slice(0, 2))
      expect(await freeSlots(db, range(eventId, 4, 5), 10)).toEqual([{ slot: 'pool:GA:4', edition: 2 }])
      expect(await newestSlots(db, 'acme', eventId)).toMatchObject([
        { slot: 'pool:GA:1', edition: 1, status: 'sold' },
        { slot: 'pool:GA:2', edition: 1, status: 'free', orderId: null },
        { slot: 'pool:GA:4', edition: 1, status: 'closed' },
        { slot: 'pool:GA:5', edition: 2, status: 'sold' },
      ])
    })

    it('finds the orphans of each kind, and no reservation that is still in use (F04.6)', async () => {
      const tale = story()
      const eventId = await tale.event('Gala')
      const ghost = await tale.place('ghost', eventId, [1])
      tale.log.pop()
      await tale.reserve(ghost)
      const failed = await tale.place('failed', eventId, [2])
      await tale.cancel(failed)
      await tale.reserve(failed)
      const lapsed = await tale.place('lapsed', eventId, [3])
      await tale.reserve(lapsed)
      const renewed = await tale.place('renewed', eventId, [4])
      await tale.reserve(renewed)
      await tale.extend(renewed)
      const slotsAt = async (now: string) =>
        (await orphans(db, { now, grace: 60 })).map(({ slot, reason }) => `${slot} ${reason}`).sort()
      await show(tale)

      expect(await slotsAt(tale.now())).toEqual(['pool:GA:2 order_failed'])
      expect(await slotsAt(plus(tale.now(), 65))).toEqual(['pool:GA:1 no_order', 'pool:GA:2 order_failed'])
      expect(await slotsAt(plus(lapsed.placed.expiresAt, 61))).toEqual([
        'pool:GA:1 no_order',
        'pool:GA:2 order_failed',
        'pool:GA:3 should_be_expired',
      ])
    })
  })

  describe('what is due', () => {
    it('is every order that stood still for a minute or whose time is over, until it ends (F04.2)', async () => {
      const tale = story()
      const eventId = await tale.event('Gala')
      const waiting = await tale.place('waiting', eventId, [1])
      await tale.buy('done', eventId, [2])
      await show(tale)
      expect(await dueOrders(db, plus(tale.now(), 10), 10)).toEqual([])
      expect(await dueOrders(db, plus(tale.now(), 60), 10)).toEqual([{ tenant: 'acme', orderId: waiting.orderId }])
      tale.pass(1_790)
      await tale.reserve(waiting)
      await tale.holdTickets(waiting)
      await show(tale)
      expect(await dueOrders(db, waiting.placed.expiresAt, 10)).toHaveLength(1)
      await tale.cancel(waiting)
      await show(tale)
      expect(await dueOrders(db, plus(tale.now(), 9_999), 10)).toEqual([])
    })
  })

  describe('the journal', () => {
    const postings = sql.table(`${schemaOf(first(journal))}.posting`)
    const fees = [
      { code: 'booking_fee', flat: [{ amount: 150, currency: 'EUR' }], basisPoints: 0, paidBy: 'buyer' as const },
    ]

    it('credits the venue with what fees and taxes leave, and the balance is the sum of its postings (F00.7, F07.14)', async () => {
      const tale = story()
      const eventId = await tale.event('Gala')
      await tale.buy('first', eventId, [1, 2], { fees })
      await tale.buy('second', eventId, [3], { fees, kind: 'external' })
      const lost = await tale.place('lost', eventId, [4], { fees })
      await undo(tale, lost)
      await show(tale)
      const venueId = idFor('acme/venue/Arena')
      // 50.00 with 7 % VAT in it: 3.27. On top 1.50, which is the platform's.
      const settlement = {
        currency: 'EUR',
        gross: 3 * 5_150,
        fees: 3 * 150,
        taxes: 3 * 327,
        venueNet: 3 * 4_673,
        sellers: 0,
      }
      expect(await settlementOf(db, 'acme', eventId)).toEqual([settlement])
      const [balance] = await balanceOf(db, 'acme', venueId)
      expect(balance).toEqual({ currency: 'EUR', amount: settlement.venueNet })
      const postings = await postingsOf(db, { tenant: 'acme', venueId, before: undefined, limit: 100 })
      expect(sum(postings.map(({ amount }) => amount))).toBe(balance!.amount)
      expect(await balanceOf(db, 'other', venueId)).toEqual([])
    })

    it('F07.14 F00.7 takes from each account its share of what is given back, and leaves the platform the fees that stay', async () => {
      const tale = story()
      const eventId = await tale.event('Gala')
      const kept = await tale.buy('kept', eventId, [1, 2, 3], { fees })
      await tale.payBack(kept, await tale.close(kept, { withFees: true }))
      await tale.payBack(kept, await tale.close(kept, { withFees: false, only: 1 }))
      const outside = await tale.buy('outside', eventId, [4], { fees, kind: 'external' })
      await tale.payBack(outside, await tale.close(outside, { as: 'TicketCancelled' }))
      // Closed, and its money is still on its way.
      await tale.close(kept, { only: 2 })
      await show(tale)
      const settlement = { currency: 'EUR', gross: 5_150 + 150, fees: 2 * 150, taxes: 327, venueNet: 4_673, sellers: 0 }
      expect(await settlementOf(db, 'acme', eventId)).toEqual([settlement])
      expect(await balanceOf(db, 'acme', idFor('acme/venue/Arena'))).toEqual([{ currency: 'EUR', amount: 4_673 }])
      const { rows } = await sql`select account, sum(amount) as total from ${postings}
        where account in ('processor', 'external') group by account order by account`.execute(database.db)
      expect(rows).toEqual([
        { account: 'external', total: 0 },
        { account: 'processor', total: 5_150 + 150 },
      ])
    })

    it('adds up to zero in every fact and, once it has ended, on the account of every order (F07.10)', async () => {
      const tale = story()
      await tossed(tale, dice(500), 40)
      await show(tale)
      const { rows: accounts } = await sql<{ account: string; total: number; status: string | null }>`
      select account, sum(amount) as total, status from ${postings} p
      join ${sql.table(`${schemaOf(first(orders))}.orders`)} o on p.account = 'order:' || o.order_id group by account, status`.execute(
        database.db,
      )
      const ended = accounts.filter(({ status }) => status === 'confirmed' || status === 'refunded')
      expect(ended.length).toBeGreaterThan(5)
      expect(ended.filter(({ total }) => total !== 0)).toEqual([])
      const { rows: unbalanced } = await sql`
      select fact_id from ${postings} group by fact_id having sum(amount) <> 0`.execute(database.db)
      expect(unbalanced).toEqual([])
    })
  })

  describe('the closing of an event', () => {
    it('F12.11 tells what became of its tickets, and how much of their money went back, is on its way or went back otherwise', async () => {
      const tale = story()
      const eventId = await tale.event('Gala')
      const ann = await tale.buy('ann', eventId, [1, 2, 3])
      const [bob, cyd] = [await tale.buy('bob', eventId, [4]), await tale.buy('cyd', eventId, [5, 6, 7, 8])]
      await tale.payBack(ann, await tale.close(ann))
      await tale.close(ann, { only: 1, as: 'TicketCancelled' })
      await tale.close(bob)
      for (const act of [tale.dispute, tale.loseDispute]) await act(bob)
      for (const act of [tale.dispute, tale.winDispute]) await act(ann)
      await tale.expire(cyd)
      await tale.expire(cyd, { only: 1, admitted: true })
      await tale.revoke(cyd, { only: 2 })
      await undo(tale, await tale.place('lost', eventId, [9]))
      await show(tale)
      const counted = { sold: 9, refunded: 3, revoked: 1, cancelled: 1, expired: 1, used: 1 }
      expect(await countOf(db, 'acme', eventId)).toEqual(counted)
      const one = { count: 1, amount: 5_000 }
      expect(await refundsOf(db, 'acme', eventId)).toEqual([{ currency: 'EUR', open: one, paid: one, otherwise: one }])
      expect(await countOf(db, 'other', eventId)).toMatchObject({ sold: 0 })
      expect(await refundsOf(db, 'other', eventId)).toEqual([])
    })
  })

  describe('what is left to do with tickets', () => {
    const MOVED = ['2031-07-01T19:00:00.000Z', '2031-07-01T23:00:00.000Z'] as const
    const left = async (occasion: Occasion, eventId: string, overBy = '') => ({
      events: (await eventsLeft(db, { tenant: undefined, occasion, overBy, limit: 10 })).map(({ eventId }) => eventId),
      tickets: await ticketsLeft(db, { tenant: 'acme', eventId, occasion, after: undefined, limit: 10 }),
    })
    const idsOf = ({ tickets }: StoryOrder) => tickets.map(({ ticketId }) => ticketId).toSorted()

    it('F12.11 of a cancelled event, is those that somebody holds, in pages', async () => {
      const tale = story()
      const [gala, other] = [await tale.event('Gala'), await tale.event('Other')]
      const ann = await tale.buy('ann', gala, [1, 2, 3])
      await tale.buy('bob', other, [1])
      await tale.reserve(await tale.place('open', gala, [4]))
      await tale.cancelEvent(gala)
      await show(tale)
      const ids = idsOf(ann)
      expect(await left('cancelled', gala)).toEqual({ events: [gala], tickets: ids })
      const page = { tenant: 'acme', eventId: gala, occasion: 'cancelled', limit: 2 } as const
      expect(await ticketsLeft(db, { ...page, after: undefined })).toEqual(ids.slice(0, 2))
      expect(await ticketsLeft(db, { ...page, after: ids[1] })).toEqual(ids.slice(2))
      for (const only of [0, 1, 2]) await tale.close(ann, { only, as: 'TicketCancelled' })
      await show(tale)
      expect(await left('cancelled', gala)).toEqual({ events: [], tickets: [] })
    })

    it('F12.9 of an event that was moved, is those that were chosen for another time and not told', async () => {
      const tale = story()
      const gala = await tale.event('Gala')
      const [ann, bob] = [await tale.buy('ann', gala, [1]), await tale.buy('bob', gala, [2])]
      await tale.reschedule(gala, ...MOVED)
      await tale.buy('cyd', gala, [3])
      await tale.tellTicket(bob, ...MOVED)
      await show(tale)
      expect(await left('rescheduled', gala)).toEqual({ events: [gala], tickets: idsOf(ann) })
      await tale.tellTicket(ann, ...MOVED)
      await show(tale)
      expect(await left('rescheduled', gala)).toEqual({ events: [], tickets: [] })
    })

    it('F12.6 F12.9 of an event that is over by its end of now, is those that are held', async () => {
      const tale = story()
      const gala = await tale.event('Gala')
      const ann = await tale.buy('ann', gala, [1])
      await tale.admit(ann)
      await show(tale)
      expect((await left('over', gala, '2031-06-01T22:59:59.999Z')).events).toEqual([])
      expect(await left('over', gala, '2031-06-01T23:00:00.000Z')).toEqual({ events: [gala], tickets: idsOf(ann) })
      await tale.reschedule(gala, ...MOVED)
      await show(tale)
      expect((await left('over', gala, '2031-06-01T23:00:00.000Z')).events).toEqual([])
    })
  })

  describe('sales', () => {
    it('count by type and local day, and what was refunded counts only as refunded', async () => {
      const tale = story()
      const eventId = await tale.event('Gala')
      await tale.buy('first', eventId, [1, 2])
      // 23:30 in Berlin, then half past midnight.
      tale.pass(12.5 * 3_600)
      await tale.buy('late', eventId, [3])
      tale.pass(3_600)
      const lost = await tale.place('lost', eventId, [4])
      await undo(tale, lost)
      await show(tale)
      expect(await salesOf(db, 'acme', eventId)).toMatchObject([
        {
          typeId: TYPE,
          name: 'Standing',
          day: '2030-01-01',
          sold: 3,
          refunded: 0,
          gross: 15_000,
          taxes: 3 * 327,
          fees: 0,
        },
        { typeId: TYPE, day: '2030-01-02', sold: 0, refunded: 1, gross: 0, taxes: 0 },
      ])
    })
  })

  describe('listings', () => {
    const wanted = (eventId: string) => ({ tenant: 'acme', eventId, typeId: undefined, after: undefined, limit: 10 })

    it('are those that stand, the cheapest first, page by page and by type (F11.2)', async () => {
      const tale = story()
      const eventId = await tale.event('Gala')
      const prices = [7_000, 5_000, 9_000, 5_000]
      const orders: StoryOrder[] = []
      for (const [i, price] of prices.entries()) {
        const order = await tale.buy(`listed ${i}`, eventId, [i + 1])
        await tale.list(order, price)
        orders.push(order)
      }
      await tale.list(orders[2]!, 4_000)
      await tale.delist(orders[0]!)
      await show(tale)
      const [first, second, ...others] = await openListings(db, wanted(eventId))
      expect([first, second, ...others].map((one) => one?.price)).toEqual([4_000, 5_000, 5_000])
      expect(second!.listing_id < others[0]!.listing_id).toBe(true)
      const after = [second!.price, second!.listing_id] as const
      expect(await openListings(db, { ...wanted(eventId), after })).toEqual(others)
      expect(await openListings(db, { ...wanted(eventId), typeId: TYPE })).toHaveLength(3)
      expect(await openListings(db, { ...wanted(eventId), typeId: EARLY })).toEqual([])
      expect(await openListings(db, { ...wanted(eventId), tenant: 'other' })).toEqual([])
      const mine = await listingsBy(db, { tenant: 'acme', sellerId: idFor('person/ann'), before: undefined, limit: 9 })
      expect(mine.map(({ status, price }) => `${status} ${price}`)).toEqual([
        'open 5000',
        'open 4000',
        'open 5000',
        'withdrawn 7000',
      ])
    })

    it('are claimed while a buyer pays, and sold or open again afterwards (F11.17)', async () => {
      const tale = story()
      const eventId = await tale.event('Gala')
      const order = await tale.buy('listed', eventId, [1])
      const { listingId } = resaleOf(order).listing
      const seen = async () => {
        await show(tale)
        const row = await listingOf(db, 'acme', listingId)
        return `${row?.status}${row?.claimed ? ', claimed' : ''}`
      }
      await tale.list(order)
      expect(await seen()).toBe('open')
      await tale.claim(order)
      expect(await seen()).toBe('open, claimed')
      expect(await claimsBefore(db, tale.now())).toMatchObject([{ tenant: 'acme', orderId: resaleOf(order).orderId }])
      await tale.loseClaim(order)
      expect(await seen()).toBe('open')
      expect(await claimsBefore(db, plus(tale.now(), 9_999))).toEqual([])

      const other = await tale.buy('other', eventId, [2])
      for (const step of [tale.list, tale.claim, tale.payResale, tale.resell]) await step(other)
      await show(tale)
      expect(await listingOf(db, 'acme', resaleOf(other).listing.listingId)).toMatchObject({
        status: 'sold',
        claimed: false,
      })
      expect(await openListings(db, wanted(eventId))).toHaveLength(1)
    })
  })

  describe('what is sold on', () => {
    const sold = async () => {
      const tale = story()
      const eventId = await tale.event('Gala')
      const order = await tale.buy('first', eventId, [1])
      for (const step of [tale.list, tale.claim, tale.payResale, tale.resell]) await step(order)
      await show(tale)
      return { eventId, order }
    }

    it('F11.12 F11.13 is in the journal as 92.50 for the seller, 5.00 for the venue and 2.50 for the platform of 100.00', async () => {
      const { order } = await sold()
      const { rows } = await sql<{ account: string; total: number }>`
        select account, -sum(amount) as total from journal_v2_b1.posting
        where order_id = ${resaleOf(order).orderId} and account not in ('processor') group by account`.execute(
        database.db,
      )
      const { sellerId } = resaleOf(order).listing
      expect(Object.fromEntries(rows.map(({ account, total }) => [account, total]))).toEqual({
        [`seller:${sellerId}`]: 9_250,
        [`venue:${order.placed.venueId}`]: 500,
        platform: 250,
        [`order:${resaleOf(order).orderId}`]: 0,
      })
    })

    it('is no sale of the organizer’s, and leaves what is available as it was', async () => {
      const { eventId } = await sold()
      expect(await salesOf(db, 'acme', eventId)).toMatchObject([{ sold: 1, refunded: 0, gross: 5_000 }])
      expect((await availabilityOf(db, 'acme', eventId)).pools).toMatchObject([{ sold: 1, reserved: 0, available: 19 }])
    })

    it('F00.3 is in its buyer’s list of tickets, and no longer in its seller’s', async () => {
      const { eventId } = await sold()
      const of = async (name: string) => {
        const personId = idFor(`person/${name}`)
        const wanted = { tenant: 'acme', personId, eventId, statuses: undefined, before: undefined, limit: 10 }
        return (await ticketsOf(db, wanted)).map(({ status, price, listing }) => ({ status, price, listing }))
      }
      expect(await of('ann')).toEqual([])
      expect(await of('zoe')).toEqual([{ status: 'TRANSFERRED', price: 10_000, listing: null }])
    })
  })

  describe('my tickets', () => {
    it('are reserved, sold, active and checked in, and a released one is gone (F12.2, F19.9)', async () => {
      const tale = story()
      const eventId = await tale.event('Gala')
      const personId = idFor('person/ann')
      const mine = async (tenant = 'acme') => {
        await show(tale)
        const wanted = { tenant, personId, eventId: undefined, statuses: undefined, before: undefined, limit: 10 }
        return (await ticketsOf(db, wanted)).map(({ slot, status }) => `${slot} ${status}`)
      }
      const order = await tale.place('order', eventId, [1])
      await tale.reserve(order)
      expect(await mine()).toEqual(['pool:GA:1 RESERVED'])
      expect(await mine('other')).toEqual([])
      await tale.release(order)
      expect(await mine()).toEqual([])
      await tale.reserve(order)
      await tale.sell(order)
      expect(await mine()).toEqual(['pool:GA:1 SOLD'])
      await tale.confirm(order)
      expect(await mine()).toEqual(['pool:GA:1 ACTIVE'])
      await tale.admit(order)
      expect(await mine()).toEqual(['pool:GA:1 CHECKED_IN'])
    })
  })

  describe('transfers', () => {
    const ann = idFor('person/ann')
    const wanted = { tenant: 'acme', status: undefined, before: undefined, limit: 10 }
    const listOf = async (person: string, direction?: 'in' | 'out') =>
      (await transfersOf(db, { ...wanted, personId: idFor(`person/${person}`), direction })).map(
        ({ kind, status, reason, price }) => [kind, status, reason, price],
      )

    it('are gifts, transfers and resales in one list, each once, for both sides (F11.4, F16.1, F16.6)', async () => {
      const tale = story()
      const eventId = await tale.event('Gala')
      const order = await tale.buy('order', eventId, [1])
      await tale.offer(order, { name: 'declined', to: 'bob' })
      await show(tale)
      expect(await listOf('bob', 'in')).toEqual([['transfer', 'pending', null, null]])
      await tale.endOffer(order, { name: 'declined', reason: 'declined' })
      await tale.offer(order)
      await show(tale)
      expect(await listOf('ann', 'out')).toEqual([
        ['gift', 'pending', null, null],
        ['transfer', 'declined', null, null],
      ])
      await tale.handOver(order)
      await tale.sellOn(order)
      await tale.handOver(order, { name: 'at once', from: 'cat', to: 'ann', kind: 'transfer', generation: 4 })
      await show(tale)
      expect(await listOf('bob')).toEqual([
        ['resale', 'accepted', null, 4_000],
        ['gift', 'accepted', null, null],
        ['transfer', 'declined', null, null],
      ])
      expect(await listOf('ann', 'in')).toEqual([['transfer', 'accepted', null, null]])
      const { ticketId } = order.tickets[0]!
      const moves = await transfersOfTicket(db, { ...wanted, ticketId, status: 'accepted' })
      expect(moves.map(({ kind, from_id, to_id }) => [kind, from_id === ann, to_id === ann])).toEqual([
        ['transfer', false, true],
        ['resale', false, false],
        ['gift', true, false],
      ])
      const before = moves[0]!.began
      expect(await transfersOfTicket(db, { ...wanted, ticketId, before, limit: 1 })).toMatchObject([{ kind: 'resale' }])
      expect(await transferOf(db, 'other', moves[0]!.transfer_id)).toBeUndefined()
    })

    it('that nobody accepts in time are found, those first that lapsed first, until they are closed (F16.4)', async () => {
      const tale = story()
      const eventId = await tale.event('Gala')
      const first = await tale.buy('first', eventId, [1])
      const second = await tale.buy('second', eventId, [2])
      await tale.offer(first)
      await tale.offer(second)
      await show(tale)
      expect(await lapsedOffers(db, { now: tale.now(), after: undefined, limit: 10 })).toEqual([])
      const now = plus(tale.now(), 172_800)
      const [one] = await lapsedOffers(db, { now, after: undefined, limit: 1 })
      expect(one).toMatchObject({ tenant: 'acme', ticketId: first.tickets[0]!.ticketId })
      const rest = await lapsedOffers(db, { now, after: [one!.expiresAt, one!.offerId], limit: 10 })
      expect(rest).toMatchObject([{ ticketId: second.tickets[0]!.ticketId }])
      await tale.endOffer(first, { reason: 'lapsed' })
      await tale.endOffer(second, { reason: 'locked' })
      await show(tale)
      expect(await lapsedOffers(db, { now, after: undefined, limit: 10 })).toEqual([])
      expect(await listOf('ann')).toEqual([
        ['gift', 'ended', 'locked', null],
        ['gift', 'lapsed', null, null],
      ])
    })
  })

  describe('attendance', () => {
    it('counts tickets and admissions by entrance, and denials at the gate by reason (F18.6, F18.7)', async () => {
      const tale = story()
      const eventId = await tale.event('Gala')
      const one = await tale.buy('one', eventId, [1])
      const two = await tale.buy('two', eventId, [2])
      await tale.admit(one, 'North')
      await tale.admit(one, 'South')
      await tale.admit(two, 'North')
      await tale.deny(eventId)
      await tale.deny(eventId, { asked: 'validation' })
      await show(tale)
      expect(await attendanceOf(db, 'acme', eventId)).toEqual({
        admitted: 2,
        admissions: 3,
        byEntrance: [
          { entrance: 'North', admitted: 2, admissions: 2 },
          { entrance: 'South', admitted: 1, admissions: 1 },
        ],
        denied: [{ reason: 'wrong_zone', count: 1 }],
      })
    })
  })
})
