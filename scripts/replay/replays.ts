import { type Recorded, streamOf } from '../../domain/fact.ts'
import { categories, folded } from './folding.ts'
import { factLine, stateLine, summaryLine } from './lines.ts'
import * as print from './print.ts'
import { factsOf, pagesOf, type Reading, wholeStreams } from './reading.ts'
import { folding } from './running.ts'
import { type Tally, tally, unbalanced } from './tally.ts'

export type Replay = Reading & {
  /** One JSON object a line, for programs. */
  readonly json: boolean
  /** The facts themselves too. */
  readonly events: boolean
  readonly write: (lines: readonly string[]) => void
  readonly passed: (position: string) => void
}

/** One stream. Throws one line where there is none, or was none yet. */
export const replayStream = async (replay: Replay, stream: string): Promise<void> => {
  const { write, json, events, moment } = replay
  const facts = await factsOf(replay, stream)
  const state = folded(facts)
  if (!state) throw new Error(await absence(replay, stream))
  if (json) write([...(events ? facts.map(factLine) : []), stateLine(state)])
  else
    write([
      `As it was ${print.momentText(moment)}`,
      '',
      ...print.stateBlock(state),
      '',
      ...print.timeline(facts, events),
    ])
}

/** An event and its tickets, those first that were reserved first. Throws one line where there is no such event. */
export const replayEvent = async (replay: Replay, eventId: string): Promise<void> => {
  const { write, json, events, moment } = replay
  const stream = streamOf('event', eventId)
  const event = folded(await factsOf(replay, stream))
  if (!event) throw new Error(await absence(replay, stream))
  if (json) write([stateLine(event)])
  else write([`As it was ${print.momentText(moment)}`, '', ...print.stateBlock(event), '', print.ticketHeading])

  const counted = tally()
  const isOfEvent = ({ stream, data }: Recorded) =>
    stream.startsWith('ticket-') && (data as { eventId?: string }).eventId === eventId
  for await (const page of pagesOf(replay, replay.passed))
    for (const facts of await wholeStreams(replay, page, isOfEvent)) {
      const ticket = counted.countAll(facts)
      if (json) write([...(events ? facts.map(factLine) : []), stateLine(ticket)])
      else write([print.ticketRow(ticket, facts[0]!), ...(events ? print.timeline(facts, false) : [])])
    }
  write(json ? [summaryLine(counted, moment)] : ['', ...print.countsBlock(counted)])
}

/** The whole ledger. Throws one line if its books do not add up, after all is told. */
export const replayLedger = async (replay: Replay): Promise<void> => {
  const counted = await (replay.json ? stateByState(replay) : factByFact(replay))
  const { moment, json, write } = replay
  if (json) write([summaryLine(counted, moment)])
  else {
    const heading = `The whole ledger ${print.momentText(moment)}: ${counted.facts().toLocaleString('en')} facts`
    write([heading, '', ...print.countsBlock(counted), '', ...print.moneyBlock(counted)])
  }
  if (unbalanced(counted.balances()).length > 0)
    throw new Error('the accounts do not add up to zero: see the money above')
}

const factByFact = async (replay: Replay): Promise<Tally> => {
  const { events, write } = replay
  const counted = tally()
  const fold = folding(replay, counted.count)
  if (events) write([print.factHeading(replay.moment.position)])
  for await (const page of pagesOf(replay, replay.passed)) {
    await fold(page)
    if (events) write(page.map(print.factRow))
  }
  if (events) write([''])
  return counted
}

const stateByState = async (replay: Replay): Promise<Tally> => {
  const { events, write } = replay
  const counted = tally()
  for await (const page of pagesOf(replay, replay.passed)) {
    const streams = await wholeStreams(replay, page, () => true)
    write([...(events ? page.map(factLine) : []), ...streams.map((facts) => stateLine(counted.countAll(facts)))])
  }
  return counted
}

/** Why there is nothing to fold, and what may have been meant. */
const absence = async ({ ledger, moment }: Replay, stream: string): Promise<string> => {
  const [first] = await ledger.read(stream)
  if (first)
    return `${stream} did not exist yet ${print.momentText(moment)}: it began at ${first.metadata.at}, position ${first.position}`
  const id = stream.slice(stream.indexOf('-') + 1)
  const others = categories.map((category) => streamOf(category, id))
  const found = await Promise.all(others.map(async (other) => ((await ledger.read(other)).length > 0 ? [other] : [])))
  const [meant] = found.flat()
  return `there is no ${stream} in this ledger: ${meant ? `did you mean ${meant}?` : 'check the id, and that the settings name the right ledger'}`
}
