import { randomUUID } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Vault } from '../domain/vault.ts'

/** What every vault's addressees must do. `fresh` makes an empty vault; what it returns opens it, and opens it again beside. */
export const addresseesContract = (name: string, fresh: () => Promise<() => Promise<Vault>>) =>
  describe(`addressees: ${name}`, () => {
    const opened = async (open?: () => Promise<Vault>) => {
      const vault = await (open ?? (await fresh()))()
      onTestFinished(() => vault.close())
      return vault
    }
    const [offer, other] = [randomUUID(), randomUUID()]

    it('are found by offer, as they were written last', async () => {
      const { addressees } = await opened()
      await addressees.save(offer, 'ann@example.org')
      await addressees.save(offer, 'Ben@Example.org')
      expect(await addressees.find(offer)).toBe('Ben@Example.org')
      expect(await addressees.find(other)).toBeUndefined()
    })

    it('are forgotten one by one', async () => {
      const { addressees } = await opened()
      for (const id of [offer, other]) await addressees.save(id, 'ann@example.org')
      await addressees.forget(offer)
      await addressees.forget(offer)
      expect(await addressees.find(offer)).toBeUndefined()
      expect(await addressees.find(other)).toBe('ann@example.org')
    })

    it('and people come and go without each other', async () => {
      const { addressees, people } = await opened()
      const ann = randomUUID()
      await addressees.save(offer, 'ann@example.org')
      expect(await people.withEmail('ann@example.org')).toEqual([])
      await people.save(ann, { name: 'Ann', email: 'ann@example.org' })
      expect(await addressees.find(offer)).toBe('ann@example.org')
      await people.erase(ann)
      expect(await addressees.find(offer)).toBe('ann@example.org')
    })

    it('are the same to everyone who opens the vault, now and later', async () => {
      const open = await fresh()
      const [here, there] = [await opened(open), await opened(open)]
      await here.addressees.save(offer, 'ann@example.org')
      for (const vault of [there, await opened(open)])
        expect(await vault.addressees.find(offer)).toBe('ann@example.org')
    })
  })
