import { appendsAlone, recordedOrders } from './appends-alone.ts'
import { buy, buyersOf, putOnSale } from './box-office.ts'
import { during, load, percentile, rateOf } from './load.ts'
import type { Options } from './report.ts'
import { CLIENTS, cpuOf, makeFolder, startServer } from './server.ts'

/** What pretix 2026.8.0 made on a like machine: orders a second, and milliseconds of processor time for each. */
const YARDSTICK = { perSecond: 13, cpu: 155 }

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
