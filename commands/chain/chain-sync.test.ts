import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { newWallet } from '../wallet.world.ts'
import { ChainUnavailable } from './chain.ts'
import { type ChainWorld, chainWorld, type Death, mortal, openTestChain, type TestChain } from './chain.world.ts'
import { eventCopyOf } from './copies.ts'

const soon = { timeout: 20_000, interval: 50 }

let testChain: TestChain
beforeAll(async () => {
  testChain = await openTestChain()
})

const settles = async ({ stateOf }: ChainWorld, ...ticketIds: string[]) => {
  for (const ticketId of ticketIds) await expect.poll(() => stateOf(ticketId), soon).toBe('settled')
}
const typesOf = ({ factsOf }: ChainWorld, ticketId: string) => factsOf(ticketId).map(({ type }) => type)

describe('a ticket that was sold', () => {
  it('F07.15 F00.5 F00.6 is minted: the chain returns its account and its token, under the address that the ledger tells', async () => {
    const w = chainWorld(testChain)
    await w.start()
    const ticketId = await w.sell(await w.draft())
    await settles(w, ticketId)
    const minted = w.factsOf(ticketId).at(-1)!
    const { found, holder, ...addresses } = await w.onChain(ticketId)
    expect(minted).toMatchObject({ type: 'TicketMinted', data: { version: 1, ...addresses } })
    expect(found).toEqual({ version: 1, generation: 1, status: 'active', holder, tokenHolder: holder })
  })

  it('is an account alone where its event keeps records, and nothing where it keeps no copy', async () => {
    const w = chainWorld(testChain)
    const { status } = await w.start()
    const [record, off] = [await w.sell(await w.draft('record')), await w.sell(await w.draft('off'))]
    await settles(w, record)
    expect(typesOf(w, record)).toEqual(['TicketReserved', 'TicketSold', 'TicketSettled'])
    expect((await w.onChain(record)).found).toMatchObject({ status: 'active', tokenHolder: null })
    await expect.poll(status, soon).toMatchObject({ open: 0 })
    expect(typesOf(w, off)).toEqual(['TicketReserved', 'TicketSold'])
    expect((await w.onChain(off)).found).toBeNull()
  })

  it('F07.16 is picked up whenever it was sold, also before there was a chain-sync, and several share a transaction', async () => {
    const w = chainWorld(testChain)
    const eventId = await w.draft()
    const ticketIds = await Promise.all(Array.from({ length: 12 }, () => w.sell(eventId)))
    const { status } = await w.start()
    await settles(w, ...ticketIds)
    const signatures = ticketIds.map((id) => w.factsOf(id).at(-1)!.data as { signature: string })
    expect(new Set(signatures.map(({ signature }) => signature)).size).toBeLessThan(6)
    await expect.poll(status, soon).toMatchObject({ open: 0, failing: 0, givenUp: 0 })
    expect(await w.vault.signedTransactions.of([eventId, ...ticketIds])).toEqual([])
  })

  it('comes to the chain in its newest state, however much happened meanwhile', async () => {
    const w = chainWorld(testChain)
    const ticketId = await w.sell(await w.draft())
    await w.refund(ticketId)
    await w.start()
    await settles(w, ticketId)
    expect(typesOf(w, ticketId)).toEqual(['TicketReserved', 'TicketSold', 'TicketRefunded', 'TicketSettled'])
    expect((await w.onChain(ticketId)).found).toMatchObject({ version: 2, status: 'closed', tokenHolder: null })
  })

  it('loses its token when it is refunded, and its mint is gone', async () => {
    const w = chainWorld(testChain)
    const { status } = await w.start()
    const ticketId = await w.sell(await w.draft())
    await settles(w, ticketId)
    await w.refund(ticketId)
    await settles(w, ticketId)
    expect((await w.onChain(ticketId)).found).toMatchObject({ version: 2, status: 'closed', tokenHolder: null })
    await expect.poll(status, soon).toMatchObject({ open: 0 })
  })
})

