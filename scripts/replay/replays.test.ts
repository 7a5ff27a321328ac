import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryLedger } from '../../adapters/memory-ledger.ts'
import { type Position, type Recorded, streamOf } from '../../domain/fact.ts'
import { idFor, type Story, story, tossed } from '../../projections/story.world.ts'
import { categories } from './folding.ts'
import { pagesOf } from './reading.ts'
import { type Replay, replayEvent, replayLedger, replayStream } from './replays.ts'
import { folding } from './running.ts'
import { tally } from './tally.ts'

type Wanted = Partial<Pick<Replay, 'json' | 'events'>> & { position?: Position; time?: string }

/** What a replay prints, line by line. */
const printed = async (
  tale: Pick<Story, 'ledger'>,
  run: (replay: Replay) => Promise<void>,
  { json = false, events = false, position, time }: Wanted = {},
): Promise<string[]> => {
  const lines: string[] = []
  const moment = { position: position ?? (await tale.ledger.head()), time: time ?? null }
  const write = (more: readonly string[]) => lines.push(...more)
  await run({ ledger: tale.ledger, moment, json, events, write, passed: () => {} })
  return lines
}

/** Parsed, by kind. */
const objects = (lines: readonly string[], kind: string) =>
  lines.map((line) => JSON.parse(line)).filter((one) => one.kind === kind)

const gala = async () => {
  const tale = story()
  await tale.venue('Arena')
  const eventId = await tale.event('Gala')
  const order = await tale.buy('mine', eventId, [1])
  const middle = tale.log.at(-1)!
  await tale.admit(order)
  const refunded = await tale.place('other', eventId, [2])
  for (const step of [tale.reserve, tale.holdTickets, tale.pay, tale.sell, tale.refund]) await step(refunded)
  return { tale, eventId, order, middle, ticket: streamOf('ticket', order.tickets[0]!.ticketId) }
}

describe('one stream', () => {
  it('tells its state and who did what, when and under which order', async () => {
    const { tale, ticket, order } = await gala()
    const lines = await printed(tale, (replay) => replayStream(replay, ticket))
    expect(lines[2]).toBe(`${ticket}, held`)
    const rows = lines
      .slice(lines.findIndex((line) => line.includes('under order')) + 1)
      .map((line) => line.split(/ {2,}/))
    expect(rows.map(([, revision, , type, who, under]) => [revision, type, who, under])).toEqual([
      ['0', 'TicketReserved', idFor('clerk'), order.orderId],
      ['1', 'TicketSold', idFor('clerk'), order.orderId],
      ['2', 'TicketAdmitted', idFor('clerk'), order.orderId],
    ])
    expect(lines.join('\n')).not.toContain('factId')
    expect((await printed(tale, (replay) => replayStream(replay, ticket), { events: true })).join('\n')).toContain(
      'factId',
    )
  })

  it('stops at the moment, and says that it did not exist before it began', async () => {
    const { tale, ticket, middle } = await gala()
    const [state] = objects(
      await printed(tale, (replay) => replayStream(replay, ticket), { json: true, position: middle.position }),
      'state',
    )
    expect(state).toMatchObject({ stream: ticket, status: 'held', revision: 1, state: { admissions: [] } })
    const early = printed(tale, (replay) => replayStream(replay, ticket), { position: tale.log[0]!.position })
    await expect(early).rejects.toThrow(`${ticket} did not exist yet at position ${tale.log[0]!.position}: it began at`)
  })

  it('asks whether another was meant where there is none', async () => {
    const { tale, ticket } = await gala()
    const wrong = ticket.replace('ticket', 'order')
    const asked = printed(tale, (replay) => replayStream(replay, wrong))
    await expect(asked).rejects.toThrow(`there is no ${wrong} in this ledger: did you mean ${ticket}?`)
  })
})

describe('an event', () => {
  it('tells of each of its tickets, and of no other event’s', async () => {
    const { tale, eventId, order } = await gala()
    await tale.buy('elsewhere', await tale.event('Matinee'), [1])
    const run = (replay: Replay) => replayEvent(replay, eventId)
    const lines = await printed(tale, run, { json: true, events: true })
    expect(objects(lines, 'state').map(({ category, status }) => [category, status])).toEqual([
      ['event', 'published'],
      ['ticket', 'held'],
      ['ticket', 'refunded'],
    ])
    expect(objects(lines, 'fact').map(({ type }) => type)).toContain('TicketRefunded')
    const row = (await printed(tale, run)).find((line) => line.startsWith(order.tickets[0]!.ticketId))!
    expect(row.split(/ {2,}/).slice(1, 3)).toEqual(['pool:GA:1', 'held'])
    expect(row).toContain(order.orderId)
  })
})

