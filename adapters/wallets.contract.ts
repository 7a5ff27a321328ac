import { randomUUID } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Vault } from '../domain/vault.ts'

/** What every vault's wallets must do. `fresh` makes an empty vault; what it returns opens it, and opens it again beside. */
export const walletsContract = (name: string, fresh: () => Promise<() => Promise<Vault>>) =>
  describe(`wallets: ${name}`, () => {
    const opened = async (open?: () => Promise<Vault>) => {
      const vault = await (open ?? (await fresh()))()
      onTestFinished(() => vault.close())
      return vault
    }
    const [ann, ben] = [randomUUID(), randomUUID()]
    const [one, other] = [
      '4Nd1mYQFLnMJ5p9eVRBdJ8uXW3PbZ5nJ5yZ9tqk3b1aA',
      '9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin',
    ]

    it('are found by person, and missing of who linked none', async () => {
      const { wallets } = await opened()
      await wallets.save(ann, one)
      expect(await wallets.find([ann, ben])).toEqual(new Map([[ann, one]]))
      await wallets.save(ben, other)
      expect(await wallets.find([ann, ben])).toEqual(
        new Map([
          [ann, one],
          [ben, other],
        ]),
      )
      expect(await wallets.find([])).toEqual(new Map())
    })

    it('are replaced by newer ones', async () => {
      const { wallets } = await opened()
      await wallets.save(ann, one)
      await wallets.save(ann, other)
      expect(await wallets.find([ann])).toEqual(new Map([[ann, other]]))
    })

    it('are removed, and nobody else’s with them', async () => {
      const { wallets } = await opened()
      await wallets.save(ann, one)
      await wallets.save(ben, other)
      await wallets.remove(ann)
      await wallets.remove(ann)
      expect(await wallets.find([ann, ben])).toEqual(new Map([[ben, other]]))
    })

    it('and profiles come and go without each other', async () => {
      const { wallets, people } = await opened()
      const profile = { name: 'Ann', email: null }
      await wallets.save(ann, one)
      expect(await people.find(ann)).toBeUndefined()
      await people.save(ann, profile)
      expect(await wallets.find([ann])).toEqual(new Map([[ann, one]]))
      await wallets.remove(ann)
      expect(await people.find(ann)).toEqual(profile)
    })

    it('are erased with the person, told a profile or not, and can be linked anew', async () => {
      const { wallets, people } = await opened()
      await people.save(ann, { name: 'Ann', email: null })
      for (const personId of [ann, ben]) {
        await wallets.save(personId, one)
        await people.erase(personId)
      }
      expect(await wallets.find([ann, ben])).toEqual(new Map())
      await wallets.save(ben, other)
      expect(await wallets.find([ann, ben])).toEqual(new Map([[ben, other]]))
    })

    it('of many people are found at once', async () => {
      const { wallets } = await opened()
      const people = Array.from({ length: 1_000 }, () => randomUUID())
      for (const personId of people.slice(0, 20)) await wallets.save(personId, one)
      expect([...(await wallets.find(people)).keys()].toSorted()).toEqual(people.slice(0, 20).toSorted())
    })

    it('are the same to everyone who opens the vault, now and later', async () => {
      const open = await fresh()
      const [here, there] = [await opened(open), await opened(open)]
      await here.wallets.save(ann, one)
      for (const vault of [there, await opened(open)])
        expect(await vault.wallets.find([ann])).toEqual(new Map([[ann, one]]))
    })

    it('that are saved while their person is erased are saved whole or erased', async () => {
      const { wallets, people } = await opened()
      for (let n = 0; n < 20; n++) {
        const results = await Promise.allSettled([wallets.save(ann, one), people.erase(ann)])
        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
        expect([one, undefined]).toContain((await wallets.find([ann])).get(ann))
      }
    })
  })
