import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { leadershipContract } from '../leadership.contract.ts'
import { postgresLeadership } from './leadership.ts'
import { type PostgresServer, postgresServer } from './server.world.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await postgresServer()
})
afterAll(() => server?.stop())

leadershipContract('by advisory locks in PostgreSQL', async () => postgresLeadership({ url: await server.database() }))

const opened = (url: string) => {
  const leadership = postgresLeadership({ url })
  onTestFinished(() => leadership.close())
  return leadership
}

const forever = () => new AbortController().signal

/** Whether it has not come about a while later. */
const isPending = (promise: Promise<unknown>) =>
  Promise.race([promise.then(() => false), sleep(1_500).then(() => true)])

describe('of several who ask for the same work', () => {
  it.each(['in one process', 'in two'])('one leads, and the other once it is given up: %s', async (where) => {
    const url = await server.database()
    const first = opened(url)
    const second = where === 'in two' ? opened(url) : first
    const giveUp = new AbortController()
    await first.lead('mail', giveUp.signal)
    const next = second.lead('mail', forever())
    expect(await isPending(next)).toBe(true)
    giveUp.abort()
    expect((await next).aborted).toBe(false)
  })

  it('who gives up waiting leads nothing', async () => {
    const url = await server.database()
    const [first, second] = [opened(url), opened(url)]
    const led = new AbortController()
    await first.lead('mail', led.signal)
    const giveUp = new AbortController()
    const waiting = second.lead('mail', giveUp.signal)
    giveUp.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    led.abort()
    expect((await first.lead('mail', forever())).aborted).toBe(false)
  })

  it('another follows who closes', async () => {
    const url = await server.database()
    const first = opened(url)
    const term = await first.lead('mail', forever())
    const next = opened(url).lead('mail', forever())
    await first.close()
    expect(term.aborted).toBe(true)
    expect((await next).aborted).toBe(false)
    await expect(first.lead('mail', forever())).rejects.toThrow('closed')
  })

  it('another follows within about two seconds who is killed', async () => {
    const url = await server.database()
    const [one, other] = [await leader(url), opened(url).lead('mail', forever())]
    expect(await isPending(other)).toBe(true)
    const killedAt = performance.now()
    one.kill('SIGKILL')
    await other
    expect(performance.now() - killedAt).toBeLessThan(2_500)
  })

  it('another follows within a few seconds who is frozen, and who wakes up leads no longer', async () => {
    const url = await server.database()
    const [one, other] = [await leader(url), opened(url).lead('mail', forever())]
    const told = once(one.stdout, 'data')
    one.kill('SIGSTOP')
    expect((await other).aborted).toBe(false)
    one.kill('SIGCONT')
    expect(String(await told)).toBe('no longer')
  }, 20_000)
})

describe('who loses the connection', () => {
  it('leads no longer, and may lead again when the server is back', async () => {
    const own = await postgresServer()
    onTestFinished(own.stop)
    const leadership = opened(await own.database())
    const terms = [await leadership.lead('mail', forever()), await leadership.lead('orders', forever())]
    await own.kill()
    await expect.poll(() => terms.map(({ aborted }) => aborted)).toEqual([true, true])
    expect(terms[0]!.reason).toEqual(new Error('the connection to PostgreSQL was lost: ask to lead again'))
    const again = leadership.lead('mail', forever())
    await own.restart()
    expect((await again).aborted).toBe(false)
  })
})

/** Another process, once it leads. */
const leader = async (url: string) => {
  const program = `
    import { postgresLeadership } from ${JSON.stringify(new URL('./leadership.ts', import.meta.url))}
    const term = await postgresLeadership({ url: process.argv[1] }).lead('mail', new AbortController().signal)
    term.addEventListener('abort', () => process.stdout.write('no longer'))
    process.stdout.write('leads')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}
