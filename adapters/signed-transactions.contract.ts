import { randomUUID } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SignedTransaction, Vault } from '../domain/vault.ts'

/** What every vault must do with signed transactions. `fresh` makes an empty vault; what it returns opens it, and opens it again beside. */
export const signedTransactionsContract = (name: string, fresh: () => Promise<() => Promise<Vault>>) =>
  describe(`signed transactions: ${name}`, () => {
    const opened = async (open?: () => Promise<Vault>) => {
      const vault = await (open ?? (await fresh()))()
      onTestFinished(() => vault.close())
      return vault.signedTransactions
    }
    /** A block height that 32 bits do not hold. */
    const HEIGHT = 5_000_000_000
    const signed = (signature: string, ...ids: string[]): SignedTransaction => ({
      signature,
      bytes: Buffer.from(`bytes of ${signature}`).toString('base64'),
      lastValidBlockHeight: HEIGHT,
      ids,
    })
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()]

    it('are found by any of what they bring to the chain, as they were kept', async () => {
      const transactions = await opened()
      const [both, one] = [signed('s1', b, a), signed('s2', c)]
      await transactions.keep([both, one])
      expect(await transactions.of([a])).toEqual([both])
      expect(await transactions.of([b])).toEqual([both])
      expect(await transactions.of([c, randomUUID()])).toEqual([one])
      expect(await transactions.of([randomUUID()])).toEqual([])
      expect(await transactions.of([])).toEqual([])
    })

    it('are found once each, in the order in which they were kept', async () => {
      const transactions = await opened()
      const all = [signed('s3', a, b), signed('s1', b), signed('s2', c, a)]
      await transactions.keep(all.slice(0, 2))
      await transactions.keep(all.slice(2))
      expect(await transactions.of([c, b, a])).toEqual(all)
    })

    it('stay as they were kept first, in one batch or two', async () => {
      const transactions = await opened()
      const first = signed('s1', a)
      const again = { ...signed('s1', b), lastValidBlockHeight: 1 }
      await transactions.keep([first, again])
      await transactions.keep([again, signed('s2', b)])
      expect(await transactions.of([a, b])).toEqual([first, signed('s2', b)])
      expect(await transactions.of([b])).toEqual([signed('s2', b)])
    })

    it('are forgotten by their signatures, and no others with them', async () => {
      const transactions = await opened()
      await transactions.keep([signed('s1', a), signed('s2', a, b), signed('s3', b)])
      await transactions.forget(['s1', 's3', 'unheard of'])
      await transactions.forget([])
      expect(await transactions.of([a, b])).toEqual([signed('s2', a, b)])
    })

    it('that were forgotten may be kept anew, as the newest', async () => {
      const transactions = await opened()
      await transactions.keep([signed('s1', a), signed('s2', a)])
      await transactions.forget(['s1'])
      await transactions.keep([signed('s1', a)])
      expect(await transactions.of([a])).toEqual([signed('s2', a), signed('s1', a)])
    })

    it('may name the same thing twice, or be none at all', async () => {
      const transactions = await opened()
      await transactions.keep([])
      await transactions.keep([signed('s1', a, a)])
      expect(await transactions.of([a])).toEqual([signed('s1', a, a)])
    })

    it('can be many at once', async () => {
      const transactions = await opened()
      const many = Array.from({ length: 2_000 }, (_, n) => signed(`s${n}`, randomUUID(), a))
      await transactions.keep(many)
      expect(await transactions.of([a])).toEqual(many)
      expect(await transactions.of(many.map(({ ids }) => ids[0]!))).toEqual(many)
      await transactions.forget(many.slice(1).map(({ signature }) => signature))
      expect(await transactions.of([a])).toEqual([many[0]])
    })

    it('are there for who opens the vault later', async () => {
      const open = await fresh()
      await (await opened(open)).keep([signed('s1', a)])
      expect(await (await opened(open)).of([a])).toEqual([signed('s1', a)])
    })
  })
