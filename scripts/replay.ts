import { parseArgs } from 'node:util'
import { readConfig } from '../adapters/config.ts'
import { openLedger } from '../adapters/parts.ts'
import { Id } from '../domain/id.ts'
import type { Ledger } from '../domain/ledger.ts'
import { type Moment, MomentText, momentOf } from '../domain/moment.ts'
import { categories } from './replay/folding.ts'
import { progressTo } from './replay/progress.ts'
import { replayEvent, replayLedger, replayStream } from './replay/replays.ts'

const HELP = `npm run replay -- [--stream <name> | --event <id>] [--until <moment>] [--events] [--json]

Folds facts to a moment, and prints what was so then: who did what, when, why, and under which order.
Reads the ledger that the settings name, and nothing else; also while the server runs.

  --stream <name>   one stream, such as ticket-0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1b77; with every fact of it
  --event <id>      an event and its tickets
                    without either: the whole ledger; how many of what, and whose the money is
  --until <moment>  a time, such as 2030-06-01T19:30:00Z (what was recorded at it or before), or a
                    position (what was recorded up to it, itself included); without it: now
  --events          also the recorded events themselves, which Counterfoil calls facts
  --json            one JSON object a line; "kind" is fact, state or summary. Of the whole ledger every
                    stream, too

Categories of streams: ${categories.join(', ')}.
npm run -s keeps what npm says out of the output.`

const optionsOf = (args: string[]) => {
  const string = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const options = { stream: string, event: string, until: string, events: flag, json: flag, help: flag }
  const { values } = parseArgs({ args, options })
  const { stream, event } = values
  if (stream !== undefined && event !== undefined) throw new Error('--stream and --event are two replays: ask for one')
  if (event !== undefined && !Id.safeParse(event).success)
    throw new Error(`--event ${event} is no id: events are named by UUIDs, as in GET /api/v1/events`)
  if (stream !== undefined) requireStream(stream)
  return { ...values, stream: stream?.toLowerCase(), event: event?.toLowerCase() }
}

const requireStream = (name: string): void => {
  const [category, ...id] = name.split('-')
  if (categories.includes(category!) && Id.safeParse(id.join('-')).success) return
  if (Id.safeParse(name).success) throw new Error(`--stream ${name} lacks its category: did you mean ticket-${name}?`)
  throw new Error(`--stream ${name} is no stream: they are named ticket-<uuid>, order-<uuid> and so on, see --help`)
}

const momentIn = async (ledger: Ledger, until: string | undefined): Promise<Moment> => {
  const head = await ledger.head()
  if (until === undefined) return { position: head, time: null }
  const text = MomentText.safeParse(until)
  if (!text.success) throw new Error(`--until ${until} ${text.error.issues[0]!.message}`)
  const moment = momentOf(text.data, { head, now: new Date().toISOString() })
  if ('wrong' in moment) throw new Error(`--until ${until} ${moment.wrong}`)
  return moment
}

const run = async ({ stream, event, until, events, json }: ReturnType<typeof optionsOf>): Promise<void> => {
  const ledger = await openLedger(readConfig(process.env))
  try {
    const moment = await momentIn(ledger, until)
    const { passed, stop } = progressTo(moment.position, json || events || event !== undefined)
    const write = (lines: readonly string[]) => lines.length > 0 && process.stdout.write(`${lines.join('\n')}\n`)
    const replay = { ledger, moment, events, json, write, passed }
    try {
      await (stream ? replayStream(replay, stream) : event ? replayEvent(replay, event) : replayLedger(replay))
    } finally {
      stop()
    }
  } finally {
    await ledger.close()
  }
}

// `npm run replay | head` is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

try {
  const options = optionsOf(process.argv.slice(2))
  if (options.help) console.log(HELP)
  else await run(options)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
