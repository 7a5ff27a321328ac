import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Cause } from '../../domain/ticket/mismatch.ts'
import { newWallet } from '../wallet.world.ts'
import { type ChainWorld, chainWorld } from './chain.world.ts'
import { eventCopyOf } from './copies.ts'
import { doubt, type Mismatch, orderRepair, type ReconcileDeps, type Reconciling, reconcile } from './reconciling.ts'
import { openChainInFile, thiefIn } from './tampering.world.ts'

const soon = { timeout: 20_000, interval: 50 }

let file: Awaited<ReturnType<typeof openChainInFile>>
beforeEach(async () => {
  file = await openChainInFile()
})
afterEach(() => file.close())

type Comparing = {
  readonly eventId?: string
  readonly chain?: ReconcileDeps['chain']
  readonly act?: (deps: ReconcileDeps, ...found: Parameters<Reconciling['found']>) => Promise<unknown>
}

const compare = async ({ deps }: ChainWorld, { eventId, chain = deps.chain, act }: Comparing = {}) => {
  const found: Mismatch[] = []
  const tally = await reconcile(
    { ...deps, chain },
    {
      eventId,
      found: async (mismatch, compared) => {
        found.push(mismatch)
        await act?.(deps, mismatch, compared)
      },
    },
  )
  expect(tally.mismatches).toBe(found.length)
  return { ...tally, found, causes: found.map(({ cause }) => cause) }
}

/** As `--repair` does: how many were ordered. */
const repair = async (w: ChainWorld, comparing: Comparing = {}) => {
  let ordered = 0
  const act: Comparing['act'] = async (deps, _, compared) => {
    if (await orderRepair(deps, compared)) ordered++
  }
  return { ...(await compare(w, { ...comparing, act })), ordered }
}

/** As the worker does every hour. */
const lookHourly = (w: ChainWorld) => compare(w, { act: (deps, mismatch, compared) => doubt(deps, mismatch, compared) })

const settles = ({ stateOf }: ChainWorld, ticketId: string) =>
  expect.poll(() => stateOf(ticketId), soon).toBe('settled')

const typesOf = ({ factsOf }: ChainWorld, ticketId: string) => factsOf(ticketId).map(({ type }) => type)

/** A ticket that is on chain as it is in the ledger, and what keeps it so. */
const settled = async (w = chainWorld(file.testChain), holderId?: string) => {
  const chainSync = await w.start()
  const eventId = await w.draft()
  const ticketId = await w.sell(eventId, holderId)
  await settles(w, ticketId)
  return { w, chainSync, eventId, ticketId, thief: thiefIn(w), ...(await w.onChain(ticketId)) }
}
type Settled = Awaited<ReturnType<typeof settled>>

const nothing = (checked = 1) => expect.objectContaining({ checked, underway: 0, mismatches: 0 })

