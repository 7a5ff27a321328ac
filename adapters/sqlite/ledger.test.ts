import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Recorded, START } from '../../domain/fact.ts'
import { type Ledger, Unavailable } from '../../domain/ledger.ts'
import { sampleFact as fact } from '../ledger.sample.ts'
import { sqliteLedger } from './ledger.ts'
import { write } from './ledger.writer.ts'

describe('a ledger file that two processes write to', () => {
  it('loses nothing, keeps the order, and lets one of them win what both want', async () => {
    const path = await freshPath()
    const ledger = opened(path)
    const followed = followUntil(ledger, (seen) => seen.length === 2 * 8 * 50 * 3 + 8 * 50)
    const other = writer(path, 'other', 50)
    await other.begun
    const reports: Report[] = []
    await write(ledger, 'here', 50, (answer, factId) => reports.push({ answer, factId }))
    expect(await other.over).toBe(0)
    reports.push(...other.reports)

    const seen = await followed
    expect(seen.every((r, i) => r.position > (seen[i - 1]?.position ?? START))).toBe(true)
    expectWhole(seen, reports)
    const streams = (answer: string) => reports.filter((r) => r.answer === answer).map((r) => r.factId.split('/')[0])
    expect(streams('won')).toHaveLength(8 * 50)
    expect(streams('won').sort()).toEqual(streams('lost').sort())
  })

  it("shows its followers another process's facts within a second", async () => {
    const path = await freshPath()
    const seenAt = new Map<string, number>()
    const followed = followUntil(opened(path), (seen) => {
      for (const { id } of seen) if (!seenAt.has(id)) seenAt.set(id, performance.now())
      return seen.length === 8 * 4
    })
    const heardAt = new Map<string, number>()
    const other = writer(path, 'other', 1, ({ factId }) => heardAt.set(factId, performance.now()))
    expect(await other.over).toBe(0)
    await followed
    expect(heardAt.size).toBe(8 * 2)
    for (const [id, heard] of heardAt) expect(seenAt.get(id)! - heard).toBeLessThan(1_000)
  })

  it('does not keep its process from ending', async () => {
    // The writer never closes its ledger.
    expect(await writer(await freshPath(), 'one', 0).over).toBe(0)
  })
})

describe('a ledger file whose process is killed', () => {
  it('has every acknowledged append, whole, and no stream with a hole', async () => {
    const path = await freshPath()
    const acknowledged: Report[] = []
    for (let round = 0; round < 6; round++) {
      const doomed = writer(path, `${round}`, 1_000_000)
      await doomed.begun
      await setTimeout(20 + 30 * round)
      doomed.kill()
      expect(await doomed.over).toBe('SIGKILL')
      expect(doomed.reports.length).toBeGreaterThan(0)
      acknowledged.push(...doomed.reports)

      const ledger = sqliteLedger(path)
      expectWhole(await ledger.readAll(START, 1_000_000), acknowledged)
      await ledger.close()
    }
  })
})

describe('a ledger file that is no good', () => {
  it.each<[string, (path: string) => unknown, RegExp]>([
    ['is no database', (path) => writeFile(path, 'Dear diary,'.repeat(1_000)), /file is not a database.*backup$/],
    [
      'was written by a newer version',
      (path) => new DatabaseSync(path).exec('pragma user_version = 2'),
      /schema 2.*the newer one/,
    ],
  ])('is refused by name when it %s', async (_, spoil, complaint) => {
    const path = await freshPath()
    await spoil(path)
    const opening = () => sqliteLedger(path)
    expect(opening).toThrow(complaint)
    expect(opening).toThrow(path)
  })

  it('is refused by name when its folder does not exist', async () => {
    const path = join(await freshPath(), 'nowhere', 'ledger.db')
    expect(() => sqliteLedger(path)).toThrow(path)
  })
})

it('says so when it cannot write, and goes on as soon as it can', async () => {
  const path = await freshPath()
  const ledger = opened(path)
  const operator = new DatabaseSync(path)
  onTestFinished(() => operator.close())
  operator.exec('alter table fact rename to elsewhere')
  const appending = ['1', '2'].map((id) => ledger.append(`ticket-${id}`, 'none', [fact(id)]))
  for (const result of await Promise.allSettled(appending))
    expect(result).toMatchObject({ reason: expect.any(Unavailable), status: 'rejected' })
  operator.exec('alter table elsewhere rename to fact')
  await ledger.append('ticket-1', 'none', [fact('a')])
  expect(await ledger.read('ticket-1')).toHaveLength(1)
})

it('refuses a position that another ledger gave', async () =>
  expect(opened(await freshPath()).readAll('0a/0a', 10)).rejects.toThrow('0a/0a is no position of this ledger'))

it('refuses to append once it is closed', async () => {
  const ledger = opened(await freshPath())
  await ledger.close()
  await expect(ledger.append('ticket-1', 'none', [fact('a')])).rejects.toThrow('is closed')
})

const freshPath = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, 'ledger.db')
}

const opened = (path: string): Ledger => {
  const ledger = sqliteLedger(path)
  onTestFinished(() => ledger.close())
  return ledger
}

const followUntil = async (ledger: Ledger, enough: (seen: readonly Recorded[]) => boolean) => {
  const seen: Recorded[] = []
  const stop = new AbortController()
  for await (const page of ledger.tail(START, 100, stop.signal)) {
    seen.push(...page)
    if (enough(seen)) stop.abort()
  }
  return seen
}

type Report = { readonly answer: string; readonly factId: string }

/** Another process. `over` is its exit code, or the signal that ended it. */
const writer = (path: string, name: string, rounds: number, hear: (report: Report) => void = () => {}) => {
  const script = join(import.meta.dirname, 'ledger.writer.ts')
  const child = spawn(process.execPath, [script, path, name, `${rounds}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const reports: Report[] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    // What the kill cut off was not reported.
    rest = lines.pop()!
    for (const line of lines) {
      const [answer, factId] = line.split(' ')
      const report = { answer: answer!, factId: factId! }
      reports.push(report)
      hear(report)
    }
  })
  const over = once(child, 'close').then(([code, signal]: (number | string | null)[]) => code ?? signal)
  return { reports, over, begun: once(child.stdout, 'data'), kill: () => child.kill('SIGKILL') }
}

/** Everything that was reported is there, streams count without holes, and of three facts appended at once none is missing. */
const expectWhole = (facts: readonly Recorded[], reports: readonly Report[]) => {
  const ids = new Set(facts.map((r) => r.id))
  expect(ids.size).toBe(facts.length)
  expect(reports.filter(({ answer, factId }) => answer !== 'lost' && !ids.has(factId))).toEqual([])
  for (const [stream, own] of Map.groupBy(facts, (r) => r.stream)) {
    expect(own.map((r) => r.revision)).toEqual(own.map((_, i) => i))
    if (stream.startsWith('ticket-wanted-')) expect(own).toHaveLength(1)
    else expect(own.length % 3).toBe(0)
  }
}
