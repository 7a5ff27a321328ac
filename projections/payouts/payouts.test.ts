import { describe, expect, it } from 'vitest'
import { START } from '../../domain/fact.ts'
import type { Known } from '../../domain/registry.ts'
import { days, plus } from '../../domain/time.ts'
import { prepare, schemaOf } from '../builds.ts'
import { applyBatch, siteOf } from '../checkpoint.ts'
import { places } from '../databases.world.ts'
import { journal } from '../journal/model.ts'
import { balanceOf, owedToSeller, settlementOf } from '../journal/read.ts'
import { migrate } from '../migrations.ts'
import type { ReadModel } from '../read-model.ts'
import type { ReadDatabase, Reading } from '../reading.ts'
import { idFor, type Story, story } from '../story.world.ts'
import { payouts } from './model.ts'
import { creditsOf, destinationsOf, duePayouts } from './read.ts'

const EVENT_ENDS = '2031-06-01T23:00:00.000Z'

describe.each(places)('on $name', ({ use }) => {
  const { open } = use()
  const models = [payouts, journal] as const
  const first = ({ name, version }: Pick<ReadModel<never>, 'name' | 'version'>) => ({ name, version, build: 1 })

  /** A story that can be shown once. */
  const told = async (tell: (tale: Story) => Promise<void>) => {
    const tale = story()
    await tell(tale)
    const database: ReadDatabase = await open()
    await migrate(database.db)
    await prepare(database.db, models)
    for (const model of models) {
      const site = siteOf<Known>(model, first(model), { shared: false })
      await applyBatch(database.db, site, START, tale.facts())
    }
    const db: Reading = {
      tables: (model, tenant) => database.as(tenant).withSchema(schemaOf(first(model))),
      everyTenant: (model) => database.db.withSchema(schemaOf(first(model))),
    }
    const due = async (now: string) => (await duePayouts(db, now, 10)).map(({ orderId }) => orderId)
    return { tale, db, due }
  }

  const resold = async (tale: Story, name: string, numbers = [1]) => {
    const eventId = idFor('acme/event/Gala')
    const order = await tale.place(name, eventId, numbers, { price: 10_000 })
    for (const step of [tale.reserve, tale.holdTickets, tale.pay, tale.sell, tale.confirmResale]) await step(order)
    return order
  }
  const orderId = (name: string) => idFor(`acme/order/${name}`)

  describe('what is due to a seller', () => {
    it('is due once the event has ended, or when the sale says, until it is paid out', async () => {
      const { due } = await told(async (tale) => {
        await tale.event('Gala')
        await tale.credit(await resold(tale, 'after', [1]))
        await tale.credit(await resold(tale, 'early', [2]), '2030-02-01T00:00:00.000Z')
        const paid = await resold(tale, 'paid', [3])
        await tale.credit(paid)
        await tale.payOut(paid)
      })
      expect(await due('2030-01-31T23:59:59.999Z')).toEqual([])
      expect(await due('2030-02-01T00:00:00.000Z')).toEqual([orderId('early')])
      expect(await due(EVENT_ENDS)).toEqual([orderId('after'), orderId('early')])
    })

    it('is not due while a dispute withholds it, nor once it was given back', async () => {
      const { due } = await told(async (tale) => {
        await tale.event('Gala')
        for (const [i, name] of ['open', 'won', 'lost', 'refunded'].entries()) {
          const order = await resold(tale, name, [i + 1])
          await tale.credit(order)
          if (name === 'refunded') await tale.giveBack(order)
          else await tale.dispute(order)
          if (name === 'won') await tale.winDispute(order)
          if (name === 'lost') await tale.loseDispute(order)
        }
      })
      expect(await due(EVENT_ENDS)).toEqual([orderId('won')])
    })

    it('waits for an account to be told, and after a failure for a day or another account', async () => {
      const { tale, db, due } = await told(async (tale) => {
        await tale.event('Gala')
        const [untold, closed] = [await resold(tale, 'untold', [1]), await resold(tale, 'closed', [2])]
        for (const order of [untold, closed]) await tale.credit(order, '2030-01-01T00:00:00.000Z')
        await tale.failPayout(untold)
        await tale.tellDestination()
        await tale.startPayout(closed)
        await tale.failPayout(closed, 'account_closed', idFor('destination/sue'))
      })
      expect(await due(tale.now())).toEqual([orderId('untold')])
      expect(await due(plus(tale.now(), days(1)))).toEqual([orderId('untold'), orderId('closed')])
      expect(await destinationsOf(db, 'acme', tale.sellerId)).toEqual({ card: idFor('destination/sue') })
      expect(await destinationsOf(db, 'other', tale.sellerId)).toEqual({})
    })

    it('that was started, or is to come back, is due at once', async () => {
      const { tale, due } = await told(async (tale) => {
        await tale.event('Gala')
        const [begun, back] = [await resold(tale, 'begun', [1]), await resold(tale, 'back', [2])]
        for (const order of [begun, back]) await tale.credit(order)
        await tale.startPayout(begun)
        await tale.payOut(back)
        await tale.giveBack(back)
      })
      expect(await due(tale.now())).toEqual([orderId('begun'), orderId('back')])
    })
  })

  it('a seller’s credits are listed newest first, page by page, and nobody else’s (F11.13)', async () => {
    const { tale, db } = await told(async (tale) => {
      await tale.event('Gala')
      const orders = [await resold(tale, 'first', [1]), await resold(tale, 'second', [2])]
      for (const order of orders) await tale.credit(order)
      await tale.payOut(orders[0]!)
    })
    const page = { tenant: 'acme', sellerId: tale.sellerId, status: undefined, before: undefined, limit: 1 }
    const [second] = await creditsOf(db, page)
    expect(second).toMatchObject({ order_id: orderId('second'), status: 'due', paid_at: null, ends_at: EVENT_ENDS })
    const [first, ...none] = await creditsOf(db, { ...page, before: second!.position, limit: 5 })
    expect(first).toMatchObject({ order_id: orderId('first'), status: 'paid', paid_at: expect.any(String) })
    expect(first!.credit.amount).toEqual({ amount: 9_250, currency: 'EUR' })
    expect(none).toEqual([])
    expect(await creditsOf(db, { ...page, sellerId: undefined, status: 'paid' })).toEqual([first])
    expect(await creditsOf(db, { ...page, tenant: 'other' })).toEqual([])
    expect(await creditsOf(db, { ...page, sellerId: idFor('person/bob') })).toEqual([])
  })

  describe('the journal of a resale', () => {
    const cases = [
      { fate: [], seller: 9_250, processor: 10_000 },
      { fate: ['payOut'], seller: 0, processor: 750 },
      { fate: ['giveBack'], seller: 0, processor: 0 },
      { fate: ['payOut', 'giveBack'], seller: -9_250, processor: -9_250 },
      { fate: ['payOut', 'giveBack', 'reversePayout'], seller: 0, processor: 0 },
      { fate: ['payOut', 'giveBack', 'loseReversal'], seller: 0, processor: -9_250, losses: 9_250 },
      { fate: ['dispute', 'winDispute'], seller: 9_250, processor: 10_000 },
      { fate: ['dispute', 'loseDispute'], seller: 0, processor: 0, chargebacks: 750 },
      { fate: ['payOut', 'dispute', 'loseDispute', 'reversePayout'], seller: 0, processor: 0, chargebacks: 750 },
      {
        fate: ['payOut', 'dispute', 'loseDispute', 'loseReversal'],
        seller: 0,
        processor: -9_250,
        chargebacks: 750,
        losses: 9_250,
      },
    ] as const

    it.each(cases)('F11.13 says who has what after %j', async ({ fate, seller, ...others }) => {
      const { tale, db } = await told(async (tale) => {
        await tale.event('Gala')
        const order = await resold(tale, 'order')
        await tale.credit(order)
        for (const act of fate) await tale[act](order)
      })
      const rows = await db
        .everyTenant(journal)
        .selectFrom('posting')
        .select(['account', (eb) => eb.fn.sum<number>('amount').as('amount')])
        .groupBy('account')
        .execute()
      const sums = Object.fromEntries(rows.map(({ account, amount }) => [account, Number(amount)]))
      expect(Object.values(sums).reduce((a, b) => a + b, 0)).toBe(0)
      const { processor, chargebacks = 0, losses = 0 } = sums
      expect({ processor, chargebacks, losses }).toEqual({ chargebacks: 0, losses: 0, ...others })
      expect(await owedToSeller(db, 'acme', tale.sellerId)).toEqual([{ currency: 'EUR', amount: seller }])
      expect(await owedToSeller(db, 'other', tale.sellerId)).toEqual([])
    })

    it('F11.13 settles with the seller as with everybody else, whether or not it is paid out already', async () => {
      const { db } = await told(async (tale) => {
        await tale.event('Gala')
        await tale.buy('bought', idFor('acme/event/Gala'), [2], { price: 10_000 })
        const order = await resold(tale, 'order')
        await tale.credit(order)
        await tale.payOut(order)
      })
      const sums = { gross: 20_000, fees: 250, taxes: 654, venueNet: 9_346 + 500, sellers: 9_250 }
      expect(await settlementOf(db, 'acme', idFor('acme/event/Gala'))).toEqual([{ currency: 'EUR', ...sums }])
      expect(await balanceOf(db, 'acme', idFor('acme/venue/Arena'))).toEqual([{ currency: 'EUR', amount: 9_846 }])
    })
  })
})
