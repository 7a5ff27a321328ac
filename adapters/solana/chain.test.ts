import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, it, onTestFinished } from 'vitest'
import type { Chain } from '../../commands/chain/chain.ts'
import { addressOf } from './address.ts'
import { authorityIn } from './authority.ts'
import { chainContract, type Opened } from './chain.contract.ts'
import { embeddedChain } from './embedded/chain.ts'
import { embeddedSolana } from './embedded-solana.ts'
import { inOne } from './in-parts.ts'
import { openChain } from './on-a-thread.ts'
import { openRpc, type Rpc } from './rpc.ts'
import { solanaChain } from './solana-chain.ts'

type Opening = { readonly path: string; readonly authority: Uint8Array; readonly key: Uint8Array }

const accountIn = (rpc: Rpc) => async (address: string) =>
  (await rpc.accounts('show an account', [addressOf(address)], 'finalized'))[0]

/** In a file, so that another process can look at it. */
const embedded = async (open: (opening: Opening, now: () => string) => Promise<Chain>): Promise<Opened> => {
  const folder = mkdtempSync(join(tmpdir(), 'chain-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  let passed = 0
  const now = () => new Date(Date.now() + passed).toISOString()
  const opening = { path: join(folder, 'chain.db'), authority: randomBytes(32), key: randomBytes(32) }
  const chain = await open(opening, now)
  await chain.funds()
  const other = embeddedChain({ path: opening.path, programs: [], now })
  onTestFinished(other.close)
  return {
    chain,
    again: (key = opening.key) => open({ ...opening, key }, now),
    now,
    wait: async (ms) => {
      passed += ms
    },
    account: accountIn(openRpc(other.fetch)),
  }
}

chainContract('the embedded one', () =>
  embedded(async (opening, now) => inOne(await embeddedSolana({ ...opening, now }))),
)

chainContract('the embedded one, on a thread', () => embedded(async (opening, now) => openChain(opening, now)))

const { SOLANA_RPC_URL: rpc, SOLANA_AUTHORITY_FILE: file, SOLANA_PROGRAM_ID: programId } = process.env

if (rpc && file)
  chainContract(
    'a cluster',
    async () => {
      const options = { rpc, authority: authorityIn(file), key: randomBytes(32), programId }
      return {
        chain: solanaChain(options),
        again: async (key = options.key) => solanaChain({ ...options, key }),
        now: () => new Date().toISOString(),
        wait: (ms) => sleep(ms),
        account: accountIn(openRpc(rpc)),
      }
    },
    600_000,
  )
else
  describe('a chain: a cluster', () => {
    it.skip('set SOLANA_RPC_URL and SOLANA_AUTHORITY_FILE to hold it to the same', () => {})
  })
