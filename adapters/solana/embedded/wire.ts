import { VersionedTransaction } from '@solana/web3.js'
import bs58 from 'bs58'
import { invalidParams } from './errors.ts'

/** A transaction as it was sent. */
export type Wire = {
  readonly bytes: Uint8Array
  readonly signature: Uint8Array
  readonly transaction: VersionedTransaction
  readonly keys: readonly { readonly address: Uint8Array; readonly isWritable: boolean }[]
}

/** What fits one packet (PACKET_DATA_SIZE of Agave). */
const MAX_BYTES = 1232

/** Refuses what is no transaction, or not written in the one way there is. */
export const wireOf = (encoded: string, encoding: 'base58' | 'base64' = 'base58'): Wire => {
  const bytes = encoding === 'base64' ? Buffer.from(encoded, 'base64') : bs58.decodeUnsafe(encoded)
  if (!bytes) throw invalidParams('the transaction is not base58')
  if (bytes.length > MAX_BYTES)
    throw invalidParams(`the transaction has ${bytes.length} bytes, of ${MAX_BYTES} at most`)
  const transaction = decoded(bytes)
  // The engine aborts the process over bytes that it cannot read itself.
  if (!transaction || !Buffer.from(bytes).equals(encodedAgain(transaction)))
    throw invalidParams('failed to deserialize the transaction')
  return readWire(bytes, transaction)
}

/** Of bytes that were taken before. */
export const keptWire = (bytes: Uint8Array): Wire => readWire(bytes, VersionedTransaction.deserialize(bytes))

const readWire = (bytes: Uint8Array, transaction: VersionedTransaction): Wire => ({
  bytes,
  signature: transaction.signatures[0]!,
  transaction,
  // Without what address lookup tables would add: the engine knows none, and says so.
  keys: transaction.message.staticAccountKeys.map((key, index) => ({
    address: key.toBytes(),
    isWritable: transaction.message.isAccountWritable(index),
  })),
})

const decoded = (bytes: Uint8Array): VersionedTransaction | undefined => {
  try {
    return VersionedTransaction.deserialize(bytes)
  } catch {
    return undefined
  }
}

const encodedAgain = (transaction: VersionedTransaction): Uint8Array => {
  try {
    return transaction.serialize()
  } catch {
    return new Uint8Array()
  }
}
