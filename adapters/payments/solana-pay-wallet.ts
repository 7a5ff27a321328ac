import { createHmac } from 'node:crypto'
import { Keypair, PublicKey, SystemProgram, Transaction } from '@solana/web3.js'
import { z } from 'zod'
import type { CryptoDesk, Payments } from '../../commands/payments.ts'
import { type Fetch, openRpc, type Rpc } from '../solana/rpc.ts'
import { naming } from './solana-pay-history.ts'

type Options = {
  /** The embedded chain, where money costs nothing. */
  readonly rpc: Fetch
  /** What the wallets derive from: 32 bytes. */
  readonly key: Uint8Array
  readonly payments: Payments
}

const Blockhash = z.object({ value: z.object({ blockhash: z.string() }) })

/** In lamports, on top of what is to pay: for the fee, and so that the wallet is there for what may go back. */
const SPARE = 10_000_000

/** A payer on the embedded chain for whoever has no wallet: each entry pays out of one of its own, which is filled for it. */
export const throwAwayWallets = ({ rpc: node, key, payments }: Options): CryptoDesk => {
  const rpc = openRpc(node)
  return {
    confirm: async (payment, clientSecret, entryId) => {
      if ((await payments.request(payment)).clientSecret !== clientSecret) return 'wrong_secret'
      const wallet = Keypair.fromSeed(createHmac('sha256', key).update(`wallet/${entryId}`).digest())
      const { pathname, searchParams } = new URL(clientSecret)
      const [reference] = searchParams.getAll('reference')
      const [paid, own] = await Promise.all([of(rpc, reference!), of(rpc, wallet.publicKey.toBase58())])
      if (paid.some((signature) => own.includes(signature))) return 'accepted'
      if (paid.length > 0) return 'already_done'
      const lamports = Math.round(Number(searchParams.get('amount')) * 1e9)
      await rpc.ask('fill a wallet', 'requestAirdrop', [wallet.publicKey.toBase58(), lamports + SPARE], z.string())
      const transfer = SystemProgram.transfer({
        ...{ fromPubkey: wallet.publicKey, toPubkey: new PublicKey(pathname), lamports },
      })
      for (const address of searchParams.getAll('reference'))
        transfer.keys.push({ pubkey: new PublicKey(address), isSigner: false, isWritable: false })
      const { blockhash } = (await rpc.ask('tell its newest block', 'getLatestBlockhash', [], Blockhash)).value
      const transaction = new Transaction({ feePayer: wallet.publicKey, recentBlockhash: blockhash }).add(transfer)
      transaction.sign(wallet)
      const bytes = transaction.serialize().toString('base64')
      await rpc.ask('take a payment', 'sendTransaction', [bytes, { encoding: 'base64' }], z.string())
      return 'accepted'
    },
  }
}

const of = async (rpc: Rpc, address: string): Promise<string[]> =>
  (await naming(rpc, address, { commitment: 'confirmed' })).map(({ signature }) => signature)
