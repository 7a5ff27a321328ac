import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import type { TicketCopy } from '../../commands/chain/chain.ts'
import { settle, someEvent, someTicket, someWallet } from './chain.contract.ts'
import { embeddedWorld } from './embedded.world.ts'
import { solanaChain } from './solana-chain.ts'
import { COSTS } from './tickets.ts'

const Carried = z.object({
  meta: z.object({ err: z.null(), computeUnitsConsumed: z.int(), logMessages: z.array(z.string()) }),
})

/** Averages of so many say little less than those of all. */
const TICKETS = 24

const world = async () => {
  const { fetch, close, rpc, authority, key } = await embeddedWorld()
  onTestFinished(close)
  const chain = solanaChain({ rpc: fetch, authority, key })
  const event = someEvent(new Date().toISOString(), { name: 'n'.repeat(32), uri: `https://${'u'.repeat(192)}` })
  await settle(chain, [await chain.signEvent(event)])

  /** What each of them takes, alone in a transaction: without the budget's own instruction. */
  const costs = async (copies: readonly TicketCopy[]) => {
    const taken: { units: number; calls: number }[] = []
    for (const copy of copies) {
      const [signed] = await chain.signTickets([copy])
      await chain.send(signed!)
      const params = [signed!.signature, { maxSupportedTransactionVersion: 0 }]
      const { meta } = await rpc.ask('show a transaction', 'getTransaction', params, Carried)
      const calls = meta.logMessages.filter((line) => line.includes(' invoke [')).length - 1
      taken.push({ units: meta.computeUnitsConsumed, calls })
    }
    const average = taken.reduce((sum, { units }) => sum + units, 0) / taken.length
    return { units: average, calls: Math.max(...taken.map(({ calls }) => calls)) }
  }
  return { event, costs }
}

describe('what is set aside for a ticket is what it takes, and not much more', () => {
  it.each<[keyof typeof COSTS, Partial<TicketCopy>, Partial<TicketCopy> | undefined]>([
    ['issue', {}, undefined],
    ['move', {}, { heldSince: 3, wallet: someWallet() }],
    ['move', { wallet: someWallet() }, { heldSince: 3, wallet: null }],
    ['burn', {}, { status: 'closed' }],
    ['record', {}, { status: 'locked' }],
    ['record', { status: 'closed' }, undefined],
  ])('%s', async (kind, before, after) => {
    const { event, costs } = await world()
    const copies = Array.from({ length: TICKETS }, () => someTicket(event.eventId, before))
    const first = await costs(copies)
    const taken = after ? await costs(copies.map((copy) => ({ ...copy, ...after, version: 3 }))) : first
    expect(taken.units).toBeLessThan(COSTS[kind].units)
    expect(taken.units).toBeGreaterThan(0.6 * COSTS[kind].units)
    expect(taken.calls).toBeLessThanOrEqual(COSTS[kind].calls)
  })
})
