import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Registry } from 'prom-client'
import type { Chain } from '../commands/chain/chain.ts'
import type { AcceptanceCodes } from '../commands/transfers/acceptance-codes.ts'
import type { Codes } from '../domain/admission/code.ts'
import { type ScanPolicy, STANDARD } from '../domain/admission/policy.ts'
import type { Leadership } from '../domain/leadership.ts'
import type { Ledger } from '../domain/ledger.ts'
import type { Cache } from '../domain/stream.ts'
import type { Vault } from '../domain/vault.ts'
import type { ReadDatabase } from '../projections/reading.ts'
import type { SharedRedis } from './cache/redis.ts'
import type { Config } from './config.ts'
import { countedLedger } from './counted-ledger.ts'
import { acceptanceCodes } from './keys/acceptance-codes.ts'
import { ticketCodes } from './keys/ticket-codes.ts'
import { type TokenLinks, tokenLinks } from './keys/token-links.ts'
import { type Log, logTo } from './log.ts'
import { lru } from './lru.ts'
import type { Fetch } from './solana/rpc.ts'

// Each adapter is imported where it is chosen: nobody waits for the code of one that is not in use.

/** What the processes run on, opened once where several sides share one. */
export type Parts = {
  readonly config: Config
  readonly ledger: Ledger
  readonly vault: Vault
  readonly leadership: Leadership
  readonly chain: OpenedChain
  readonly tokenLinks: TokenLinks
  readonly readModels: ReadDatabase & { readonly close: () => Promise<void> }
  /** None where each process goes by itself. */
  readonly redis: SharedRedis | undefined
  /** Streams as they were last folded. */
  readonly cache: Cache
  readonly codes: Codes
  readonly acceptanceCodes: AcceptanceCodes
  /** The same for every event. */
  readonly policy: ScanPolicy
  readonly metrics: Registry
  readonly log: Log
  readonly now: () => string
  readonly sleep: (ms: number) => Promise<void>
  /** Where an embedded part keeps its file or folder. */
  readonly path: (name: string) => string
  readonly close: () => Promise<void>
}

/** The chain, and how else it is reached. */
type OpenedChain = Chain & {
  /** Of a node, or what answers in its place. */
  readonly rpc: string | Fetch
  /** The seed of its key, 32 bytes. */
  readonly authority: Uint8Array
}

/** Those that are embedded or not. */
type Chosen = Pick<Parts, 'ledger' | 'vault' | 'leadership' | 'readModels' | 'path'> & { readonly release: () => void }

/** About 1 KB each. */
const STREAMS_CACHED = 50_000

/** Opens what the settings name; without any, all of it in the data folder. Throws one line on what is in the way. */
export const openParts = async (config: Config, now = () => new Date().toISOString()): Promise<Parts> => {
  const log = logTo(config.logLevel)
  const chosen = config.databaseUrl ? await shared(config, config.databaseUrl) : await embedded(config)
  const { vault, leadership, readModels, path, release } = chosen
  const metrics = new Registry()
  const ledger = countedLedger(chosen.ledger, metrics)
  const redis = config.redisUrl ? await redisAt(config.redisUrl, log) : undefined
  const chain = await openChain(config, vault, now)
  return {
    config,
    ledger,
    vault,
    leadership,
    readModels,
    chain,
    tokenLinks: tokenLinks(config.publicUrl, await vault.keyFor('token-links')),
    redis,
    cache: lru(STREAMS_CACHED),
    codes: ticketCodes(vault.eventSecrets),
    acceptanceCodes: acceptanceCodes(await vault.keyFor('acceptance-codes')),
    policy: { ...STANDARD, rotationSeconds: config.codeRotationSeconds },
    metrics,
    log,
    now,
    sleep: (ms) => setTimeout(ms),
    path,
    close: async () => {
      await chain.close()
      await leadership.close()
      await ledger.close()
      await vault.close()
      await readModels.close()
      redis?.close()
      release()
    },
  }
}

