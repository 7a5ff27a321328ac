import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sampleFact } from '../adapters/ledger.sample.ts'
import { memoryLedger } from '../adapters/memory-ledger.ts'
import { postgresLeadership } from '../adapters/postgres/leadership.ts'
import { postgresReadModels } from '../adapters/postgres/read-models.ts'
import { type PostgresServer, postgresServer } from '../adapters/postgres/server.world.ts'
import type { Recorded } from '../domain/fact.ts'
import type { Ledger } from '../domain/ledger.ts'
import { buildsIn } from './builds.ts'
import { type Options, type Projections, startProjections, watchProjections, workshopOf } from './projector.ts'
import { buildBeside, promote } from './rebuild.ts'
import { tally } from './tally.world.ts'

type Process = Projections & { readonly options: Options<Recorded>; readonly leave: () => Promise<void> }

describe('several processes on one database', () => {
  let server: PostgresServer
  let url: string
  let log: Recorded[]
  let ledger: Ledger
  let processes: Process[]
  beforeAll(async () => {
    server = await postgresServer()
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    url = await server.database()
    log = []
    ledger = memoryLedger({ log })
    processes = []
  })
  afterEach(async () => {
    for (const { leave } of processes) await leave()
  })

  /** Each with connections and a leadership of its own. */
  const start = async (kind: 'projects' | 'reads', some: Partial<Options<Recorded>> = {}): Promise<Process> => {
    const database = postgresReadModels({ url })
    const leadership = postgresLeadership({ url })
    const options: Options<Recorded> = {
      database,
      ledger,
      leadership,
      models: [tally],
      decode: (recorded) => recorded,
      now: () => '2030-01-01T10:00:00.000Z',
      ...some,
    }
    const projections = await (kind === 'projects' ? startProjections(options) : watchProjections(options))
    const leave = async () => {
      processes = processes.filter((other) => other !== started)
      await projections.close()
      await leadership.close()
      await database.close()
    }
    const started = { ...projections, options, leave }
    processes.push(started)
    return started
  }

  const record = (stream = 'ticket-1') => ledger.append(stream, 'any', [sampleFact(`${log.length}`)])

  const total = async ({ tables }: Projections): Promise<number> => {
    const rows = await tables(tally, 'acme').selectFrom('tally').select('total').execute()
    return rows.reduce((sum, row) => sum + row.total, 0)
  }

  it('shows each what another has applied, as soon as a client asks for it, and what it has passed over too', async () => {
    const reader = await start('reads')
    const early = reader.waitFor('tally', await record(), 10_000)
    await start('projects')
    expect(await early).toBe(true)
    expect(await total(reader)).toBe(1)
    for (const stream of ['ticket-1', 'gate-1', 'gate-1']) {
      const began = performance.now()
      const position = await record(stream)
      expect(await reader.waitFor('tally', position, 5_000)).toBe(true)
      expect(await reader.positionOf('tally')).toBe(position)
      // Far less than until it would have looked by itself.
      expect(performance.now() - began).toBeLessThan(900)
    }
    expect(await total(reader)).toBe(2)
    expect(await reader.waitFor('tally', '~', 50)).toBe(false)
  })

  it('tells everywhere at which fact a model stands, and why the ledger does not answer', async () => {
    let trouble: 'fact' | 'ledger' | undefined = 'fact'
    const decode = (recorded: Recorded) => {
      if (trouble === 'fact') throw new Error('TicketTeleported is not in the registry')
      return recorded
    }
    const tail: Ledger['tail'] = (...from) => {
      if (trouble === 'ledger') throw new Error('the ledger is away')
      return ledger.tail(...from)
    }
    const reader = await start('reads')
    const position = await record()
    await start('projects', { decode, ledger: { ...ledger, tail } })
    const status = async () => (await reader.status())[0]
    await expect.poll(status, { timeout: 5_000 }).toMatchObject({ halted: { factId: '0', error: /Teleported/ } })

    trouble = undefined
    expect(await reader.waitFor('tally', position, 10_000)).toBe(true)
    expect(await status()).toMatchObject({ halted: null, failure: null, behindSeconds: 0 })

    await processes.at(-1)!.leave()
    trouble = 'ledger'
    await start('projects', { decode, ledger: { ...ledger, tail } })
    await expect.poll(status, { timeout: 5_000 }).toMatchObject({ halted: null, failure: 'the ledger is away' })
    trouble = undefined
    await expect.poll(status, { timeout: 10_000 }).toMatchObject({ failure: null })
  })

  it('has each fact applied by one of them, and by another within seconds when that one ends', async () => {
    const work = new Map<string, number>()
    const counting = (name: string) => ({
      ...tally,
      apply: (...given: Parameters<typeof tally.apply>) => {
        work.set(name, (work.get(name) ?? 0) + 1)
        return tally.apply(...given)
      },
    })
    await start('projects', { models: [counting('first')] })
    const first = processes[0]!
    expect(await first.waitFor('tally', await record(), 5_000)).toBe(true)
    const second = await start('projects', { models: [counting('second')] })
    for (let i = 0; i < 5; i++) expect(await second.waitFor('tally', await record(), 5_000)).toBe(true)
    expect([...work.keys()]).toEqual(['first'])

    await first.leave()
    expect(await second.waitFor('tally', await record(), 5_000)).toBe(true)
    expect([...work.keys()]).toEqual(['first', 'second'])
    expect(await total(second)).toBe(7)
  })

  it('goes on when the database has crashed and come back, with nothing lost and nothing twice', async () => {
    const projector = await start('projects')
    const reader = await start('reads')
    for (let i = 0; i < 50; i++) await record(`ticket-${i % 7}`)
    expect(await reader.waitFor('tally', log.at(-1)!.position, 5_000)).toBe(true)
    await server.kill()
    const end = await record()
    expect(await reader.waitFor('tally', end, 100)).toBe(false)
    await expect.poll(async () => (await reader.status())[0]!.failure, { timeout: 5_000 }).not.toBeNull()
    await server.restart()
    expect(await reader.waitFor('tally', end, 20_000)).toBe(true)
    expect(await total(reader)).toBe(51)
    expect((await projector.status())[0]).toMatchObject({ halted: null, failure: null })
  })

  it('builds anew and promotes while all read and write: no request fails, and none shows less than its client has seen (F04.7)', async () => {
    await start('projects')
    const readers = [await start('reads'), await start('reads')]
    for (let i = 0; i < 5_000; i++) await record(`ticket-${i % 50}`)
    const { options } = await start('reads')
    const work = { done: false, asked: 0 }
    const builds = new Set<number>()

    const client = async (reader: Process) => {
      while (!work.done) {
        const recorded = log.length + 1
        const position = await record(`ticket-${recorded % 50}`)
        expect(await reader.waitFor('tally', position, 2_000)).toBe(true)
        const shown = await total(reader)
        expect(shown).toBeGreaterThanOrEqual(recorded)
        builds.add((await reader.status())[0]!.build)
        work.asked++
      }
    }
    const clients = Promise.all([...readers, ...readers].map(client)).finally(() => {
      work.done = true
    })

    await expect.poll(() => work.asked, { timeout: 10_000 }).toBeGreaterThan(0)

    const closing = new AbortController()
    const workshop = workshopOf(options, closing.signal)
    for (let round = 0; round < 3 && !work.done; round++) {
      await buildBeside(tally, workshop)
      await promote(tally, workshop)
      await sleep(1_500)
      // As if it had been long ago: the projector takes it away under load.
      await sql`update read_model.build set since = since - interval '31 seconds' where state = 'retired'`.execute(
        workshop.db,
      )
      await sleep(1_500)
    }
    work.done = true
    await clients
    closing.abort()

    expect(work.asked).toBeGreaterThan(50)
    expect([...builds].sort()).toEqual([1, 2, 3, 4])
    expect(await buildsIn(workshop.db)).toMatchObject([{ build: 4, state: 'live' }])
    expect(await readers[0]!.waitFor('tally', log.at(-1)!.position, 2_000)).toBe(true)
    expect(await total(readers[0]!)).toBe(log.length)
  })

  it('builds anew what somebody has taken away under it', async () => {
    const projector = await start('projects')
    for (let i = 0; i < 3; i++) await record()
    expect(await projector.waitFor('tally', log.at(-1)!.position, 5_000)).toBe(true)
    await sql`delete from read_model.build`.execute(projector.options.database.db)
    const end = await record()
    expect(await projector.waitFor('tally', end, 10_000)).toBe(true)
    expect(await total(projector)).toBe(4)
  })

  it('starts a new version with what was built for it before, beside the old one', async () => {
    const old = await start('projects')
    const position = await record()
    expect(await old.waitFor('tally', position, 5_000)).toBe(true)
    const raised = { ...tally, version: 2 }
    const closing = new AbortController()
    await buildBeside(raised, workshopOf({ ...old.options, models: [raised] }, closing.signal))
    closing.abort()

    const reader = await start('reads', { models: [raised] })
    expect(await reader.positionOf('tally')).toBe(position)
    expect(await reader.tables(raised, 'acme').selectFrom('tally').select('total').execute()).toEqual([{ total: 1 }])
    const later = await record()
    expect(await old.waitFor('tally', later, 5_000)).toBe(true)
    await start('projects', { models: [raised] })
    expect(await reader.waitFor('tally', later, 5_000)).toBe(true)
    const versions = (await buildsIn(old.options.database.db)).map(({ version, state }) => `${version} ${state}`)
    expect(versions).toEqual(['1 live', '2 live'])
  })

  it('promotes nothing that is not there', async () => {
    const { options } = await start('projects')
    const closing = new AbortController()
    await expect(promote(tally, workshopOf(options, closing.signal))).rejects.toThrow(
      'nothing was built beside tally: run npm run rebuild -- tally first',
    )
    closing.abort()
  })
})
