import { setImmediate } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Position, type Recorded, START } from '../domain/fact.ts'
import { Conflict, type Expected, type Ledger } from '../domain/ledger.ts'
import { sampleFact as fact } from './ledger.sample.ts'

/** What every ledger must do. `fresh` makes an empty one; what it returns opens it, and opens it again. */
export const ledgerContract = (name: string, fresh: () => Promise<() => Promise<Ledger>>) =>
  describe(`a ledger ${name}`, () => {
    const opened = async (open?: () => Promise<Ledger>) => {
      const ledger = await (open ?? (await fresh()))()
      onTestFinished(() => ledger.close())
      return ledger
    }

    it('gives back what was appended, in order', async () => {
      const ledger = await opened()
      await ledger.append('ticket-1', 'none', [fact('a'), fact('b')])
      await ledger.append('ticket-1', 1, [fact('c')])
      const read = await ledger.read('ticket-1')
      expect(read).toEqual(
        ['a', 'b', 'c'].map((id, revision) => ({
          ...fact(id),
          stream: 'ticket-1',
          revision,
          position: expect.any(String),
        })),
      )
      expect(await ledger.readAll(START, 10)).toEqual(read)
    })

    it('gives back nothing of a stream that nobody has written to', async () =>
      expect(await (await opened()).read('ticket-1')).toEqual([]))

    it('reads a stream forward from a revision', async () => {
      const ledger = await opened()
      await ledger.append('ticket-1', 'none', [fact('a'), fact('b'), fact('c')])
      expect(ids(await ledger.read('ticket-1', 0))).toEqual(['b', 'c'])
      expect(await ledger.read('ticket-1', 2)).toEqual([])
    })

    it.each<Expected>(['none', 0, 2, -1])(
      'refuses all of an append that expects %s where it is 1',
      async (expected) => {
        const ledger = await opened()
        await ledger.append('ticket-1', 'none', [fact('a'), fact('b')])
        await expect(ledger.append('ticket-1', expected, [fact('c'), fact('d')])).rejects.toThrow(Conflict)
        expect(ids(await ledger.readAll(START, 10))).toEqual(['a', 'b'])
      },
    )

    it.each([0, -1])('refuses an append that expects revision %i where there is none', async (expected) =>
      expect((await opened()).append('ticket-1', expected, [fact('a')])).rejects.toThrow(Conflict),
    )

    it('takes what only logs at any revision', async () => {
      const ledger = await opened()
      await ledger.append('gate-1', 'any', [fact('a')])
      await Promise.all(callers.map((i) => ledger.append('gate-1', 'any', [fact(`${i}`), fact(`${i}+`)])))
      const read = await ledger.read('gate-1')
      expect(read.map((r) => r.revision)).toEqual(Array.from({ length: 129 }, (_, i) => i))
      for (const i of callers) expect(ids(read).indexOf(`${i}+`) - ids(read).indexOf(`${i}`)).toBe(1)
    })

    it('refuses an append of nothing', async () =>
      expect((await opened()).append('ticket-1', 'none', [])).rejects.toThrow('no fact to append to ticket-1'))

    it('refuses a fact that JSON cannot hold, and nothing that was appended beside it', async () => {
      const ledger = await opened()
      const unfit = { ...fact('b'), data: { price: 1n } }
      const results = await Promise.allSettled([
        ledger.append('ticket-1', 'none', [fact('a')]),
        ledger.append('ticket-2', 'none', [fact('+'), unfit]),
        ledger.append('ticket-3', 'none', [fact('c')]),
      ])
      expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(ids(await ledger.readAll(START, 10))).toEqual(['a', 'c'])
    })

    it('lets one of 64 callers at the same revision win, and tells the others', async () => {
      const ledger = await opened()
      const results = await Promise.allSettled(
        callers.map((i) => ledger.append('ticket-1', 'none', [fact(`${i}`), fact(`${i}+`)])),
      )
      const lost = results.filter((r) => r.status === 'rejected')
      expect(lost).toHaveLength(63)
      expect(lost.every((r) => r.reason instanceof Conflict)).toBe(true)
      const winner = results.findIndex((r) => r.status === 'fulfilled')
      expect(ids(await ledger.read('ticket-1'))).toEqual([`${winner}`, `${winner}+`])
    })

    it('knows the position of the newest fact', async () => {
      const ledger = await opened()
      expect(await ledger.head()).toBe(START)
      const position = await ledger.append('ticket-1', 'none', [fact('a'), fact('b')])
      expect(await ledger.head()).toBe(position)
      expect((await ledger.readAll(START, 10)).at(-1)!.position).toBe(position)
      expect(await ledger.readAll(position, 10)).toEqual([])
    })

    it('shows a reader every fact once and in order, while 64 callers write', async () => {
      const ledger = await opened()
      let writing = true
      const reading = (async () => {
        const seen: Recorded[] = []
        for (;;) {
          const over = !writing
          const page = await ledger.readAll(seen.at(-1)?.position ?? START, 7)
          seen.push(...page)
          if (over && page.length === 0) return seen
          await setImmediate()
        }
      })()
      const acknowledged = await load(ledger)
      writing = false
      expectEachOnceInOrder(await reading, acknowledged)
    })

    it('shows a follower every fact once and in order, while 64 callers write', async () => {
      const ledger = await opened()
      const following = [1, 7, 1_000].map((limit) => follow(ledger, limit, (seen) => seen.length < 640))
      const acknowledged = await load(ledger)
      for (const seen of await Promise.all(following)) expectEachOnceInOrder(seen, acknowledged)
    })

    it('shows a follower what there was, in pages, and then what comes', async () => {
      const ledger = await opened()
      const first = await ledger.append('ticket-1', 'none', [fact('a')])
      await ledger.append('ticket-1', 0, ['b', 'c', 'd'].map(fact))
      const stop = new AbortController()
      onTestFinished(() => stop.abort())
      const pages = ledger.tail(first, 2, stop.signal)[Symbol.asyncIterator]()
      const next = async () => ids((await pages.next()).value)
      expect([await next(), await next()]).toEqual([['b', 'c'], ['d']])
      for (const [i, id] of ['e', 'f'].entries()) {
        const coming = next()
        await setImmediate()
        await ledger.append('ticket-1', 3 + i, [fact(id)])
        expect(await coming).toEqual([id])
      }
    })

    it.each(['before', 'while'])('lets a follower go %s it waits, once it is told to stop', async (when) => {
      const ledger = await opened()
      const stop = new AbortController()
      if (when === 'before') stop.abort()
      const following = follow(ledger, 10, () => true, stop)
      await setImmediate()
      stop.abort()
      expect(await following).toEqual([])
    })

    it('lets a follower go in the middle of a backlog', async () => {
      const ledger = await opened()
      await ledger.append('ticket-1', 'none', ['a', 'b', 'c', 'd', 'e'].map(fact))
      expect(ids(await follow(ledger, 2, () => false))).toEqual(['a', 'b'])
    })

    it('lets its followers go and keeps what was appended, when it is closed', async () => {
      const open = await fresh()
      const before = await open()
      const following = follow(before, 10, () => true)
      const appending = before.append('ticket-1', 'none', [fact('a')])
      await before.close()
      const position = await appending
      await following

      const after = await opened(open)
      expect(await after.head()).toBe(position)
    })

    it('still has everything when it is opened again, and goes on from there', async () => {
      const open = await fresh()
      const before = await open()
      await before.append('ticket-1', 'none', [fact('a'), fact('b')])
      const facts = await before.readAll(START, 10)
      await before.close()

      const after = await opened(open)
      expect(await after.readAll(START, 10)).toEqual(facts)
      await expect(after.append('ticket-1', 'none', [fact('c')])).rejects.toThrow(Conflict)
      const position = await after.append('ticket-1', 1, [fact('c')])
      expect(position > facts.at(-1)!.position).toBe(true)
    })
  })

