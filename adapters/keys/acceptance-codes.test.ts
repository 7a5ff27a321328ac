import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { idFor } from '../../domain/spec.ts'
import { acceptanceCodes } from './acceptance-codes.ts'

const key = new Uint8Array(32)
const codes = acceptanceCodes(key)
const offer = idFor('offer')
const code = codes.codeOf(offer)

it('is eight characters in two groups, the same each time, and another for another offer or under another key', () => {
  expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/)
  expect(codes.codeOf(offer)).toBe(code)
  expect(codes.codeOf(idFor('other'))).not.toBe(code)
  expect(acceptanceCodes(new Uint8Array(32).fill(1)).codeOf(offer)).not.toBe(code)
})

it('holds the first 40 bits of the HMAC, none twice and none left out', () => {
  const value = [...code.replace('-', '')].reduce(
    (sum, character) => sum * 32 + '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(character),
    0,
  )
  expect(value).toBe(createHmac('sha256', key).update(offer).digest().readUIntBE(0, 5))
})

it('is right for its own offer only', () => {
  expect(codes.isCodeOf(offer, code)).toBe(true)
  expect(codes.isCodeOf(idFor('other'), code)).toBe(false)
})

it('is right however it is typed', () => {
  const spaced = ` ${code.toLowerCase().replace('-', ' ').split('').join(' ')}\n`
  for (const typed of [code.toLowerCase(), code.replace('-', ''), spaced, `${code}-`])
    expect(codes.isCodeOf(offer, typed)).toBe(true)
})

it('is right with letters that look like its digits', () => {
  const withDigits = Array.from({ length: 200 }, (_, i) => idFor(`offer ${i}`)).filter((id) => {
    const each = codes.codeOf(id)
    return each.includes('0') && each.includes('1')
  })
  expect(withDigits).not.toEqual([])
  for (const id of withDigits)
    for (const [zero, one] of ['OI', 'OL', 'oi', 'ol'] as const)
      expect(codes.isCodeOf(id, codes.codeOf(id).replaceAll('0', zero!).replaceAll('1', one!))).toBe(true)
})

it('is wrong with any other character, and with more or fewer', () => {
  const plain = code.replace('-', '')
  const others = [...plain].map(
    (character, i) => plain.slice(0, i) + (character === 'K' ? 'M' : 'K') + plain.slice(i + 1),
  )
  for (const typed of [...others, plain.slice(1), `${plain}0`, '', 'é'.repeat(4), 'é'.repeat(8)])
    expect(codes.isCodeOf(offer, typed)).toBe(false)
})
