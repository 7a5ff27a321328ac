import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { sampleFact } from '../../adapters/ledger.sample.ts'
import { logFolder } from '../../adapters/log-folder.ts'
import { memoryLedger } from '../../adapters/memory-ledger.ts'
import { sqliteVault } from '../../adapters/sqlite/vault.ts'
import type { AnchorFact } from '../../domain/anchor.ts'
import type { Recorded } from '../../domain/fact.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { leafText } from '../../domain/log/leaf.ts'
import { emptyTree, grow, rootOf } from '../../domain/log/tree.ts'
import { hashing, hexOf } from '../../projections/log/hashing.ts'
import type { AnchorDeps } from './anchoring.ts'
import { openTestChain } from './chain.world.ts'

export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'counterfoil-log-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The root of these facts, in hex, without any of what is tested. */
export const rootOfFacts = (facts: readonly Recorded[]): string => {
  const tree = emptyTree()
  for (const fact of facts) grow(tree, hashing.leaf(leafText(fact)), hashing.join)
  return hexOf(rootOf(tree, hashing.join))
}

/** A ledger, a vault, a folder, and a chain that runs the real program. */
export const anchorWorld = async ({ log = [] as Recorded[], ledger = memoryLedger({ log }) as Ledger } = {}) => {
  const { chain, now, pass } = await openTestChain()
  let happened = 0
  const vault = sqliteVault(':memory:')
  onTestFinished(() => vault.close())
  const folder = temporaryFolder()
  const deps: AnchorDeps = {
    ...{ ledger, chain, now, hashing, copy: logFolder(folder) },
    signed: vault.signedTransactions,
    sleep: async () => {},
  }
  return {
    ...{ deps, log, ledger, chain, vault, folder, pass },
    /** Records so many facts, on a stream of their own each. */
    happen: async (count: number) => {
      const facts = Array.from({ length: count }, () => happened++)
      await Promise.all(facts.map((i) => ledger.append(`ticket-${i}`, 'none', [sampleFact(`fact-${i}`)])))
    },
    anchors: () => log.filter(({ type }) => type === 'LedgerAnchored').map(({ data }) => data as AnchorFact['data']),
  }
}