/** The ledger that the settings name, alone and beside a running server. Throws one line where there is none yet. */
export const openLedger = async (config: Config): Promise<Ledger> => {
  if (config.databaseUrl || config.eventStoreUrl) return remoteLedger(config)
  const path = join(config.dataDir, 'ledger.db')
  // Opening it would make it.
  if (!existsSync(path)) throw new Error(`there is no ledger at ${path}: set DATA_DIR to the server's folder`)
  return sqliteLedgerAt(path)
}

/** The same of the vault. */
export const openVault = async ({ databaseUrl, dataDir }: Config): Promise<Vault> => {
  if (databaseUrl) return postgresVaultAt(databaseUrl)
  const path = join(dataDir, 'vault.db')
  if (!existsSync(path))
    throw new Error(`there is no vault at ${path}: start the server once, or set DATA_DIR to its folder`)
  return sqliteVaultAt(path)
}

/** The chain that the settings name. Nothing of it starts before it is asked for something. Throws one line on the authority's file. */
export const openChain = async (
  { chain, dataDir }: Config,
  vault: Pick<Vault, 'keyFor'>,
  now?: () => string,
): Promise<OpenedChain> => {
  const [{ openChain: onThread }, { authorityFrom, authorityIn }] = await Promise.all([
    import('./solana/on-a-thread.ts'),
    import('./solana/authority.ts'),
  ])
  const { solana, programId, priorityFee } = chain
  const authorityOf = (key: NonNullable<typeof solana>['authority']) =>
    'file' in key ? authorityIn(key.file) : authorityFrom(key.text)
  const options = { key: await vault.keyFor('chain'), programId, priorityFee }
  const authority = solana ? authorityOf(solana.authority) : await vault.keyFor('chain-authority')
  const place = solana ? { rpcUrl: solana.rpcUrl } : { path: join(dataDir, 'chain.db') }
  const { node, ...port } = onThread({ ...options, ...place, authority }, now)
  return { ...port, rpc: solana?.rpcUrl ?? node, authority }
}

const embedded = async (config: Config): Promise<Chosen> => {
  const [{ soleLeader }, { openReadModels }, { openDataFolder }] = await Promise.all([
    import('./leadership.ts'),
    import('./pglite/read-models.ts'),
    import('./sqlite/data-folder.ts'),
  ])
  const { path, close } = openDataFolder(config.dataDir)
  return {
    ledger: config.eventStoreUrl ? await remoteLedger(config) : await sqliteLedgerAt(path('ledger.db')),
    vault: await sqliteVaultAt(path('vault.db')),
    leadership: soleLeader,
    readModels: await openReadModels(path('read-models')),
    path,
    release: close,
  }
}

const shared = async (config: Config, url: string): Promise<Chosen> => {
  const [{ postgresLeadership }, { postgresReadModels }] = await Promise.all([
    import('./postgres/leadership.ts'),
    import('./postgres/read-models.ts'),
  ])
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  return {
    ledger: await remoteLedger(config),
    vault: await postgresVaultAt(url),
    leadership: postgresLeadership({ url }),
    readModels: postgresReadModels({ url }),
    path: (name) => join(config.dataDir, name),
    release: () => {},
  }
}

const remoteLedger = async ({ eventStoreUrl, databaseUrl }: Config): Promise<Ledger> => {
  if (eventStoreUrl) return (await import('./eventstore/ledger.ts')).eventStoreLedger({ url: eventStoreUrl })
  return (await import('./postgres/ledger.ts')).postgresLedger({ url: databaseUrl! })
}

const sqliteLedgerAt = async (path: string) => (await import('./sqlite/ledger.ts')).sqliteLedger(path)

const sqliteVaultAt = async (path: string) => (await import('./sqlite/vault.ts')).sqliteVault(path)

const postgresVaultAt = async (url: string) => (await import('./postgres/vault.ts')).postgresVault({ url })

const redisAt = async (url: string, log: Log) =>
  (await import('./cache/redis.ts')).connectRedis({ url, warn: (message) => log.warn(message) })
