import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { soleLeader } from '../adapters/leadership.ts'
import { sampleFact } from '../adapters/ledger.sample.ts'
import { memoryLedger } from '../adapters/memory-ledger.ts'
import { type Recorded, START } from '../domain/fact.ts'
import type { Ledger } from '../domain/ledger.ts'
import { buildsIn, prepare, Superseded, schemaOf } from './builds.ts'
import { applyBatch, checkpoint, siteOf } from './checkpoint.ts'
import { places } from './databases.world.ts'
import { migrate } from './migrations.ts'
import { type Projections, startProjections } from './projector.ts'
import type { AnyTables, ReadModel } from './read-model.ts'
import type { ReadDatabase } from './reading.ts'
import { type Tally, type TallyTables, tally } from './tally.world.ts'

const named = (name: string, apply = tally.apply): ReadModel<Recorded, TallyTables> => ({ ...tally, name, apply })

/** Refuses one fact, until it is mended. */
const choking = (on: string) => {
  const cure = { mended: false }
  const model = named('choking', async (batch, facts) => {
    await tally.apply(batch, facts)
    if (!cure.mended && facts.some(({ id }) => id === on)) throw new Error(`cannot swallow ${on}`)
  })
  return { model, cure }
}

describe.each(places)('a projector, on $name', ({ use }) => {
  const { open } = use()
  let database: ReadDatabase
  let db: Kysely<AnyTables>
  let log: Recorded[]
  let ledger: Ledger
  let running: Projections[]
  beforeAll(async () => {
    database = await open()
    db = database.db
  })
  beforeEach(() => {
    log = []
    ledger = memoryLedger({ log })
    running = []
  })
  afterEach(async () => {
    await Promise.all(running.map(({ close }) => close()))
    for (const build of await buildsIn(db)) await sql`drop schema ${sql.id(schemaOf(build))} cascade`.execute(db)
    await sql`delete from read_model.build`.execute(db)
  })

  const start = async (
    models: readonly ReadModel<Recorded, TallyTables>[],
    decode = (recorded: Recorded) => recorded,
  ) => {
    const now = () => '2030-01-01T10:01:00.000Z'
    const started = await startProjections({ database, ledger, leadership: soleLeader, models, decode, now })
    running.push(started)
    return started
  }

  /** Appends so many facts, to seven streams in turn. */
  const record = async (count: number) => {
    for (let i = 0; i < count; i++)
      await ledger.append(`ticket-${log.length % 7}`, 'any', [sampleFact(`${log.length}`)])
    return log.at(-1)!.position
  }
  const rows = async (name = 'tally'): Promise<Tally[]> => {
    const live = (await buildsIn(db)).find((build) => build.name === name && build.state === 'live')!
    return (db as Kysely<TallyTables>)
      .withSchema(schemaOf(live))
      .selectFrom('tally')
      .selectAll()
      .orderBy('stream')
      .execute()
  }
  const total = async (name?: string) => (await rows(name)).reduce((sum, row) => sum + row.total, 0)

  it('counts every fact once though three instances compete and die at random', async () => {
    let deaths = 0
    const mortal = named('tally', async (tx, facts) => {
      await tally.apply(tx, facts)
      if (deaths < 40 && Math.random() < 0.7) {
        deaths++
        throw new Error('killed mid-batch')
      }
    })
    await record(300)
    const instances = await Promise.all([start([mortal]), start([mortal]), start([mortal])])
    for (let i = 0; i < 20; i++) {
      await record(10)
      await sleep(2)
    }
    const end = log.at(-1)!.position
    const reached = await Promise.all(instances.map(({ waitFor }) => waitFor('tally', end, 20_000)))
    expect(reached).toEqual([true, true, true])
    expect(deaths).toBeGreaterThan(0)
    expect(await total()).toBe(500)
  })

  it('writes nothing where another instance was faster', async () => {
    await record(3)
    await migrate(db)
    await prepare(db, [tally])
    const site = siteOf(tally, { name: 'tally', version: 1, build: 1 }, database)
    const at = await applyBatch(db, site, START, log.slice(0, 1))
    await applyBatch(db, site, at, log.slice(1, 2))
    await expect(applyBatch(db, site, at, log.slice(1))).rejects.toThrow(Superseded)
    expect(await total()).toBe(2)
    expect(await checkpoint(db, site)).toBe(log[1]!.position)
  })

  it('goes on where it stood', async () => {
    await (await start([tally])).waitFor('tally', await record(5), 5_000)
    await running.pop()!.close()
    const end = await record(5)
    expect(await (await start([tally])).waitFor('tally', end, 5_000)).toBe(true)
    expect(await total()).toBe(10)
  })

  it('shows a command what it has just done, and does not wait for ever', async () => {
    const { waitFor } = await start([tally, named('other')])
    const end = await record(1)
    expect(await waitFor(['tally', 'other'], end, 5_000)).toBe(true)
    expect(await total()).toBe(1)
    expect(await waitFor('tally', `${end}0`, 30)).toBe(false)
    await expect(waitFor('nothing', end, 30)).rejects.toThrow(
      'there is no read model nothing: it is one of tally, other',
    )
  })

  it('halts at a fact that its model cannot apply, alone, with everything before it applied, and says where', async () => {
    const { model, cure } = choking('12')
    const end = await record(20)
    const { waitFor, status } = await start([model, tally])
    expect(await waitFor('tally', end, 5_000)).toBe(true)
    await expect.poll(async () => (await status())[0]!.halted).not.toBeNull()

    expect(await total('choking')).toBe(12)
    const halted = {
      factId: '12',
      type: 'TicketReservationReleased',
      position: log[12]!.position,
      error: 'cannot swallow 12',
      at: '2030-01-01T10:01:00.000Z',
    }
    expect(await status()).toEqual([
      { name: 'choking', version: 1, build: 1, position: log[11]!.position, behindSeconds: 60, halted, failure: null },
      { name: 'tally', version: 1, build: 1, position: end, behindSeconds: 0, halted: null, failure: null },
    ])

    cure.mended = true
    expect(await waitFor('choking', end, 5_000)).toBe(true)
    expect(await total('choking')).toBe(20)
    expect((await status())[0]!.halted).toBeNull()
  })

  it('still shows after a restart where it stands', async () => {
    const { model } = choking('0')
    await record(1)
    const before = await start([model])
    await expect.poll(async () => (await before.status())[0]!.halted).not.toBeNull()
    await running.pop()!.close()
    const [status] = await (await start([model])).status()
    expect(status!.halted).toMatchObject({ factId: '0', error: 'cannot swallow 0' })
  })

  it('halts before a fact that cannot be read, and reads it anew when it tries again', async () => {
    const end = await record(10)
    let deployed = false
    const decode = (recorded: Recorded) => {
      if (recorded.id === '4' && !deployed) throw new Error('TicketTeleported is not in the registry')
      return recorded
    }
    const { status, waitFor } = await start([tally], decode)
    await expect.poll(async () => (await status())[0]!.halted).toMatchObject({ factId: '4' })
    expect(await total()).toBe(4)
    deployed = true
    expect(await waitFor('tally', end, 5_000)).toBe(true)
    expect(await total()).toBe(10)
  })

  it('says why it gets nowhere while the ledger does not answer, and goes on when it does', async () => {
    let down = true
    const healthy = ledger
    ledger = {
      ...healthy,
      tail: (after, limit, signal) => {
        if (down) throw new Error('the ledger is away')
        return healthy.tail(after, limit, signal)
      },
    }
    const end = await record(3)
    const { status, waitFor } = await start([tally])
    await expect.poll(async () => (await status())[0]!.failure).toBe('the ledger is away')
    expect((await status())[0]!.halted).toBeNull()
    down = false
    expect(await waitFor('tally', end, 5_000)).toBe(true)
    expect((await status())[0]!.failure).toBeNull()
  })

  it('begins anew when the ledger was restored from a backup that is older than the rows', async () => {
    await (await start([tally])).waitFor('tally', await record(20), 5_000)
    await running.pop()!.close()
    log.length = 0
    ledger = memoryLedger({ log })
    const end = await record(8)
    expect(await (await start([tally])).waitFor('tally', end, 5_000)).toBe(true)
    expect(await total()).toBe(8)
  })

  it('decodes each fact once, however many models read it', async () => {
    let decoded = 0
    const decode = (recorded: Recorded) => {
      decoded++
      return recorded
    }
    await record(9_000)
    const names = ['a', 'b', 'c', 'd', 'e']
    const { waitFor } = await start(
      names.map((name) => named(name)),
      decode,
    )
    expect(await waitFor(names, await record(1), 10_000)).toBe(true)
    expect(decoded).toBe(9_001)
  })

  describe('rebuilding a model', () => {
    it('gives the same rows while reads and writes go on', async () => {
      const { rebuild, waitFor, everyTenant } = await start([tally])
      await waitFor('tally', await record(9_000), 10_000)
      await db.withSchema('tally_v1_b1').updateTable('tally').set({ last: 'tampered' }).execute()

      const work = { done: false }
      const seen: number[] = []
      const shown = async () => {
        const counts = await everyTenant(tally).selectFrom('tally').select('total').execute()
        return counts.reduce((sum, row) => sum + row.total, 0)
      }
      const readers = (async () => {
        while (!work.done) seen.push(await shown())
      })()
      const writers = (async () => {
        while (!work.done) {
          await record(20)
          await sleep(5)
        }
      })()
      await rebuild('tally')
      work.done = true
      await Promise.all([readers, writers])

      expect(await waitFor('tally', log.at(-1)!.position, 5_000)).toBe(true)
      const lasts = (await rows()).map(({ stream, last }) => [stream, last])
      expect(lasts).toEqual([...new Map(log.map(({ stream, id }) => [stream, id]))].sort())
      expect(await total()).toBe(log.length)
      expect(seen.length).toBeGreaterThan(3)
      expect(seen).toEqual(seen.toSorted((a, b) => a - b))
      expect(seen[0]).toBeGreaterThanOrEqual(9_000)
    })

    it('keeps the one before for those who may still read it, and then takes it away', async () => {
      const { rebuild, waitFor } = await start([tally])
      await Promise.all([rebuild('tally'), rebuild('tally')])
      expect(await waitFor('tally', await record(2), 5_000)).toBe(true)
      expect(await total()).toBe(2)
      const states = async () => (await buildsIn(db)).map(({ build, state }) => `${build} ${state}`)
      expect(await states()).toEqual(['1 retired', '2 live'])
      await expect.poll(async () => (await db.withSchema('tally_v1_b1').selectFrom('tally').execute()).length).toBe(2)

      await sql`update read_model.build set since = since - interval '31 seconds' where build = 1`.execute(db)
      await expect.poll(states, { timeout: 5_000 }).toEqual(['2 live'])
      const { rows } = await sql`select to_regnamespace('tally_v1_b1')::text as left_over`.execute(db)
      expect(rows).toEqual([{ left_over: null }])
    })

    it('leaves the tables as they were where it meets a fact that it cannot apply', async () => {
      const { model, cure } = choking('3')
      cure.mended = true
      const { rebuild, waitFor } = await start([model])
      await waitFor('choking', await record(6), 5_000)
      cure.mended = false
      await expect(rebuild('choking')).rejects.toThrow(
        'choking was not rebuilt, its tables are as they were: choking_v1_b2 halts at TicketReservationReleased 3',
      )
      expect(await total('choking')).toBe(6)
      expect(await buildsIn(db)).toMatchObject([{ name: 'choking', build: 1, state: 'live' }])
    })
  })
})