describe('what somebody changes on chain', () => {
  const cases: [what: string, Cause, change: (s: Settled) => Promise<void> | void][] = [
    [
      'another holder, by the key of the authority',
      'holder_differs',
      ({ ticketId, thief }) => thief.put(ticketId, { wallet: newWallet().address }),
    ],
    ['another state, by the key', 'status_differs', ({ ticketId, thief }) => thief.put(ticketId, { status: 'locked' })],
    [
      'another generation, by the key',
      'status_differs',
      ({ ticketId, thief }) => thief.put(ticketId, { generation: 7 }),
    ],
    [
      'another holder at a version far beyond',
      'holder_differs',
      ({ ticketId, thief }) => thief.put(ticketId, { wallet: newWallet().address, version: 1_000_000 }),
    ],
    [
      'a version that was final, gone back',
      'version_behind',
      ({ ticketAddress }) => file.hand.setVersion(ticketAddress, 0),
    ],
    [
      'an account with its token, gone',
      'unknown_on_chain',
      ({ ticketAddress, mintAddress }) => {
        file.hand.removeToken(mintAddress)
        file.hand.remove(ticketAddress)
      },
    ],
    ['a mint gone with its token', 'mint_missing', ({ mintAddress }) => file.hand.removeToken(mintAddress)],
  ]

  it.each(cases)('%s, is told as %s alone, and gone once it is repaired', async (_, cause, change) => {
    const s = await settled()
    const { w, eventId, ticketId, ticketAddress } = s
    expect(await compare(w)).toEqual(nothing())
    await change(s)
    const { at } = w.factsOf(ticketId).at(-1)!.metadata
    const told = { cause, eventId, ticketId, address: ticketAddress, since: at, repair: expect.any(String) }
    expect((await compare(w)).found).toEqual([told])
    expect(await repair(w)).toMatchObject({ found: [told], ordered: 1 })
    await settles(w, ticketId)
    const { found, holder } = await w.onChain(ticketId)
    expect(found).toMatchObject({ generation: 1, status: 'active', holder, tokenHolder: holder })
    expect(await compare(w)).toEqual(nothing())
  })

  it('is told where its token is with another, or with nobody, though its account says nothing of it', async () => {
    const { w, mintAddress } = await settled()
    const putBack = file.hand.takeToken(mintAddress)
    expect((await compare(w)).causes).toEqual(['mint_missing'])
    putBack()
    expect(await compare(w)).toEqual(nothing())
    file.hand.setTokenOwner(mintAddress, newWallet().address)
    expect((await compare(w)).causes).toEqual(['holder_differs'])
  })

  it('is told where a mint is gone, of events with tokens alone', async () => {
    const { w, mintAddress } = await settled()
    const record = await w.sell(await w.draft('record'))
    await settles(w, record)
    expect(await compare(w)).toEqual(nothing(2))
    file.hand.removeToken(mintAddress)
    expect((await compare(w)).causes).toEqual(['mint_missing'])
  })

  it('closed for good, cannot be repaired: it is told as failed, with the program’s word, until the ledger closes it too', async () => {
    const { w, ticketId, thief, chainSync } = await settled()
    await thief.put(ticketId, { status: 'closed' })
    expect((await repair(w)).causes).toEqual(['status_differs'])
    await expect
      .poll(chainSync.status, soon)
      .toMatchObject({ failing: 1, why: expect.stringContaining('TicketIsClosed') })
    expect((await compare(w)).causes).toEqual(['failed'])
    await w.refund(ticketId)
    await settles(w, ticketId)
    expect(await compare(w)).toEqual(nothing())
  })

  it('before the ticket changes keeps the change from the chain: it is told as what stands there, not as late', async () => {
    const { w, ticketId, thief } = await settled()
    await thief.put(ticketId, { version: 50 })
    // The very same as in the ledger but for its version, which nobody reads.
    expect(await compare(w)).toEqual(nothing())
    await w.refund(ticketId)
    await expect.poll(() => w.stateOf(ticketId), soon).toBe('differs')
    expect((await repair(w)).causes).toEqual(['status_differs'])
    await settles(w, ticketId)
    expect((await w.onChain(ticketId)).found).toMatchObject({ version: 51, status: 'closed' })
    expect(await compare(w)).toEqual(nothing())
  })

  it('all of it being lost, comes back whole', async () => {
    const { w, ticketId, eventId, chainSync } = await settled()
    const other = await w.sell(eventId)
    await settles(w, other)
    await chainSync.stop()
    file.hand.removeAll()
    expect((await compare(w)).causes).toEqual(['unknown_on_chain', 'unknown_on_chain'])
    expect(await repair(w)).toMatchObject({ ordered: 2 })
    // A process takes an event that it opened for open.
    await w.start()
    await settles(w, ticketId)
    await settles(w, other)
    expect(await compare(w)).toEqual(nothing(2))
  })
})

describe('a wallet that its holder linked', () => {
  it('and the ticket has not followed yet is on its way, and nobody is accused of it', async () => {
    const ann = randomUUID()
    const { w, chainSync, ticketId } = await settled(undefined, ann)
    await chainSync.stop()
    const { address } = newWallet()
    await w.link(ann, address)
    expect(await compare(w)).toMatchObject({ checked: 1, underway: 1, mismatches: 0 })
    await lookHourly(w)
    expect(typesOf(w, ticketId)).not.toContain('TicketUnsettled')
    await w.start()
    await expect.poll(() => typesOf(w, ticketId), soon).toContain('TicketWalletChanged')
    await settles(w, ticketId)
    expect(await compare(w)).toEqual(nothing())
  })

  it('without the ledger being told of it, is told as not yet sent, for nothing will send it', async () => {
    const ann = randomUUID()
    const { w } = await settled(undefined, ann)
    await expect.poll(() => w.vault.intents.backlog('chain-sync'), soon).toMatchObject({ open: 0 })
    await w.vault.wallets.save(ann, newWallet().address)
    expect((await compare(w)).causes).toEqual(['not_yet_sent'])
  })
})

