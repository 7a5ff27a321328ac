import { expect, it } from 'vitest'
import { soleLeader } from '../adapters/leadership.ts'
import type { Leadership } from '../domain/leadership.ts'
import type { WorkerReport } from '../domain/vault.ts'
import { startWorkers } from './workers.ts'

const EVERY_SECOND = '* * * * * *'

const world = (leadership: Pick<Leadership, 'lead'> = soleLeader) => {
  const told: WorkerReport[] = []
  const logged: string[] = []
  const reports = { tell: async (report: WorkerReport) => void told.push(report) }
  const log = { error: (_: object, message: string) => void logged.push(message) }
  return { told, logged, deps: { leadership, reports, log }, runs: () => told.flatMap(({ lastRun }) => lastRun ?? []) }
}

it('F12.10 a worker runs at its times, never twice at once, and tells when it runs next', async () => {
  let running = 0
  let most = 0
  const run = async () => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    running--
    return { looked: 3 }
  }
  const { deps, told, runs } = world()
  const workers = startWorkers([{ name: 'slow', every: EVERY_SECOND, run }], deps)
  await expect.poll(runs, { timeout: 8_000 }).toContainEqual(expect.objectContaining({ outcome: { looked: 3 } }))
  expect(told[0]).toMatchObject({
    name: 'slow',
    every: EVERY_SECOND,
    nextRun: expect.stringMatching(/Z$/),
    lastRun: null,
  })
  await workers.stop()
  expect(running).toBe(0)
  expect(most).toBe(1)
})

it('a run that fails is logged and told, and the next one tries again', async () => {
  let tries = 0
  const run = async () => {
    if (++tries === 1) throw new Error('the read models did not answer')
    return { tries }
  }
  const { deps, logged, runs } = world()
  const workers = startWorkers([{ name: 'shaky', every: EVERY_SECOND, run }], deps)
  await expect.poll(() => runs().length, { timeout: 8_000 }).toBeGreaterThan(1)
  await workers.stop()
  expect(runs()[0]).toMatchObject({ outcome: null, error: 'the read models did not answer' })
  expect(runs()[1]).toMatchObject({ outcome: { tries: 2 }, error: null })
  expect(logged).toEqual(['a worker failed'])
})

it('of two processes one runs it, and the other takes over when that one stops', async () => {
  const ran: string[] = []
  const { deps, told } = world(oneAtATime())
  const process = (name: string) => {
    const run = async () => ({ ran: ran.push(name) })
    return startWorkers([{ name: 'look', every: EVERY_SECOND, run }], deps)
  }
  const [first, second] = [process('first'), process('second')]
  await expect.poll(() => ran.length, { timeout: 8_000 }).toBeGreaterThan(1)
  expect(new Set(ran)).toEqual(new Set(['first']))

  await first.stop()
  await expect.poll(() => ran.at(-1), { timeout: 8_000 }).toBe('second')
  await second.stop()
  expect(ran.lastIndexOf('first')).toBeLessThan(ran.indexOf('second'))
  expect(told.at(-1)).toMatchObject({ nextRun: null })
})

/** Lets the next one in when the one before has given up. */
const oneAtATime = (): Pick<Leadership, 'lead'> => {
  let free: Promise<unknown> = Promise.resolve()
  return {
    lead: async (_work, signal) => {
      const before = free
      free = new Promise((resolve) => signal.addEventListener('abort', resolve))
      await before
      signal.throwIfAborted()
      return signal
    },
  }
}
