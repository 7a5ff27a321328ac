import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connection, Keypair } from '@solana/web3.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import { embeddedChain } from '../adapters/solana/embedded/chain.ts'

const SOL = 1_000_000_000

const freshFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'counterfoil-chain-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/** The chain of a server that runs. */
const chainIn = (folder: string) => {
  const chain = embeddedChain({ path: join(folder, 'chain.db'), programs: [], now: () => new Date().toISOString() })
  onTestFinished(chain.close)
  return new Connection('http://embedded.invalid', { fetch: chain.fetch })
}

const run = (folder: string, ...args: string[]) => {
  const script = join(import.meta.dirname, 'chain.ts')
  const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, DATA_DIR: folder } })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => said.push(text))
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
  return { child, ended, said: () => said.join(''), first: once(child.stdout, 'data') }
}

const served = async (folder: string) => {
  const started = run(folder, '--port', '0')
  await started.first
  return { ...started, url: started.said().trim().split(' ').at(-1)! }
}

describe('npm run chain', () => {
  it('shows wallets the chain of a running server, as it is at any moment', async () => {
    const folder = await freshFolder()
    const inServer = chainIn(folder)
    const { url, child, ended } = await served(folder)
    const wallet = new Connection(url)
    const alice = Keypair.generate().publicKey
    expect(await wallet.getBalance(alice)).toBe(0)
    await inServer.requestAirdrop(alice, SOL)
    expect(await wallet.getBalance(alice)).toBe(SOL)
    await wallet.requestAirdrop(alice, SOL)
    expect(await inServer.getBalance(alice)).toBe(2 * SOL)
    expect(await wallet.getGenesisHash()).toBe(await inServer.getGenesisHash())
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  })

  it('answers pages from anywhere, and takes no more than requests', async () => {
    const folder = await freshFolder()
    chainIn(folder)
    const { url } = await served(folder)
    const asked = await fetch(url, { method: 'OPTIONS' })
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, '*'])
    expect((await fetch(url)).status).toBe(405)
    expect((await fetch(url, { method: 'POST', body: 'x'.repeat(600_000) })).status).toBe(413)
    const answer = await fetch(url, { method: 'POST', body: '{"id":1,"method":"getHealth"}' })
    expect(await answer.json()).toEqual({ jsonrpc: '2.0', id: 1, result: 'ok' })
  })

  it('says in one line where there is no chain', async () => {
    const folder = await freshFolder()
    const { ended, said } = run(folder)
    expect(await ended).toBe(1)
    expect(said()).toMatch(/^the chain cannot be served: there is no chain at .*chain\.db: [^\n]*\n$/)
    expect(said()).toContain(folder)
  })

  it('says in one line that a port is none', async () => {
    const { ended, said } = run(await freshFolder(), '--port', 'harbour')
    expect(await ended).toBe(1)
    expect(said()).toBe('the chain cannot be served: --port harbour is no port: name one from 0 to 65535\n')
  })
})