describe('a ticket that the desk sees to', () => {
  it('F13.1 F13.2 F17.9 is locked on chain until its last lock is lifted, and a reissue raises its generation there', async () => {
    const w = chainWorld(testChain)
    await w.start()
    const ticketId = await w.sell(await w.draft())
    const { eventId } = (await w.copyOf(ticketId)).sale
    await settles(w, ticketId)
    const { found: first } = await w.onChain(ticketId)
    const next = async (fact: Parameters<ChainWorld['put']>[2]) => {
      await w.put('ticket', ticketId, fact)
      await settles(w, ticketId)
      return (await w.onChain(ticketId)).found
    }
    const [hold, dispute] = [randomUUID(), randomUUID()]
    const locked = await next({ type: 'TicketLocked', data: { eventId, lockId: hold, reason: 'legal_hold' } })
    expect(locked).toEqual({ ...first, version: 2, status: 'locked' })
    await next({ type: 'TicketLocked', data: { eventId, lockId: dispute, reason: 'chargeback_pending' } })
    const left = await next({ type: 'TicketUnlocked', data: { eventId, lockId: dispute } })
    expect(left).toEqual({ ...first, version: 4, status: 'locked' })
    const unlocked = await next({ type: 'TicketUnlocked', data: { eventId, lockId: hold } })
    expect(unlocked).toEqual({ ...first, version: 5, status: 'active' })
    const about = { eventId, reissueId: randomUUID(), reason: 'duplicate_ticket' as const, reportId: null }
    const reissued = await next({ type: 'TicketReissued', data: { ...about, generation: 2 } })
    expect(reissued).toEqual({ ...first, version: 6, status: 'active', generation: 2 })
  })
})

describe('an event that is moved to another time', () => {
  const LATER = { startsAt: '2032-06-01T19:00:00.000Z', endsAt: '2032-06-01T23:00:00.000Z' }
  const move = (w: ChainWorld, eventId: string, times: typeof LATER) =>
    w.put('event', eventId, { type: 'EventRescheduled', data: { ...times, refundsUntil: null } })

  it('F12.9 closes on chain at another time, by itself, and its tickets stay as they are', async () => {
    const w = chainWorld(testChain)
    const { status } = await w.start()
    const eventId = await w.draft()
    const ticketId = await w.sell(eventId)
    await settles(w, ticketId)
    await move(w, eventId, LATER)
    const copy = await eventCopyOf(w.deps, eventId)
    expect(copy).toMatchObject({ version: 2, closesAt: '2032-09-29T23:00:00.000Z' })
    // The chain comes to know this one, and not the next.
    await expect.poll(() => w.chain.signEvent(copy), soon).toBeUndefined()
    await expect.poll(status, soon).toMatchObject({ open: 0, failing: 0 })
    expect(await w.chain.signEvent({ ...copy, version: 3 })).toBeDefined()
    expect(typesOf(w, ticketId)).toEqual(['TicketReserved', 'TicketSold', 'TicketMinted'])
  })

  it('follows again when it is moved again, whatever of it was on its way, and sells on as before', async () => {
    const w = chainWorld(testChain)
    const eventId = await w.draft()
    await move(w, eventId, LATER)
    const { status } = await w.start()
    const first = await w.sell(eventId)
    await settles(w, first)
    await move(w, eventId, { ...LATER, endsAt: '2032-06-02T01:00:00.000Z' })
    const second = await w.sell(eventId)
    await settles(w, second)
    await expect.poll(status, soon).toMatchObject({ open: 0, failing: 0 })
    const copy = await eventCopyOf(w.deps, eventId)
    expect(copy.version).toBe(3)
    expect(await w.chain.signEvent(copy)).toBeUndefined()
    expect(await w.vault.signedTransactions.of([eventId])).toEqual([])
  })

  it('that keeps no copy is not told of there', async () => {
    const w = chainWorld(testChain)
    const eventId = await w.draft('off')
    await move(w, eventId, LATER)
    const { status } = await w.start()
    await expect.poll(status, soon).toMatchObject({ open: 0, failing: 0, givenUp: 0 })
    expect(await w.chain.signEvent(await eventCopyOf(w.deps, eventId))).toBeDefined()
  })
})