describe('an event that the chain has lost', () => {
  it('leaves its tickets unknown there and keeps no other from being compared; a repair opens it again', async () => {
    const { w, ticketId, eventAddress } = await settled()
    const other = await w.sell(await w.draft())
    await settles(w, other)
    file.hand.remove(eventAddress)
    const chain = await file.testChain.again()
    onTestFinished(() => chain.close())
    expect((await compare(w, { chain })).found).toMatchObject([{ cause: 'unknown_on_chain', ticketId }])
    expect((await repair(w, { chain })).ordered).toBe(1)
    // The server took it for open: the first try fails, the next opens it.
    await expect.poll(() => w.vault.intents.backlog('chain-sync'), soon).toMatchObject({ open: 1, failing: 1 })
    w.pass(6)
    await settles(w, ticketId)
    expect(await compare(w, { chain })).toEqual(nothing(2))
  })
})

describe('what the chain has not heard of', () => {
  it('F07.16 is on its way for two minutes, then told as not yet sent, and none of it is left once it settled', async () => {
    const w = chainWorld(file.testChain)
    const ticketId = await w.sell(await w.draft())
    expect(await compare(w)).toMatchObject({ checked: 1, underway: 1, mismatches: 0 })
    w.pass(119)
    expect(await compare(w)).toMatchObject({ underway: 1, mismatches: 0 })
    w.pass(1)
    expect(await compare(w)).toMatchObject({ underway: 0, causes: ['not_yet_sent'] })
    await w.start()
    await settles(w, ticketId)
    expect(await compare(w)).toEqual(nothing())
  })

  it('is told of a ticket that changed after it had settled, and sent by a repair', async () => {
    const { w, ticketId, chainSync } = await settled()
    await chainSync.stop()
    await w.refund(ticketId)
    w.pass(121)
    expect(await repair(w)).toMatchObject({ causes: ['not_yet_sent'], ordered: 1 })
    await w.start()
    await settles(w, ticketId)
    expect(await compare(w)).toEqual(nothing())
  })

  it('because the program refuses it, is told as failed, and settles by a repair once it is not refused any more', async () => {
    const ann = randomUUID()
    const { w, ticketId, mintAddress, chainSync } = await settled(undefined, ann)
    const { address } = newWallet()
    const putBack = file.hand.takeToken(mintAddress)
    await w.link(ann, address)
    await expect.poll(() => w.stateOf(ticketId), soon).toBe('failed')
    expect((await compare(w)).causes).toEqual(['failed'])
    await expect.poll(chainSync.status, soon).toMatchObject({ why: expect.stringContaining('TokenIsElsewhere') })
    putBack()
    expect(await repair(w)).toMatchObject({ causes: ['failed'], ordered: 1 })
    await settles(w, ticketId)
    expect((await w.onChain(ticketId, address)).found).toMatchObject({ holder: address, tokenHolder: address })
    expect(await compare(w)).toEqual(nothing())
  })

  it('is ordered once, however often a repair is asked for', async () => {
    const { w, ticketId, thief, chainSync } = await settled()
    await chainSync.stop()
    await thief.put(ticketId, { status: 'locked', version: 9 })
    expect((await repair(w)).ordered).toBe(1)
    expect(await repair(w)).toMatchObject({ underway: 1, mismatches: 0, ordered: 0 })
    expect(typesOf(w, ticketId).filter((type) => type === 'TicketRepairOrdered')).toHaveLength(1)
    // Two persons who look at the same moment.
    w.pass(121)
    await Promise.all([repair(w), repair(w)])
    expect(typesOf(w, ticketId).filter((type) => type === 'TicketRepairOrdered')).toHaveLength(2)
    await w.start()
    await settles(w, ticketId)
    expect((await w.onChain(ticketId)).found).toMatchObject({ version: 11, status: 'active' })
  })
})

