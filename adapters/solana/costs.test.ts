import bs58 from 'bs58'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import type { TicketCopy } from '../../commands/chain/chain.ts'
import { idFor } from '../../domain/spec.ts'
import { settle, someEvent, someTicket } from './chain.contract.ts'
import { publicOf } from './ed25519.ts'
import { embeddedWorld } from './embedded.world.ts'
import { solanaChain } from './solana-chain.ts'
import { COSTS } from './tickets.ts'

const Carried = z.object({
  meta: z.object({ err: z.null(), computeUnitsConsumed: z.int(), logMessages: z.array(z.string()) }),
})

/** Averages of so many say little less than those of all. */
const TICKETS = 24

/** How long an address is looked for depends on all that it derives from, so all of it is the same each time. */
const bytes = (value: number) => Buffer.alloc(32, value)
const wallet = bs58.encode(publicOf(bytes(3)))

const world = async () => {
  const { fetch, close, rpc, authority, key } = await embeddedWorld({ authority: bytes(1), key: bytes(2) })
  onTestFinished(close)
  const chain = solanaChain({ rpc: fetch, authority, key })
  const event = someEvent(new Date().toISOString(), {
    eventId: idFor('event'),
    name: 'n'.repeat(32),
    uri: `https://${'u'.repeat(192)}`,
  })
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
    ['move', {}, { heldSince: 3, wallet }],
    ['move', { wallet }, { heldSince: 3, wallet: null }],
    ['burn', {}, { status: 'closed' }],
    ['record', {}, { status: 'locked' }],
    ['record', { status: 'closed' }, undefined],
  ])('%s', async (kind, before, after) => {
    const { event, costs } = await world()
    const copies = Array.from({ length: TICKETS }, (_, i) =>
      someTicket(event.eventId, { ticketId: idFor(`t${i}`), ...before }),
    )
    const first = await costs(copies)
    const taken = after ? await costs(copies.map((copy) => ({ ...copy, ...after, version: 3 }))) : first
    expect(taken.units).toBeLessThan(COSTS[kind].units)
    expect(taken.units).toBeGreaterThan(0.6 * COSTS[kind].units)
    expect(taken.calls).toBeLessThanOrEqual(COSTS[kind].calls)
  })
})
