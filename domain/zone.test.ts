import { describe, expect, it } from 'vitest'
import { DEFAULT_ZONES, opens, ZoneName, Zones } from './zone.ts'

describe('a ticket of a zone opens that zone and those outside it', () => {
  it.each([
    ['VIP opens VIP and GA (F18.3)', 'VIP', ['GA', 'VIP']],
    ['GA opens GA only (F18.4)', 'GA', ['GA']],
    ['BACKSTAGE opens all three (F18.5)', 'BACKSTAGE', ['GA', 'VIP', 'BACKSTAGE']],
  ])('%s', (_, held, opened) =>
    expect(DEFAULT_ZONES.filter((asked) => opens(DEFAULT_ZONES, held, asked))).toEqual(opened),
  )

  it('and none that the event does not have, on either side', () => {
    expect(opens(DEFAULT_ZONES, 'BACKSTAGE', 'MOSHPIT')).toBe(false)
    expect(opens(DEFAULT_ZONES, 'MOSHPIT', 'GA')).toBe(false)
    expect(opens(DEFAULT_ZONES, 'MOSHPIT', 'MOSHPIT')).toBe(false)
  })

  it('in the order that the event gives them', () => {
    const zones = ['PARK', 'TENT', 'STAGE', 'CREW']
    expect(zones.filter((asked) => opens(zones, 'STAGE', asked))).toEqual(['PARK', 'TENT', 'STAGE'])
  })
})

describe('the zones of an event', () => {
  it('are named once each', () => {
    expect(Zones.parse(DEFAULT_ZONES)).toEqual(DEFAULT_ZONES)
    expect(Zones.safeParse(['GA', 'GA']).success).toBe(false)
    expect(Zones.safeParse([]).success).toBe(false)
  })

  it.each(['', 'vip', '1ST', 'V IP', 'A'.repeat(33)])('are not called %j', (name) =>
    expect(ZoneName.safeParse(name).success).toBe(false),
  )
})
