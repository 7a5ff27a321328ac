import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readConfig } from '../../adapters/config.ts'
import { lru } from '../../adapters/lru.ts'
import { openChain } from '../../adapters/parts.ts'
import { sqliteLedger } from '../../adapters/sqlite/ledger.ts'
import { sqliteVault } from '../../adapters/sqlite/vault.ts'
import type { Cache } from '../../domain/stream.ts'

/** What copies tickets to the chain, in the files of a data folder, as a server has it, without all else. */
export const openCopying = async () => {
  const config = readConfig(process.env)
  const path = (name: string) => join(config.dataDir, name)
  const [ledger, vault] = [sqliteLedger(path('ledger.db')), sqliteVault(path('vault.db'))]
  const chain = await openChain(config, vault)
  const cache: Cache = lru(50_000)
  return {
    ...{ path, vault },
    deps: {
      ...{ ledger, cache, chain, wallets: vault.wallets, signed: vault.signedTransactions, intents: vault.intents },
      now: () => new Date().toISOString(),
      sleep: (ms: number) => sleep(ms),
      tokenUri: (eventId: string) => `https://tickets.example.com/api/v1/chain/events/${eventId}`,
      // Nobody here has a wallet.
      heldBy: async () => [],
    },
    close: async () => {
      await chain.close()
      await vault.close()
      await ledger.close()
    },
  }
}

export type Copying = Awaited<ReturnType<typeof openCopying>>
