import { randomUUID } from 'node:crypto'
import { Keypair } from '@solana/web3.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Unchargeable } from '../../commands/payments.ts'
import { Unavailable } from '../../domain/ledger.ts'
import { paymentsContract } from './payments.contract.ts'
import { newPayment, SOL, shopWorld } from './solana-pay.world.ts'
import { references } from './solana-pay-references.ts'

const seller = () => Keypair.generate().publicKey.toBase58()

paymentsContract('Solana Pay, on the embedded chain', {
  fresh: async () => {
    const shop = await shopWorld()
    onTestFinished(shop.close)
    return async () => ({
      payments: shop.open(),
      pay: async (_, clientSecret) => {
        await shop.pay(clientSecret, await shop.funded())
        // A block later the next look cannot be refused for being as old as this.
        shop.pass(400)
      },
    })
  },
  sellers: { good: seller(), closed: 'acct_closed', spent: seller() },
  cannot: {
    authorise: 'who pays on a chain has paid; so there is nothing that a void could keep from being captured',
    decline: 'a wallet that declines sends nothing',
    'keep requests': 'a request is a URL, and the books alone keep it',
    'keep voids': 'nobody can be kept from paying: what comes later is seen, and goes back',
    'reverse transfers': 'nobody can take SOL back',
  },
})

