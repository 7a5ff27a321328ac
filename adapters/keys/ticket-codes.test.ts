import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Code, type Credential, parseCode, signedPart } from '../../domain/admission/code.ts'
import vectors from '../../domain/admission/vectors/codes.json' with { type: 'json' }
import type { EventSecret, EventSecrets } from '../../domain/vault.ts'
import { deriveKey, infoOf, sign, ticketCodes } from './ticket-codes.ts'

const secret: EventSecret = { keyId: 'k1', secret: Buffer.from(vectors.secretHex, 'hex') }
/** One for every event, so that nothing but the derivation tells their codes apart. */
const secretsOf = (...all: [EventSecret, ...EventSecret[]]): EventSecrets => ({ of: async () => all })
const codes = ticketCodes(secretsOf(secret))

const { eventId, ticketId, timeZone, code: shown } = vectors.codes[0]!
const credential: Credential = { eventId, ticketId, generation: 1, timeZone }
const at = '2030-06-01T17:30:12.345Z'

const read = (text: string): Code => {
  const code = parseCode(text)
  if ('unreadable' in code) throw new Error(`Not a code: ${code.why}`)
  return code
}
const issued = async (wanted: Partial<Parameters<typeof codes.issue>[0]> = {}) =>
  codes.issue({ ...credential, carrier: 'app', at, rotationSeconds: 30, ...wanted })

describe('the published codes', () => {
  it.each(vectors.codes)('F15.1 derive from the secret to the last character: $name', async (vector) => {
    const info = infoOf(vector, vector)
    expect(info).toBe(vector.info)
    const key = deriveKey(createSecretKey(secret.secret), info)
    expect(key.export().toString('hex')).toBe(vector.keyHex)
    expect(`${signedPart(vector)}:${sign(key, vector)}`).toBe(vector.code)
    expect(await codes.verify(read(vector.code), vector)).toEqual({ generation: vector.generation })
  })
})

describe('a code that was issued', () => {
  it('F15.1 is genuine, and ends 30 seconds after its timestamp', async () => {
    const { code, expiresAt } = await issued()
    expect(await codes.verify(read(code), credential)).toEqual({ generation: 1 })
    expect(expiresAt).toBe('2030-06-01T17:30:42.000Z')
  })

  it('F20.6 ends as soon as the event wants its codes to rotate', async () => {
    const { code, expiresAt } = await issued({ rotationSeconds: 10 })
    expect(await codes.verify(read(code), credential)).toEqual({ generation: 1 })
    expect(expiresAt).toBe('2030-06-01T17:30:22.000Z')
  })

  it('has no end where it is static', async () => {
    const { code, expiresAt } = await issued({ carrier: 'static' })
    expect(await codes.verify(read(code), credential)).toEqual({ generation: 1 })
    expect(expiresAt).toBeNull()
  })

  it('F20.8 has a nonce of its own', async () => {
    const nonces = await Promise.all(Array.from({ length: 100 }, async () => read((await issued()).code).nonce))
    expect(new Set(nonces).size).toBe(100)
  })

  it.each([
    ['another event', { eventId: vectors.codes[4]!.eventId }],
    ['a later generation than the live one', { generation: 2 }],
    ['a place where it is another day', { timeZone: 'Pacific/Kiritimati' }],
  ])('F20.5 is bad for %s', async (_, other) => {
    const { code } = await issued(other)
    expect(await codes.verify(read(code), credential)).toBe('bad')
  })

  it('F20.5 is bad for another ticket, carrier or moment, its hmac being over all of them', async () => {
    const code = read((await issued()).code)
    const others: Code[] = [
      { ...code, ticketId: code.ticketId.replace('5b0c', '6b0c') },
      { ...code, nonce: code.nonce.replace('a', 's') },
      { ...code, timestamp: code.timestamp + 30 },
      { ...code, timestamp: code.timestamp + 86_400 },
    ]
    for (const other of others) expect(await codes.verify(other, credential)).toBe('bad')
  })

  it('is told apart from a forgery when the ticket has changed hands since', async () => {
    const { code } = await issued({ generation: 1 })
    expect(await codes.verify(read(code), { ...credential, generation: 3 })).toEqual({ generation: 1 })
  })

  it('is not told apart after more than ten changes, so that a forgery costs little', async () => {
    const { code } = await issued({ generation: 1 })
    expect(await codes.verify(read(code), { ...credential, generation: 11 })).toEqual({ generation: 1 })
    expect(await codes.verify(read(code), { ...credential, generation: 12 })).toBe('bad')
  })

  it('stays genuine when the event gets a newer secret, and is bad under another', async () => {
    const newer: EventSecret = { keyId: 'k2', secret: new Uint8Array(32).fill(7) }
    const code = read((await issued()).code)
    expect(await ticketCodes(secretsOf(newer, secret)).verify(code, credential)).toEqual({ generation: 1 })
    expect(await ticketCodes(secretsOf(newer)).verify(code, credential)).toBe('bad')
  })
})

describe('an altered code', () => {
  it('F15.4 F20.7 is refused, whichever character it is', async () => {
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_:'
    const altered = fc
      .tuple(fc.nat(shown.length - 1), fc.constantFrom(...characters))
      .map(([i, put]) => shown.slice(0, i) + put + shown.slice(i + 1))
      .filter((text) => text !== shown)
    await fc.assert(
      fc.asyncProperty(altered, async (text) => {
        const code = parseCode(text)
        expect('unreadable' in code || (await codes.verify(code, credential))).toBeOneOf([true, 'bad'])
      }),
      { numRuns: 2_000 },
    )
  })
})
