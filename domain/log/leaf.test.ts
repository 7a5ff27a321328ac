import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonical, leafText } from './leaf.ts'

/** As RFC 8785 prints them. */
const PRINTED: readonly (readonly [section: string, written: string, canonical: string])[] = [
  [
    '3.2.2',
    String.raw`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`,
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  ],
  [
    '3.2.3',
    String.raw`{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}`,
    '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
  ],
]

describe('canonical JSON', () => {
  it.each(PRINTED)('is as section %s of RFC 8785 prints it', (_, written, expected) =>
    expect(canonical(JSON.parse(written))).toBe(expected),
  )

  it('puts names in the order of their characters, digits too, at every depth', () =>
    expect(canonical({ b: [{ 10: 1, 9: 2, a: {} }], a: [], B: '' })).toBe(
      '{"B":"","a":[],"b":[{"10":1,"9":2,"a":{}}]}',
    ))

  it('is JSON that says the same, whatever the order of names', () =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonical(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonical(JSON.parse(text, reversed))).toBe(text)
      }),
    ))
})

/** For JSON.parse: the same object, with its names put in from the last to the first. */
const reversed = (_: string, value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).reverse())
    : value

it('what is hashed of a fact is all of it but its position', () => {
  const fact = {
    position: '0000000000000042',
    stream: 'ticket-1',
    revision: 3,
    id: 'fact-1',
    type: 'TicketSold',
    data: { price: { currency: 'EUR', amount: 2_500 }, note: 'zu "spät"' },
    metadata: {
      $correlationId: 'order-1',
      $causationId: 'command-1',
      tenant: 'acme',
      actor: { id: 'ann', role: 'attendee' },
      at: '2030-01-01T10:00:00.000Z',
      v: 1,
      request: '',
    },
  } as const
  const { position: _, ...hashed } = fact
  expect(leafText(fact)).toBe(canonical(hashed))
})
