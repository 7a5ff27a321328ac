import { expect, it } from 'vitest'
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
  const workers = startWorkers([{ name: 'slow', every: EVERY_SECOND, run }], { error: () => {} })
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
    error: (_, message) => logged.push(message),
  })
  await expect
    .poll(() => workers.status()[0]!.lastRun?.error, { timeout: 8_000 })
    .toBe('the read models did not answer')
  await expect.poll(() => workers.status()[0]!.lastRun?.outcome, { timeout: 8_000 }).toMatchObject({ runs: 2 })
  await workers.stop()
  expect(logged).toEqual(['a worker failed'])
})
