import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readConfig } from '../adapters/config.ts'
import { logFolder } from '../adapters/log-folder.ts'
import { openChain, openLedger, openVault } from '../adapters/parts.ts'
import { type Anchored, anchorLedger } from '../commands/chain/anchoring.ts'
import { hashing } from '../projections/log/hashing.ts'

const HELP = `npm run anchor

Publishes the head of the transparency log on chain and records it, as the server does every day; nothing
where nothing happened since the last one. Also while the server runs.`

const anchor = async (): Promise<Anchored> => {
  const config = readConfig(process.env)
  const ledger = await openLedger(config)
  const vault = await openVault(config)
  const chain = await openChain(config, vault)
  try {
    return await anchorLedger({
      ...{ ledger, chain, hashing },
      signed: vault.signedTransactions,
      copy: logFolder(join(config.dataDir, 'log')),
      now: () => new Date().toISOString(),
      sleep: (ms) => setTimeout(ms),
    })
  } finally {
    await chain.close()
    await vault.close()
    await ledger.close()
  }
}

const run = async (): Promise<void> => {
  const { size, published, recorded } = await anchor()
  const facts = `${size.toLocaleString('en')} ${size === 1 ? 'fact' : 'facts'}`
  const earlier = recorded > (published ? 1 : 0) ? ' A head that an earlier run left unrecorded was recorded.' : ''
  console.log(
    published
      ? `A head over ${facts} is on chain.${earlier}`
      : `The newest head covers ${facts}; nothing happened since.${earlier}`,
  )
}

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean', default: false } } })
  if (values.help) console.log(HELP)
  else await run()
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
