import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { postgresSetup } from './torture/postgres.ts'
import { findingsOf, reportOf } from './torture/report.ts'
import { torture } from './torture/run.ts'
import { sqliteSetup } from './torture/sqlite.ts'

// npm run torture -- [--setup sqlite|postgres] [--minutes 5] [--clients 12] [--seed 417]
// Random clients over HTTP, while processes are killed and answers lost; then their histories are held against each other.
// The seed fixes what everybody wants to do and when what is killed; when exactly it happens is the machine's to say.

// What it started ends with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const SETUPS = { sqlite: sqliteSetup, postgres: postgresSetup }

const Options = z.object({
  setup: z.enum(['sqlite', 'postgres']).default('sqlite'),
  minutes: z.coerce.number().positive().max(1_440).default(5),
  clients: z.coerce.number().int().min(1).max(200).default(12),
  seed: z
    .string()
    .min(1)
    .default(() => String(randomInt(1_000_000))),
})

const optionsOf = (args: string[]): z.infer<typeof Options> => {
  const string = { type: 'string' } as const
  const { values } = parseArgs({ args, options: { setup: string, minutes: string, clients: string, seed: string } })
  const parsed = Options.safeParse(values)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  throw new Error(`--${String(path[0])}: ${message}`)
}

const main = async (): Promise<void> => {
  const { setup, minutes, clients, seed } = optionsOf(process.argv.slice(2))
  console.log(
    `seed ${seed}: npm run torture -- --setup ${setup} --minutes ${minutes} --clients ${clients} --seed ${seed}`,
  )
  const folder = await mkdtemp(join(tmpdir(), 'counterfoil-torture-'))
  console.error(`everything is kept in ${folder} while it runs`)
  const outcome = await torture({
    ...{ seed, clients, folder, setUp: SETUPS[setup], milliseconds: minutes * 60_000, orders: 0, hurry: false },
    ...{ pauseMs: [50, 600], faultsMs: [4_000, 20_000], newEventMs: 20_000, faults: Number.POSITIVE_INFINITY },
    tell: (line) => console.error(line),
  })
  console.log(reportOf(outcome))
  const findings = findingsOf(outcome)
  if (findings === 0) {
    await rm(folder, { recursive: true })
    console.log(`seed ${seed}: nothing found`)
    return
  }
  console.log(
    `seed ${seed}: ${findings} found. The clients' history is in ${join(folder, 'history.jsonl')}, the data beside it`,
  )
  process.exitCode = 1
}

try {
  await main()
} catch (error) {
  console.error(`the torture could not go on: ${(error as Error).message}`)
  process.exitCode = 1
}
