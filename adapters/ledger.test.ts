import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Recorded } from '../domain/fact.ts'
import { ledgerContract } from './ledger.contract.ts'
import { memoryLedger } from './memory-ledger.ts'
import { sqliteLedger } from './sqlite/ledger.ts'

ledgerContract('in memory', async () => {
  const log: Recorded[] = []
  return async () => memoryLedger({ log })
})

ledgerContract('in a SQLite file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return async () => sqliteLedger(join(folder, 'ledger.db'))
})
