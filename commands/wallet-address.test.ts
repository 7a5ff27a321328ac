import { PublicKey } from '@solana/web3.js'
import base58 from 'bs58'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newWallet } from './wallet.world.ts'
import { bytesOf, isWalletAddress } from './wallet-address.ts'

const address = (hex: string): string => base58.encode(Buffer.from(hex, 'hex'))

/** Of an order of 1, 2, 4 or 8, in whatever way they can be written: those that are no canonical encodings, too. */
const SMALL = [
  ['0100000000000000', '0000000000000000', '0000000000000000', '0000000000000000'],
  ['0100000000000000', '0000000000000000', '0000000000000000', '0000000000000080'],
  ['ecffffffffffffff', 'ffffffffffffffff', 'ffffffffffffffff', 'ffffffffffffff7f'],
  ['ecffffffffffffff', 'ffffffffffffffff', 'ffffffffffffffff', 'ffffffffffffffff'],
  ['0000000000000000', '0000000000000000', '0000000000000000', '0000000000000000'],
  ['0000000000000000', '0000000000000000', '0000000000000000', '0000000000000080'],
  ['26e8958fc2b227b0', '45c3f489f2ef98f0', 'd5dfac05d3c63339', 'b13802886d53fc05'],
  ['26e8958fc2b227b0', '45c3f489f2ef98f0', 'd5dfac05d3c63339', 'b13802886d53fc85'],
  ['c7176a703d4dd84f', 'ba3c0b760d10670f', '2a2053fa2c39ccc6', '4ec7fd7792ac037a'],
  ['c7176a703d4dd84f', 'ba3c0b760d10670f', '2a2053fa2c39ccc6', '4ec7fd7792ac03fa'],
  ['edffffffffffffff', 'ffffffffffffffff', 'ffffffffffffffff', 'ffffffffffffff7f'],
  ['eeffffffffffffff', 'ffffffffffffffff', 'ffffffffffffffff', 'ffffffffffffff7f'],
].map((parts) => parts.join(''))

describe('an address', () => {
  it('is a wallet’s where somebody has its key', () => {
    for (let n = 0; n < 20; n++) expect(isWalletAddress(newWallet().address)).toBe(true)
  })

  it.each(SMALL)('is no wallet’s at a point for which anybody can sign: %s', (hex) =>
    expect(isWalletAddress(address(hex))).toBe(false),
  )

  it('is no wallet’s where a program owns it', () => {
    const program = new PublicKey('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA')
    for (let n = 0; n < 20; n++) {
      const [owned] = PublicKey.findProgramAddressSync([Buffer.from([n])], program)
      expect(isWalletAddress(owned.toBase58())).toBe(false)
    }
  })

  it('is on the curve where others say so', () =>
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const hex = Buffer.from(bytes).toString('hex')
        fc.pre(!SMALL.includes(hex))
        expect(isWalletAddress(base58.encode(bytes))).toBe(PublicKey.isOnCurve(bytes))
      }),
      { numRuns: 200 },
    ))

  it.each(['', 'O0Il', 'ann', `0x${'ab'.repeat(32)}`, '1'.repeat(31), '1'.repeat(33), '2'.repeat(1_000_000)])(
    'is not %.40s',
    (text) => expect(isWalletAddress(text)).toBe(false),
  )
})

it('a signature has 64 bytes, and no other number of them', () => {
  const text = (length: number) => base58.encode(Buffer.alloc(length, 7))
  expect(bytesOf(text(64), 64)).toEqual(new Uint8Array(64).fill(7))
  for (const length of [0, 32, 63, 65]) expect(bytesOf(text(length), 64)).toBeUndefined()
})
