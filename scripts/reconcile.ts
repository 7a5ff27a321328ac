import { parseArgs } from 'node:util'
import { readConfig } from '../adapters/config.ts'
import { tokenLinks } from '../adapters/keys/token-links.ts'
import { openChain, openLedger, openVault } from '../adapters/parts.ts'
import {
  type Compared,
  type Mismatch,
  orderRepair,
  type ReconcileDeps,
  type Reconciled,
  reconcile,
} from '../commands/chain/reconciling.ts'
import { Id } from '../domain/id.ts'
import { progressTo } from './replay/progress.ts'

const HELP = `npm run reconcile -- [--event <id>] [--repair] [--json]

Compares every ticket that was ever sold with its account, its token and its holder on Solana, and every account
with the tickets. Also while the server runs. Ends with exit code 1 while something is left.

  --event <id>  the tickets of one event
  --repair      has what differs sent anew, by the server: as soon as it runs, if it does not
  --json        one JSON object a line; "kind" is mismatch or summary

npm run -s keeps what npm says out of the output.`

type Options = { readonly event: string | undefined; readonly repair: boolean; readonly json: boolean }

const run = async ({ event, repair, json }: Options): Promise<void> => {
  const { deps, close } = await open()
  try {
    const ordered: string[] = []
    const found = async (mismatch: Mismatch, compared?: Compared) => {
      if (repair && (await orderRepair(deps, compared))) ordered.push(mismatch.ticketId!)
      console.log(json ? JSON.stringify({ kind: 'mismatch', ...mismatch }) : lineOf(mismatch, deps.now()))
    }
    const { passed, stop } = progressTo(await deps.ledger.head(), true)
    const reconciled = await reconcile(deps, { eventId: event, found, passed }).finally(stop)
    console.log(
      json
        ? JSON.stringify({ kind: 'summary', ...reconciled, repairsOrdered: ordered.length })
        : summaryOf(reconciled, ordered.length),
    )
    if (reconciled.mismatches > ordered.length) process.exitCode = 1
  } finally {
    await close()
  }
}

const open = async (): Promise<{ deps: ReconcileDeps; close: () => Promise<void> }> => {
  const config = readConfig(process.env)
  const ledger = await openLedger(config)
  const vault = await openVault(config)
  const chain = await openChain(config, vault)
  const links = tokenLinks(config.publicUrl, await vault.keyFor('token-links'))
  return {
    deps: {
      ...{ ledger, chain, wallets: vault.wallets, intents: vault.intents, tokenUri: links.uriOf },
      now: () => new Date().toISOString(),
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    },
    close: async () => {
      await chain.close()
      await vault.close()
      await ledger.close()
    },
  }
}

const lineOf = ({ cause, eventId, ticketId, address, since, repair }: Mismatch, now: string): string => {
  const who = ticketId ? `ticket ${ticketId}` : `account ${address}`
  const age = since ? `, for ${Math.round((Date.parse(now) - Date.parse(since)) / 1_000)} s` : ''
  return `${cause}: ${who}${eventId ? ` of event ${eventId}` : ''}${age}\n  ${repair}`
}

const summaryOf = ({ checked, underway, mismatches }: Reconciled, ordered: number): string => {
  const said = [`${checked} tickets compared`]
  if (underway > 0) said.push(`${underway} on their way`)
  said.push(mismatches === 0 ? 'nothing to report' : `${mismatches} ${mismatches === 1 ? 'differs' : 'differ'}`)
  if (ordered > 0) said.push(`${ordered} ordered to be sent anew`)
  return said.join(', ')
}

try {
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({ options: { event: { type: 'string' }, repair: flag, json: flag, help: flag } })
  const { event, repair, json, help } = values
  if (event !== undefined && !Id.safeParse(event).success)
    throw new Error(`--event ${event} is no id: events are named by UUIDs, as in GET /api/v1/events`)
  if (help) console.log(HELP)
  else await run({ event: event?.toLowerCase(), repair, json })
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 2
}
