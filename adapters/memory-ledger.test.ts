import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { type Recorded, START } from '../domain/fact.ts'
import { Conflict, Unavailable } from '../domain/ledger.ts'
import { sampleFact as fact } from './ledger.sample.ts'
import { type Fault, memoryLedger } from './memory-ledger.ts'

it.each<[Fault, typeof Conflict | typeof Unavailable, number]>([
  ['conflict', Conflict, 0],
  ['lost-request', Unavailable, 0],
  ['lost-reply', Unavailable, 1],
])(
  'a ledger with the fault %s fails with its error, and leaves behind what such a failure leaves',
  async (fault, error, facts) => {
    const log: Recorded[] = []
    await expect(memoryLedger({ log, fault: () => fault }).append('ticket-1', 'none', [fact('a')])).rejects.toThrow(
      error,
    )
    expect(await memoryLedger({ log }).read('ticket-1')).toHaveLength(facts)
  },
)

it('an append that is late is written after it has failed, unless somebody else was first', async () => {
  const log: Recorded[] = []
  const late = memoryLedger({ log, fault: () => 'late', tick: setImmediate })
  const other = memoryLedger({ log })
  await expect(late.append('ticket-1', 'none', [fact('a')])).rejects.toThrow(Unavailable)
  await expect(late.append('ticket-2', 'none', [fact('b')])).rejects.toThrow(Unavailable)
  await other.append('ticket-2', 'none', [fact('c')])
  const seen: string[] = []
  const stop = new AbortController()
  for await (const page of other.tail(START, 1, stop.signal)) {
    seen.push(...page.map((r) => r.id))
    if (seen.length === 2) stop.abort()
  }
  expect(seen).toEqual(['c', 'a'])
})

it('ledgers on one log are one ledger', async () => {
  const log: Recorded[] = []
  const [one, other] = [memoryLedger({ log }), memoryLedger({ log })]
  await one.append('ticket-1', 'none', [fact('a')])
  await other.append('ticket-1', 0, [fact('b')])
  await expect(one.append('ticket-1', 0, [fact('c')])).rejects.toThrow(Conflict)
  expect(await one.read('ticket-1')).toEqual(await other.read('ticket-1'))
})
