import bs58 from 'bs58'
import { z } from 'zod'
import { ChainUnavailable } from '../../commands/chain/chain.ts'
import type { PaymentRef, PaymentSeen, Payments, Watched } from '../../commands/payments.ts'
import { Unavailable } from '../../domain/ledger.ts'
import { sum } from '../../domain/money.ts'
import type { SignedTransactions } from '../../domain/vault.ts'
import { publicOf } from '../solana/ed25519.ts'
import { type Fetch, openRpc } from '../solana/rpc.ts'
import { isToMove } from './portion.ts'
import { addressesIn, type History, historyOf, naming, type Received, type Sent } from './solana-pay-history.ts'
import { inSol, lamportsOf, quoteFor, quoteIn, type Rates, referenceText } from './solana-pay-quotes.ts'
import { references } from './solana-pay-references.ts'
import type { Outgoing } from './solana-pay-sending.ts'

export type SolanaPayOptions = {
  /** Of a node, or what answers in its place. */
  readonly rpc: string | Fetch
  /** The seed of the key whose account is paid to, and pays back: 32 bytes. */
  readonly authority: Uint8Array
  /** What the addresses of payments derive from: 32 bytes. */
  readonly key: Uint8Array
  readonly rates: Rates
  readonly signed: Pick<SignedTransactions, 'keep' | 'of'>
  readonly now: () => string
  /** Micro-lamports for each compute unit, on top of the fee. */
  readonly priorityFee?: number | undefined
}

export const SOLANA_PAY = 'solana-pay'

/** So long after somebody was asked to pay, or was seen not to have paid yet, a payment may come any moment. */
const AWAITED_MS = 3_600_000

/** How far back the first look for arrivals goes. */
const LOOKS_BACK_MS = 86_400_000

/** What returning money costs. What is not worth it stays, and what an account that is gone could not take. */
const FEE = 5_000n

/**
 * Payments in SOL by transfer requests (https://docs.solanapay.com/spec), to the authority's own account. The client secret is the
 * request, a URL for a wallet; the reference holds what was quoted. The chain is all that is asked, and nothing can be authorised: one
 * transaction of at least the amount is the payment, captured once it is final. So a void cannot keep anybody from paying; what comes
 * after it is seen, and goes back (`returnLate`). Whatever is no payment goes back to its sender, less the fee.
 */
