import { join } from 'node:path'
import { logFolder } from '../../adapters/log-folder.ts'
import { sqliteLedger } from '../../adapters/sqlite/ledger.ts'
import { extendCopy, tilesOf } from '../../commands/chain/log-copy.ts'
import { START } from '../../domain/fact.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { rootAt } from '../../domain/log/tree.ts'
import { hashing, hexOf } from '../../projections/log/hashing.ts'
import { auditLedger } from '../audit/auditing.ts'
import { replayLedger } from '../replay/replays.ts'
import { buy, buyersOf, putOnSale } from './box-office.ts'
import { load, middle, times } from './load.ts'
import type { Options } from './report.ts'
import { CLIENTS, makeFolder, startServer } from './server.ts'

/** As the replay reads them. */
const PAGE = 1_000

/** The whole ledger of a shop that sold: folded for an audit, held against the heads on chain, and in turn only read. */
export const audit = async (options: Options): Promise<void> => {
  const folder = await folderOfSales(options)
  const ledger = sqliteLedger(join(folder, 'ledger.db'))
  try {
    await compete(ledger, { name: 'audit of the whole ledger', pass: auditAll }, options)
    await compete(
      ledger,
      { name: 'audit against the heads on chain', pass: await auditOfHeads(ledger, folder) },
      options,
    )
  } finally {
    await ledger.close()
  }
}

/** Written by Counterfoil itself: twelve facts for an order of two tickets. */
const folderOfSales = async ({ report, quick }: Options): Promise<string> => {
  const server = await startServer(makeFolder())
  const onSale = await putOnSale(await server.as('organizer', 'olga'), 200_000)
  const buyers = await buyersOf(server, CLIENTS)
  report.sound(await load(CLIENTS, times(quick ? 1_500 : 9_000), (client) => buy(buyers[client]!, onSale, 2)))
  await server.stop()
  return server.folder
}

type Contender = { readonly name: string; readonly pass: Pass }

const compete = async (ledger: Ledger, { name, pass }: Contender, { report, quick }: Options): Promise<void> => {
  const rounds = quick ? 5 : 9
  const auditing: number[] = []
  const reading: number[] = []
  // The first round is a warm-up that is not counted.
  for (let round = 0; round <= rounds; round++) {
    const [audited, read] = [await perSecond(ledger, pass), await perSecond(ledger, readAll)]
    if (round === 0) continue
    auditing.push(audited)
    reading.push(read)
  }
  report.figure({
    name,
    value: middle(auditing),
    unit: 'facts/s',
    baseline: middle(reading),
    goal: { ratioAtLeast: 0.5 },
    note: `against reading the ledger alone; the middle of ${rounds} turns each`,
  })
}

/** Returns how many facts it went through. */
type Pass = (ledger: Ledger) => Promise<number>

const perSecond = async (ledger: Ledger, pass: Pass): Promise<number> => {
  const began = performance.now()
  const facts = await pass(ledger)
  return facts / ((performance.now() - began) / 1_000)
}

const readAll: Pass = async (ledger) => {
  let facts = 0
  for (let after = START; ; ) {
    const page = await ledger.readAll(after, PAGE)
    if (page.length === 0) return facts
    facts += page.length
    after = page.at(-1)!.position
  }
}

const auditAll: Pass = async (ledger) => {
  const moment = { position: await ledger.head(), time: null }
  const lines: string[] = []
  const write = (more: readonly string[]) => lines.push(...more)
  await replayLedger({ ledger, moment, json: false, events: false, write, passed: () => {} })
  const [, count] = /: ([\d,]+) facts/.exec(lines[0]!)!
  return Number(count!.replaceAll(',', ''))
}

/** With a head over all of it, and the copy of its hashes. */
const auditOfHeads = async (ledger: Ledger, folder: string): Promise<Pass> => {
  const copy = logFolder(join(folder, 'log'))
  const { size } = await extendCopy({ ledger, copy, hashing })
  const root = hexOf(await rootAt(size, tilesOf(copy, size), hashing.join))
  const head = { number: 1, size, root, address: 'head', publishedAt: new Date().toISOString() }
  return async () => {
    const asked = { authority: 'nobody', heads: async () => [head], copy, passed: () => {} }
    const { facts, findings } = await auditLedger({ ledger, ...asked })
    const found = findings.find(({ what }) => what !== 'head not recorded')
    if (found) throw new Error(`the audit found ${JSON.stringify(found)}`)
    return facts
  }
}
