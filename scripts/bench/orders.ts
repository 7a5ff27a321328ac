import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Recorded } from '../../domain/fact.ts'
import type { AppendRun } from './appends.ts'
import { allFacts, buy, buyersOf, putOnSale } from './box-office.ts'
import { during, load, percentile, rateOf } from './load.ts'
import type { Options } from './report.ts'
import { CLIENTS, cpuOf, makeFolder, run, type Server, startServer } from './server.ts'

/** What pretix 2026.8.0 made on a like machine: orders a second, and milliseconds of processor time for each. */
const YARDSTICK = { perSecond: 13, cpu: 155 }

/** More orders than these would be no other facts. */
const SAMPLE = 500

/** Orders of two tickets each, from the first request to the confirmation; then what the ledger alone would do. */
export const orders = async ({ report, quick }: Options): Promise<void> => {
  const server = await startServer(makeFolder())
  const onSale = await putOnSale(await server.as('organizer', 'olga'), 200_000)
  const buyers = await buyersOf(server, CLIENTS)
  const order = (client: number) => buy(buyers[client]!, onSale, 2)

  report.sound(await load(CLIENTS, during(quick ? 2 : 5), order))
  const cpuBefore = cpuOf(server.pid)
  const done = report.sound(await load(CLIENTS, during(quick ? 4 : 15), order))
  const cpu = cpuOf(server.pid) - cpuBefore
  const lag = await server.catchUp()
  const recorded = await recordedOrders(server)
  await server.stop()

  const appends = await appendsAlone(recorded, quick)
  const factsPerOrder = recorded.facts / recorded.count
  const perSecond = rateOf(done)
  report.figure({
    name: 'orders/s to confirmed, 64 clients',
    value: perSecond,
    unit: 'orders/s',
    baseline: appends.perSecond / factsPerOrder,
    goal: { ratioAtLeast: 0.5 },
    note: `the ledger alone made ${Math.round(appends.perSecond)} appends/s, and an order is ${factsPerOrder.toFixed(2)} facts`,
  })
  report.figure({
    name: 'orders/s, absolute',
    value: perSecond,
    unit: 'orders/s',
    baseline: YARDSTICK.perSecond,
    goal: { ratioAtLeast: 30 },
    note: 'against a well-known open-source ticket shop on a like machine',
  })
  report.figure({ name: 'order, p50', value: percentile(done, 0.5), unit: 'ms' })
  report.figure({ name: 'order, p99', value: percentile(done, 0.99), unit: 'ms' })
  report.figure({
    name: 'processor time of an order',
    value: cpu / done.length,
    unit: 'ms',
    baseline: YARDSTICK.cpu,
    note: 'user and system, of all threads of the server, projectors included; the baseline is the same shop',
  })
  report.figure({ name: 'until the read models are level, after orders', value: lag / 1_000, unit: 's' })
  report.figure({
    name: 'the same, after the appends alone',
    value: appends.lagSeconds,
    unit: 's',
  })
}

type RecordedOrders = {
  /** Of all orders, whatever became of them. */
  readonly facts: number
  readonly count: number
  /** Of the event that they are for, and its venue. */
  readonly setting: readonly Recorded[]
  /** The last ones, each whole and in order. */
  readonly sample: readonly (readonly Recorded[])[]
}

const recordedOrders = async ({ ledger }: Server): Promise<RecordedOrders> => {
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
const appendsAlone = async ({ setting, sample }: RecordedOrders, quick: boolean): Promise<AppendRun> => {
  const folder = makeFolder()
  const given = join(folder, 'given.json')
  writeFileSync(given, JSON.stringify({ setting, sample }))
  return run<AppendRun>(folder, 'scripts/bench/appends.ts', given, quick ? '3000' : '8000')
}