describe('a wallet', () => {
  it('F16.16 F16.17 that was linked before is the holder on chain; one that is linked later, the tickets move to', async () => {
    const w = chainWorld(testChain)
    await w.start()
    const [ann, bob] = [randomUUID(), randomUUID()]
    const [annsWallet, bobsWallet] = [newWallet().address, newWallet().address]
    await w.link(ann, annsWallet)
    const eventId = await w.draft()
    const [annsTicket, bobsTicket] = [await w.sell(eventId, ann), await w.sell(eventId, bob)]
    await settles(w, annsTicket, bobsTicket)
    expect((await w.onChain(annsTicket)).found?.tokenHolder).toBe(annsWallet)
    const key = (await w.onChain(bobsTicket)).found?.tokenHolder
    expect(key).not.toBe(bobsWallet)

    await w.link(bob, bobsWallet)
    await expect.poll(() => typesOf(w, bobsTicket), soon).toContain('TicketWalletChanged')
    await settles(w, bobsTicket)
    expect((await w.onChain(bobsTicket, bobsWallet)).found).toMatchObject({
      holder: bobsWallet,
      tokenHolder: bobsWallet,
    })

    await w.unlink(bob)
    await expect
      .poll(() => typesOf(w, bobsTicket).filter((type) => type === 'TicketWalletChanged'), soon)
      .toHaveLength(2)
    await settles(w, bobsTicket)
    const last = (await w.onChain(bobsTicket)).found?.tokenHolder
    expect(last).not.toBe(bobsWallet)
    // No key of a ticket is ever used for a second time.
    expect(last).not.toBe(key)
  })

  it('is in no fact', async () => {
    const w = chainWorld(testChain)
    await w.start()
    const ann = randomUUID()
    const { address } = newWallet()
    await w.link(ann, address)
    const ticketId = await w.sell(await w.draft(), ann)
    await settles(w, ticketId)
    expect(JSON.stringify(w.log)).not.toContain(address)
  })
})

describe('the chain being away', () => {
  it('keeps nothing else: the ticket stays pending, says why, and settles once it is back', async () => {
    const w = chainWorld(testChain)
    let isAway = true
    const away =
      <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        if (isAway) throw new ChainUnavailable('no node answers')
        return call(...args)
      }
    const chain = { ...w.chain, signEvent: away(w.chain.signEvent), find: away(w.chain.find) }
    const { status } = await w.start({ chain })
    const ticketId = await w.sell(await w.draft())
    await expect.poll(status, soon).toMatchObject({ open: 1, failing: 1, why: 'no node answers' })
    expect(await w.stateOf(ticketId)).toBe('pending')
    isAway = false
    w.pass(6)
    await settles(w, ticketId)
  })

  it('for one event keeps the tickets of no other waiting', async () => {
    const w = chainWorld(testChain)
    const [bad, good] = [await w.draft(), await w.draft()]
    const chain: typeof w.chain = {
      ...w.chain,
      signEvent: async (copy) => {
        if (copy.eventId === bad) throw new ChainUnavailable('no node answers')
        return w.chain.signEvent(copy)
      },
    }
    const [waiting, served] = [await w.sell(bad), await w.sell(good)]
    const { status } = await w.start({ chain })
    await settles(w, served)
    expect(await w.stateOf(waiting)).toBe('pending')
    await expect.poll(status, soon).toMatchObject({ open: 1, failing: 1 })
  })
})

describe('a transaction', () => {
  it('that was sent and is not final yet is waited for, and not signed again', async () => {
    const w = chainWorld(testChain)
    let looks = 0
    let signings = 0
    const chain: typeof w.chain = {
      ...w.chain,
      signTickets: async (copies) => {
        signings++
        return w.chain.signTickets(copies)
      },
      look: async (signatures) => {
        const seen = await w.chain.look(signatures)
        return looks++ < 4 ? { ...seen, outcomes: signatures.map(() => 'underway') } : seen
      },
    }
    await w.start({ chain })
    const ticketId = await w.sell(await w.draft())
    await settles(w, ticketId)
    expect(looks).toBeGreaterThan(4)
    expect(signings).toBe(1)
  })

  it('that nobody has seen is sent again, the same bytes, until its block height has passed; then another is signed', async () => {
    const w = chainWorld(testChain)
    const eventId = await w.draft()
    const sent: string[] = []
    let isLost = false
    const chain: typeof w.chain = {
      ...w.chain,
      send: async (transaction) => {
        if (!isLost) return w.chain.send(transaction)
        sent.push(transaction.bytes)
      },
    }
    await w.start({ chain })
    await settles(w, await w.sell(eventId))
    isLost = true
    const ticketId = await w.sell(eventId)
    await expect.poll(() => sent.length, soon).toBeGreaterThan(1)
    expect(new Set(sent).size).toBe(1)
    // Blocks go by: what was signed can no longer be carried out.
    w.pass(61)
    isLost = false
    // It is tried again after what a failure waits for.
    await expect.poll(() => w.vault.intents.backlog('chain-sync'), soon).toMatchObject({ failing: 1 })
    w.pass(6)
    await settles(w, ticketId)
    expect(typesOf(w, ticketId).filter((type) => type === 'TicketMinted')).toHaveLength(1)
  })

  it('that was refused keeps only the ticket that it was refused for: the others are sent again without it', async () => {
    const w = chainWorld(testChain)
    const eventId = await w.draft()
    const ticketIds = await Promise.all(Array.from({ length: 4 }, () => w.sell(eventId)))
    const bad = ticketIds[2]!
    let isRefusing = true
    const spoiled = new Set<string>()
    const spoiledBytes = new Set<string>()
    const chain: typeof w.chain = {
      ...w.chain,
      signTickets: async (copies) => {
        const signed = await w.chain.signTickets(copies)
        for (const { ids, signature, bytes } of signed)
          if (ids.includes(bad) && isRefusing) {
            spoiled.add(signature)
            spoiledBytes.add(bytes)
          }
        return signed
      },
      send: async (transaction) => {
        if (!spoiledBytes.has(transaction.bytes)) return w.chain.send(transaction)
      },
      look: async (signatures) => {
        const { outcomes, height } = await w.chain.look(signatures)
        const refused = { failed: 'TicketIsClosed: the ticket is closed for good' }
        return { height, outcomes: outcomes.map((one, i) => (spoiled.has(signatures[i]!) ? refused : one)) }
      },
    }
    const { status } = await w.start({ chain })
    await settles(w, ...ticketIds.filter((id) => id !== bad))
    await expect.poll(() => w.stateOf(bad), soon).toBe('failed')
    await expect
      .poll(status, soon)
      .toMatchObject({ open: 1, failing: 1, why: expect.stringContaining('TicketIsClosed') })
    // Once it is no longer refused, it settles like any other.
    isRefusing = false
    w.pass(6)
    await settles(w, bad)
  })
})

