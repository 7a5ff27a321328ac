import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Recorded, START } from '../../domain/fact.ts'
import { type Ledger, Unavailable } from '../../domain/ledger.ts'
import { ledgerContract } from '../ledger.contract.ts'
import { sampleFact as fact } from '../ledger.sample.ts'
import { write } from '../sqlite/ledger.writer.ts'
import { postgresLedger } from './ledger.ts'
import { type PostgresServer, postgresServer } from './server.world.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await postgresServer()
})
afterAll(() => server?.stop())

const opened = async (url: string, timeoutMs?: number): Promise<Ledger> => {
  const ledger = await postgresLedger({ url, ...(timeoutMs && { timeoutMs }) })
  onTestFinished(() => ledger.close())
  return ledger
}

const operatorOf = async (url: string): Promise<Client> => {
  const operator = new Client(url)
  operator.on('error', () => {})
  await operator.connect()
  onTestFinished(() => operator.end())
  return operator
}

ledgerContract('in PostgreSQL', async () => {
  const url = await server.database()
  return () => postgresLedger({ url })
})

describe('two ledgers on one database', () => {
  it('lose nothing, keep the order, and let one of them win what both want', async () => {
    const url = await server.database()
    const ledgers = await Promise.all([opened(url), opened(url)])
    const followed = follow(ledgers[0]!, (seen) => seen.length === 2 * 8 * 50 * 3 + 8 * 50)
    const reports: { answer: string; stream: string; factId: string }[] = []
    await Promise.all(
      ledgers.map((ledger, i) =>
        write(ledger, `w${i}`, 50, (answer, factId) => reports.push({ answer, factId, stream: factId.split('/')[0]! })),
      ),
    )
    const seen = await followed
    expectOrdered(seen)
    const ids = new Set(seen.map(({ id }) => id))
    expect(reports.filter(({ answer, factId }) => answer !== 'lost' && !ids.has(factId))).toEqual([])
    const streams = (answer: string) => reports.filter((r) => r.answer === answer).map(({ stream }) => stream)
    expect(streams('won')).toHaveLength(8 * 50)
    expect(streams('won').sort()).toEqual(streams('lost').sort())
  })

  it('show each other their facts soon, and still do when the connection that they hear of them by is lost', async () => {
    const url = await server.database()
    const [one, other] = await Promise.all([opened(url), opened(url)])
    const pages = one.tail(START, 10, new AbortController().signal)[Symbol.asyncIterator]()
    const seenAfter = async (id: string) => {
      const coming = pages.next()
      // Until it waits.
      await sleep(100)
      await other.append(`ticket-${id}`, 'none', [fact(id)])
      const began = performance.now()
      expect((await coming).value?.map((r: Recorded) => r.id)).toEqual([id])
      return performance.now() - began
    }
    await seenAfter('warm-up')
    expect(await seenAfter('a')).toBeLessThan(500)
    const operator = await operatorOf(url)
    const { rowCount } = await operator.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'counterfoil ledger listener' and datname = current_database()",
    )
    expect(rowCount).toBe(2)
    expect(await seenAfter('b')).toBeLessThan(4_000)
    expect(await seenAfter('c')).toBeLessThan(500)
  })

  it('may be made by many processes at once', async () => {
    const url = await server.database()
    const ledgers = await Promise.all(Array.from({ length: 8 }, () => opened(url)))
    await Promise.all(ledgers.map((ledger, i) => ledger.append(`ticket-${i}`, 'none', [fact(`${i}`)])))
    expect(await ledgers[0]!.readAll(START, 10)).toHaveLength(8)
  })
})

describe('a ledger whose server is killed and started again', () => {
  it('has everything that was acknowledged, once, and goes on by itself', async () => {
    const own = await postgresServer()
    onTestFinished(own.stop)
    const url = await own.database()
    const ledgers = await Promise.all([opened(url), opened(url)])
    const acknowledged: string[] = []
    let unavailable = 0
    let writing = true

    /** As a command does: after a failure it looks what became of it. */
    const writer = async (ledger: Ledger, stream: string) => {
      for (let n = 0; writing; n++) {
        const id = `${stream}/${n}`
        for (let known = false; !known; ) {
          known = await ledger.append(stream, n === 0 ? 'none' : n - 1, [fact(id)]).then(
            () => true,
            async (error: unknown) => {
              // A conflict can only be with oneself, whose answer was lost.
              if (error instanceof Unavailable) unavailable++
              await sleep(20)
              const found = await ledger.read(stream).catch(() => [])
              return found.some((r) => r.id === id)
            },
          )
        }
        acknowledged.push(id)
      }
    }
    const writers = Array.from({ length: 16 }, (_, i) => writer(ledgers[i % 2]!, `ticket-${i}`))
    for (let round = 0; round < 3; round++) {
      const before = acknowledged.length
      await expect.poll(() => acknowledged.length, { timeout: 10_000 }).toBeGreaterThan(before + 100)
      await own.kill()
      await sleep(100)
      await own.restart()
    }
    const before = acknowledged.length
    await expect.poll(() => acknowledged.length, { timeout: 10_000 }).toBeGreaterThan(before + 100)
    writing = false
    await Promise.all(writers)

    expect(unavailable).toBeGreaterThan(0)
    const facts = await ledgers[0]!.readAll(START, 1_000_000)
    expectOrdered(facts)
    expect(facts.map(({ id }) => id).sort()).toEqual(acknowledged.sort())
  })

  it('says so while it is away', async () => {
    const own = await postgresServer()
    onTestFinished(own.stop)
    const ledger = await opened(await own.database())
    await own.kill()
    await expect(ledger.append('ticket-1', 'none', [fact('a')])).rejects.toThrow(Unavailable)
    await expect(ledger.read('ticket-1')).rejects.toThrow(Unavailable)
    await expect(ledger.head()).rejects.toThrow(/^the ledger cannot be read \(.*\): see to its PostgreSQL server$/)
  })
})

