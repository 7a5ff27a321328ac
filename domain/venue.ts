import { z } from 'zod'
import { type Decider, refuse } from './decider.ts'
import type { FactOf } from './fact.ts'
import { BasisPoints, Money } from './money.ts'
import { same } from './same.ts'
import { TimeZone } from './time.ts'

/** A flat part for each currency that it is charged in, and a part of the price. */
export const Fee = z.object({
  code: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, 'is 1 to 32 small letters, digits or _, such as booking_fee'),
  flat: z
    .array(Money)
    .refine((flat) => new Set(flat.map((f) => f.currency)).size === flat.length, 'names a currency twice'),
  basisPoints: BasisPoints,
  /** On top of the price, or out of the venue's share of it. */
  paidBy: z.enum(['buyer', 'venue']),
})
export type Fee = z.infer<typeof Fee>

const Name = z.string().trim().min(1).max(200)
export const VenueDetails = z.object({ name: Name, timeZone: TimeZone })
type VenueDetails = z.infer<typeof VenueDetails>

/** Stored forever: add, never edit. */
export const venueFacts = {
  VenueRegistered: VenueDetails,
  VenueFeesSet: z.object({ fees: z.array(Fee).max(10) }),
  VenueRoyaltySet: z.object({ basisPoints: BasisPoints }),
}
export type VenueFact = FactOf<typeof venueFacts>

export type VenueCommand =
  | ({ type: 'RegisterVenue' } & VenueDetails)
  | { type: 'SetVenueFees'; fees: readonly Fee[] }
  | { type: 'SetVenueRoyalty'; basisPoints: number }

export type VenueRefusal = 'VenueNotFound' | 'VenueAlreadyRegistered'

export type Venue =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'registered'
      readonly details: VenueDetails
      readonly fees: readonly Fee[]
      readonly royalty: number
    }

/** What the venue gets of each resale unless it says otherwise: 5 %. */
export const DEFAULT_ROYALTY = 500

export const venue: Decider<VenueCommand, VenueFact, Venue, VenueRefusal> = {
  category: 'venue',
  initial: { status: 'unknown' },

  decide: (c, v) => {
    switch (c.type) {
      case 'RegisterVenue': {
        const { name, timeZone } = c
        if (v.status === 'unknown') return [{ type: 'VenueRegistered', data: { name, timeZone } }]
        return same(v.details, { name, timeZone }) ? [] : refuse('VenueAlreadyRegistered')
      }
      case 'SetVenueFees':
        if (v.status === 'unknown') return refuse('VenueNotFound')
        return same(v.fees, c.fees) ? [] : [{ type: 'VenueFeesSet', data: { fees: [...c.fees] } }]
      case 'SetVenueRoyalty':
        if (v.status === 'unknown') return refuse('VenueNotFound')
        return v.royalty === c.basisPoints ? [] : [{ type: 'VenueRoyaltySet', data: { basisPoints: c.basisPoints } }]
    }
  },

  evolve: (v, { type, data }) => {
    if (type === 'VenueRegistered') return { status: 'registered', details: data, fees: [], royalty: DEFAULT_ROYALTY }
    if (v.status === 'unknown') return v
    switch (type) {
      case 'VenueFeesSet':
        return { ...v, fees: data.fees }
      case 'VenueRoyaltySet':
        return { ...v, royalty: data.basisPoints }
    }
  },
}
