import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readConfig } from '../adapters/config.ts'
import { logFolder } from '../adapters/log-folder.ts'
import { openChain, openLedger, openVault } from '../adapters/parts.ts'
import { auditLedger } from './audit/auditing.ts'
import { asLines, asText } from './audit/print.ts'
import { progressTo } from './replay/progress.ts'

const HELP = `npm run audit -- [--json]

Hashes every fact of the ledger once more, and holds the tree against every head of it on chain: whether
anything was changed, put in, taken out or moved since, and which fact is the first. Reads only; also
while the server runs. Ends with 1 where something differs, and with 2 where it could not be carried out.

  --json   one JSON object a line; "kind" is finding or summary`

/** Whether nothing differs. */
const run = async (json: boolean): Promise<boolean> => {
  const config = readConfig(process.env)
  const ledger = await openLedger(config)
  const vault = await openVault(config)
  const chain = await openChain(config, vault)
  try {
    const { authority } = await chain.funds()
    const { passed, stop } = progressTo(await ledger.head(), false)
    const copy = logFolder(join(config.dataDir, 'log'))
    const audited = await auditLedger({ ledger, authority, heads: chain.heads, copy, passed }).finally(stop)
    console.log((json ? asLines(audited) : asText(audited)).join('\n'))
    return audited.findings.length === 0
  } finally {
    await chain.close()
    await vault.close()
    await ledger.close()
  }
}

try {
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({ options: { json: flag, help: flag } })
  if (values.help) console.log(HELP)
  else if (!(await run(values.json))) process.exitCode = 1
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 2
}
