import { expect, it } from 'vitest'
import { soleLeader } from '../adapters/leadership.ts'
import type { Leadership } from '../domain/leadership.ts'
import { startWorkers } from './workers.ts'

const EVERY_SECOND = '* * * * * *'

it('F12.10 a worker runs at its times, never twice at once, and can be seen running', async () => {
  let running = 0
  let most = 0
  const run = async () => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    running--
    return { looked: 3 }
  }
  const workers = startWorkers([{ name: 'slow', every: EVERY_SECOND, run }], {
    leadership: soleLeader,
    log: { error: () => {} },
  })
  await expect
    .poll(() => workers.status()[0]!.lastRun, { timeout: 8_000 })
    .toMatchObject({ outcome: { looked: 3 }, error: null })
  expect(workers.status()[0]!.nextRun).toMatch(/Z$/)
  await workers.stop()
  expect(running).toBe(0)
  expect(most).toBe(1)
})

it('a run that fails is logged and seen, and the next one tries again', async () => {
  const logged: string[] = []
  let runs = 0
  const run = async () => {
    if (++runs === 1) throw new Error('the read models did not answer')
    return { runs }
  }
  const workers = startWorkers([{ name: 'shaky', every: EVERY_SECOND, run }], {
    leadership: soleLeader,
    log: { error: (_, message) => logged.push(message) },
  })
  await expect
    .poll(() => workers.status()[0]!.lastRun?.error, { timeout: 8_000 })
    .toBe('the read models did not answer')
  await expect.poll(() => workers.status()[0]!.lastRun?.outcome, { timeout: 8_000 }).toMatchObject({ runs: 2 })
  await workers.stop()
  expect(logged).toEqual(['a worker failed'])
})

it('of two processes one runs it, and the other takes over when that one stops', async () => {
  const ran: string[] = []
  const leadership = oneAtATime()
  const process = (name: string) => {
    const run = async () => ({ ran: ran.push(name) })
    return startWorkers([{ name: 'look', every: EVERY_SECOND, run }], { leadership, log: { error: () => {} } })
  }
  const [first, second] = [process('first'), process('second')]
  await expect.poll(() => ran.length, { timeout: 8_000 }).toBeGreaterThan(1)
  expect(new Set(ran)).toEqual(new Set(['first']))
  expect([first, second].map((workers) => workers.status()[0]!.leads)).toEqual([true, false])

  await first.stop()
  await expect.poll(() => ran.at(-1), { timeout: 8_000 }).toBe('second')
  const { length } = ran
  await second.stop()
  expect(ran.slice(0, length).lastIndexOf('first')).toBeLessThan(ran.indexOf('second'))
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
