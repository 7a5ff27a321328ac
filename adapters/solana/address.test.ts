import { randomBytes } from 'node:crypto'
import { PublicKey } from '@solana/web3.js'
import { describe, expect, it } from 'vitest'
import { addressOf, programAddress } from './address.ts'
import { ed25519, publicOf } from './ed25519.ts'
import { isOnCurve } from './on-curve.ts'

const many = Array.from({ length: 300 }, () => randomBytes(32))

describe('an address of a program', () => {
  it('is the one that web3.js derives', () => {
    const program = addressOf(many[0]!)
    for (const seed of many) {
      const seeds = [Buffer.from('ticket'), seed]
      const [expected] = PublicKey.findProgramAddressSync(seeds, program)
      expect(programAddress(program, ['ticket', seed]).toBase58()).toBe(expected.toBase58())
    }
  })

  it('is none that somebody may have a key to', () => {
    for (const bytes of many) expect(isOnCurve(bytes)).toBe(PublicKey.isOnCurve(bytes))
    for (const seed of many.slice(0, 20)) expect(isOnCurve(publicOf(seed))).toBe(true)
  })

  it('is told by zero, one and the prime as well as by others', () => {
    const littleEndian = (y: bigint) => Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse()
    const p = 2n ** 255n - 19n
    for (const y of [0n, 1n, 2n, 3n, p - 1n, p - 2n])
      expect(isOnCurve(littleEndian(y))).toBe(PublicKey.isOnCurve(littleEndian(y)))
  })
})

describe('a key', () => {
  // RFC 8032, section 7.1, test 2.
  const seed = Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex')

  it('has the public half and signs as RFC 8032 has it', () => {
    const key = ed25519(seed)
    expect(key.publicHalf.toString('hex')).toBe('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
    expect(key.sign(Buffer.of(0x72)).toString('hex')).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    )
    expect(publicOf(seed)).toEqual(key.publicHalf)
  })
})
