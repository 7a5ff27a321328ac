import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChainMode } from '../../domain/event/facts.ts'
import { days, hours, plus } from '../../domain/time.ts'
import { newWallet } from '../wallet.world.ts'
import { type ChainWorld, chainWorld, type Death, mortal } from './chain.world.ts'
import { reconcile } from './reconciling.ts'
import { returnRent } from './rent.ts'
import { openChainInFile } from './tampering.world.ts'

const soon = { timeout: 20_000, interval: 50 }

let file: Awaited<ReturnType<typeof openChainInFile>>
beforeAll(async () => {
  file = await openChainInFile()
})
afterAll(() => file.close())

const settle = async (w: ChainWorld, ticketIds: readonly string[]) => {
  const { stop } = await w.start()
  for (const ticketId of ticketIds) await expect.poll(() => w.stateOf(ticketId), soon).toBe('settled')
  await stop()
}

/** Tickets of a night that begins in an hour, as they are sold and settled. */
const sold = async (count: number, { mode = 'token' as ChainMode, holderId = randomUUID() } = {}) => {
  const w = chainWorld(file.testChain)
  const startsAt = plus(w.now(), hours(1))
  const endsAt = plus(startsAt, hours(4))
  const eventId = await w.draft(mode, { startsAt, endsAt })
  const ticketIds = await Promise.all(Array.from({ length: count }, () => w.sell(eventId, holderId)))
  await settle(w, ticketIds)
  return { w, ticketIds, closesAt: plus(endsAt, days(120)) }
}

const passUntil = ({ now, pass }: ChainWorld, moment: string) => pass((Date.parse(moment) - Date.parse(now())) / 1_000)

const leavings = ({ factsOf }: ChainWorld, ticketId: string) =>
  factsOf(ticketId).flatMap((fact) => (fact.type === 'TicketLeftChain' ? [fact.data.signature] : []))

describe('the rent of tickets', () => {
  it('comes back to the last lamport 120 days after the end of their event, and they are off the chain from then on', async () => {
    const purse = async () => ({ ...file.hand.books(), ...(await file.testChain.chain.funds()) })
    const before = await purse()
    const { w, ticketIds, closesAt } = await sold(7)
    await w.refund(ticketIds[0]!)
    await settle(w, ticketIds)

    passUntil(w, plus(closesAt, -1))
    expect(await returnRent(w.deps)).toEqual({ closed: 0 })
    expect((await w.onChain(ticketIds[1]!)).found).not.toBeNull()
    w.pass(1)
    expect(await returnRent(w.deps)).toEqual({ closed: 7 })

    const after = await purse()
    // What is left is the event's own account.
    expect(after.accounts - before.accounts).toBe(1)
    expect(before.lamports - after.lamports).toBe(after.held - before.held + (after.fees - before.fees))
    for (const ticketId of ticketIds) {
      expect([await w.stateOf(ticketId), (await w.onChain(ticketId)).found]).toEqual(['off', null])
      const signatures = leavings(w, ticketId)
      expect((await w.chain.look(signatures as string[])).outcomes).toEqual(['final'])
    }
    expect(await w.vault.signedTransactions.of(ticketIds)).toEqual([])
  })

  it('is asked for once: the next day there is nothing to close, and nothing to compare', async () => {
    const { w, ticketIds, closesAt } = await sold(2)
    passUntil(w, closesAt)
    await returnRent(w.deps)
    w.pass(days(1))
    expect(await returnRent(w.deps)).toEqual({ closed: 0 })
    expect(leavings(w, ticketIds[0]!)).toHaveLength(1)
    expect(await reconcile(w.deps, { found: async () => {} })).toEqual({ checked: 0, underway: 0, mismatches: 0 })
  })

  it('comes back of a wallet’s ticket too, but for the token account that is the wallet’s own', async () => {
    const ann = randomUUID()
    const { w, ticketIds, closesAt } = await sold(1, { holderId: ann })
    const { address } = newWallet()
    await w.link(ann, address)
    const { stop } = await w.start()
    await expect.poll(async () => (await w.onChain(ticketIds[0]!, address)).found?.tokenHolder, soon).toBe(address)
    await stop()
    const before = file.hand.books()
    passUntil(w, closesAt)
    expect(await returnRent(w.deps)).toEqual({ closed: 1 })
    // The ticket's account and its mint.
    expect(before.accounts - file.hand.books().accounts).toBe(2)
  })

  it('comes back of tickets that are records alone', async () => {
    const { w, ticketIds, closesAt } = await sold(2, { mode: 'record' })
    const before = file.hand.books()
    passUntil(w, closesAt)
    expect(await returnRent(w.deps)).toEqual({ closed: 2 })
    expect(before.accounts - file.hand.books().accounts).toBe(2)
    expect(await w.stateOf(ticketIds[0]!, 'record')).toBe('off')
  })

  it('of an event that is still open there stays where it is', async () => {
    const { w, ticketIds, closesAt } = await sold(1)
    const startsAt = plus(closesAt, -hours(1))
    const open = await w.sell(await w.draft('token', { startsAt, endsAt: closesAt }))
    await settle(w, [open])
    passUntil(w, closesAt)
    expect(await returnRent(w.deps)).toEqual({ closed: 1 })
    expect([leavings(w, ticketIds[0]!).length, leavings(w, open).length]).toEqual([1, 0])
    expect([await w.stateOf(open), (await w.onChain(open)).found?.status]).toEqual(['settled', 'active'])
  })

  it('is none for a ticket that never came to the chain: it is off as well, and not sent any more', async () => {
    const w = chainWorld(file.testChain)
    const ticketId = await w.sell(await w.draft('token', { startsAt: w.now(), endsAt: plus(w.now(), 1) }))
    w.pass(days(120) + 1)
    expect(await returnRent(w.deps)).toEqual({ closed: 1 })
    expect(leavings(w, ticketId)).toEqual([null])
    const { status } = await w.start()
    await expect.poll(status, soon).toMatchObject({ open: 0, behindSeconds: 0 })
    expect([await w.stateOf(ticketId), (await w.onChain(ticketId)).found]).toEqual(['off', null])
  })

  it.each<Death>(['before', 'after'])(
    'comes back once, wherever the work is killed %s a step of it takes effect',
    async (death) => {
      for (let fatal = 1; ; fatal++) {
        const { w, ticketIds, closesAt } = await sold(2)
        passUntil(w, closesAt)
        const { ports, isDead } = mortal(fatal, death)
        const { ledger, chain, signed, wallets } = w.deps
        const doomed = { ledger: ports(ledger), chain: ports(chain), signed: ports(signed), wallets: ports(wallets) }
        const ended = returnRent({ ...w.deps, ...doomed }).then(() => true)
        while (!isDead() && !(await Promise.race([ended, setTimeout(5, false)])));
        // What was kept and never sent can no longer be carried out by the next day.
        w.pass(days(1))
        await returnRent(w.deps)
        for (const ticketId of ticketIds) {
          expect([fatal, leavings(w, ticketId).length]).toEqual([fatal, 1])
          expect((await w.onChain(ticketId)).found).toBeNull()
        }
        expect([fatal, await w.vault.signedTransactions.of(ticketIds)]).toEqual([fatal, []])
        if (!isDead()) return expect(fatal).toBeGreaterThan(10)
      }
    },
    120_000,
  )
})
