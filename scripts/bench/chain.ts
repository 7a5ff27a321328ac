import type { ReconciliationRun } from './reconciliation.ts'
import type { Options } from './report.ts'
import { makeFolder, run } from './server.ts'
import type { SettlementRun } from './settlements.ts'

/** From the ledger to the chain, and until what is final there is recorded; then the same transactions without all that. */
export const settlements = async ({ report, quick }: Options): Promise<void> => {
  const settled = (mode: string) =>
    run<SettlementRun>(makeFolder(), 'scripts/bench/settlements.ts', mode, quick ? '500' : '2000', quick ? '1' : '5')
  const [token, record] = [await settled('token'), await settled('record')]
  const noteOf = ({ perTransaction }: SettlementRun) =>
    `against the same transactions, of ${perTransaction.toFixed(1)} tickets each, sent straight to LiteSVM`
  report.figure({
    name: 'tickets settled with a token each',
    value: token.settled,
    unit: 'tickets/s',
    baseline: token.bare,
    goal: { ratioAtLeast: 0.5 },
    note: noteOf(token),
  })
  report.figure({
    name: 'tickets settled as accounts alone',
    value: record.settled,
    unit: 'tickets/s',
    baseline: record.bare,
    note: noteOf(record),
  })
}

/** Every ticket of a large house, of which none differs. */
export const reconciliation = async ({ report, quick }: Options): Promise<void> => {
  const tickets = quick ? 2_000 : 100_000
  const told = await run<ReconciliationRun>(makeFolder(), 'scripts/bench/reconciliation.ts', `${tickets}`)
  const { seconds, checked, mismatches, memoryBefore, memoryAtMost } = told
  report.figure({ name: `${checked.toLocaleString('en')} tickets compared with the chain`, value: seconds, unit: 's' })
  report.figure({ name: 'of these, differing', value: mismatches, unit: 'tickets', goal: { exactly: 0 } })
  report.figure({
    name: 'memory at most meanwhile (RSS)',
    value: memoryAtMost,
    unit: 'MB',
    baseline: memoryBefore,
    note: 'against the same process before',
  })
}
