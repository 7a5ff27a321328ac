import { readConfig } from '../adapters/config.ts'
import { openLedger } from '../adapters/parts.ts'
import { handle } from '../commands/handle.ts'
import { DEFAULT_RULES } from '../domain/event/rules.ts'
import { type TicketCommand, ticket } from '../domain/ticket/ticket.ts'
import { plus } from '../domain/time.ts'
import { type Client, clientOf, type Refused } from './client.ts'
import { type OwnTicket, wholeWorld } from './counterfoil.world.ts'

type Seen = { reportId: string; kind: string; reportedAt: string }
export type TicketSeen = {
  ticketId: string
  status: string
  orderId: string
  slot: string
  typeId: string
  holderId: string
  generation: number
  lockedAt: string | null
  lockedBy: string | null
  lockReason: string | null
  locks: { lockId: string; reason: string; lockedBy: string; lockedAt: string }[]
  offer: object | null
  listing: object | null
  report: Seen | null
  lastReport: (Seen & { outcome: string; endedAt: string }) | null
  history: { type: string }[]
}

type Scan = { verdict: string; reason: string | null; explanation: string }

/** All of Counterfoil with an open door at each event, and an admin at the desk. */
export const deskWorld = async () => {
  const w = await wholeWorld()
  const ada = await w.as('admin', 'ada')
  let doors = 0

  /** An event that admits now, a gate at it, and what somebody bought for it. */
  const evening = async (subject: string, quantity = 1, options: Parameters<typeof w.onSale>[0] = {}) => {
    const event = await w.onSale(options)
    const { olga, venueId, eventId, typeId } = event
    const deviceId = `desk-door-${++doors}`
    const device = { deviceId, name: deviceId, venueId, zone: 'GA' }
    const { credential } = (await olga.call<{ credential: string }>('POST', '/devices/register', device)).body
    await olga.call('PUT', `/events/${eventId}/entrances/North`, { zone: 'GA' })
    await olga.call('POST', `/devices/${deviceId}/assign`, { eventId, zone: 'GA', entrance: 'North' })
    const gate = clientOf(w.url, credential)
    const holder = await w.as('attendee', subject)
    const ids = (await w.buyTickets(holder, eventId, typeId, quantity)).map(({ ticketId }: OwnTicket) => ticketId)
    return { ...event, gate, holder, ids, ticketId: ids[0]! }
  }

  const scan = async (gate: Client, code: string): Promise<Scan> =>
    (await gate.call<Scan>('POST', '/scan', { code })).body

  const codeOf = async (holder: Client, ticketId: string): Promise<string> =>
    (await holder.call<{ code: string }>('GET', `/tickets/${ticketId}/qr`)).body.code

  /** As it is once everything up to a position is visible. */
  const viewOf = async (who: Client, ticketId: string, position: string | null): Promise<TicketSeen> =>
    (await who.call<TicketSeen>('GET', `/tickets/${ticketId}?minPosition=${position ?? ''}`)).body

  /** What a ticket is asked to do beside the server; refused, it throws. */
  const move = async (ticketId: string, command: TicketCommand): Promise<void> => {
    const ledger = await openLedger({ ...readConfig({}), dataDir: w.folder })
    const now = () => plus(new Date().toISOString(), w.clock.ahead / 1_000)
    const id = crypto.randomUUID()
    const context = { commandId: id, correlationId: id, tenant: 'demo', request: '' }
    const actor = { id, role: 'process' } as const
    const outcome = await handle({ ledger, now, sleep: async () => {} }, ticket, ticketId, command, {
      ...context,
      actor,
    })
    await ledger.close()
    if (!outcome.done) throw new Error(outcome.refused)
  }

  const personIdOf = async (who: Client) => (await who.call<{ personId: string }>('GET', '/me')).body.personId

  const offer = async (holder: Client, ticketId: string) =>
    move(ticketId, {
      ...{ type: 'OfferTicket', offerId: crypto.randomUUID(), kind: 'gift', from: await personIdOf(holder), to: null },
      terms: { ...DEFAULT_RULES.transfer, startsAt: '2100-01-01T00:00:00.000Z' },
      isVerified: { from: false, to: false },
    })

  const list = async (holder: Client, ticketId: string): Promise<string> => {
    const listingId = crypto.randomUUID()
    const price = { amount: 3_000, currency: 'EUR' }
    const by = await personIdOf(holder)
    await move(ticketId, { type: 'ListTicket', listingId, by, price, rules: DEFAULT_RULES.resale })
    return listingId
  }

  /** A buyer's order takes the listing, and has not paid yet. */
  const claim = async (ticketId: string, listingId: string) =>
    move(ticketId, {
      ...{ type: 'ClaimTicket', orderId: crypto.randomUUID(), listingId, buyerId: crypto.randomUUID() },
      ...{ price: { amount: 3_000, currency: 'EUR' }, expiresAt: plus(new Date().toISOString(), 1_800) },
    })

  return { ...w, ada, evening, scan, codeOf, viewOf, move, offer, list, claim, personIdOf }
}

export type DeskWorld = Awaited<ReturnType<typeof deskWorld>>

/** The refusal of a call; undefined where it was not refused. */
export const refusalOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    ({ status, code, message }: Refused) => ({ status, code, message }),
  )