const callers = Array.from({ length: 64 }, (_, i) => i)

const ids = (facts: readonly Recorded[]) => facts.map((r) => r.id)

/** 64 callers, ten facts each to a stream of its own. Returns the positions that each was told. */
const load = (ledger: Ledger) =>
  Promise.all(
    callers.map(async (i) => {
      const positions: Position[] = []
      for (let n = 0; n < 10; n++)
        positions.push(await ledger.append(`ticket-${i}`, n === 0 ? 'none' : n - 1, [fact(`${i}/${n}`)]))
      return positions
    }),
  )

const follow = async (
  ledger: Ledger,
  limit: number,
  more: (seen: readonly Recorded[]) => boolean,
  stop = new AbortController(),
) => {
  const seen: Recorded[] = []
  for await (const page of ledger.tail(START, limit, stop.signal)) {
    expect(page.length).toBeLessThanOrEqual(limit)
    seen.push(...page)
    if (!more(seen)) stop.abort()
  }
  return seen
}

/** Strings compare as positions do: 640 facts are enough for their numbers to have one to three digits. */
const expectEachOnceInOrder = (seen: readonly Recorded[], acknowledged: readonly Position[][]) => {
  expect(seen).toHaveLength(640)
  expect(new Set(ids(seen)).size).toBe(640)
  expect(seen.every((r, i) => r.position > (seen[i - 1]?.position ?? START))).toBe(true)
  for (const i of callers) {
    const own = seen.filter((r) => r.stream === `ticket-${i}`)
    expect(own.map((r) => r.revision)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(own.map((r) => r.position)).toEqual(acknowledged[i])
  }
}
