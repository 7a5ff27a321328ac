import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Connection,
  Keypair,
  type PublicKey,
  type SendOptions,
  SystemProgram,
  Transaction,
  type TransactionInstruction,
} from '@solana/web3.js'
import { onTestFinished } from 'vitest'
import { type EmbeddedChain, embeddedChain, type Options } from './chain.ts'

export const SOL = 1_000_000_000
/** Of one signature, in lamports. */
export const FEE = 5_000
export const BLOCK_MS = 400

export type World = {
  readonly chain: EmbeddedChain
  /** As an application has it. */
  readonly connection: Connection
  /** The answer to a request, whatever it is. */
  readonly ask: (method: string, ...params: readonly unknown[]) => Answer
}

type Answer = { readonly result?: never; readonly error?: { readonly code: number; readonly message: string } }

/** Moves on only when told. */
export const stoppedClock = () => {
  let at = Date.parse('2030-06-01T12:00:00.000Z')
  return {
    now: () => new Date(at).toISOString(),
    pass: (ms: number) => {
      at += ms
    },
  }
}

export const opened = (options: Partial<Options> = {}): World => {
  const chain = embeddedChain({ path: ':memory:', programs: [], now: () => new Date().toISOString(), ...options })
  onTestFinished(chain.close)
  return {
    chain,
    connection: new Connection('http://embedded.invalid', { fetch: chain.fetch, commitment: 'confirmed' }),
    ask: (method, ...params) => JSON.parse(chain.rpc(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))),
  }
}

export const freshPath = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'chain-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, 'chain.db')
}

export const funded = async ({ connection }: World, lamports = 10 * SOL): Promise<Keypair> => {
  const keypair = Keypair.generate()
  await connection.requestAirdrop(keypair.publicKey, lamports)
  return keypair
}

/** Signed by all; the first pays. */
export const signed = async (
  { connection }: World,
  instructions: readonly TransactionInstruction[],
  signers: readonly Keypair[],
): Promise<Buffer> => {
  const { blockhash } = await connection.getLatestBlockhash()
  const transaction = new Transaction({ feePayer: signers[0]!.publicKey, recentBlockhash: blockhash })
  transaction.add(...instructions).sign(...signers)
  return transaction.serialize()
}

export const send = async (
  world: World,
  instructions: readonly TransactionInstruction[],
  signers: readonly Keypair[],
  options: SendOptions = {},
): Promise<string> => world.connection.sendRawTransaction(await signed(world, instructions, signers), options)

export const transfer = (from: Keypair, to: PublicKey, lamports: number): TransactionInstruction =>
  SystemProgram.transfer({ fromPubkey: from.publicKey, toPubkey: to, lamports })

/** Nobody has been there. */
export const someone = (): PublicKey => Keypair.generate().publicKey
