import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sampleFact } from '../adapters/ledger.sample.ts'
import { memoryLedger } from '../adapters/memory-ledger.ts'
import { openReadModels, type ReadModels } from '../adapters/pglite/read-models.ts'
import { type Recorded, START } from '../domain/fact.ts'
import type { Ledger } from '../domain/ledger.ts'
import { applyBatch, checkpoint, live, prepare, Superseded } from './checkpoint.ts'
import { type Fold, foldInto } from './fold.ts'
import { type Projections, startProjections } from './projector.ts'
import type { AnyTables, ReadModel } from './read-model.ts'

type Tally = { stream: string; total: number; last: string }
type DB = { tally: Tally }

const totals: Fold<Recorded, 'tally', Tally, 'stream'> = {
  table: 'tally',
  key: ['stream'],
  keysOf: ({ stream }) => [{ stream }],
  evolve: (row, fact, { stream }) => ({ stream, total: (row?.total ?? 0) + 1, last: fact.id }),
}

/** How many facts each stream has. */
const tally: ReadModel<Recorded, DB> = {
  name: 'tally',
  version: 1,
  create: async (tx) => {
    await sql`create table tally (stream text primary key, total int not null, last text not null)`.execute(tx)
  },
  apply: (batch, facts) => foldInto(batch, totals, facts),
}

const named = (name: string, apply = tally.apply): ReadModel<Recorded, DB> => ({ ...tally, name, apply })

/** Refuses one fact, until it is mended. */
const choking = (on: string) => {
  const cure = { mended: false }
  const model = named('choking', async (batch, facts) => {
    await tally.apply(batch, facts)
    if (!cure.mended && facts.some(({ id }) => id === on)) throw new Error(`cannot swallow ${on}`)
  })
  return { model, cure }
}

