import { setTimeout } from 'node:timers/promises'
import { Registry } from 'prom-client'
import type { Codes } from '../domain/admission/code.ts'
import { type ScanPolicy, STANDARD } from '../domain/admission/policy.ts'
import type { Leadership } from '../domain/leadership.ts'
import type { Ledger } from '../domain/ledger.ts'
import type { Cache } from '../domain/stream.ts'
import type { Vault } from '../domain/vault.ts'
import type { Config } from './config.ts'
import { ticketCodes } from './keys/ticket-codes.ts'
import { soleLeader } from './leadership.ts'
import { lru } from './lru.ts'
import { openReadModels, type ReadModels } from './pglite/read-models.ts'
import { openDataFolder } from './sqlite/data-folder.ts'
import { sqliteLedger } from './sqlite/ledger.ts'
import { sqliteVault } from './sqlite/vault.ts'

/** What the three processes run on, opened once where they share one. */
export type Parts = {
  readonly config: Config
  readonly ledger: Ledger
  readonly vault: Vault
  readonly leadership: Leadership
  // biome-ignore lint/suspicious/noExplicitAny: every read model has tables of its own
  readonly readModels: ReadModels<any>
  /** Streams as they were last folded. */
  readonly cache: Cache
  readonly codes: Codes
  /** The same for every event. */
  readonly policy: ScanPolicy
  readonly metrics: Registry
  readonly now: () => string
  readonly sleep: (ms: number) => Promise<void>
  /** Where a part that is not shared keeps its file. */
  readonly path: (name: string) => string
  readonly close: () => Promise<void>
}

/** About 1 KB each. */
const STREAMS_CACHED = 50_000

/** Opens the embedded parts in the data folder. Throws one line on what is in the way. */
export const openParts = async (config: Config, now = () => new Date().toISOString()): Promise<Parts> => {
  const folder = openDataFolder(config.dataDir)
  const ledger = sqliteLedger(folder.path('ledger.db'))
  const vault = sqliteVault(folder.path('vault.db'))
  const readModels = await openReadModels(folder.path('read-models'))
  return {
    config,
    ledger,
    vault,
    leadership: soleLeader,
    readModels,
    cache: lru(STREAMS_CACHED),
    codes: ticketCodes(vault.eventSecrets),
    policy: { ...STANDARD, rotationSeconds: config.codeRotationSeconds },
    metrics: new Registry(),
    now,
    sleep: (ms) => setTimeout(ms),
    path: folder.path,
    close: async () => {
      await ledger.close()
      await vault.close()
      await readModels.close()
      folder.close()
    },
  }
}
