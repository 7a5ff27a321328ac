import { readConfig } from '../../adapters/config.ts'
import { openParts } from '../../adapters/parts.ts'
import { START } from '../../domain/fact.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { known } from '../../domain/registry.ts'
import { projectionSide } from '../../projections/main.ts'

// node scripts/bench/rebuild.ts, on a data folder without read models.
// Reads the whole ledger, then builds every read model from it. Prints one line of JSON.

export type RebuildRun = { readonly facts: number; readonly readingSeconds: number; readonly rebuildingSeconds: number }

const secondsSince = (began: number): number => (performance.now() - began) / 1_000

const readAndDecode = async (ledger: Ledger): Promise<Pick<RebuildRun, 'facts' | 'readingSeconds'>> => {
  const began = performance.now()
  let facts = 0
  for (let after = START; ; ) {
    const page = (await ledger.readAll(after, 1_000)).map(known)
    if (page.length === 0) return { facts, readingSeconds: secondsSince(began) }
    facts += page.length
    after = page.at(-1)!.position
  }
}

const parts = await openParts(readConfig(process.env), () => new Date().toISOString())
// Twice, so that neither this nor the rebuild waits for the disk or for code to be compiled.
await readAndDecode(parts.ledger)
const reading = await readAndDecode(parts.ledger)

const began = performance.now()
const projections = await projectionSide(parts)
const names = (await projections.status()).map(({ name }) => name)
const isLevel = await projections.waitFor(names, await parts.ledger.head(), 600_000)
if (!isLevel)
  throw new Error('the read models did not get to the head of the ledger in 10 minutes: see /health for why')
console.log(JSON.stringify({ ...reading, rebuildingSeconds: secondsSince(began) } satisfies RebuildRun))
await projections.close()
await parts.close()
