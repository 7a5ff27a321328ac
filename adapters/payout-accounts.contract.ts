import { randomUUID } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Vault } from '../domain/vault.ts'

/** What every vault's payout accounts must do. `fresh` makes an empty vault; what it returns opens it, and opens it again beside. */
export const payoutAccountsContract = (name: string, fresh: () => Promise<() => Promise<Vault>>) =>
  describe(`payout accounts: ${name}`, () => {
    const opened = async (open?: () => Promise<Vault>) => {
      const vault = await (open ?? (await fresh()))()
      onTestFinished(() => vault.close())
      return vault
    }
    const [ann, ben, one, other] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]

    it('are found by person and id, and nobody else’s by them', async () => {
      const { payoutAccounts } = await opened()
      await payoutAccounts.save(ann, one, 'acct_ann')
      await payoutAccounts.save(ben, one, 'acct_ben')
      expect(await payoutAccounts.find(ann, one)).toBe('acct_ann')
      expect(await payoutAccounts.find(ben, one)).toBe('acct_ben')
      expect(await payoutAccounts.find(ann, other)).toBeUndefined()
      expect(await payoutAccounts.find(randomUUID(), one)).toBeUndefined()
    })

    it('stay when newer ones are told, and are never another under the same id', async () => {
      const { payoutAccounts } = await opened()
      await payoutAccounts.save(ann, one, 'acct_old')
      await payoutAccounts.save(ann, other, 'acct_new')
      await payoutAccounts.save(ann, one, 'acct_else')
      expect(await payoutAccounts.find(ann, one)).toBe('acct_old')
      expect(await payoutAccounts.find(ann, other)).toBe('acct_new')
    })

    it('are erased with the person, all of them, and can be told anew', async () => {
      const { payoutAccounts, people } = await opened()
      for (const id of [one, other]) await payoutAccounts.save(ann, id, 'acct_ann')
      await payoutAccounts.save(ben, one, 'acct_ben')
      await people.erase(ann)
      expect(await payoutAccounts.find(ann, one)).toBeUndefined()
      expect(await payoutAccounts.find(ann, other)).toBeUndefined()
      expect(await payoutAccounts.find(ben, one)).toBe('acct_ben')
      await payoutAccounts.save(ann, one, 'acct_again')
      expect(await payoutAccounts.find(ann, one)).toBe('acct_again')
    })

    it('are the same to everyone who opens the vault, now and later', async () => {
      const open = await fresh()
      const [here, there] = [await opened(open), await opened(open)]
      await here.payoutAccounts.save(ann, one, 'acct_ann')
      for (const vault of [there, await opened(open)])
        expect(await vault.payoutAccounts.find(ann, one)).toBe('acct_ann')
    })
  })
