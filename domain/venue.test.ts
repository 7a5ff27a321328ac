import { describe, expect, it } from 'vitest'
import { specOf } from './spec.ts'
import { Fee, type VenueFact, venue } from './venue.ts'

const given = specOf(venue)

const details = { name: 'Old Ropeworks', timeZone: 'Europe/Berlin' }
const bookingFee: Fee = {
  code: 'booking_fee',
  flat: [{ amount: 150, currency: 'EUR' }],
  basisPoints: 250,
  paidBy: 'buyer',
}
const registered: VenueFact = { type: 'VenueRegistered', data: details }
const feesSet = (fees: Fee[]): VenueFact => ({ type: 'VenueFeesSet', data: { fees } })
const royaltySet = (basisPoints: number): VenueFact => ({ type: 'VenueRoyaltySet', data: { basisPoints } })

describe('a venue', () => {
  it('is registered', () =>
    given()
      .when({ type: 'RegisterVenue', ...details })
      .then(registered))

  it('is registered once', () =>
    given(registered)
      .when({ type: 'RegisterVenue', ...details })
      .thenNothing())

  it('is not registered again with other details', () =>
    given(registered)
      .when({ type: 'RegisterVenue', ...details, name: 'New Ropeworks' })
      .thenRefused('VenueAlreadyRegistered'))

  it('that nobody registered has neither fees nor royalty', () => {
    given()
      .when({ type: 'SetVenueFees', fees: [bookingFee] })
      .thenRefused('VenueNotFound')
    given().when({ type: 'SetVenueRoyalty', basisPoints: 500 }).thenRefused('VenueNotFound')
  })
})

describe('its fees', () => {
  it('are none at first, so setting none changes nothing', () =>
    given(registered).when({ type: 'SetVenueFees', fees: [] }).thenNothing())

  it('are set', () =>
    given(registered)
      .when({ type: 'SetVenueFees', fees: [bookingFee] })
      .then(feesSet([bookingFee])))

  it('are replaced as a whole', () =>
    given(registered, feesSet([bookingFee]))
      .when({ type: 'SetVenueFees', fees: [] })
      .then(feesSet([])))

  it('have one flat part for each currency: with two it would be unclear which is charged', () => {
    const twice = { ...bookingFee, flat: [...bookingFee.flat, ...bookingFee.flat] }
    expect(Fee.safeParse(twice).error?.issues[0]?.message).toBe('names a currency twice')
    expect(Fee.parse(bookingFee)).toEqual(bookingFee)
  })
})

describe('its royalty', () => {
  it('is 5 % unless it says otherwise (F11.12)', () =>
    given(registered).when({ type: 'SetVenueRoyalty', basisPoints: 500 }).thenNothing())

  it('is set', () => given(registered).when({ type: 'SetVenueRoyalty', basisPoints: 750 }).then(royaltySet(750)))

  it('may be given up', () =>
    given(registered, royaltySet(750)).when({ type: 'SetVenueRoyalty', basisPoints: 0 }).then(royaltySet(0)))
})
