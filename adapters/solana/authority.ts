import { readFileSync } from 'node:fs'
import bs58 from 'bs58'
import { publicOf } from './ed25519.ts'

/**
 * The seed in a secret key as solana-keygen writes it (a JSON array of 64 numbers), or in base58 as wallets show it.
 * Throws one line, without the secret, where it is neither, or its halves are of two keys.
 */
export const authorityFrom = (text: string): Uint8Array => {
  const secret = text.trim().startsWith('[') ? fromJson(text) : fromBase58(text.trim())
  if (secret?.length !== 64)
    throw new Error(
      "the authority's key is not one: give the 64 bytes of a Solana secret key, in base58 or as the JSON array that solana-keygen writes",
    )
  const seed = secret.subarray(0, 32)
  if (!publicOf(seed).equals(secret.subarray(32)))
    throw new Error("the authority's key is damaged: its public half is not of its secret half. Copy it again")
  return seed
}

/** The same, out of a file. */
export const authorityIn = (path: string): Uint8Array => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`the authority's key cannot be read from ${path} (${(error as NodeJS.ErrnoException).code})`)
  }
  return authorityFrom(text)
}

const fromJson = (text: string): Uint8Array | undefined => {
  try {
    const numbers: unknown = JSON.parse(text)
    const areBytes = Array.isArray(numbers) && numbers.every((n) => Number.isInteger(n) && n >= 0 && n <= 255)
    return areBytes ? Uint8Array.from(numbers as number[]) : undefined
  } catch {
    return undefined
  }
}

const fromBase58 = (text: string): Uint8Array | undefined => bs58.decodeUnsafe(text)
