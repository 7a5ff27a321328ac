import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'

/** What is kept of a transaction for whoever looks at it later. */
export type Detail = {
  readonly logs: readonly string[]
  /** The lamports of all accounts that it names. */
  readonly before: readonly number[]
  readonly after: readonly number[]
}

export const packed = (detail: Detail): Uint8Array => zstdCompressSync(JSON.stringify(detail))

export const unpacked = (bytes: Uint8Array): Detail => JSON.parse(zstdDecompressSync(bytes).toString())
