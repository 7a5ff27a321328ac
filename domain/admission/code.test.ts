import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { carrierOf, formatCode, madeAt, parseCode } from './code.ts'
import vectors from './vectors/codes.json' with { type: 'json' }

const live = vectors.codes[0]!.code

describe('the text of a code', () => {
  it.each(vectors.codes)('F15.1 is ticketId:timestamp:nonce:hmac: $name', ({ code, ticketId, timestamp, nonce }) => {
    const hmac = code.slice(-43)
    expect(parseCode(code)).toEqual({ ticketId, timestamp, nonce, hmac })
    expect(formatCode({ ticketId, timestamp, nonce, hmac })).toBe(code)
  })

  it('names its carrier and its moment', () => {
    expect(vectors.codes.slice(0, 2).map(carrierOf)).toEqual(['app', 'static'])
    expect(madeAt({ timestamp: 1_906_565_400 })).toBe('2030-06-01T17:30:00.000Z')
  })

  it.each(vectors.unreadable)('F15.3 is unreadable: $name', ({ text, reason }) => {
    expect(parseCode(text)).toMatchObject({ unreadable: reason })
  })

  it('F15.3 says what is wrong with it, and nothing of what was read', () => {
    expect(parseCode(`${live}A`)).toMatchObject({ why: 'it has 120 characters, more than the 119 of a code' })
    expect(parseCode('a:b')).toMatchObject({ why: 'its fields number 2, not 4' })
    expect(parseCode(live.replace(':a', ':b'))).toMatchObject({
      why: 'its nonce is not a or s and 26 digits and letters',
    })
  })

  it('F15.3 is read or refused whatever it is, and read back as it was', () => {
    const mangled = fc
      .tuple(fc.nat(live.length), fc.nat(3), fc.string({ unit: 'binary', maxLength: 3 }))
      .map(([at, cut, put]) => live.slice(0, at) + put + live.slice(at + cut))
    fc.assert(
      fc.property(fc.oneof(mangled, fc.string({ unit: 'binary', maxLength: 200 })), (text) => {
        const code = parseCode(text)
        if ('unreadable' in code) expect(code.why).not.toBe('')
        else expect(formatCode(code)).toBe(text)
      }),
      { numRuns: 2_000 },
    )
  })

  it('F15.3 is refused at once where it is a megabyte', () => {
    expect(parseCode(':'.repeat(1_000_000))).toMatchObject({ unreadable: 'unreadable_code' })
  })
})
