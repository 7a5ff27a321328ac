import { randomUUID } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { START } from '../domain/fact.ts'
import type { Intents, Vault } from '../domain/vault.ts'

/** What every vault's intents must do. `fresh` makes an empty vault; what it returns opens it, and opens it again beside. */
export const intentsContract = (name: string, fresh: () => Promise<() => Promise<Vault>>) =>
  describe(`intents: ${name}`, () => {
    const opened = async (open?: () => Promise<Vault>): Promise<Intents> => {
      const vault = await (open ?? (await fresh()))()
      onTestFinished(() => vault.close())
      return vault.intents
    }
    const kept = async (...ids: string[]) => {
      const intents = await opened()
      await intents.keep('mail', undefined, 'p1', ids.map(wish))
      return intents
    }
    const wish = (id: string) => ({ id, data: { about: id } })
    const at = (second: number) => new Date(Date.UTC(2030, 0, 1, 12, 0, second)).toISOString()
    const begun = async (intents: Intents, second: number, limit = 10) =>
      (await intents.begin('mail', limit, at(second), at(second + 60))).map(({ id }) => id)
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()]

    it('know nothing of a reactor that never kept anything, but one that stands before every fact', async () => {
      const intents = await opened()
      expect(await intents.positionOf('mail')).toBeUndefined()
      expect(await intents.keep('mail', undefined, START, [])).toBe(true)
      expect(await intents.positionOf('mail')).toBe(START)
      expect(await intents.positionOf('chain')).toBeUndefined()
    })

    it('are kept together with the position', async () => {
      const intents = await opened()
      expect(await intents.keep('mail', undefined, 'p1', [wish(a), wish(b)])).toBe(true)
      expect(await intents.keep('mail', 'p1', 'p2', [])).toBe(true)
      expect(await intents.positionOf('mail')).toBe('p2')
      expect(await intents.begin('mail', 10, at(0), at(60))).toEqual([
        { ...wish(a), attempts: 1 },
        { ...wish(b), attempts: 1 },
      ])
    })

    it.each([undefined, START, 'p0', 'p2'])(
      'are not kept, nor the position moved, by who still stands at %j',
      async (from) => {
        const intents = await kept(a)
        expect(await intents.keep('mail', from, 'p3', [wish(b)])).toBe(false)
        expect(await intents.positionOf('mail')).toBe('p1')
        expect(await begun(intents, 0)).toEqual([a])
      },
    )

    it('are not kept by who stands somewhere already, of a reactor that nobody has heard of', async () => {
      const intents = await opened()
      expect(await intents.keep('mail', START, 'p1', [wish(a)])).toBe(false)
      expect(await intents.positionOf('mail')).toBeUndefined()
      expect((await intents.backlog('mail')).open).toBe(0)
    })

    it('follow a ledger that was set back', async () => {
      const intents = await kept(a)
      expect(await intents.keep('mail', 'p1', 'p0', [])).toBe(true)
      expect(await intents.positionOf('mail')).toBe('p0')
    })

    it('of two readers who read on at once are those of one', async () => {
      const open = await fresh()
      const readers = [await opened(open), await opened(open)]
      const ids = [a, b]
      const won = await Promise.all(
        readers.map((intents, i) => intents.keep('mail', undefined, `p${i}`, [wish(ids[i]!)])),
      )
      expect(won.toSorted()).toEqual([false, true])
      expect(await begun(readers[0]!, 0)).toEqual([ids[won.indexOf(true)]])
      expect(await readers[1]!.positionOf('mail')).toBe(`p${won.indexOf(true)}`)
    })

    it('are wanted once, however often their id comes', async () => {
      const intents = await opened()
      await intents.keep('mail', undefined, 'p1', [wish(a), { id: a, data: { about: 'the same' } }])
      await intents.keep('mail', 'p1', 'p2', [{ id: a, data: { about: 'the same again' } }])
      expect(await intents.begin('mail', 10, at(0), at(60))).toEqual([{ ...wish(a), attempts: 1 }])
    })

    it.each(['done', 'giveUp'] as const)('that are told %s are not wanted again', async (told) => {
      const intents = await kept(a)
      await begun(intents, 0)
      await intents[told]('mail', a, 'no such address')
      await intents.keep('mail', 'p1', 'p2', [wish(a)])
      expect(await begun(intents, 3_600)).toEqual([])
    })

    it('that nobody told the end of are due again when their time is over, and count their tries', async () => {
      const intents = await kept(a)
      expect(await begun(intents, 0)).toEqual([a])
      expect(await begun(intents, 59)).toEqual([])
      expect(await intents.begin('mail', 10, at(60), at(120))).toEqual([{ ...wish(a), attempts: 2 }])
    })

    it('that failed are due again when that was said', async () => {
      const intents = await kept(a)
      await begun(intents, 0)
      await intents.failed('mail', a, at(5), 'the server was busy')
      expect(await begun(intents, 4)).toEqual([])
      expect(await begun(intents, 5)).toEqual([a])
    })

    it('are begun in order: what is new first, then what is due for longest', async () => {
      const intents = await kept(a, b)
      await begun(intents, 0)
      await intents.failed('mail', a, at(9), 'busy')
      await intents.failed('mail', b, at(8), 'busy')
      await intents.keep('mail', 'p1', 'p2', [wish(c)])
      expect(await begun(intents, 10, 2)).toEqual([c, b])
      expect(await begun(intents, 10, 2)).toEqual([a])
    })

    it('are begun by one of those who ask at once', async () => {
      const open = await fresh()
      const [one, other] = [await opened(open), await opened(open)]
      const ids = Array.from({ length: 40 }, () => randomUUID())
      await one.keep('mail', undefined, 'p1', ids.map(wish))
      const got = await Promise.all([one, other, one, other].map((intents) => begun(intents, 0, 10)))
      expect(got.flat().toSorted()).toEqual(ids.toSorted())
    })

    it('that are done stay so, whatever a straggler tells of them', async () => {
      const intents = await kept(a)
      await begun(intents, 0)
      await intents.done('mail', a)
      await intents.failed('mail', a, at(5), 'timed out')
      await intents.giveUp('mail', a, 'timed out')
      expect(await begun(intents, 3_600)).toEqual([])
      expect(await intents.backlog('mail')).toEqual({ open: 0, failing: 0, givenUp: 0, why: null })
    })

    it('that were given up are done when it turns out that they were', async () => {
      const intents = await kept(a)
      await intents.giveUp('mail', a, 'no such address')
      await intents.failed('mail', a, at(5), 'timed out')
      expect(await intents.backlog('mail')).toMatchObject({ open: 0, givenUp: 1, why: 'no such address' })
      await intents.done('mail', a)
      expect(await intents.backlog('mail')).toEqual({ open: 0, failing: 0, givenUp: 0, why: null })
    })

    it('show what is left of them: the oldest failure before what was given up last', async () => {
      const intents = await kept(a, b, c)
      expect(await intents.backlog('mail')).toEqual({ open: 3, failing: 0, givenUp: 0, why: null })
      await begun(intents, 0)
      await intents.giveUp('mail', a, 'no such address')
      expect(await intents.backlog('mail')).toEqual({ open: 2, failing: 0, givenUp: 1, why: 'no such address' })
      await intents.failed('mail', c, at(5), 'busy')
      await intents.failed('mail', b, at(5), 'away')
      expect(await intents.backlog('mail')).toEqual({ open: 2, failing: 2, givenUp: 1, why: 'away' })
      await intents.done('mail', b)
      await intents.done('mail', c)
      expect(await intents.backlog('mail')).toEqual({ open: 0, failing: 0, givenUp: 1, why: 'no such address' })
    })

    it('of one reactor are none of another’s', async () => {
      const intents = await kept(a)
      await intents.keep('chain', undefined, 'p7', [wish(a)])
      await intents.done('chain', a)
      expect(await begun(intents, 0)).toEqual([a])
      expect(await intents.backlog('chain')).toMatchObject({ open: 0 })
      expect(await intents.positionOf('mail')).toBe('p1')
    })

    it('can be many at once', async () => {
      const ids = Array.from({ length: 5_000 }, () => randomUUID())
      const intents = await kept(...ids)
      expect(await begun(intents, 0, 5_000)).toEqual(ids)
    })

    it('are there for who opens the vault later', async () => {
      const open = await fresh()
      await (await opened(open)).keep('mail', undefined, 'p1', [wish(a)])
      const later = await opened(open)
      expect(await later.positionOf('mail')).toBe('p1')
      expect(await begun(later, 0)).toEqual([a])
    })
  })
