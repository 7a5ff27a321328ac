import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ChainUnavailable } from '../../commands/chain/chain.ts'
import { openChain } from './on-a-thread.ts'

const opened = (path = ':memory:') => {
  const chain = openChain({ path, authority: randomBytes(32), key: randomBytes(32) })
  onTestFinished(() => chain.close())
  return chain
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the nineteenth field, of all threads. */
const priorities = () =>
  readdirSync('/proc/self/task').map((thread) => {
    const [, fields] = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ')
    return Number(fields!.split(' ')[16])
  })

describe('a chain on a thread', () => {
  it.runIf(platform() === 'linux')('gives way to all others, and they to none', async () => {
    const before = priorities()
    await opened().funds()
    const after = priorities()
    expect(after.filter((nice) => nice === 19)).toHaveLength(before.filter((nice) => nice === 19).length + 1)
    expect(after.filter((nice) => nice === 0).length).toBeGreaterThanOrEqual(before.length)
  })

  it('that cannot begin says why to all who wait, and begins anew with the next call', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chain-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const chain = opened(join(folder, 'later', 'chain.db'))
    const why = /^the thread of the chain has died: .*later/
    await Promise.all(
      [chain.funds(), chain.heads()].map(async (call) => {
        await expect(call).rejects.toThrow(ChainUnavailable)
        await expect(call).rejects.toThrow(why)
      }),
    )
    mkdirSync(join(folder, 'later'))
    expect(await chain.heads()).toEqual([])
  })

  it('begins with the first call, not before', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chain-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const chain = opened(join(folder, 'chain.db'))
    await setTimeout(1_500)
    expect(readdirSync(folder)).toEqual([])
    await chain.heads()
    expect(readdirSync(folder)).toContain('chain.db')
  })

  it('that is closed answers nobody any more, and nobody waits for ever', async () => {
    const chain = opened()
    await chain.heads()
    const underway = chain.funds().catch((error) => error)
    await chain.close()
    expect([ChainUnavailable, Object]).toContain((await underway).constructor)
    await expect(chain.funds()).rejects.toThrow(new ChainUnavailable('the chain is closed'))
    await chain.close()
  })

  it('loads no code of Solana’s beside its own', async () => {
    const script = `
      import { createRequire } from 'node:module'
      import { openChain } from ${JSON.stringify(fileURLToPath(new URL('on-a-thread.ts', import.meta.url)))}
      const loaded = () => Object.keys(createRequire('/').cache).filter((path) => /solana|anchor|litesvm/.test(path))
      const chain = openChain({ path: ':memory:', authority: new Uint8Array(32), key: new Uint8Array(32) })
      await chain.heads()
      console.log(JSON.stringify([loaded(), typeof (await chain.funds()).lamports]))
      await chain.close()`
    const folder = mkdtempSync(join(tmpdir(), 'chain-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'script.mjs'), script)
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'script.mjs')])
    expect(JSON.parse(stdout)).toEqual([[], 'number'])
  })
})
