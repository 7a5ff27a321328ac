import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const here = new URL('./', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, here))

/** Everything that the program is built from, as `build.sh` lists it. */
const sources = (): readonly string[] => {
  const crate = readdirSync(new URL('ticket_ledger', here), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(here.pathname.length))
  return ['Cargo.lock', 'Cargo.toml', ...crate].sort()
}

describe('the committed build', () => {
  it('is of these sources: otherwise run programs/build.sh', () => {
    const sums = sources().map((path) => `${createHash('sha256').update(read(path)).digest('hex')}  ${path}\n`)
    expect(sums.join('')).toBe(read('built/source.sha256').toString())
  })

  it('answers to the address that the program and Anchor are told', () => {
    const { address } = JSON.parse(read('built/ticket_ledger.json').toString())
    expect(read('ticket_ledger/src/lib.rs').toString()).toContain(`declare_id!("${address}")`)
    expect(read('Anchor.toml').toString()).toContain(`ticket_ledger = "${address}"`)
  })
})
