import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import bs58 from 'bs58'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  type Chain,
  ChainUnavailable,
  type EventCopy,
  type TicketAccount,
  type TicketCopy,
} from '../../commands/chain/chain.ts'
import type { SignedTransaction } from '../../domain/vault.ts'
import { publicOf } from './ed25519.ts'
import type { Account } from './rpc.ts'

/** A chain with funds, its time, and what anybody can see there. */
export type Opened = {
  readonly chain: Chain
  /** Another process's; under another key, another ledger's. */
  readonly again: (key?: Uint8Array) => Promise<Chain>
  readonly now: () => string
  readonly wait: (ms: number) => Promise<void>
  readonly account: (address: string) => Promise<Account | undefined>
}

const TOKEN_2022 = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb'

/** Sends transactions and waits until it is settled what becomes of them. */
export const settle = async (chain: Chain, transactions: readonly (SignedTransaction | undefined)[]) => {
  const sent = transactions.filter((one) => one !== undefined)
  for (const transaction of sent) await chain.send(transaction)
  for (;;) {
    const { outcomes } = await chain.look(sent.map(({ signature }) => signature))
    if (!outcomes.some((outcome) => outcome === 'unknown' || outcome === 'underway')) return outcomes
    await sleep(500)
  }
}

export const someEvent = (now: string, change: Partial<EventCopy> = {}): EventCopy => ({
  eventId: randomUUID(),
  version: 1,
  closesAt: new Date(Date.parse(now) + 3_600_000).toISOString(),
  hasTokens: true,
  name: 'Nachtkonzert',
  uri: 'https://tickets.example.com/api/v1/chain/events/1',
  ...change,
})

export const someTicket = (eventId: string, change: Partial<TicketCopy> = {}): TicketCopy => ({
  ticketId: randomUUID(),
  eventId,
  version: 2,
  generation: 1,
  status: 'active',
  wallet: null,
  heldSince: 2,
  ...change,
})

export const someWallet = (): string => bs58.encode(publicOf(randomBytes(32)))

