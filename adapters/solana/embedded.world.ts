import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import bs58 from 'bs58'
import { z } from 'zod'
import { publicOf } from './ed25519.ts'
import { embeddedChain } from './embedded/chain.ts'
import { PROGRAM_ID } from './program.ts'
import { openRpc } from './rpc.ts'

/** An embedded chain in memory with the program on it, and an authority that has funds. */
export const embeddedWorld = async ({
  now = () => new Date().toISOString(),
  finalAfterMs = 0,
  authority = randomBytes(32),
  key = randomBytes(32),
} = {}) => {
  const elf = readFileSync(new URL('../../programs/built/ticket_ledger.so', import.meta.url))
  const node = embeddedChain({ path: ':memory:', programs: [{ address: PROGRAM_ID, elf }], now, finalAfterMs })
  const rpc = openRpc(node.fetch)
  await rpc.ask('fund', 'requestAirdrop', [bs58.encode(publicOf(authority)), 1e12], z.string())
  return { fetch: node.fetch, close: node.close, rpc, authority, key }
}
