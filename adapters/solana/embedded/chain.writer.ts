import { Keypair, PublicKey, SystemProgram, Transaction } from '@solana/web3.js'
import { embeddedChain } from './chain.ts'

// As another process on the same file: pays somebody new, again and again and several at once, and says whom once that is answered.
const [path, secret, times, lamports] = process.argv.slice(2)
const payer = Keypair.fromSeed(Buffer.from(secret!, 'hex'))
const chain = embeddedChain({ path: path!, programs: [], now: () => new Date().toISOString() })

/** So that some are carried out together. */
const AT_ONCE = 5

const call = async (method: string, ...params: readonly unknown[]) => {
  const response = await chain.fetch('', { body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) })
  const { result, error } = JSON.parse(await response.text())
  if (error) throw new Error(error.message)
  return result
}

const pay = async () => {
  const { blockhash } = (await call('getLatestBlockhash')).value
  const to = new PublicKey(crypto.getRandomValues(new Uint8Array(32)))
  const transaction = new Transaction({ feePayer: payer.publicKey, recentBlockhash: blockhash })
  transaction.add(SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey: to, lamports: Number(lamports) }))
  transaction.sign(payer)
  const signature = await call('sendTransaction', transaction.serialize().toString('base64'), { encoding: 'base64' })
  // A pipe is written to before this returns, so a kill takes no word back.
  process.stdout.write(`${signature} ${to.toBase58()}\n`)
}

for (let left = Number(times); left > 0; left -= AT_ONCE)
  await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, pay))
