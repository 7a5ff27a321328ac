import { setTimeout as sleep } from 'node:timers/promises'
import { allFacts, buy, buyersOf, putOnSale } from './box-office.ts'
import { during, load, rateOf, times } from './load.ts'
import type { Options } from './report.ts'
import { CLIENTS, makeFolder, memoryOf, type Server, startServer } from './server.ts'

/** The most that one order may hold. */
const PER_ORDER = 50

/** A large event is cancelled, and every ticket closed and paid back, while another one sells. */
export const cancellation = async (options: Options): Promise<void> => {
  const { report, quick } = options
  const size = quick ? 2_000 : 20_000
  const server = await startServer(makeFolder())
  const [organizer, admin] = [await server.as('organizer', 'olga'), await server.as('admin', 'ada')]
  const buyers = await buyersOf(server, CLIENTS)
  const [doomed, other] = [await putOnSale(organizer, size, 'off'), await putOnSale(organizer, 200_000, 'off')]
  const fill = (client: number) => buy(buyers[client]!, doomed, PER_ORDER)
  report.sound(await load(CLIENTS / 4, times(size / PER_ORDER), fill))
  await server.catchUp()

  const sellOther = (client: number) => buy(buyers[client]!, other, 2)
  const seconds = quick ? 3 : 10
  report.sound(await load(CLIENTS, during(seconds / 2), sellOther))
  const undisturbed = rateOf(report.sound(await load(CLIENTS, during(seconds), sellOther)))
  await server.catchUp()

  const memory = [memoryOf(server.pid)]
  const watching = setInterval(() => memory.push(memoryOf(server.pid)), 200)
  const began = performance.now()
  await admin.call('POST', `/events/${doomed.eventId}/cancel`, { reason: 'weather' })
  const meanwhile = report.sound(await load(CLIENTS, during(seconds), sellOther))
  const refunded = await untilPaidBack(server, size)
  const took = (performance.now() - began) / 1_000
  clearInterval(watching)
  await server.stop()

  report.figure({
    name: `${size.toLocaleString('en')} tickets cancelled and paid back`,
    value: size / took,
    unit: 'tickets/s',
    note: `${took.toFixed(1)} s in all, ${seconds} of them beside purchases of another event`,
  })
  report.figure({ name: 'of these, paid back', value: refunded, unit: 'tickets', goal: { exactly: size } })
  report.figure({
    name: 'orders/s of another event meanwhile',
    value: rateOf(meanwhile),
    unit: 'orders/s',
    baseline: undisturbed,
    goal: { ratioAtLeast: 0.8 },
    note: 'against the same without a cancellation',
  })
  report.figure({
    name: 'memory at most meanwhile (RSS)',
    value: Math.max(...memory),
    unit: 'MB',
    baseline: memory[0]!,
    note: 'against the same process before',
  })
}

/** Counts refunds of payments in the ledger until there is one for each ticket, or ten minutes have passed. */
const untilPaidBack = async ({ ledger }: Server, tickets: number): Promise<number> => {
  const deadline = performance.now() + 600_000
  for (;;) {
    let refunded = 0
    for await (const { type } of allFacts(ledger)) if (type === 'PaymentRefunded') refunded++
    if (refunded >= tickets || performance.now() > deadline) return refunded
    await sleep(500)
  }
}
