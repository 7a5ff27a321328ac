import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Keypair } from '@solana/web3.js'
import bs58 from 'bs58'
import { describe, expect, it, onTestFinished } from 'vitest'
import { authorityFrom, authorityIn } from './authority.ts'

const pair = Keypair.generate()
const seed = pair.secretKey.slice(0, 32)
const json = JSON.stringify([...pair.secretKey])

describe('the key of the authority', () => {
  it.each([
    ['as solana-keygen writes it', json],
    ['with white space around', `\n ${json} \n`],
    ['in base58, as wallets export it', bs58.encode(pair.secretKey)],
  ])('is read %s', (_, text) => expect(Buffer.from(authorityFrom(text))).toEqual(Buffer.from(seed)))

  it('is read out of a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'authority-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'id.json'), json)
    expect(Buffer.from(authorityIn(join(folder, 'id.json')))).toEqual(Buffer.from(seed))
    expect(() => authorityIn(join(folder, 'none.json'))).toThrow(/cannot be read from .*none\.json \(ENOENT\)$/)
  })

  it.each([
    ['nothing', ''],
    ['half of it', bs58.encode(seed)],
    ['an address', pair.publicKey.toBase58()],
    ['a list of something else', '[1, 2, "secret"]'],
    ['numbers that are no bytes', JSON.stringify([...pair.secretKey.slice(0, 63), 256])],
    ['broken JSON', json.slice(0, -1)],
    ['what base58 does not have', `0OIl${bs58.encode(pair.secretKey)}`],
    ['the half of another', bs58.encode(Buffer.concat([seed, randomBytes(32)]))],
  ])('is not %s, and the error does not repeat it', (_, text) => {
    const read = () => authorityFrom(text)
    expect(read).toThrow(/^the authority's key is .+$/)
    if (text.length > 0) expect(read).not.toThrow(text.slice(0, 12))
  })
})
