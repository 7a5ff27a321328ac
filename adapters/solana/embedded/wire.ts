import bs58 from 'bs58'
import { invalidParams } from './errors.ts'

/** A transaction as it was sent. */
export type Wire = {
  readonly bytes: Uint8Array
  readonly signature: Uint8Array
  readonly blockhash: Uint8Array
  /** Without what address lookup tables would add: the engine knows none, and says so. */
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
  // The engine aborts the process over bytes that it cannot read itself.
  const wire = read(bytes)
  if (!wire) throw invalidParams('failed to deserialize the transaction')
  return wire
}

/** The bit that tells a version from a number of signers, with the one version that there is: 0. */
const VERSION_0 = 0x80

/**
 * https://solana.com/docs/core/transactions/transaction-structure. Not by web3.js, which takes longer than all else that is done
 * around a transaction.
 */
const read = (bytes: Uint8Array): Wire | undefined => {
  let at = 0
  let isCut = false
  const take = (length: number): Uint8Array => {
    isCut ||= at + length > bytes.length
    at += length
    return bytes.subarray(at - length, at)
  }
  const byte = (): number => take(1)[0] ?? 0
  /** Seven bits to a byte, the lowest first, in as few as will do; of 16 bits. */
  const length = (): number => {
    let sum = 0
    for (let shift = 0; shift < 21; shift += 7) {
      const bits = byte()
      sum |= (bits & 0x7f) << shift
      isCut ||= (bits === 0 && shift > 0) || sum > 0xffff
      if (bits < 0x80) return sum
    }
    isCut = true
    return 0
  }
  const list = <T>(one: () => T): T[] => {
    const all: T[] = []
    for (let left = length(); left > 0 && !isCut; left--) all.push(one())
    return all
  }
  const counted = () => take(length())

  const signatures = list(() => take(64))
  const isVersioned = (bytes[at] ?? 0) >= VERSION_0
  if (isVersioned && byte() !== VERSION_0) return undefined
  const [signers, readonlySigners, readonlyOthers] = [byte(), byte(), byte()]
  const addresses = list(() => take(32))
  const blockhash = take(32)
  list(() => [byte(), counted(), counted()])
  if (isVersioned) list(() => [take(32), counted(), counted()])
  if (isCut || at !== bytes.length || signatures.length === 0 || addresses.length === 0) return undefined
  const isWritable = (i: number) =>
    i < signers ? i < signers - readonlySigners : i < addresses.length - readonlyOthers
  return {
    ...{ bytes, blockhash, signature: signatures[0]! },
    keys: addresses.map((address, i) => ({ address, isWritable: isWritable(i) })),
  }
}
