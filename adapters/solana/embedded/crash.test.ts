import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Keypair, PublicKey } from '@solana/web3.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FEE, freshPath, opened, SOL, send, someone, transfer } from './chain.world.ts'

const PAID = SOL / 1_000

type Answered = { readonly signature: string; readonly to: PublicKey }

/** Another process that pays somebody new from a purse, again and again. `over` is its exit code, or the signal that ended it. */
const payingElsewhere = (path: string, seed: Buffer, times: number) => {
  const args = [join(import.meta.dirname, 'chain.writer.ts'), path, seed.toString('hex'), `${times}`, `${PAID}`]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const answered: Answered[] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    // What the kill cut off was not answered.
    rest = lines.pop()!
    for (const line of lines) {
      const [signature, to] = line.split(' ')
      answered.push({ signature: signature!, to: new PublicKey(to!) })
    }
  })
  const over = once(child, 'close').then(([code, signal]: (number | string | null)[]) => code ?? signal)
  return { answered, over, begun: once(child.stdout, 'data'), kill: () => child.kill('SIGKILL') }
}

describe('a chain in a file', () => {
  it('has all that was answered by a process that was killed, and nothing by halves', async () => {
    const path = await freshPath()
    const seed = Buffer.alloc(32, 4)
    const purse = Keypair.fromSeed(seed).publicKey
    const world = opened({ path })
    await world.connection.requestAirdrop(purse, 100 * SOL)
    const answered: Answered[] = []
    for (let round = 1; round <= 4; round++) {
      const doomed = payingElsewhere(path, seed, 1_000_000)
      await doomed.begun
      await setTimeout(100 * round)
      doomed.kill()
      expect(await doomed.over).toBe('SIGKILL')
      expect(doomed.answered.length).toBeGreaterThan(0)
      answered.push(...doomed.answered)
      for (const { signature, to } of doomed.answered) {
        expect((await world.connection.getSignatureStatus(signature)).value).toMatchObject({ err: null })
        expect(await world.connection.getBalance(to)).toBe(PAID)
      }
      const spent = 100 * SOL - (await world.connection.getBalance(purse))
      // Those of one turn, five a round, may have been carried out and not answered.
      const unanswered = spent / (PAID + FEE) - answered.length
      expect([...Array(5 * round + 1).keys()]).toContain(unanswered)
    }
  })

  it('is spent from one purse by two processes at once, and no lamport is lost', async () => {
    const path = await freshPath()
    const seed = Buffer.alloc(32, 7)
    const purse = Keypair.fromSeed(seed)
    const world = opened({ path })
    await world.connection.requestAirdrop(purse.publicKey, 100 * SOL)
    const other = payingElsewhere(path, seed, 100)
    await other.begun
    for (let n = 0; n < 100; n++) await send(world, [transfer(purse, someone(), PAID)], [purse])
    expect(await other.over).toBe(0)
    expect(other.answered).toHaveLength(100)
    expect(await world.connection.getBalance(purse.publicKey)).toBe(100 * SOL - 200 * (PAID + FEE))
  })
})
