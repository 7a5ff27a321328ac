import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { logFolder } from './log-folder.ts'

const fresh = () => {
  const folder = mkdtempSync(join(tmpdir(), 'counterfoil-log-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return { folder, copy: logFolder(folder) }
}

/** So many hashes, of every byte there is. */
const hashes = (count: number): string =>
  Array.from({ length: count * 32 }, (_, i) => String.fromCharCode((i * 7) % 256)).join('')

describe('a copy of the log in a folder', () => {
  it('gives back what it was given, and how far that goes', async () => {
    const { folder, copy } = fresh()
    expect(await copy.extent()).toBeUndefined()
    await copy.write({ level: 0, index: 0, hashes: hashes(256) })
    await copy.write({ level: 0, index: 1, hashes: hashes(3) })
    const extent = { size: 259, position: '0000000000000259', stream: 'ticket-1', revision: 4 }
    await copy.reach(extent)
    const again = logFolder(folder)
    expect(await again.extent()).toEqual(extent)
    expect(await again.read(0, 0, 256)).toBe(hashes(256))
    expect(await again.read(0, 1, 3)).toBe(hashes(3))
    await expect(again.read(0, 1, 4)).rejects.toThrow('tile/0/001 is missing or cut short')
  })

  it('has a growing tile out of the whole one, once that is there alone', async () => {
    const { folder, copy } = fresh()
    await copy.write({ level: 1, index: 0, hashes: hashes(5) })
    await copy.write({ level: 1, index: 0, hashes: hashes(256) })
    rmSync(join(folder, 'tile/1/000.p'), { recursive: true })
    expect(await copy.read(1, 0, 5)).toBe(hashes(5))
  })

  it('is laid out as other tools expect it', async () => {
    const { folder, copy } = fresh()
    for (const [index, count, path] of [
      [0, 256, 'tile/0/000'],
      [7, 12, 'tile/0/007.p/12'],
      [1_234_067, 256, 'tile/0/x001/x234/067'],
    ] as const) {
      await copy.write({ level: 0, index, hashes: hashes(count) })
      expect([path, existsSync(join(folder, path))]).toEqual([path, true])
    }
  })

  it.each(['', '{}', '{"si', '{"size":3,"position":"0000000000000003"}'])(
    'names the file that does not say how far it goes: %j',
    async (text) => {
      const { folder, copy } = fresh()
      writeFileSync(join(folder, 'extent.json'), text)
      await expect(copy.extent()).rejects.toThrow(
        /\/extent\.json is damaged: restore it, or remove .* to have the ledger hashed anew$/,
      )
    },
  )

  it('says which tile is cut short, and what to do', async () => {
    const { folder, copy } = fresh()
    await copy.write({ level: 0, index: 0, hashes: hashes(256) })
    truncateSync(join(folder, 'tile/0/000'), 100)
    await expect(copy.read(0, 0, 256)).rejects.toThrow(
      /tile\/0\/000 is missing or cut short: restore it, or remove .* to have the ledger hashed anew/,
    )
  })
})