describe('a projector', () => {
  let models: ReadModels<AnyTables>
  let db: Kysely<AnyTables>
  let log: Recorded[]
  let ledger: Ledger
  let running: Projections[]
  beforeAll(async () => {
    models = await openReadModels(':memory:')
    db = models.db
  })
  afterAll(() => models.close())
  beforeEach(() => {
    log = []
    ledger = memoryLedger({ log })
    running = []
  })
  afterEach(async () => {
    await Promise.all(running.map(({ close }) => close()))
    const { rows } = await sql<{ name: string }>`
      select nspname as name from pg_namespace where nspname ~ '_v1'`.execute(db)
    for (const { name } of rows) await sql`drop schema ${sql.id(name)} cascade`.execute(db)
    await sql`drop table if exists projector`.execute(db)
  })

  const start = async (...some: ReadModel<Recorded, DB>[]) => {
    const started = await startProjections<Recorded>({ ...options, models: some, ledger, db })
    running.push(started)
    return started
  }
  const options = { decode: (recorded: Recorded) => recorded, now: () => '2030-01-01T10:01:00.000Z' }

  /** Appends so many facts, to seven streams in turn. */
  const record = async (count: number) => {
    for (let i = 0; i < count; i++)
      await ledger.append(`ticket-${log.length % 7}`, 'any', [sampleFact(`${log.length}`)])
    return log.at(-1)!.position
  }
  const rows = (name = 'tally') =>
    db.withSchema(`${name}_v1`).selectFrom('tally').selectAll().orderBy('stream').execute() as Promise<Tally[]>
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
    const instances = await Promise.all([start(mortal), start(mortal), start(mortal)])
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
    const site = live(tally)
    await prepare(db, [site])
    const at = await applyBatch(db, site, START, log.slice(0, 1))
    await applyBatch(db, site, at, log.slice(1, 2))
    await expect(applyBatch(db, site, at, log.slice(1))).rejects.toThrow(Superseded)
    expect(await total()).toBe(2)
    expect((await checkpoint(db, site)).position).toBe(log[1]!.position)
  })

  it('goes on where it stood', async () => {
    await (await start(tally)).waitFor('tally', await record(5), 5_000)
    await running.pop()!.close()
    const end = await record(5)
    expect(await (await start(tally)).waitFor('tally', end, 5_000)).toBe(true)
    expect(await total()).toBe(10)
  })

  it('shows a command what it has just done, and does not wait for ever', async () => {
    const { waitFor } = await start(tally, named('other'))
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
    const { waitFor, status } = await start(model, tally)
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
      { name: 'choking', version: 1, position: log[11]!.position, behindSeconds: 60, halted, failure: null },
      { name: 'tally', version: 1, position: end, behindSeconds: 0, halted: null, failure: null },
    ])

    cure.mended = true
    expect(await waitFor('choking', end, 5_000)).toBe(true)
    expect(await total('choking')).toBe(20)
    expect((await status())[0]!.halted).toBeNull()
  })

  it('still shows after a restart where it stands', async () => {
    const { model } = choking('0')
    await record(1)
    const before = await start(model)
    await expect.poll(async () => (await before.status())[0]!.halted).not.toBeNull()
    await running.pop()!.close()
    const [status] = await (await start(model)).status()
    expect(status!.halted).toMatchObject({ factId: '0', error: 'cannot swallow 0' })
  })

  it('halts before a fact that cannot be read, and reads it anew when it tries again', async () => {
    const end = await record(10)
    let deployed = false
    const decode = (recorded: Recorded) => {
      if (recorded.id === '4' && !deployed) throw new Error('TicketTeleported is not in the registry')
      return recorded
    }
    const { status, waitFor } = await startProjections<Recorded>({
      ...options,
      decode,
      models: [tally],
      ledger,
      db,
    }).then((started) => running[running.push(started) - 1]!)
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
    const { status, waitFor } = await start(tally)
    await expect.poll(async () => (await status())[0]!.failure).toBe('the ledger is away')
    expect((await status())[0]!.halted).toBeNull()
    down = false
    expect(await waitFor('tally', end, 5_000)).toBe(true)
    expect((await status())[0]!.failure).toBeNull()
  })

  it('begins anew when the ledger was restored from a backup that is older than the rows', async () => {
    await (await start(tally)).waitFor('tally', await record(20), 5_000)
    await running.pop()!.close()
    log.length = 0
    ledger = memoryLedger({ log })
    const end = await record(8)
    expect(await (await start(tally)).waitFor('tally', end, 5_000)).toBe(true)
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
    const { waitFor } = await startProjections<Recorded>({
      ...options,
      decode,
      models: names.map((name) => named(name)),
      ledger,
      db,
    }).then((started) => running[running.push(started) - 1]!)
    expect(await waitFor(names, await record(1), 10_000)).toBe(true)
    expect(decoded).toBe(9_001)
  })

  describe('rebuilding a model', () => {
    it('gives the same rows while reads and writes go on', async () => {
      const { rebuild, waitFor } = await start(tally)
      await waitFor('tally', await record(9_000), 10_000)
      await db.withSchema('tally_v1').updateTable('tally').set({ last: 'tampered' }).execute()

      const work = { done: false }
      const seen: number[] = []
      const readers = (async () => {
        while (!work.done) seen.push(await total())
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

    it('leaves nothing behind, and the live one following', async () => {
      const { rebuild, waitFor } = await start(tally)
      await Promise.all([rebuild('tally'), rebuild('tally')])
      expect(await waitFor('tally', await record(2), 5_000)).toBe(true)
      expect(await total()).toBe(2)
      expect(await db.selectFrom('projector').select('name').execute()).toEqual([{ name: 'tally' }])
    })

    it('leaves the tables as they were where it meets a fact that it cannot apply', async () => {
      const { model, cure } = choking('3')
      cure.mended = true
      const { rebuild, waitFor } = await start(model)
      await waitFor('choking', await record(6), 5_000)
      cure.mended = false
      await expect(rebuild('choking')).rejects.toThrow(
        'choking was not rebuilt, its tables are as they were: choking_next halts at TicketReservationReleased 3',
      )
      expect(await total('choking')).toBe(6)
      expect(await db.selectFrom('projector').select('name').execute()).toEqual([{ name: 'choking' }])
    })
  })
})
