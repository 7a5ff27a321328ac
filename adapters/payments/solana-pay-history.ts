import bs58 from 'bs58'
import { z } from 'zod'
import { Unavailable } from '../../domain/ledger.ts'
import type { Rpc } from '../solana/rpc.ts'
import type { References } from './solana-pay-references.ts'

/** Money that somebody sent. */
export type Received = { readonly signature: string; readonly from: string; readonly lamports: bigint }

/** What we send money for; `return` is of what was no payment. */
export type Purpose = 'refund' | 'transfer' | 'return'

/** Money that we sent: for what, under which id, and how many minor units of the payment it was. */
export type Sent = {
  readonly signature: string
  readonly purpose: Purpose
  readonly id: string
  readonly amount: number
}

/** All that the chain has of one payment, the oldest first. What came counts once it is final; what we sent, once it is confirmed. */
export type History = { readonly received: readonly Received[]; readonly sent: readonly Sent[] }

/** https://spl.solana.com/memo */
export const MEMO_PROGRAM = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'

/** As many as nodes answer with. */
const PAGE = 1_000

const Found = z.array(
  z.object({
    signature: z.string(),
    err: z.unknown(),
    blockTime: z.number().nullish(),
    confirmationStatus: z.string().nullish(),
  }),
)
export type Found = z.output<typeof Found>[number]

const Addresses = z.array(z.string())
const Seen = z.object({
  meta: z.object({
    preBalances: z.array(z.int()),
    postBalances: z.array(z.int()),
    loadedAddresses: z.object({ writable: Addresses, readonly: Addresses }).nullish(),
  }),
  transaction: z.object({
    message: z.object({
      accountKeys: Addresses,
      instructions: z.array(z.object({ programIdIndex: z.int(), data: z.string() })),
    }),
  }),
})
type Seen = z.output<typeof Seen>

type Asked = {
  readonly commitment: 'confirmed' | 'finalized'
  /** Those after it. */
  readonly until?: string | undefined
  /** In seconds since 1970: those that are not older. */
  readonly since?: number
}

/** The transactions that name an address and did what they were to do, the newest first. */
export const naming = async (rpc: Rpc, address: string, { commitment, until, since = 0 }: Asked): Promise<Found[]> => {
  const found: Found[] = []
  for (let before: string | undefined; ; ) {
    const options = { commitment, limit: PAGE, ...(until && { until }), ...(before && { before }) }
    const page = await rpc.ask('tell of payments', 'getSignaturesForAddress', [address, options], Found)
    found.push(...page.filter(({ err, blockTime }) => err == null && (blockTime ?? since) >= since))
    const oldest = page.at(-1)
    if (page.length < PAGE || (oldest?.blockTime ?? since) < since) return found
    before = oldest!.signature
  }
}

/** All addresses that a transaction names, in their order. */
const keysOf = ({ meta, transaction }: Seen): readonly string[] => [
  ...transaction.message.accountKeys,
  ...(meta.loadedAddresses?.writable ?? []),
  ...(meta.loadedAddresses?.readonly ?? []),
]

const transactionOf = async (rpc: Rpc, signature: string): Promise<Seen> => {
  const options = { encoding: 'json', commitment: 'confirmed', maxSupportedTransactionVersion: 0 }
  const seen = await rpc.ask('show a payment', 'getTransaction', [signature, options], Seen.nullable())
  if (!seen) throw new Unavailable(`the node does not show transaction ${signature} yet: look again`)
  return seen
}

export const addressesIn = async (rpc: Rpc, signature: string): Promise<readonly string[]> =>
  keysOf(await transactionOf(rpc, signature))

/**
 * `till`: our own address, where money comes to and is sent from. Money that names several payments came for the first of them alone,
 * or one transaction would pay for all.
 */
export const historyOf = async (
  rpc: Rpc,
  till: string,
  { of, paymentIn }: Pick<References, 'of' | 'paymentIn'>,
  paymentId: string,
): Promise<History> => {
  const address = of(paymentId)
  const received: Received[] = []
  const sent: Sent[] = []
  for (const { signature, confirmationStatus } of (await naming(rpc, address, { commitment: 'confirmed' })).reverse()) {
    const seen = await transactionOf(rpc, signature)
    const keys = keysOf(seen)
    if (keys[0] === till) sent.push(...memosIn(seen).map((memo) => ({ signature, ...memo })))
    else if (confirmationStatus === 'finalized' && keys.find(paymentIn) === address)
      received.push(...receivedIn(seen, keys.indexOf(till), signature))
  }
  return { received, sent }
}

const receivedIn = (seen: Seen, tillAt: number, signature: string): Received[] => {
  const { preBalances: before, postBalances: after } = seen.meta
  const gains = after.map((lamports, i) => lamports - before[i]!)
  const lamports = gains[tillAt] ?? 0
  if (lamports <= 0) return []
  // Who pays the fee may be somebody else: it came from who has least since.
  const from = keysOf(seen)[gains.indexOf(Math.min(...gains))]!
  return [{ signature, from, lamports: BigInt(lamports) }]
}

export const memoFor = ({ purpose, id, amount }: Omit<Sent, 'signature'>): string =>
  `counterfoil ${purpose} ${id} ${amount}`

const memosIn = ({ transaction: { message } }: Seen) =>
  message.instructions.flatMap(({ programIdIndex, data }) => {
    if (message.accountKeys[programIdIndex] !== MEMO_PROGRAM) return []
    const text = Buffer.from(bs58.decodeUnsafe(data) ?? []).toString()
    const [, purpose, id, amount] = /^counterfoil (refund|transfer|return) (\S+) (\d+)$/.exec(text) ?? []
    return purpose ? [{ purpose: purpose as Purpose, id: id!, amount: Number(amount) }] : []
  })
