import { buy, buyersOf, type OnSale, type Order, putOnSale } from './box-office.ts'
import { issueCodes, registerDevices, type Scan, ticketsOf } from './gates.ts'
import { load, percentile, rateOf, times } from './load.ts'
import type { Options } from './report.ts'
import { CLIENTS, cpuOf, makeFolder, type Server, startServer } from './server.ts'

/** Scans a second that pretix 2026.8.0 made on a like machine. */
const YARDSTICK = 36

/** The most that one order may hold. */
const PER_ORDER = 50

/** Scans to a durable admission; then a route that does nothing but append as many facts, on the rest of the tickets. */
export const scans = async (options: Options): Promise<void> => {
  const { report, quick } = options
  const warmUp = quick ? 500 : 4_000
  const measured = quick ? 1_500 : 12_000
  const folder = makeFolder()
  const prepared = await prepare(folder, options, 2 * (warmUp + measured))
  const { onSale, credentials, tickets } = prepared

  // Started again, so that no ticket is in the server's memory from its sale.
  const server = await startServer(folder)
  const devices = credentials.map(server.clients.as)
  const codes = await issueCodes(server, onSale, tickets.slice(0, warmUp + measured))
  const scan = async (client: number) => {
    const { body } = await devices[client]!.call<Scan>('POST', '/scan', { code: codes.pop() })
    if (body.verdict !== 'allow') throw new Error(`a good ticket was denied: ${body.reason}`)
  }
  report.sound(await load(CLIENTS, times(warmUp), scan))
  const cpuBefore = cpuOf(server.pid)
  const done = report.sound(await load(CLIENTS, times(measured), scan))
  const cpu = cpuOf(server.pid) - cpuBefore
  const lag = await server.catchUp()
  await server.stop()

  const bare = await bareRoute(folder, options, prepared, tickets.slice(warmUp + measured), warmUp)
  report.figure({
    name: 'scans/s to a durable admission, 64 devices',
    value: rateOf(done),
    unit: 'scans/s',
    baseline: bare,
    goal: { ratioAtLeast: 0.5 },
    note: 'a bare route behind the same authentication that appends one such fact, projectors running',
  })
  report.figure({
    name: 'scans/s, absolute',
    value: rateOf(done),
    unit: 'scans/s',
    baseline: YARDSTICK,
    goal: { ratioAtLeast: 60 },
    note: 'against the same shop',
  })
  report.figure({ name: 'scan, p50', value: percentile(done, 0.5), unit: 'ms' })
  report.figure({ name: 'scan, p99', value: percentile(done, 0.99), unit: 'ms' })
  report.figure({ name: 'processor time of a scan', value: cpu / done.length, unit: 'ms' })
  report.figure({ name: 'until the read models are level, after scans', value: lag / 1_000, unit: 's' })
}

type Prepared = { readonly onSale: OnSale; readonly credentials: string[]; readonly tickets: string[] }

/** An event with its devices, and so many tickets sold. */
const prepare = async (folder: string, { report }: Options, count: number): Promise<Prepared> => {
  const server = await startServer(folder)
  const organizer = await server.as('organizer', 'olga')
  const onSale = await putOnSale(organizer, count)
  const credentials = await registerDevices(organizer, onSale, CLIENTS)
  const buyers = await buyersOf(server, CLIENTS)
  const orders: Order[] = []
  const order = async (client: number) => orders.push(await buy(buyers[client]!, onSale, PER_ORDER))
  report.sound(await load(CLIENTS / 4, times(count / PER_ORDER), order))
  await server.catchUp()
  await server.stop()
  return { onSale, credentials, tickets: ticketsOf(onSale, orders) }
}

const bareRoute = async (
  folder: string,
  { report }: Options,
  { onSale: { eventId }, credentials }: Prepared,
  tickets: string[],
  warmUp: number,
): Promise<number> => {
  const server: Server = await startServer(folder, 'scripts/bench/bare-route.ts')
  const devices = credentials.map(server.clients.as)
  const append = (client: number) =>
    devices[client]!.call('POST', '/bench/append', { eventId, ticketId: tickets.pop() })
  report.sound(await load(CLIENTS, times(warmUp), append))
  const done = report.sound(await load(CLIENTS, times(tickets.length), append))
  await server.stop()
  return rateOf(done)
}
