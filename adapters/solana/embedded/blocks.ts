import { hash } from 'node:crypto'
import bs58 from 'bs58'

export type Genesis = {
  /** In milliseconds. */
  readonly createdAt: number
  readonly seed: Uint8Array
}

/** A moment as the chain counts it. Times are in milliseconds. */
export type Moment = {
  readonly at: number
  readonly height: number
  readonly epoch: number
  readonly epochBeganAt: number
}

export type Blocks = ReturnType<typeof blocks>

const BLOCK_MS = 400

/** For how many blocks a cluster takes what names a blockhash (MAX_PROCESSING_AGE of Agave's `solana_clock`). */
export const BLOCKHASH_LIVES = 150

export const BLOCKS_PER_EPOCH = 432_000

/** Where in a blockhash its height stands, so that whether it is still valid is told without a list of them. */
const HEIGHT_AT = 24

/** A chain that makes a block every 400 ms and drops none, so that slot and height are one number. All of it follows from the clock. */
export const blocks = ({ createdAt, seed }: Genesis) => {
  const blockhash = (height: number): Buffer => {
    const bytes = hash('sha256', Buffer.concat([seed, bigEndian(height)]), 'buffer')
    bytes.set(bigEndian(height), HEIGHT_AT)
    return bytes
  }

  return {
    genesisHash: bs58.encode(hash('sha256', seed, 'buffer')),
    blockhash: (height: number): string => bs58.encode(blockhash(height)),
    momentAt: (at: number): Moment => {
      const height = Math.max(0, Math.floor((at - createdAt) / BLOCK_MS))
      const epoch = Math.floor(height / BLOCKS_PER_EPOCH)
      return { at, height, epoch, epochBeganAt: createdAt + epoch * BLOCKS_PER_EPOCH * BLOCK_MS }
    },
    /** Whether a transaction that names this blockhash may go into the block of that height. */
    isValid: (named: Uint8Array, height: number): boolean => {
      if (named.length !== HEIGHT_AT + 8) return false
      const madeAt = Number(Buffer.from(named).readBigUInt64BE(HEIGHT_AT))
      return madeAt <= height && height <= madeAt + BLOCKHASH_LIVES && blockhash(madeAt).equals(named)
    },
  }
}

const bigEndian = (height: number): Uint8Array => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(height))
  return bytes
}