/** What every chain must do. A cluster takes half a minute to be final. */
export const chainContract = (name: string, fresh: () => Promise<Opened>, timeout = 30_000) =>
  describe(`a chain: ${name}`, { timeout }, () => {
    const world = async (change: Partial<EventCopy> = {}) => {
      const opened = await fresh()
      onTestFinished(() => opened.chain.close())
      const { chain } = opened
      const event = someEvent(opened.now(), change)
      expect(await settle(chain, [await chain.signEvent(event)])).toEqual(['final'])
      const put = async (...copies: readonly TicketCopy[]) => settle(chain, await chain.signTickets(copies))
      const standingOf = async (copy: TicketCopy) => (await chain.find([copy]))[0]!
      return { ...opened, event, put, standingOf }
    }

    describe('an event', () => {
      it('is changed by a newer version, and by no other', async () => {
        const { chain, event } = await world()
        expect(await chain.signEvent(event)).toBeUndefined()
        const moved = { ...event, version: 5, name: 'Ein Nachtkonzert mit einem überaus langen Namen' }
        expect(await settle(chain, [await chain.signEvent(moved)])).toEqual(['final'])
        expect(await chain.signEvent({ ...event, version: 4 })).toBeUndefined()
      })

      it('that is not on chain yet has no tickets there either: they wait', async () => {
        const { chain } = await world()
        await expect(chain.signTickets([someTicket(randomUUID())])).rejects.toThrow(ChainUnavailable)
      })
    })

    describe('a ticket', () => {
      it('F00.6 F07.15 F16.17: has a mint that anybody finds, and says who holds it and in which state', async () => {
        const { event, put, standingOf, account } = await world()
        const copy = someTicket(event.eventId)
        expect((await standingOf(copy)).found).toBeNull()
        expect(await put(copy)).toEqual(['final'])
        const { holder, found, ...addresses } = await standingOf(copy)
        expect(found).toEqual({ version: 2, generation: 1, status: 'active', holder, tokenHolder: holder })
        expect((await account(addresses.mintAddress))?.owner).toBe(TOKEN_2022)
        for (const address of [addresses.ticketAddress, addresses.eventAddress])
          expect((await account(address))?.owner).toBe((await account(addresses.ticketAddress))!.owner)
      })

      it('F16.16: its token goes where its holder is, to a wallet, to the next, and back to a key of the ticket’s own', async () => {
        const { event, put, standingOf } = await world()
        const first = someTicket(event.eventId, { version: 3, heldSince: 3 })
        const holders = [
          first,
          { ...first, version: 5, generation: 2, heldSince: 5 },
          { ...first, version: 6, generation: 3, heldSince: 6, wallet: someWallet() },
          { ...first, version: 8, generation: 4, heldSince: 8, wallet: someWallet() },
          { ...first, version: 9, generation: 5, heldSince: 9 },
        ]
        for (const copy of holders) {
          expect(await put(copy)).toEqual(['final'])
          const { holder, found } = await standingOf(copy)
          if (copy.wallet) expect(holder).toBe(copy.wallet)
          const { version, generation } = copy
          expect(found).toEqual({ version, generation, status: 'active', holder, tokenHolder: holder })
        }
        const named = await Promise.all(holders.map(standingOf))
        expect(new Set(named.map(({ holder }) => holder)).size).toBe(5)
      })

      it('is locked and unlocked where it is', async () => {
        const { event, put, standingOf } = await world()
        const copy = someTicket(event.eventId)
        await put(copy)
        for (const [version, status] of [
          [3, 'locked'],
          [4, 'active'],
        ] as const) {
          expect(await put({ ...copy, version, status })).toEqual(['final'])
          const { holder, found } = await standingOf(copy)
          expect(found).toMatchObject({ version, status, tokenHolder: holder })
        }
      })

      it('that is closed has no token any more, and stays closed', async () => {
        const { event, put, standingOf, account } = await world()
        const copy = someTicket(event.eventId)
        await put(copy)
        expect(await put({ ...copy, version: 3, status: 'closed' })).toEqual(['final'])
        const { found, mintAddress } = await standingOf(copy)
        expect(found).toMatchObject({ version: 3, status: 'closed', tokenHolder: null })
        expect(await account(mintAddress)).toBeUndefined()
        expect(await put({ ...copy, version: 4 })).toEqual([{ failed: expect.stringMatching(/^TicketIsClosed: /) }])
      })

      it('of an event without tokens is an account alone, whatever becomes of it', async () => {
        const { event, put, standingOf, account } = await world({ hasTokens: false })
        const copy = someTicket(event.eventId)
        for (const [i, change] of [{}, { wallet: someWallet() }, { status: 'closed' } as const].entries()) {
          const changed = { ...copy, ...change, version: 2 + i }
          expect(await put(changed)).toEqual(['final'])
          const { found, holder, mintAddress } = await standingOf(changed)
          expect(found).toMatchObject({ version: 2 + i, holder, tokenHolder: null })
          expect(await account(mintAddress)).toBeUndefined()
        }
      })

      it('leaves no account behind where a key of its own held it: the rent comes back', async () => {
        const { chain, event, put } = await world()
        const copy = someTicket(event.eventId)
        await put(copy)
        const before = (await chain.funds()).lamports
        await put({ ...copy, version: 3, heldSince: 3, wallet: someWallet() })
        const after = (await chain.funds()).lamports
        // Two signatures; the new token account costs as much as the old one gave back.
        expect(before - after).toBe(10_000)
      })
    })

    describe('versions', () => {
      it('that the chain knows, or newer ones, are left out', async () => {
        const { chain, event, put } = await world()
        const copies = [3, 4, 5].map((version) => someTicket(event.eventId, { version }))
        await put(...copies)
        const [older, same, newer] = copies as [TicketCopy, TicketCopy, TicketCopy]
        const signed = await chain.signTickets([
          { ...older, version: 2 },
          same,
          { ...newer, version: 6, status: 'locked' },
        ])
        expect(signed.flatMap(({ ids }) => ids)).toEqual([newer.ticketId])
      })

      it('that arrive in the wrong order end with the newest', async () => {
        const { chain, event, put, standingOf } = await world()
        const copy = someTicket(event.eventId)
        const late = await chain.signTickets([copy])
        expect(await put({ ...copy, version: 3, status: 'locked' })).toEqual(['final'])
        expect(await settle(chain, late)).toEqual(['final'])
        expect((await standingOf(copy)).found).toMatchObject({ version: 3, status: 'locked' })
      })
    })

    describe('transactions', () => {
      it('carry as many tickets as fit, of any event', async () => {
        const { chain, event, put, now } = await world()
        const other = someEvent(now(), { hasTokens: false })
        await settle(chain, [await chain.signEvent(other)])
        const copies = Array.from({ length: 20 }, (_, i) => someTicket([event, other][i % 2]!.eventId))
        const moved = copies.map((copy) => ({ ...copy, version: 3, heldSince: 3, wallet: someWallet() }))
        const closed = moved.map((copy) => ({ ...copy, version: 4, status: 'closed' as const }))
        for (const round of [copies, moved, closed]) {
          const signed = await chain.signTickets(round)
          expect(signed.length).toBeLessThan(12)
          expect(signed.flatMap(({ ids }) => ids)).toEqual(copies.map(({ ticketId }) => ticketId))
          for (const { bytes } of signed) expect(Buffer.from(bytes, 'base64').length).toBeLessThanOrEqual(1_232)
          expect(new Set(await settle(chain, signed))).toEqual(new Set(['final']))
          expect(await put(...round)).toEqual([])
        }
      })

      it('that are sent again are carried out once', async () => {
        const { chain, event } = await world()
        const [signed] = await chain.signTickets([someTicket(event.eventId)])
        expect(await settle(chain, [signed])).toEqual(['final'])
        const before = await chain.funds()
        expect(await settle(chain, [signed])).toEqual(['final'])
        expect(await chain.funds()).toEqual(before)
      })

      it('that nobody sent are unknown, and may still be sent for a while', async () => {
        const { chain, event } = await world()
        const [signed] = await chain.signTickets([someTicket(event.eventId)])
        const { outcomes, height } = await chain.look([signed!.signature])
        expect(outcomes).toEqual(['unknown'])
        expect(signed!.lastValidBlockHeight).toBeGreaterThan(height)
      })

      it('are looked up by the hundreds', async () => {
        const { chain } = await world()
        const signatures = Array.from({ length: 300 }, () => bs58.encode(randomBytes(64)))
        expect((await chain.look(signatures)).outcomes).toEqual(signatures.map(() => 'unknown'))
      })
    })

    describe('an event that is over', () => {
      it('has its tickets as they are, until their accounts are given up and their rent comes back', async () => {
        const { chain, event, put, wait, now } = await world()
        const copies = Array.from({ length: 5 }, () => someTicket(event.eventId))
        await put(...copies)
        await put({ ...copies[4]!, version: 3, status: 'closed' })
        const closesAt = new Date(Date.parse(now()) + 3_000).toISOString()
        await settle(chain, [await chain.signEvent({ ...event, version: 2, closesAt })])
        expect((await settle(chain, await chain.signClosing([copies[0]!])))[0]).toEqual({
          failed: expect.stringMatching(/^EventIsOpen: /),
        })
        await wait(5_000)
        expect(await put({ ...copies[0]!, version: 3, status: 'locked' })).toEqual([
          { failed: expect.stringMatching(/^EventIsClosed: /) },
        ])
        const before = await chain.funds()
        const signed = await chain.signClosing([...copies, someTicket(event.eventId), someTicket(randomUUID())])
        expect(new Set(await settle(chain, signed))).toEqual(new Set(['final']))
        expect((await chain.find(copies)).map(({ found }) => found)).toEqual(copies.map(() => null))
        expect((await chain.funds()).lamports).toBeGreaterThan(before.lamports + 4 * 0.6 * before.perTicket)
        expect(await chain.signClosing(copies)).toEqual([])
      })

      it('is told apart from others: every ticket account is listed once, with the event that it is under', async () => {
        const { chain, event, put, now } = await world({ hasTokens: false })
        const other = someEvent(now(), { hasTokens: false })
        await settle(chain, [await chain.signEvent(other)])
        const copies = Array.from({ length: 12 }, (_, i) => someTicket([event, other][i % 2]!.eventId))
        await put(...copies)
        const listed: TicketAccount[] = []
        for await (const page of chain.accounts()) listed.push(...page)
        const standings = await chain.find(copies)
        const events = new Set(standings.map(({ eventAddress }) => eventAddress))
        expect(events.size).toBe(2)
        const own = listed.filter(({ eventAddress }) => events.has(eventAddress))
        const expected = standings.map(({ ticketAddress, eventAddress }) => ({ ticketAddress, eventAddress }))
        const byAddress = (a: TicketAccount, b: TicketAccount) => (a.ticketAddress < b.ticketAddress ? -1 : 1)
        expect(own.toSorted(byAddress)).toEqual(expected.toSorted(byAddress))
      })
    })

    describe('heads of the log', () => {
      it('follow each other, and none that is shorter or another is published', async () => {
        const { chain } = await world()
        const before = await chain.heads()
        const size = before.at(-1)?.size ?? 0
        const heads = [1, 7].map((more) => ({ size: size + more, root: randomBytes(32).toString('hex') }))
        for (const head of heads) {
          const signed = (await chain.signHead(head)) as SignedTransaction
          expect(await settle(chain, [signed])).toEqual(['final'])
          expect(await chain.signHead(head)).toBeUndefined()
        }
        expect(await chain.signHead(heads[0]!)).toEqual({ refused: expect.stringMatching(/^LogCannotShrink: /) })
        const fork = { ...heads[1]!, root: '00'.repeat(32) }
        expect(await chain.signHead(fork)).toEqual({ refused: expect.stringMatching(/^LogForked: /) })
        const published = (await chain.heads()).slice(before.length)
        expect(published).toMatchObject(heads.map((head, i) => ({ ...head, number: before.length + i + 1 })))
      })
    })

    it('knows what a ticket takes at most', async () => {
      const { chain, event, put } = await world({ name: 'n'.repeat(32), uri: `https://${'u'.repeat(192)}` })
      const before = await chain.funds()
      await put(someTicket(event.eventId))
      const after = await chain.funds()
      expect(before.lamports - after.lamports).toBe(before.perTicket)
    })

    it('shows another process the same, and another ledger nothing', async () => {
      const { event, put, standingOf, again } = await world()
      const copy = someTicket(event.eventId)
      await put(copy)
      const [same, other] = [await again(), await again(randomBytes(32))]
      expect(await same.find([copy])).toEqual([await standingOf(copy)])
      const [strange] = await other.find([copy])
      expect(strange!.found).toBeNull()
      expect(strange!.holder).not.toBe((await standingOf(copy)).holder)
      for (const chain of [same, other]) await chain.close()
    })
  })
