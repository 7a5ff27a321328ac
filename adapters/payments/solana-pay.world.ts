import { randomBytes, randomUUID } from 'node:crypto'
import { Keypair, PublicKey, SystemProgram, Transaction } from '@solana/web3.js'
import { z } from 'zod'
import type { SignedTransaction } from '../../domain/vault.ts'
import { embeddedWorld } from '../solana/embedded.world.ts'
import { type Fetch, openRpc } from '../solana/rpc.ts'
import { type SolanaPayOptions, solanaPay } from './solana-pay.ts'

export const SOL = 1_000_000_000

const Blockhash = z.object({ value: z.object({ blockhash: z.string() }) })
const Balance = z.object({ value: z.int() })

/** An application with a wallet, before a chain. */
export const walletsOn = (node: Fetch) => {
  const rpc = openRpc(node)
  const balanceOf = async (address: string) => (await rpc.ask('tell', 'getBalance', [address], Balance)).value

  /** With money in it. */
  const funded = async (lamports = 10 * SOL): Promise<Keypair> => {
    const wallet = Keypair.generate()
    await rpc.ask('fund', 'requestAirdrop', [wallet.publicKey.toBase58(), lamports], z.string())
    return wallet
  }

  /** Pays what a transfer request asks for, or another amount. */
  const pay = async (url: string, wallet: Keypair, lamports?: number): Promise<string> => {
    const { pathname, searchParams: asked } = new URL(url)
    const { blockhash } = (await rpc.ask('tell', 'getLatestBlockhash', [], Blockhash)).value
    const transfer = SystemProgram.transfer({
      fromPubkey: wallet.publicKey,
      toPubkey: new PublicKey(pathname),
      lamports: lamports ?? Math.round(Number(asked.get('amount')) * SOL),
    })
    for (const reference of asked.getAll('reference'))
      transfer.keys.push({ pubkey: new PublicKey(reference), isSigner: false, isWritable: false })
    const transaction = new Transaction({ feePayer: wallet.publicKey, recentBlockhash: blockhash }).add(transfer)
    transaction.sign(wallet)
    const bytes = transaction.serialize().toString('base64')
    return rpc.ask('pay', 'sendTransaction', [bytes, { encoding: 'base64' }], z.string())
  }

  return { rpc, balanceOf, funded, pay }
}

/** As the vault keeps them. */
export const signedInMemory = (): SolanaPayOptions['signed'] => {
  const kept = new Map<string, SignedTransaction>()
  return {
    keep: async (transactions) => {
      for (const one of transactions) if (!kept.has(one.signature)) kept.set(one.signature, one)
    },
    of: async (ids) => [...kept.values()].filter((one) => one.ids.some((id) => ids.includes(id))),
  }
}

/** A shop on an embedded chain, which may be opened again. */
export const shopWorld = async ({ finalAfterMs = 0 } = {}) => {
  let passed = 0
  const now = () => new Date(Date.now() + passed).toISOString()
  const chain = await embeddedWorld({ now, finalAfterMs })
  const options: SolanaPayOptions = {
    rpc: chain.fetch,
    authority: chain.authority,
    key: randomBytes(32),
    rates: { EUR: '142.50', JPY: '25000' },
    signed: signedInMemory(),
    now,
  }
  return {
    options,
    open: (differing: Partial<SolanaPayOptions> = {}) => solanaPay({ ...options, ...differing }),
    ...walletsOn(chain.fetch),
    fetch: chain.fetch,
    pass: (ms: number) => {
      passed += ms
    },
    close: chain.close,
  }
}

export const newPayment = (amount = 5_000, currency = 'EUR') => ({
  ...{ paymentId: randomUUID(), orderId: randomUUID(), tenant: 'acme', reference: null },
  amount: { amount, currency },
})
