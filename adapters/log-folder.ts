import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { LogCopy } from '../commands/chain/log-copy.ts'
import { TILE } from '../domain/log/tree.ts'

const EXTENT = 'extent.json'

const Extent = z.strictObject({
  size: z.int().positive(),
  position: z.string().min(1),
  stream: z.string(),
  revision: z.int().nonnegative(),
})

/** Bytes of a hash. */
const WIDTH = 32

/**
 * A copy of the log's hashes in a folder, laid out as https://c2sp.org/tlog-tiles says: `tile/<level>/<index>`, and with `.p/<count>`
 * one that is growing. Several processes may write it: of one ledger they write the same.
 */
export const logFolder = (folder: string): LogCopy => {
  const pathOf = (level: number, index: number, count: number) => join(folder, tilePath(level, index, count))
  return {
    extent: async () => {
      const path = join(folder, EXTENT)
      const text = textIn(path)
      if (text === undefined) return undefined
      try {
        return Extent.parse(JSON.parse(text))
      } catch {
        throw new Error(`${path} is damaged: restore it, or remove ${folder} to have the ledger hashed anew`)
      }
    },
    read: async (level, index, count) => {
      // A whole tile takes the place of those that it grew from.
      const own = count < TILE ? textIn(pathOf(level, index, count)) : undefined
      const path = own === undefined ? pathOf(level, index, TILE) : pathOf(level, index, count)
      const hashes = own ?? textIn(path)
      if (hashes === undefined || hashes.length < count * WIDTH)
        throw new Error(
          `${path} is missing or cut short: restore it, or remove ${folder} to have the ledger hashed anew`,
        )
      return hashes.slice(0, count * WIDTH)
    },
    write: ({ level, index, hashes }) => put(pathOf(level, index, hashes.length / WIDTH), hashes),
    reach: (extent) => put(join(folder, EXTENT), JSON.stringify(extent)),
  }
}

/** 1234067 is `x001/x234/067`. */
const tilePath = (level: number, index: number, count: number): string => {
  const groups = String(index)
    .padStart(Math.ceil(String(index).length / 3) * 3, '0')
    .match(/\d{3}/g)!
  const path = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${path}${count === TILE ? '' : `.p/${count}`}`
}

/** Whole or not at all, whoever reads meanwhile. */
const put = async (path: string, content: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const part = `${path}.${randomUUID()}.part`
  await writeFile(part, content, { encoding: 'latin1', mode: 0o600, flush: true })
  await rename(part, path)
}

/** Undefined where there is none. At once: a file of 8 KB is read before another thread would have begun. */
const textIn = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}
