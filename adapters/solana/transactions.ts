import {
  ComputeBudgetProgram,
  type PublicKey,
  type TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js'
import bs58 from 'bs58'
import type { SignedTransaction } from '../../domain/vault.ts'
import { addressOf } from './address.ts'
import { ed25519 } from './ed25519.ts'

/** Who signs a transaction. */
export type Signer = { readonly address: PublicKey; readonly sign: (message: Uint8Array) => Uint8Array }

/** From the seed of its key, 32 bytes. */
export const signer = (seed: Uint8Array): Signer => {
  const { publicHalf, sign } = ed25519(seed)
  return { address: addressOf(publicHalf), sign }
}

/** What something takes, as measured; a test holds it. */
export type Cost = {
  /** Compute units on average: finding an address takes 1,500 a try, and some take many. */
  readonly units: number
  /** Instructions, with those of the programs that it calls. */
  readonly calls: number
}

/** One thing that a transaction does. */
export type Part = {
  /** What it brings to the chain. */
  readonly id: string
  readonly instruction: TransactionInstruction
  readonly cost: Cost
  /** Who signs besides the authority. */
  readonly signers: readonly Signer[]
}

/** What `getLatestBlockhash` answers. */
export type Blockhash = { readonly blockhash: string; readonly lastValidBlockHeight: number }

/** Of one transaction: https://solana.com/docs/core/transactions, and for the calls, `MAX_INSTRUCTION_TRACE_LENGTH` of Agave. */
const MAX_BYTES = 1_232
const MAX_CALLS = 64

/** https://solana.com/docs/core/fees. */
export const LAMPORTS_PER_SIGNATURE = 5_000

/** What setting limit and price takes, and room for those whose addresses are found late: 60 tries more than the average. */
const BESIDES: Cost = { units: 90_000 + 300, calls: 2 }

/** As many parts to a transaction as fit, in their order. */
export const packed = (parts: readonly Part[], authority: Signer): Part[][] => {
  const packs: Part[][] = []
  let bulk = bulkOf(authority)
  for (const part of parts) {
    const pack = packs.at(-1)
    if (pack && bulk.take(part)) pack.push(part)
    else {
      packs.push([part])
      bulk = bulkOf(authority)
      bulk.take(part)
    }
  }
  return packs
}

/** How big a transaction becomes, as a message of version 0 without lookup tables is laid out. */
const bulkOf = (authority: Signer) => {
  const keys = new Set([nameOf(authority.address), nameOf(ComputeBudgetProgram.programId)])
  const signers = new Set([nameOf(authority.address)])
  // Version, header, blockhash, four lengths, and both limits.
  let rest = 1 + 3 + 32 + 4 + (3 + 5) + (3 + 9)
  let { calls } = BESIDES

  return {
    /** False, and nothing is taken, where it does not fit any more. */
    take: ({ instruction, signers: signing, cost }: Part): boolean => {
      const named = [instruction.programId, ...instruction.keys.map(({ pubkey }) => pubkey)].map(nameOf)
      const allKeys = new Set([...keys, ...named])
      const allSigners = new Set([...signers, ...signing.map(({ address }) => nameOf(address))])
      const { data } = instruction
      const bytes = 1 + 1 + instruction.keys.length + (data.length < 128 ? 1 : 2) + data.length
      const size = 32 * allKeys.size + 64 * allSigners.size + rest + bytes
      if (size > MAX_BYTES || calls + cost.calls > MAX_CALLS) return false
      for (const name of allKeys) keys.add(name)
      for (const name of allSigners) signers.add(name)
      rest += bytes
      calls += cost.calls
      return true
    },
  }
}

const nameOf = (key: PublicKey): string => key.toBuffer().toString('latin1')

/** `price`: micro-lamports for each compute unit, on top of the fee. */
export const signed = (
  pack: readonly Part[],
  authority: Signer,
  { blockhash, lastValidBlockHeight }: Blockhash,
  price: number,
): SignedTransaction => {
  const units = pack.reduce((sum, part) => sum + part.cost.units, BESIDES.units)
  const message = new TransactionMessage({
    payerKey: authority.address,
    recentBlockhash: blockhash,
    instructions: [
      ComputeBudgetProgram.setComputeUnitLimit({ units }),
      ...(price > 0 ? [ComputeBudgetProgram.setComputeUnitPrice({ microLamports: price })] : []),
      ...pack.map(({ instruction }) => instruction),
    ],
  }).compileToV0Message()
  const transaction = new VersionedTransaction(message)
  const bytes = message.serialize()
  for (const signer of new Set([authority, ...pack.flatMap(({ signers }) => signers)]))
    transaction.addSignature(signer.address, signer.sign(bytes))
  return {
    signature: bs58.encode(transaction.signatures[0]!),
    bytes: Buffer.from(transaction.serialize()).toString('base64'),
    lastValidBlockHeight,
    ids: pack.map(({ id }) => id),
  }
}
