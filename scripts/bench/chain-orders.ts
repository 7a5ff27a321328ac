import { setTimeout as sleep } from 'node:timers/promises'
import type { ChainMode } from '../../domain/event/facts.ts'
import { buy, buyersOf, type OnSale, putOnSale } from './box-office.ts'
import { during, load, middle, rateOf } from './load.ts'
import type { Options } from './report.ts'
import { CLIENTS, makeFolder, type Server, startServer } from './server.ts'

/** Orders of two tickets each, of an event that is copied to the chain with tokens, and in turn of one that is not. */
export const chainOrders = async ({ report, quick }: Options): Promise<void> => {
  const server = await startServer(makeFolder())
  const organizer = await server.as('organizer', 'olga')
  const buyers = await buyersOf(server, CLIENTS)
  const [copied, uncopied] = [await putOnSale(organizer, 200_000, 'token'), await putOnSale(organizer, 200_000, 'off')]
  const seconds = quick ? 3 : 8
  const turn = async (onSale: OnSale) => {
    const done = report.sound(await load(CLIENTS, during(seconds), (client) => buy(buyers[client]!, onSale, 2)))
    return { perSecond: rateOf(done), lag: await untilLevel(server) }
  }

  // A turn of each is a warm-up that is not counted.
  const turns: Record<'token' | 'off', Awaited<ReturnType<typeof turn>>[]> = { token: [], off: [] }
  for (let round = 0; round <= (quick ? 1 : 3); round++) {
    const [on, off] = [await turn(copied), await turn(uncopied)]
    if (round === 0) continue
    turns.token.push(on)
    turns.off.push(off)
  }
  await server.stop()
  const rates = (mode: Exclude<ChainMode, 'record'>) => middle(turns[mode].map(({ perSecond }) => perSecond))
  report.figure({
    name: 'orders/s with tickets copied to the chain',
    value: rates('token'),
    unit: 'orders/s',
    baseline: rates('off'),
    goal: { ratioAtLeast: 0.9 },
    note: `against the same of an event that keeps no copy; the middle of ${turns.token.length} turns each`,
  })
  report.figure({
    name: `until the chain is level, after ${seconds} s of orders`,
    value: middle(turns.token.map(({ lag }) => lag)),
    unit: 's',
  })
}

/** Seconds until all that was sold is final on chain, and recorded. */
const untilLevel = async ({ clients }: Server): Promise<number> => {
  const began = performance.now()
  for (;;) {
    const { chain } = await clients.health()
    if (chain.open === 0 && chain.behindSeconds === 0) return (performance.now() - began) / 1_000
    await sleep(100)
  }
}
