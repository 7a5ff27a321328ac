import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Recorded } from './fact.ts'
import { decode, decoderOver, factTypes, known, UnreadableFact, versionOf } from './registry.ts'
import { idFor } from './spec.ts'

const folder = new URL('./golden/', import.meta.url)
const golden = (type: string, version: number) =>
  JSON.parse(readFileSync(new URL(`${type}@${version}.json`, folder), 'utf8'))

const versions = factTypes.flatMap((type) =>
  Array.from({ length: versionOf(type) }, (_, i) => ({ type, version: i + 1 })),
)

describe('every fact ever recorded', () => {
  it.each(versions)('$type@$version can still be read, in its newest shape', ({ type, version }) =>
    expect(decode(type, version, golden(type, version))).toEqual({ type, data: golden(type, versionOf(type)) }),
  )

  it.each(factTypes)('%s is written as it is read, with nothing added and nothing lost', (type) => {
    const { data } = decode(type, versionOf(type), golden(type, versionOf(type)))
    expect(JSON.parse(JSON.stringify(data))).toEqual(golden(type, versionOf(type)))
  })

  it('has its golden file, and no golden file is without its fact', () =>
    expect(readdirSync(folder).toSorted()).toEqual(
      versions.map(({ type, version }) => `${type}@${version}.json`).toSorted(),
    ))

  it('is named noun first, and by its own aggregate', () => {
    for (const type of factTypes)
      expect(type).toMatch(
        /^(Ticket|Order|Payment|Quota|Event|Venue|Device|Person|Account|Payout|Admission|Ledger)[A-Z]/,
      )
  })

  it('says nothing personal: neither name nor address of anybody', () => {
    const texts = versions.map(({ type, version }) => JSON.stringify(golden(type, version)))
    for (const text of texts)
      expect(text).not.toMatch(/"(e?mail|firstName|lastName|fullName|phone|address|birth\w*)"|@/i)
  })
})

describe('a reader halts rather than guess', () => {
  it('at a fact from a newer writer', () =>
    expect(() => decode('TicketSold', versionOf('TicketSold') + 1, golden('TicketSold', 1))).toThrow(
      'is newer than this reader',
    ))

  it.each([0, -1, 1.5, Number.NaN])('at version %d, which no writer ever wrote', (version) =>
    expect(() => decode('TicketSold', version, golden('TicketSold', 1))).toThrow('has no version'),
  )

  it.each(['TicketFramed', 'constructor', '__proto__', 'toString', ''])('at a fact called %j', (type) =>
    expect(() => decode(type, 1, {})).toThrow('is not in the registry'),
  )

  it.each([[null], [{}], ['text'], [[]]])('at a fact that holds %j', (data) =>
    expect(() => decode('TicketSold', 1, data)).toThrow(UnreadableFact),
  )

  it('and says which field it is about', () => {
    const { price: _, ...priceless } = golden('TicketSold', 1)
    const read = () => decode('TicketSold', 1, priceless)
    expect(read).toThrow('TicketSold v1 does not fit its schema')
    expect(read).toThrow(
      expect.objectContaining({
        cause: expect.objectContaining({ issues: [expect.objectContaining({ path: ['price'] })] }),
      }),
    )
  })
})

it('a recorded fact keeps its place and metadata when it is lifted', () => {
  const recorded: Recorded = {
    id: idFor('fact'),
    stream: `ticket-${idFor('ticket')}`,
    revision: 3,
    position: '0000000000000042',
    type: 'TicketSold',
    data: { ...golden('TicketSold', 1), unheard: 'of' },
    metadata: {
      $correlationId: idFor('order'),
      $causationId: idFor('cause'),
      tenant: 'acme',
      actor: { id: 'order-process', role: 'process' },
      at: '2030-03-01T10:02:00.000Z',
      v: 1,
      request: 'sell',
    },
  }
  expect(known(recorded)).toEqual({ ...recorded, data: golden('TicketSold', 1) })
})

describe('a fact whose shape has changed twice', () => {
  const money = z.object({ amount: z.int(), currency: z.string() })
  const read = decoderOver(
    { StubTorn: z.object({ price: money, torn: z.enum(['left', 'right']) }), StubKept: z.object({}) },
    {
      StubTorn: [
        ({ cents, ...rest }) => ({ ...rest, price: { amount: cents, currency: 'EUR' } }),
        (old) => ({ ...old, torn: 'left' }),
      ],
    },
  )
  const newest = { type: 'StubTorn', data: { price: { amount: 500, currency: 'EUR' }, torn: 'left' } }

  it('is lifted through each version in turn', () => {
    expect(read('StubTorn', 1, { cents: 500 })).toEqual(newest)
    expect(read('StubTorn', 2, { price: { amount: 500, currency: 'EUR' } })).toEqual(newest)
  })

  it('is not lifted where it is new', () =>
    expect(read('StubTorn', 3, { price: { amount: 500, currency: 'EUR' }, torn: 'right' })).toEqual({
      type: 'StubTorn',
      data: { price: { amount: 500, currency: 'EUR' }, torn: 'right' },
    }))

  it('is refused where it is newer still', () =>
    expect(() => read('StubTorn', 4, {})).toThrow('StubTorn v4 is newer than this reader (v3)'))

  it('is not taken for another version than it says', () =>
    expect(() => read('StubTorn', 2, { cents: 500 })).toThrow('StubTorn v2 does not fit its schema'))

  it('leaves other facts as they are', () => {
    expect(read('StubKept', 1, {})).toEqual({ type: 'StubKept', data: {} })
    expect(() => read('StubKept', 2, {})).toThrow('newer')
  })
})