describe('an account that no ticket has', () => {
  it('is told with its address, and nothing can be ordered for it', async () => {
    const { w, eventId, ticketId } = await settled()
    const stranger = { ...(await w.copyOf(ticketId)), ticketId: randomUUID(), eventId, wallet: null, heldSince: 1 }
    const [signed] = await w.chain.signTickets([{ ...stranger, version: 1, generation: 1, status: 'active' }])
    await w.chain.send(signed!)
    const [standing] = await w.chain.find([stranger])
    const told = { ticketId: null, eventId, address: standing!.ticketAddress, since: null, repair: expect.any(String) }
    expect(await repair(w)).toMatchObject({ found: [{ cause: 'unknown_in_ledger', ...told }], ordered: 0 })
  })

  it('is told under an event that sold nothing here too, and not where one event alone is compared', async () => {
    const { w, ticketId, eventId } = await settled()
    const elsewhere = await w.draft('record')
    const foreign = { ...(await w.copyOf(ticketId)), ticketId: randomUUID(), eventId: elsewhere }
    const opened = await w.chain.signEvent(await eventCopyOf(w.deps, elsewhere))
    await w.chain.send(opened!)
    const wanted = { ...foreign, version: 1, generation: 1, status: 'active' as const, wallet: null, heldSince: 1 }
    const [signed] = await w.chain.signTickets([wanted])
    await w.chain.send(signed!)
    const [standing] = await w.chain.find([wanted])
    const told = { ticketId: null, eventId: null, address: standing!.ticketAddress }
    expect((await compare(w)).found).toMatchObject([{ cause: 'unknown_in_ledger', ...told }])
    expect(await compare(w, { eventId })).toEqual(nothing())
  })

  it('is none of a ticket that is sold, or changes, while they are compared', async () => {
    const { w, eventId, ticketId } = await settled()
    let isSold = false
    const accounts: ReconcileDeps['chain']['accounts'] = async function* () {
      if (!isSold) {
        isSold = true
        await settles(w, await w.sell(eventId))
      }
      yield* w.chain.accounts()
    }
    const find: ReconcileDeps['chain']['find'] = async (tickets) => {
      if ((await w.copyOf(ticketId)).status === 'held') {
        await w.refund(ticketId)
        await settles(w, ticketId)
      }
      return w.chain.find(tickets)
    }
    expect(await compare(w, { chain: { find, accounts } })).toMatchObject({ checked: 1, underway: 1, mismatches: 0 })
    expect([isSold, (await w.copyOf(ticketId)).status]).toEqual([true, 'closed'])
    expect(await compare(w)).toEqual(nothing(2))
  })
})

describe('what is compared', () => {
  it('is one event alone where one is named', async () => {
    const { w, ticketId, eventId, thief } = await settled()
    const otherEvent = await w.draft()
    const other = await w.sell(otherEvent)
    await settles(w, other)
    for (const id of [ticketId, other]) await thief.put(id, { status: 'locked' })
    const { found, checked } = await compare(w, { eventId })
    expect([checked, found.map(({ ticketId }) => ticketId)]).toEqual([1, [ticketId]])
    expect((await compare(w)).found.map(({ ticketId }) => ticketId)).toEqual([ticketId, other])
  })

  it('leaves out events that keep no copy', async () => {
    const w = chainWorld(file.testChain)
    await w.sell(await w.draft('off'))
    w.pass(500)
    expect(await compare(w)).toEqual(nothing(0))
  })

  it('is also an account without a token, where the event keeps records', async () => {
    const w = chainWorld(file.testChain)
    await w.start()
    const ticketId = await w.sell(await w.draft('record'))
    await settles(w, ticketId)
    await thiefIn(w).put(ticketId, { wallet: newWallet().address })
    expect((await repair(w)).causes).toEqual(['holder_differs'])
    await settles(w, ticketId)
    expect(await compare(w)).toEqual(nothing())
  })
})

describe('what is found every hour', () => {
  it('F15.24 shows in the state of the ticket until it settles again, and is recorded once', async () => {
    const { w, ticketId, thief, chainSync } = await settled()
    await chainSync.stop()
    await thief.put(ticketId, { status: 'locked' })
    expect(await w.stateOf(ticketId)).toBe('settled')
    for (let hour = 1; hour <= 3; hour++) {
      await lookHourly(w)
      w.pass(3_600)
      expect(await w.stateOf(ticketId)).toBe('differs')
    }
    expect(typesOf(w, ticketId).filter((type) => type === 'TicketUnsettled')).toHaveLength(1)
    // The thief puts it back: the doubt stays, since nobody settled it.
    await thief.put(ticketId, { version: 3 })
    expect((await repair(w)).causes).toEqual(['status_differs'])
    expect(await w.stateOf(ticketId)).toBe('differs')
    await w.start()
    await settles(w, ticketId)
    expect(await compare(w)).toEqual(nothing())
  })

  it('casts no doubt on a ticket that is only late', async () => {
    const w = chainWorld(file.testChain)
    const ticketId = await w.sell(await w.draft())
    w.pass(500)
    expect((await lookHourly(w)).causes).toEqual(['not_yet_sent'])
    expect([await w.stateOf(ticketId), typesOf(w, ticketId).at(-1)]).toEqual(['pending', 'TicketSold'])
  })
})