it('waits for another writer for so long only, and goes on as soon as that is over', async () => {
  const url = await server.database()
  const ledger = await opened(url, 300)
  const operator = await operatorOf(url)
  await operator.query("begin; select pg_advisory_xact_lock(hashtextextended('counterfoil ledger', 0))")
  const appends = ['1', '2'].map((id) => ledger.append(`ticket-${id}`, 'none', [fact(id)]))
  for (const result of await Promise.allSettled(appends))
    expect(result).toMatchObject({ status: 'rejected', reason: expect.any(Unavailable) })
  await operator.query('rollback')
  await ledger.append('ticket-1', 'none', [fact('a')])
  expect(await ledger.readAll(START, 10)).toHaveLength(1)
})

it('gives back every JSON text as it was: its keys in their order, and what Unicode has of the strangest', async () => {
  const ledger = await opened(await server.database())
  const strange = { z: 1, a: { 10: 'b', 9: '\u0000\ud800"\\' }, 'é\n': [1e21, -0.1, 9_007_199_254_740_991, null] }
  let n = 0
  const keeps = async (data: unknown) => {
    const stream = `ticket-${n++}`
    await ledger.append(stream, 'none', [{ ...fact('a'), data }])
    const [read] = await ledger.read(stream)
    expect(JSON.stringify(read!.data)).toBe(JSON.stringify(data))
  }
  await keeps(strange)
  await fc.assert(fc.asyncProperty(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), keeps))
})

it.each(['update ledger.fact set type = $$TicketSold$$', 'delete from ledger.fact', 'truncate ledger.fact'])(
  'refuses whoever tries: %s',
  async (statement) => {
    const url = await server.database()
    const ledger = await opened(url)
    await ledger.append('ticket-1', 'none', [fact('a')])
    await expect((await operatorOf(url)).query(statement)).rejects.toThrow('facts are final')
    expect(await ledger.read('ticket-1')).toMatchObject([fact('a')])
  },
)

it('refuses a position that another ledger gave', async () => {
  const ledger = await opened(await server.database())
  const complaint = '0a/0a is no position of this ledger'
  await expect(ledger.readAll('0a/0a', 10)).rejects.toThrow(complaint)
  await expect(ledger.tail('0a/0a', 10, new AbortController().signal)[Symbol.asyncIterator]().next()).rejects.toThrow(
    complaint,
  )
})

it('refuses to append once it is closed', async () => {
  const ledger = await opened(await server.database())
  await ledger.close()
  await expect(ledger.append('ticket-1', 'none', [fact('a')])).rejects.toThrow('is closed')
})

it('names what is in the way when its server cannot be reached', () =>
  expect(postgresLedger({ url: 'postgres://nobody@127.0.0.1:1/none' })).rejects.toThrow(
    /^the tables of ledger cannot be brought up to date \(.*ECONNREFUSED.*\): see to DATABASE_URL/,
  ))

const follow = async (ledger: Ledger, enough: (seen: readonly Recorded[]) => boolean) => {
  const seen: Recorded[] = []
  const stop = new AbortController()
  for await (const page of ledger.tail(START, 100, stop.signal)) {
    seen.push(...page)
    if (enough(seen)) stop.abort()
  }
  return seen
}

/** Positions have no gap and rise, no fact is there twice, and each stream counts without a hole. */
const expectOrdered = (facts: readonly Recorded[]) => {
  expect(facts.map(({ position }) => Number(position))).toEqual(facts.map((_, i) => i + 1))
  expect(new Set(facts.map(({ id }) => id)).size).toBe(facts.length)
  for (const own of Map.groupBy(facts, (r) => r.stream).values())
    expect(own.map((r) => r.revision)).toEqual(own.map((_, i) => i))
}
