import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Refused } from '../client.ts'
import { buy, buyersOf, countFacts, countsOf, type OnSale, putOnSale } from './box-office.ts'
import { during, load, times } from './load.ts'
import type { RebuildRun } from './rebuild.ts'
import type { Options } from './report.ts'
import { CLIENTS, makeFolder, run, type Server, startServer } from './server.ts'

/** Two seats cannot be had for a moment while two orders hold one each of the last ones; for so long it is something else. */
const PATIENCE_MS = 10_000

/** All at once for all there is, until it is sold out. Does it slow down? Is exactly everything sold? Then, all read models anew. */
export const flashSale = async ({ report, quick }: Options): Promise<void> => {
  const size = quick ? 2_000 : 20_000
  const server = await startServer(makeFolder())
  const organizer = await server.as('organizer', 'olga')
  const buyers = await buyersOf(server, CLIENTS)

  // On another event, or the first tenth would be slow for want of compiled code.
  const rehearsal = await putOnSale(organizer, 100_000)
  report.sound(await load(CLIENTS, during(quick ? 2 : 5), (client) => buy(buyers[client]!, rehearsal, 2)))

  const onSale = await putOnSale(organizer, size)
  const confirmed: number[] = []
  const began = performance.now()
  let latest = began
  const more = () => 2 * confirmed.length < size && performance.now() < latest + PATIENCE_MS
  const orderTwo = async (client: number) => {
    if (!(await isSold(buy(buyers[client]!, onSale, 2)))) return sleep(20)
    latest = performance.now()
    confirmed.push(latest)
  }
  report.sound(await load(CLIENTS, more, orderTwo))

  const [first, last] = tenths(confirmed, began)
  report.figure({
    name: `flash sale of ${size.toLocaleString('en')}: last tenth`,
    value: last,
    unit: 'orders/s',
    baseline: first,
    goal: { ratioAtLeast: 0.8 },
    note: `against its first tenth, the first second left out; sold out after ${((latest - began) / 1_000).toFixed(1)} s`,
  })
  await claimAllSold({ report, quick }, server, onSale, size)
  await server.stop()
  await rebuild({ report, quick }, server.folder)
}

/** Whether there was something left to buy. */
const isSold = (buying: Promise<unknown>): Promise<boolean> =>
  buying.then(
    () => true,
    (error) => {
      if (error instanceof Refused && error.code === 'SoldOut') return false
      throw error
    },
  )

/** Orders a second in the first and the last tenth, the first second left out. */
const tenths = (confirmed: readonly number[], began: number): [first: number, last: number] => {
  const counted = confirmed.filter((at) => at >= began + 1_000)
  const tenth = Math.floor(counted.length / 10)
  const rate = (from: number, to: number) => (to - from) / ((counted[to]! - counted[from]!) / 1_000)
  return [rate(0, tenth), rate(counted.length - 1 - tenth, counted.length - 1)]
}

const claimAllSold = async ({ report }: Options, server: Server, onSale: OnSale, size: number): Promise<void> => {
  const buyers = await buyersOf(server, CLIENTS)
  let late = 0
  const tryOne = async (client: number) => {
    if (await isSold(buy(buyers[client]!, onSale, 1))) late++
  }
  report.sound(await load(CLIENTS, times(CLIENTS), tryOne))
  const exactly = size
  const { sold, available, reserved } = await countsOf(server, onSale)
  report.figure({ name: 'sold, says the availability view', value: sold, unit: 'tickets', goal: { exactly } })
  report.figure({
    name: 'sold, says the ledger',
    value: await countFacts(server, 'TicketSold', onSale.eventId),
    unit: 'tickets',
    goal: { exactly },
  })
  report.figure({
    name: 'still available or reserved',
    value: available + reserved,
    unit: 'tickets',
    goal: { exactly: 0 },
  })
  report.figure({ name: 'sold to 64 who came too late', value: late, unit: 'tickets', goal: { exactly: 0 } })
}

const rebuild = async ({ report }: Options, folder: string): Promise<void> => {
  rmSync(join(folder, 'read-models'), { recursive: true })
  const { facts, readingSeconds, rebuildingSeconds } = await run<RebuildRun>(folder, 'scripts/bench/rebuild.ts')
  report.figure({
    name: 'rebuild of all read models',
    value: facts / rebuildingSeconds,
    unit: 'facts/s',
    baseline: facts / readingSeconds,
    goal: { ratioAtLeast: 0.1 },
    note: `${facts.toLocaleString('en')} facts, against reading and decoding them alone; the aim is 0.25 ×`,
  })
}