describe('a payment by Solana Pay', () => {
  const opened = async (options: Parameters<typeof shopWorld>[0] = {}) => {
    const shop = await shopWorld(options)
    onTestFinished(shop.close)
    const payments = shop.open()
    const wallet = await shop.funded()
    const address = wallet.publicKey.toBase58()
    const requested = async (amount = 2_500, currency = 'EUR') => {
      const payment = newPayment(amount, currency)
      const { reference, clientSecret } = await payments.request(payment)
      return { payment: { ...payment, reference }, url: clientSecret }
    }
    const pay = async (url: string, lamports?: number) => {
      const signature = await shop.pay(url, wallet, lamports)
      shop.pass(400)
      return signature
    }
    return { shop, payments, wallet, address, requested, pay, balance: () => shop.balanceOf(address) }
  }

  it('is asked for as wallets understand it, rounded up to the lamport', async () => {
    const { requested } = await opened()
    const { pathname, protocol, searchParams } = new URL((await requested()).url)
    expect([protocol, pathname]).toEqual(['solana:', expect.stringMatching(/^\w{43,44}$/)])
    expect(Object.fromEntries(searchParams)).toMatchObject({ amount: '0.175438597', label: 'Counterfoil' })
    expect(searchParams.getAll('reference')).toHaveLength(2)
    // Yen have no minor unit.
    expect(new URL((await requested(5_000, 'JPY')).url).searchParams.get('amount')).toBe('0.2')
  })

  it('is not asked for in a currency without a rate', async () => {
    const { payments } = await opened()
    await expect(payments.request(newPayment(2_500, 'USD'))).rejects.toThrow(Unchargeable)
  })

  it('is asked for as it was quoted, whatever the rate has become', async () => {
    const { shop, requested } = await opened()
    const { payment, url } = await requested()
    const later = shop.open({ rates: { EUR: '99' } })
    expect((await later.request(payment)).clientSecret).toBe(url)
    expect((await later.request({ ...payment, reference: null })).clientSecret).not.toBe(url)
  })

  it('is seen once it is final, not before', async () => {
    const { shop, payments, requested, pay } = await opened({ finalAfterMs: 10_000 })
    const { payment, url } = await requested()
    await pay(url)
    expect((await payments.look(payment)).status).toBe('pending')
    expect(await payments.arrivals()).toEqual([])
    shop.pass(10_000)
    expect((await payments.look(payment)).status).toBe('captured')
    expect(await payments.arrivals()).toEqual([payment.paymentId])
    expect(await payments.arrivals()).toEqual([])
  })

  it('is none where it is too little, which goes back less the fee, once', async () => {
    const { payments, requested, pay, balance } = await opened()
    const { payment, url } = await requested()
    await pay(url, 0.1 * SOL)
    expect((await payments.look(payment)).status).toBe('pending')
    expect(await payments.arrivals()).toEqual([payment.paymentId])
    for (const _ of ['once', 'again']) await payments.returnStrays(payment)
    // The wallet has paid for its own transaction, and for the one that returned it.
    expect(await balance()).toBe(10 * SOL - 2 * 5_000)
  })

  it('keeps what was asked for: what is too much goes back, and what comes a second time', async () => {
    const { payments, requested, pay, balance } = await opened()
    const { payment, url } = await requested()
    await pay(url, SOL)
    await pay(url, 2 * SOL)
    await payments.returnStrays(payment)
    expect(await payments.look(payment)).toMatchObject({ status: 'captured', refunded: 0 })
    expect(await balance()).toBe(10 * SOL - 175_438_597 - 4 * 5_000)
  })

  it('pays for one alone, though the transaction names several, and the rest goes back once', async () => {
    const { payments, requested, pay, balance } = await opened()
    const both = [await requested(), await requested()]
    const url = new URL(both[0]!.url)
    url.searchParams.append('reference', new URL(both[1]!.url).searchParams.get('reference')!)
    await pay(url.href, SOL)
    const seen = await Promise.all(both.map(async ({ payment }) => (await payments.look(payment)).status))
    expect(seen.toSorted()).toEqual(['captured', 'pending'])
    for (const { payment } of both) await payments.returnStrays(payment)
    expect(await balance()).toBe(10 * SOL - 175_438_597 - 2 * 5_000)
  })

  it('leaves alone what is not worth its fee', async () => {
    const { payments, requested, pay, balance } = await opened()
    const { payment, url } = await requested()
    await pay(url, 5_000)
    const before = await balance()
    await payments.returnStrays(payment)
    expect(await balance()).toBe(before)
  })

  it('leaves alone what an account that is gone could not take', async () => {
    const { shop, payments, requested } = await opened()
    const { payment, url } = await requested()
    const emptied = await shop.funded(900_000)
    await shop.pay(url, emptied, 900_000 - 5_000)
    shop.pass(400)
    await payments.returnStrays(payment)
    expect(await shop.balanceOf(emptied.publicKey.toBase58())).toBe(0)
  })

  it('goes back to who paid, at the rate of then', async () => {
    const { shop, payments, requested, pay, balance } = await opened()
    const { payment, url } = await requested()
    await pay(url)
    const before = await balance()
    await shop.open({ rates: {} }).refund(payment, randomUUID(), 2_000)
    expect((await balance()) - before).toBe(Math.floor((175_438_597 * 2_000) / 2_500))
    expect((await payments.look(payment)).refunded).toBe(2_000)
  })

  it('goes back once, though several processes refund it at the same time', async () => {
    const { shop, requested, pay, balance } = await opened()
    const { payment, url } = await requested()
    await pay(url)
    const before = await balance()
    const refundId = randomUUID()
    const all = [shop.open(), shop.open(), shop.open()].map((one) => one.refund(payment, refundId, 2_500))
    await Promise.all(all)
    expect((await balance()) - before).toBe(175_438_597)
  })

  it('goes back once, though the word of it was lost', async () => {
    const { shop, payments, requested, pay, balance } = await opened()
    const { payment, url } = await requested()
    await pay(url)
    const before = await balance()
    let cuts = 1
    const cut = shop.open({
      rpc: async (url, request) => {
        const answer = await shop.fetch(url, request)
        if (request.body.includes('"sendTransaction"') && cuts-- > 0) throw new TypeError('fetch failed')
        return answer
      },
    })
    const refundId = randomUUID()
    await expect(cut.refund(payment, refundId, 2_500)).rejects.toThrow(Unavailable)
    await payments.refund(payment, refundId, 2_500)
    expect((await balance()) - before).toBe(175_438_597)
  })

  it('is under way until it is back for good', async () => {
    const { shop, payments, requested, pay } = await opened({ finalAfterMs: 10_000 })
    const { payment, url } = await requested()
    await pay(url)
    shop.pass(10_000)
    const refundId = randomUUID()
    await expect(payments.refund(payment, refundId, 2_500)).rejects.toThrow(Unavailable)
    shop.pass(10_400)
    await payments.refund(payment, refundId, 2_500)
  })

  it('is found among all that came in the last day, whoever asks first', async () => {
    const { shop, requested, pay } = await opened()
    const [one, other] = [await requested(), await requested()]
    await pay(one.url)
    await pay(other.url)
    const arrived = await shop.open().arrivals()
    expect(new Set(arrived)).toEqual(new Set([one.payment.paymentId, other.payment.paymentId]))
  })

  it('is awaited for an hour after somebody asked for it, or was seen not to have paid', async () => {
    const { shop, payments, requested } = await opened()
    expect(payments.isAwaiting()).toBe(false)
    const { payment } = await requested()
    expect(payments.isAwaiting()).toBe(true)
    shop.pass(3_600_001)
    expect(payments.isAwaiting()).toBe(false)
    await payments.look(payment)
    expect(payments.isAwaiting()).toBe(true)
  })

  it('says that the chain cannot be asked as any provider does', async () => {
    const { shop, requested } = await opened()
    const { payment } = await requested()
    const away = shop.open({ rpc: async () => Promise.reject(new TypeError('fetch failed')) })
    await expect(away.look(payment)).rejects.toThrow(Unavailable)
  })

  it('pays a seller into a new account where it is enough for one', async () => {
    const { payments, requested, pay } = await opened()
    const { payment, url } = await requested()
    await pay(url)
    const transfer = { transferId: randomUUID(), from: payment, account: seller(), amount: 1 }
    expect(await payments.transferToSeller(transfer)).toEqual({ refused: 'too_little_for_a_new_account' })
    expect(await payments.transferToSeller({ ...transfer, amount: 100 })).toEqual({ reference: expect.any(String) })
  })

  it('is named by an address that tells, under the shop’s key alone, which it is', () => {
    const [ours, theirs] = [references(new Uint8Array(32)), references(new Uint8Array(32).fill(1))]
    const paymentId = randomUUID()
    expect(ours.paymentIn(ours.of(paymentId))).toBe(paymentId)
    expect(ours.paymentIn(theirs.of(paymentId))).toBeUndefined()
    expect(ours.paymentIn(ours.ofAll)).toBeUndefined()
    expect(ours.paymentIn('nonsense')).toBeUndefined()
  })
})
