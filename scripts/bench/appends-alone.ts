import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Recorded } from '../../domain/fact.ts'
import type { AppendRun } from './appends.ts'
import { allFacts } from './box-office.ts'
import { makeFolder, run, type Server } from './server.ts'

/** More orders than these would be no other facts. */
const SAMPLE = 500

export type RecordedOrders = {
  /** Of all orders, whatever became of them. */
  readonly facts: number
  readonly count: number
  /** Of the event that they are for, and its venue. */
  readonly setting: readonly Recorded[]
  /** The last ones, each whole and in order. */
  readonly sample: readonly (readonly Recorded[])[]
}

/** All orders that a ledger holds. */
export const recordedOrders = async ({ ledger }: Server): Promise<RecordedOrders> => {
  const setting: Recorded[] = []
  const orders = new Map<string, Recorded[]>()
  let facts = 0
  for await (const fact of allFacts(ledger)) {
    if (/^(?:event|venue)-/.test(fact.stream)) {
      setting.push(fact)
      continue
    }
    facts++
    const { $correlationId: orderId } = fact.metadata
    const order = orders.get(orderId) ?? []
    orders.set(orderId, order)
    order.push(fact)
  }
  return { facts, count: orders.size, setting, sample: [...orders.values()].slice(-SAMPLE) }
}

/** As many callers append the same facts under fresh ids, one by one, to the same kind of server. */
export const appendsAlone = async ({ setting, sample }: RecordedOrders, quick: boolean): Promise<AppendRun> => {
  const folder = makeFolder()
  const given = join(folder, 'given.json')
  writeFileSync(given, JSON.stringify({ setting, sample }))
  return run<AppendRun>(folder, 'scripts/bench/appends.ts', given, quick ? '3000' : '8000')
}
