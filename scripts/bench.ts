import { availableParallelism, cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { audit } from './bench/audit.ts'
import { cancellation } from './bench/cancellation.ts'
import { reconciliation, settlements } from './bench/chain.ts'
import { chainOrders } from './bench/chain-orders.ts'
import { asJson, asLine, type Figure, HEADING, isHard, isMet } from './bench/figures.ts'
import { flashSale } from './bench/flash-sale.ts'
import { moves } from './bench/moves.ts'
import { orders } from './bench/orders.ts'
import { races } from './bench/races.ts'
import type { Options, Report } from './bench/report.ts'
import { scans } from './bench/scans.ts'
import { endAll, SETTINGS } from './bench/server.ts'
import { starting } from './bench/starting.ts'

// npm run bench -- [--quick] [--json] [--strict] [--postgres] [--chain] [--moves] [--only <name>]…
// Servers are processes of their own, on data folders of their own; the clients of the load are this process.

type Benches = Readonly<Record<string, (options: Options) => Promise<void>>>

const EMBEDDED: Benches = { starting, orders, scans, 'flash-sale': flashSale, races, audit }

/** With --postgres. They start a PostgreSQL and a Redis of their own; their code is read in where they run. */
const ON_POSTGRES: Benches = {
  'postgres-appends': async (options) => (await import('./bench/postgres-appends.ts')).postgresAppends(options),
  'postgres-orders': async (options) => (await import('./bench/postgres-orders.ts')).postgresOrders(options),
}

/** With --chain, and nothing else. */
const ON_CHAIN: Benches = {
  'chain-settlements': settlements,
  'chain-orders': chainOrders,
  'chain-reconciliation': reconciliation,
}

/** With --moves, and nothing else. */
const OF_MOVES: Benches = { moves, cancellation }

const BENCHES: Benches = { ...EMBEDDED, ...ON_POSTGRES, ...ON_CHAIN, ...OF_MOVES }

/** How many of them are told. */
const ERRORS_TOLD = 5

const machine = (): string => {
  const load = loadavg().map((average) => average.toFixed(2))
  return `${availableParallelism()} × ${cpus()[0]!.model}, Node ${process.version}, load average before: ${load.join(' ')}`
}

const settings = Object.entries(SETTINGS).map(([name, value]) => `${name}=${value}`)

const about = (quick: boolean): string =>
  [
    machine(),
    `${quick ? 'Quick: short runs, so figures scatter. ' : ''}The clients share these processors with the server.`,
    `Each load is warmed up first, which is not counted. Not as by default: ${settings.join(' ')}`,
    '',
    HEADING,
  ].join('\n')

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    postgres: { type: 'boolean', default: false },
    chain: { type: 'boolean', default: false },
    moves: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
  },
})
const chosen = () => {
  if (values.chain) return ON_CHAIN
  if (values.moves) return OF_MOVES
  return values.postgres ? { ...EMBEDDED, ...ON_POSTGRES } : EMBEDDED
}
const names = values.only ?? Object.keys(chosen())

const failed: Figure[] = []
const errors: string[] = []
const report: Report = {
  figure: (figure) => {
    console.log(values.json ? asJson(figure) : asLine(figure))
    if (!isMet(figure) && (values.strict || isHard(figure))) failed.push(figure)
  },
  sound: (load) => {
    errors.push(...load.errors)
    if (load.done.length === 0) throw new Error(`nothing was done: ${load.errors[0]}`)
    return load.done
  },
}

const runAll = async (): Promise<void> => {
  const unknown = names.find((name) => !(name in BENCHES))
  if (unknown) throw new Error(`there is no bench ${unknown}: it is one of ${Object.keys(BENCHES).join(', ')}`)
  if (!values.json) console.log(about(values.quick))
  for (const name of names)
    await BENCHES[name]!({ report, quick: values.quick }).catch((error: Error) => {
      errors.push(`${name} broke off: ${error.message}`)
      endAll()
    })
  report.figure({ name: 'what went wrong', value: errors.length, unit: 'errors', goal: { exactly: 0 } })
  for (const error of errors.slice(0, ERRORS_TOLD)) console.error(error)
}

try {
  await runAll()
  process.exit(failed.length > 0 ? 1 : 0)
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}
