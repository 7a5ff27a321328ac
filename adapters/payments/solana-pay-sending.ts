import { SystemProgram, TransactionInstruction, VersionedTransaction } from '@solana/web3.js'
import bs58 from 'bs58'
import { z } from 'zod'
import { Unavailable } from '../../domain/ledger.ts'
import type { SignedTransaction, SignedTransactions } from '../../domain/vault.ts'
import { addressOf } from '../solana/address.ts'
import { outcomesOf } from '../solana/outcomes.ts'
import type { Rpc } from '../solana/rpc.ts'
import { type Part, signed as sign, signer } from '../solana/transactions.ts'
import { MEMO_PROGRAM, memoFor, type Sent } from './solana-pay-history.ts'

export type SendOptions = {
  readonly rpc: Rpc
  /** The seed of the key that pays. */
  readonly authority: Uint8Array
  readonly signed: Pick<SignedTransactions, 'keep' | 'of'>
  /** Micro-lamports for each compute unit, on top of the fee. */
  readonly priorityFee: number
}

export type Outgoing = Omit<Sent, 'signature'> & {
  readonly to: string
  readonly lamports: bigint
  /** The payment's own address, so that this is found with it. */
  readonly reference: string
}

const Blockhash = z.object({ value: z.object({ blockhash: z.string(), lastValidBlockHeight: z.int() }) })

/** In compute units, with room. */
const UNITS = { transfer: 1_000, memo: 60_000 }

/**
 * Sends money once for each purpose and id, whoever asks and how often: what was signed first is kept in the vault under a name that
 * only one can take, for good, and only that is ever sent until it has expired or failed; then the next may be signed. Answers with the
 * signature once it is final; before, it throws Unavailable.
 */
export const sendOnce = async (options: SendOptions, outgoing: Outgoing): Promise<string> => {
  const { purpose, id } = outgoing
  const claim = `${purpose}/${id}`
  for (let attempt = 1; ; attempt++) {
    const name = `${claim}/${attempt}`
    const find = async () => (await options.signed.of([claim])).find(({ signature }) => signature === name)
    const before = await find()
    if (!before) await options.signed.keep([{ ...(await signedFor(options, outgoing)), signature: name, ids: [claim] }])
    const kept = before ?? (await find())!
    const outcome = await carry(options.rpc, kept)
    if (outcome === 'final') return signatureOf(kept)
    if (outcome === 'underway') throw new Unavailable(`${claim} is under way: look again`)
    if (typeof outcome === 'object' && !before) throw new Error(`${claim} was refused by the chain: ${outcome.failed}`)
  }
}

const signedFor = async ({ rpc, authority, priorityFee }: SendOptions, outgoing: Outgoing) => {
  const { to, lamports, reference } = outgoing
  const payer = signer(authority)
  const wish = 'tell its newest block'
  const { value } = await rpc.ask(wish, 'getLatestBlockhash', [{ commitment: 'confirmed' }], Blockhash)
  const transfer = SystemProgram.transfer({ fromPubkey: payer.address, toPubkey: addressOf(to), lamports })
  transfer.keys.push({ pubkey: addressOf(reference), isSigner: false, isWritable: false })
  const memo = new TransactionInstruction({
    programId: addressOf(MEMO_PROGRAM),
    keys: [],
    data: Buffer.from(memoFor(outgoing)),
  })
  const part = (instruction: TransactionInstruction, units: number): Part => ({
    ...{ id: outgoing.id, instruction, signers: [] },
    cost: { units, calls: 1 },
  })
  return sign([part(transfer, UNITS.transfer), part(memo, UNITS.memo)], payer, value, priorityFee)
}

type Outcome = Awaited<ReturnType<typeof outcomesOf>>['outcomes'][number]

/** Sends it where nobody has seen it, and looks again. */
const carry = async (rpc: Rpc, kept: SignedTransaction): Promise<Exclude<Outcome, 'unknown'> | 'expired'> => {
  const look = async () => {
    const { outcomes, height } = await outcomesOf(rpc, [signatureOf(kept)])
    const outcome = outcomes[0]!
    if (outcome !== 'unknown') return outcome
    return height > kept.lastValidBlockHeight ? 'expired' : 'unknown'
  }
  const first = await look()
  if (first !== 'unknown') return first
  await send(rpc, kept)
  const second = await look()
  return second === 'unknown' ? 'underway' : second
}

/** Tried out by the node first: it says what is in the way, and nothing is paid for it. */
const send = async (rpc: Rpc, { bytes }: SignedTransaction): Promise<void> => {
  const options = { encoding: 'base64', preflightCommitment: 'confirmed' }
  await rpc.ask('send money', 'sendTransaction', [bytes, options], z.string()).catch((error: Error) => {
    if (SETTLED.test(error.message)) return
    // Not a line that was cut, which will pass: somebody has to know.
    throw REFUSED.test(error.message) ? new Error(error.message) : error
  })
}

const SETTLED = /already been processed|Blockhash not found/
const REFUSED = /simulation failed/i

const signatureOf = ({ bytes }: SignedTransaction): string =>
  bs58.encode(VersionedTransaction.deserialize(Buffer.from(bytes, 'base64')).signatures[0]!)