export const solanaPay = (options: SolanaPayOptions): Payments & Watched => {
  const { rates, now, authority, signed, priorityFee = 0 } = options
  const rpc = openRpc(options.rpc)
  const till = bs58.encode(publicOf(authority))
  const refs = references(options.key)
  let awaitedUntil = 0
  let newest: string | undefined

  const awaiting = () => {
    awaitedUntil = Date.parse(now()) + AWAITED_MS
  }

  const urlOf = (paymentId: string, lamports: bigint): string => {
    const query = [`amount=${inSol(lamports)}`, `reference=${refs.of(paymentId)}`, `reference=${refs.ofAll}`]
    return `solana:${till}?${query.join('&')}&label=Counterfoil`
  }

  const bookOf = async ({ paymentId, reference }: PaymentRef): Promise<Book> =>
    reference === null ? NOTHING : bookIn(await historyOf(rpc, till, refs, paymentId), reference)

  /** Web3.js is loaded with the first money that is sent. */
  const send = async (paymentId: string, outgoing: Omit<Outgoing, 'reference'>): Promise<string> => {
    const { sendOnce } = await import('./solana-pay-sending.ts')
    return sendOnce({ rpc, authority, signed, priorityFee }, { ...outgoing, reference: refs.of(paymentId) })
  }

  const payments: Payments = {
    provider: SOLANA_PAY,
    signatureHeader: 'solana-pay-signature',

    request: async ({ paymentId, reference, amount }) => {
      const quote = reference === null ? quoteFor(amount, rates) : quoteIn(reference)
      if (quote.amount !== amount.amount)
        throw new Error(`payment ${paymentId} was requested with another amount before`)
      awaiting()
      return {
        reference: referenceText(refs.of(paymentId), quote),
        clientSecret: urlOf(paymentId, quote.lamports),
      }
    },

    look: async (payment) => {
      const { paid, refunds } = await bookOf(payment)
      const status = payment.reference === null ? 'unknown' : paid ? 'captured' : 'pending'
      if (status === 'pending') awaiting()
      return { status, disputes: [], refunded: sumOf(refunds) } satisfies PaymentSeen
    },

    capture: async (payment) => ((await bookOf(payment)).paid ? 'captured' : 'refused'),

    void: async (payment) => ((await bookOf(payment)).paid ? 'captured' : 'voided'),

    refund: async (payment, refundId, amount) => {
      const { paymentId, reference } = payment
      const { paid, refunds, total } = await bookOf(payment)
      const before = refunds.find(({ id }) => id === refundId)?.amount
      const left = paid ? total - sumOf(refunds) : 0
      if (!isToMove({ what: `refund ${refundId}`, from: `payment ${paymentId}`, amount, before, left })) return
      const lamports = lamportsOf(amount, quoteIn(reference!))
      await send(paymentId, { purpose: 'refund', id: refundId, amount, to: paid!.from, lamports })
    },

    transferToSeller: async ({ transferId, from, account, amount }) => {
      const { paymentId, reference } = from
      const { paid, transfers, total } = await bookOf(from)
      const before = transfers.find(({ id }) => id === transferId)
      const left = paid ? total - sumOf(transfers) : 0
      const portion = { what: `transfer ${transferId}`, from: `payment ${paymentId}`, amount, left }
      if (!isToMove({ ...portion, before: before?.amount })) return { reference: before!.signature }
      if (bs58.decodeUnsafe(account)?.length !== 32) return { refused: 'no_address' }
      const lamports = lamportsOf(amount, quoteIn(reference!))
      if (await wouldBeGone(account, lamports)) return { refused: 'too_little_for_a_new_account' }
      return {
        reference: await send(paymentId, { purpose: 'transfer', id: transferId, amount, to: account, lamports }),
      }
    },

    /** Nobody can take SOL back. */
    reverseTransfer: async ({ transferId, reference }) => {
      if (reference === null) throw new Error(`transfer ${transferId} was never paid`)
      return 'refused'
    },

    receive: async () => undefined,
  }

  /** An account that has less than its rent is not taken into a block. */
  const wouldBeGone = async (address: string, lamports: bigint): Promise<boolean> => {
    const commitment = { commitment: 'confirmed' }
    const rent = await rpc.ask('tell its rent', 'getMinimumBalanceForRentExemption', [0, commitment], z.int())
    const { value } = await rpc.ask('tell a balance', 'getBalance', [address, commitment], Balance)
    return BigInt(value) + lamports < BigInt(rent)
  }

  const watched: Watched = {
    isAwaiting: () => Date.parse(now()) < awaitedUntil,
    arrivals: async () => {
      const since = newest ? 0 : Math.floor((Date.parse(now()) - LOOKS_BACK_MS) / 1_000)
      const found = await naming(rpc, refs.ofAll, { commitment: 'finalized', until: newest, since })
      const arrived = new Set<string>()
      for (const { signature } of found)
        for (const address of await addressesIn(rpc, signature)) {
          const paymentId = refs.paymentIn(address)
          if (paymentId) arrived.add(paymentId)
        }
      newest = found[0]?.signature ?? newest
      return [...arrived]
    },
    returnStrays: async (payment) => {
      const { paymentId, reference } = payment
      const history = await historyOf(rpc, till, refs, paymentId)
      for (const { signature, from, lamports } of straysIn(history, reference)) {
        const isBack = history.sent.some(({ purpose, id }) => purpose === 'return' && id === signature)
        const back = lamports - FEE
        if (isBack || back <= 0n || (await wouldBeGone(from, back))) continue
        await send(paymentId, { purpose: 'return', id: signature, amount: 0, to: from, lamports: back })
      }
    },
  }

  return passing({ ...payments, ...watched })
}

/** What there is of one payment. */
type Book = {
  readonly paid: Received | undefined
  /** Minor units. */
  readonly total: number
  readonly refunds: readonly Sent[]
  readonly transfers: readonly Sent[]
}

const NOTHING: Book = { paid: undefined, total: 0, refunds: [], transfers: [] }

const bookIn = (history: History, reference: string): Book => ({
  paid: paymentIn(history, reference),
  total: quoteIn(reference).amount,
  refunds: history.sent.filter(({ purpose }) => purpose === 'refund'),
  transfers: history.sent.filter(({ purpose }) => purpose === 'transfer'),
})

/** The first that is enough by itself. */
const paymentIn = ({ received }: History, reference: string): Received | undefined =>
  received.find(({ lamports }) => lamports >= quoteIn(reference).lamports)

/** All that came but the payment, and what of that is too much. */
const straysIn = (history: History, reference: string | null): readonly Received[] => {
  const paid = reference === null ? undefined : paymentIn(history, reference)
  return history.received.map((one) =>
    one === paid ? { ...one, lamports: one.lamports - quoteIn(reference!).lamports } : one,
  )
}

const sumOf = (some: readonly Sent[]): number => sum(some.map(({ amount }) => amount))

const Balance = z.object({ value: z.int() })

/** To who asks, a chain that does not answer is a provider that does not. */
const passing = <T extends object>(calls: T): T =>
  Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [
      name,
      typeof call !== 'function' || name === 'isAwaiting'
        ? call
        : async (...args: unknown[]) => {
            try {
              return await call(...args)
            } catch (error) {
              if (error instanceof ChainUnavailable) throw new Unavailable(error.message, { cause: error })
              throw error
            }
          },
    ]),
  ) as T
