import { setTimeout as sleep } from 'node:timers/promises'
import type { ChainMode } from '../../domain/event/facts.ts'
import type { Caller } from './caller.ts'
import type { Chance } from './chance.ts'

export type TypeOnSale = {
  readonly typeId: string
  readonly pool: string
  readonly from: number
  readonly to: number | null
  readonly maxPerPerson: number | null
}

export type EventOnSale = {
  readonly eventId: string
  readonly venueId: string
  readonly currency: string
  readonly pools: Readonly<Record<string, number>>
  readonly types: readonly TypeOnSale[]
  readonly gates: readonly Caller[]
  /** Whether whoever gives a ticket back gets the fees back too. */
  readonly feesRefunded: boolean
}

/** What is on sale, the newest last; it grows. Those that somebody wanted cancelled are told by their ids. */
export type Programme = {
  readonly events: EventOnSale[]
  readonly venues: string[]
  readonly cancelled: Set<string>
}

type Deps = {
  readonly olga: Caller
  readonly chance: Chance
  readonly chain: ChainMode
  /** A gate, by the credential of its device. */
  readonly gateOf: (name: string, credential: string) => Caller
}

const GATES = 3

/** An organizer, who puts one event after the other on sale, each a little different. */
export const promoter = ({ olga, chance, chain, gateOf }: Deps) => {
  const programme: Programme = { events: [], venues: [], cancelled: new Set() }

  const must = async <T>(method: 'POST' | 'PUT', path: string, body?: unknown): Promise<T> => {
    const answer = await olga.ask<T>(method, path, { wish: 'set-up', body })
    if (!answer.isAccepted) throw new Error(`${method} ${path} was refused: ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  const openVenue = async (): Promise<string> => {
    const name = `House ${programme.venues.length + 1}`
    const { venueId } = await must<{ venueId: string }>('POST', '/venues', { name, timeZone: 'Europe/Amsterdam' })
    const fees = [
      { code: 'booking_fee', flat: [{ amount: 150, currency: 'EUR' }], basisPoints: 200, paidBy: 'buyer' },
      { code: 'platform_fee', flat: [], basisPoints: 350, paidBy: 'venue' },
    ]
    await must('PUT', `/venues/${venueId}/fees`, { fees: fees.slice(0, chance.between(0, 2)) })
    programme.venues.push(venueId)
    return venueId
  }

  const openEvent = async (): Promise<void> => {
    const venueId = programme.venues.length < 2 ? await openVenue() : chance.oneOf(programme.venues)
    const number = programme.events.length + 1
    const currency = chance.oneOf(['EUR', 'EUR', 'JPY'])
    const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString()
    const { eventId } = await must<{ eventId: string }>('POST', '/events', {
      ...{ venueId, name: `Night ${number}`, startsAt: inMinutes(60), endsAt: inMinutes(300) },
      ...{ timeZone: 'Europe/Amsterdam', currency, chain },
    })
    const size = chance.oneOf([12, 40, 120, 300])
    const pools = { GA: size, BALCONY: 20 }
    for (const [pool, size] of Object.entries(pools)) await must('PUT', `/events/${eventId}/pools/${pool}`, { size })

    const types: TypeOnSale[] = []
    for (const wanted of typesFor(size)) {
      const taxes = chance.oneOf([[], [{ name: 'VAT', basisPoints: 900, inclusive: chance.happens(0.5) }]])
      const type = { ...wanted, zone: 'GA', taxes }
      const { typeId } = await must<{ typeId: string }>('POST', `/events/${eventId}/ticket-types`, type)
      types.push({ from: 1, to: null, maxPerPerson: null, ...wanted, typeId })
    }
    await must('PUT', `/events/${eventId}/entrances/North`, { zone: 'GA' })
    // Much is to move, so that it need not rest.
    await must('PUT', `/events/${eventId}/rules/transfers`, { cooldownMinutes: 0, perDay: 10_000 })
    const feesRefunded = chance.happens(0.5)
    await must('PUT', `/events/${eventId}/rules/refunds`, { feesRefunded })
    await must('POST', `/events/${eventId}/publish`)
    await must('POST', `/events/${eventId}/sales/open`)
    const gates: Caller[] = []
    for (let gate = 1; gate <= GATES; gate++) gates.push(await stationGate(eventId, venueId, `gate-${number}-${gate}`))
    programme.events.push({ eventId, venueId, currency, pools, types, gates, feesRefunded })
  }

  const stationGate = async (eventId: string, venueId: string, deviceId: string): Promise<Caller> => {
    const device = { deviceId, name: deviceId, venueId, zone: 'GA' }
    const { credential } = await must<{ credential: string }>('POST', '/devices/register', device)
    await must('POST', `/devices/${deviceId}/assign`, { eventId, zone: 'GA', entrance: 'North' })
    return gateOf(deviceId, credential)
  }

  return {
    programme,
    openEvent,
    /** Opens one more every so often, until it is told that the day is over. */
    run: async (isOver: () => boolean, everyMs: number): Promise<void> => {
      for (let next = Date.now() + everyMs; !isOver(); await sleep(100)) {
        if (Date.now() < next) continue
        await openEvent()
        next = Date.now() + everyMs
      }
    },
  }
}

/** Two on the slots of one pool, where the first few are limited; one that is free; one in a small pool of its own. */
const typesFor = (size: number) => [
  { name: 'Early bird', pool: 'GA', to: Math.ceil(size / 3), priceCents: 2_500, maxPerPerson: 4 },
  { name: 'Regular', pool: 'GA', priceCents: 3_333 },
  { name: 'Guest', pool: 'BALCONY', to: 8, priceCents: 0, maxPerPerson: 2 },
  { name: 'Balcony', pool: 'BALCONY', from: 5, priceCents: 4_999 },
]
