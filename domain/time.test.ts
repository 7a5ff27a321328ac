import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { At, Day, hours, Instant, localDay, minutes, plus, TimeZone } from './time.ts'

describe('an instant', () => {
  it.each([
    ['2030-06-01T20:00:00+02:00', '2030-06-01T18:00:00.000Z'],
    ['2030-06-01T18:00:00Z', '2030-06-01T18:00:00.000Z'],
    ['2030-06-01T18:00:00.123456Z', '2030-06-01T18:00:00.123Z'],
    ['2030-01-01T00:30:00+14:00', '2029-12-31T10:30:00.000Z'],
  ])('written %s is kept as %s', (text, kept) => expect(Instant.parse(text)).toBe(kept))

  it.each(['2030-06-01', '2030-06-01T18:00:00', '2030-02-30T18:00:00Z', '2030-06-01T25:00:00Z', 'tomorrow', ''])(
    'is not %j',
    (text) => expect(Instant.safeParse(text).success).toBe(false),
  )

  it('is refused where its offset leads out of the years that have four digits: it could never be read again', () => {
    expect(Instant.safeParse('9999-12-31T23:59:59-02:00').success).toBe(false)
    expect(Instant.safeParse('0000-01-01T00:00:00+02:00').success).toBe(false)
  })

  it('in a fact is in UTC with milliseconds, and nothing else', () => {
    expect(At.parse('2030-06-01T18:00:00.000Z')).toBe('2030-06-01T18:00:00.000Z')
    for (const text of ['2030-06-01T18:00:00Z', '2030-06-01T20:00:00.000+02:00'])
      expect(At.safeParse(text).success).toBe(false)
  })

  it('sorts as text as it does in time', () => {
    const moment = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        expect(a.toISOString() < b.toISOString()).toBe(a.getTime() < b.getTime())
        expect(Instant.parse(a.toISOString())).toBe(a.toISOString())
      }),
    )
  })
})

it('a moment later is counted in seconds', () => {
  expect(plus('2030-01-01T10:00:00.000Z', minutes(30))).toBe('2030-01-01T10:30:00.000Z')
  expect(plus('2030-01-01T10:00:00.000Z', hours(24))).toBe('2030-01-02T10:00:00.000Z')
  expect(plus('2030-01-01T10:00:00.000Z', -hours(4))).toBe('2030-01-01T06:00:00.000Z')
})

describe('a day', () => {
  it.each([
    ['2030-01-01T22:59:59.999Z', 'Europe/Berlin', '2030-01-01'],
    ['2030-01-01T23:00:00.000Z', 'Europe/Berlin', '2030-01-02'],
    ['2030-06-01T21:59:59.999Z', 'Europe/Berlin', '2030-06-01'],
    ['2030-06-01T22:00:00.000Z', 'Europe/Berlin', '2030-06-02'],
    ['2030-01-01T03:00:00.000Z', 'America/New_York', '2029-12-31'],
    ['2030-01-01T10:00:00.000Z', 'Pacific/Kiritimati', '2030-01-02'],
    ['2030-01-01T18:14:59.999Z', 'Asia/Kathmandu', '2030-01-01'],
    ['2030-01-01T18:15:00.000Z', 'Asia/Kathmandu', '2030-01-02'],
  ])('turns at midnight on the clocks there: at %s it is, in %s, %s', (at, timeZone, day) =>
    expect(localDay(at, timeZone)).toBe(day),
  )

  it.each([
    ['begins in winter time on the last Sunday of March', '2030-03-30T23:00:00.000Z', '2030-03-31'],
    ['ends in summer time after 23 hours', '2030-03-31T22:00:00.000Z', '2030-04-01'],
    ['begins in summer time on the last Sunday of October', '2030-10-26T22:00:00.000Z', '2030-10-27'],
    ['ends in winter time after 25 hours', '2030-10-27T23:00:00.000Z', '2030-10-28'],
  ])('%s', (_, midnight, day) => {
    expect(localDay(midnight, 'Europe/Berlin')).toBe(day)
    expect(localDay(plus(midnight, -1), 'Europe/Berlin') < day).toBe(true)
  })

  it('is of the calendar', () => {
    expect(Day.parse('2028-02-29')).toBe('2028-02-29')
    for (const text of ['2030-02-29', '2030-13-01', '01.06.2030']) expect(Day.safeParse(text).success).toBe(false)
  })
})

describe('a time zone', () => {
  it.each(['Europe/Berlin', 'America/Argentina/Buenos_Aires', 'UTC'])('may be %s', (name) =>
    expect(TimeZone.parse(name)).toBe(name),
  )

  it.each(['+02:00', '-05:00', '+0200', 'Europe/Atlantis', ''])('is not %j: an offset knows no summer time', (name) =>
    expect(TimeZone.safeParse(name).success).toBe(false),
  )
})
