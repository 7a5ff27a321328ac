import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isBy, type Moment, MomentText, momentOf } from './moment.ts'

const head = '0000000000000042'
const now = '2030-06-01T12:00:00.000Z'
const at = (text: string) => momentOf(MomentText.parse(text), { head, now })

const fact = (position: string, time: string) =>
  ({ position, metadata: { at: time } }) as Parameters<ReturnType<typeof isBy>>[0]

describe('a moment', () => {
  it('is a time, in whatever zone it is written, or a position', () => {
    const time = '2030-06-01T10:00:00.000Z'
    expect(at('2030-06-01T10:00:00Z')).toEqual({ position: head, time })
    expect(at('2030-06-01T12:00:00+02:00')).toEqual({ position: head, time })
    expect(at('0000000000000007')).toEqual({ position: '0000000000000007', time: null })
    expect(at(now)).toEqual({ position: head, time: now })
    expect(at(head)).toEqual({ position: head, time: null })
  })

  it.each([
    ['2030-06-01T12:00:00.001Z', 'lies in the future: it is 2030-06-01T12:00:00.000Z'],
    ['0000000000000043', `lies beyond the newest fact, which is at ${head}`],
    ['2030', `is no position of this ledger, which is at ${head}`],
    ['00000000/00000007', `is no position of this ledger, which is at ${head}`],
    ['2030-06-01', `is no position of this ledger, which is at ${head}`],
  ])('is refused by name: %s', (text, wrong) => expect(at(text)).toEqual({ wrong }))

  it.each(['yesterday', '', '2030-13-01T00:00:00Z', '2030-06-01 10:00', "' or 1=1"])('is not "%s"', (text) =>
    expect(MomentText.safeParse(text).error?.issues[0]?.message).toContain('is neither a time such as'),
  )

  it('in an empty ledger is no position', () =>
    expect(momentOf('0', { head: '', now })).toEqual({ wrong: 'is no position of this ledger, which is at its start' }))

  it('counts the facts up to it, itself included', () => {
    const times: Moment = { position: head, time: now }
    expect(isBy(times)(fact('0000000000000001', now))).toBe(true)
    expect(isBy(times)(fact('0000000000000001', '2030-06-01T12:00:00.001Z'))).toBe(false)
    expect(isBy(times)(fact('0000000000000043', now))).toBe(false)
    fc.assert(
      fc.property(fc.nat(60), (number) => {
        const position = String(number).padStart(16, '0')
        expect(isBy({ position: head, time: null })(fact(position, '2999-01-01T00:00:00.000Z'))).toBe(number <= 42)
      }),
    )
  })
})