describe('a process that is killed', () => {
  const ends: [Death, string][] = [
    ['before', 'too old by then'],
    ['after', 'too old by then'],
    ['before', 'still good'],
    ['after', 'still good'],
  ]

  it.each(ends)(
    '%s any step of its work takes effect, what it signed being %s, leaves exactly one mint and nothing undone',
    async (death, age) => {
      for (let fatal = 1; ; fatal++) {
        const w = chainWorld(testChain)
        const eventId = await w.draft()
        const ticketIds = [await w.sell(eventId), await w.sell(eventId)]
        const { ports, isDead } = mortal(fatal, death)
        w.startDoomed(ports)
        const isDone = async () =>
          (await Promise.all(ticketIds.map((id) => w.stateOf(id)))).every((state) => state === 'settled') &&
          (await w.vault.intents.backlog('chain-sync')).open === 0 &&
          (await w.vault.signedTransactions.of(ticketIds)).length === 0
        await expect.poll(async () => isDead() || (await isDone()), soon).toBe(true)
        // What the last call still does, is done.
        await sleep(50)

        // What it had begun is due again.
        if (age === 'still good') w.passForProcesses(80)
        else w.pass(80)
        await w.start()
        await expect.poll(isDone, soon).toBe(true)
        for (const ticketId of ticketIds) {
          expect([fatal, ...typesOf(w, ticketId)]).toEqual([fatal, 'TicketReserved', 'TicketSold', 'TicketMinted'])
          const { found, holder } = await w.onChain(ticketId)
          const there = { version: 1, generation: 1, status: 'active', holder, tokenHolder: holder }
          expect([fatal, found]).toEqual([fatal, there])
        }
        expect(await w.vault.intents.backlog('chain-sync')).toMatchObject({ givenUp: 0 })
        expect(await w.vault.signedTransactions.of([eventId])).toEqual([])
        if (!isDead()) return expect(fatal).toBeGreaterThan(15)
      }
    },
    300_000,
  )
})

describe('delivery', () => {
  it('twice, or out of order, changes nothing: an older state that comes late is passed over', async () => {
    const w = chainWorld(testChain)
    const ticketId = await w.sell(await w.draft())
    await w.start()
    await settles(w, ticketId)
    const [older] = await w.chain.signTickets([{ ...(await wantedOf(w, ticketId)), version: 2 }])
    await w.refund(ticketId)
    await settles(w, ticketId)
    // As a node that kept it would, or a process that was asleep.
    await w.chain.send(older!)
    await w.chain.send(older!)
    expect((await w.onChain(ticketId)).found).toMatchObject({ version: 2, status: 'closed' })
    expect(typesOf(w, ticketId).filter((type) => type === 'TicketSettled')).toHaveLength(1)
  })
})

const wantedOf = async (w: ChainWorld, ticketId: string) => {
  const { sale, heldSince } = await w.copyOf(ticketId)
  return { ticketId, eventId: sale.eventId, generation: 1, status: 'active' as const, wallet: null, heldSince }
}