describe('the whole ledger', () => {
  const counts = async (ledger: Story['ledger'], moment: Replay['moment']) => {
    const counted = tally()
    const fold = folding({ ledger, moment }, counted.count)
    for await (const page of pagesOf({ ledger, moment }, () => {})) await fold(page)
    return counted
  }

  it('says the same stream by stream as fact by fact, at any moment; and its money adds up to zero', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(10_000), { minLength: 20, maxLength: 60 }), fc.nat(), async (dice, cut) => {
        const tale = story()
        await tossed(tale, dice)
        const fact = tale.log[cut % tale.log.length]!
        for (const moment of [{ position: fact.position }, { time: fact.metadata.at }]) {
          const lines = await printed(tale, replayLedger, { json: true, events: true, ...moment })
          const [summary] = objects(lines, 'summary')
          const position = moment.position ?? (await tale.ledger.head())
          const counted = await counts(tale.ledger, { position, time: moment.time ?? null })
          expect(summary.facts).toBe(counted.facts())
          expect(summary.money).toEqual(counted.balances())
          expect(Object.keys(summary.streams).toSorted()).toEqual([...counted.streams.keys()].toSorted())
          for (const [category, statuses] of counted.streams)
            expect([category, summary.streams[category]]).toEqual([
              category,
              Object.fromEntries([...statuses].map(([status, count]) => [status ?? 'all', count])),
            ])
          const streams = objects(lines, 'state').map(({ stream }) => stream)
          expect(streams).toEqual([...new Set(objects(lines, 'fact').map(({ stream }) => stream))])
          expect(summary.money.reduce((sum: number, { amount }: { amount: number }) => sum + amount, 0)).toBe(0)
        }
      }),
      { numRuns: 25 },
    )
  })

  it('counts right however long ago a stream last moved', async () => {
    const tale = { log: [] as Recorded[], ledger: memoryLedger() }
    const metadata = { ...(await gala()).tale.log[0]!.metadata }
    const many = Array.from({ length: 5_000 }, (_, i) => streamOf('person', idFor(`person/${i}`)))
    for (const [round, type] of ['PersonRegistered', 'PersonErased'].entries())
      for (const stream of many)
        await tale.ledger.append(stream, round === 0 ? 'none' : 0, [
          { id: idFor(`${stream}/${round}`), type, data: {}, metadata },
        ])
    const { streams } = await counts(tale.ledger, { position: await tale.ledger.head(), time: null })
    expect(streams).toEqual(new Map([['person', new Map([['erased', 5_000]])]]))
  })

  it('prints how many of what there were, whose the money was, and with --events each fact', async () => {
    const { tale } = await gala()
    const text = (await printed(tale, replayLedger, { events: true })).join('\n')
    expect(text).toMatch(/ticket +held +1\n +refunded +1\n/)
    expect(text).toContain('All accounts add up to zero.')
    for (const { position, type } of tale.log) expect(text).toMatch(new RegExp(`^${position}.*${type}`, 'm'))
  })

  it('stops at a fact that it cannot read, and names it', async () => {
    const { tale } = await gala()
    const stream = streamOf('ticket', idFor('strange'))
    const [{ metadata }] = tale.log as [Recorded]
    const id = idFor('strange/fact')
    const position = await tale.ledger.append(stream, 'none', [{ id, type: 'TicketPainted', data: {}, metadata }])
    for (const json of [true, false])
      await expect(printed(tale, replayLedger, { json })).rejects.toThrow(
        `fact ${id}, ${stream} at revision 0, position ${position}, cannot be read: TicketPainted is not in the registry`,
      )
  })
})

it('every aggregate of the domain is folded', () => {
  const domain = new URL('../../domain/', import.meta.url)
  const files = readdirSync(domain, { recursive: true, encoding: 'utf8' }).filter((name) => /(?<!test)\.ts$/.test(name))
  const named = files.flatMap((name) => [
    ...readFileSync(new URL(name, domain), 'utf8').matchAll(/^ {2}category: '(\w+)'/gm),
  ])
  expect(named.map(([, category]) => category).toSorted()).toEqual(
    categories.filter((category) => category !== 'gate').toSorted(),
  )
})
