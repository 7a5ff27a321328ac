import { join } from 'node:path'
import { sqliteLedger } from '../adapters/sqlite/ledger.ts'
import { handle } from '../commands/handle.ts'
import { type TicketCommand, ticket } from '../domain/ticket/ticket.ts'
import { type Client, clientOf, Refused } from './client.ts'
import type { OwnTicket, Page, World } from './counterfoil.world.ts'

export type Offer = {
  offerId: string
  kind: string
  ticketId: string
  status: string
  reason: string | null
  expiresAt: string | null
  recipient: string
  acceptanceCode: string | null
}

export type Transfer = {
  transferId: string
  kind: string
  ticketId: string
  from: string | null
  to: string | null
  status: string
  reason: string | null
  expiresAt: string | null
  endedAt: string | null
  recipient?: string | null
}

/** What was refused, and in which words; undefined where nothing was. */
export const refusal = (
  call: Promise<unknown>,
): Promise<{ code: string; status: number; message: string } | undefined> =>
  call.then(
    () => undefined,
    (error: unknown) => {
      if (!(error instanceof Refused)) throw error
      const { code, status, message } = error
      return { code, status, message }
    },
  )

let people = 0

/** Which nobody has told yet. */
const strangersAddress = (): string => `friend-${crypto.randomUUID()}@example.org`

/** People who give each other tickets of an event, and what they ask for. */
export const givers = (w: World) => {
  /** Somebody new, by a name that nobody else has. */
  const somebody = async (name: string) => {
    const subject = `${name} ${++people}`
    const client = await w.as('attendee', subject)
    const { personId } = (await client.call<{ personId: string }>('GET', '/me')).body
    return { client, personId, subject, again: () => w.as('attendee', subject) }
  }

  /** Somebody who told their name, and so is known. */
  const known = async (name: string, email: string | null = null) => {
    const one = await somebody(name)
    await one.client.call('PUT', '/me', { name, email })
    return one
  }

  /** An event, and somebody with tickets for it. */
  const holding = async (
    quantity = 1,
    { rules, ...options }: Parameters<World['onSale']>[0] & { rules?: object } = {},
  ) => {
    const event = await w.onSale({ startsInHours: 100, size: 50, ...options })
    if (rules) await event.olga.call('PUT', `/events/${event.eventId}/rules/transfers`, rules)
    const ann = await known('ann')
    const tickets = await w.buyTickets(ann.client, event.eventId, event.typeId, quantity)
    return { ...event, ann, tickets, ticketId: tickets[0]!.ticketId }
  }

  return { somebody, known, holding }
}

export const offer = async (giver: Client, ticketId: string, email = strangersAddress(), headers = {}) => {
  const { body, position } = await giver.call<Offer>('POST', '/transfers/gift', { ticketId, email }, headers)
  return { ...body, code: body.acceptanceCode!, position }
}

export const hand = (giver: Client, ticketId: string, toPersonId: string, more = {}) =>
  giver.call<Offer>('POST', '/transfer', { ticketId, toPersonId, ...more })

export const answer = (
  by: Client,
  offerId: string,
  what: 'accept' | 'decline' | 'cancel',
  body?: object,
  headers = {},
) => by.call<Offer>('POST', `/transfers/${offerId}/${what}`, body, headers)

export const listOf = async (of: Client, query: string, position: string | null): Promise<Transfer[]> =>
  (await of.call<Page<Transfer>>('GET', `/transfers?${query}&minPosition=${position}`)).body.items

export const ticketsOf = async (of: Client, position: string | null): Promise<OwnTicket[]> =>
  (await of.call<Page<OwnTicket>>('GET', `/tickets?minPosition=${position}`)).body.items

/** A gate at the door of an event, and what it says of a code. */
export const gateAt = async (w: World, { olga, venueId, eventId }: Awaited<ReturnType<World['onSale']>>) => {
  const deviceId = `gate-${crypto.randomUUID()}`
  const device = { deviceId, name: 'Door', venueId, zone: 'GA' }
  const { credential } = (await olga.call<{ credential: string }>('POST', '/devices/register', device)).body
  await olga.call('POST', `/devices/${deviceId}/assign`, { eventId, zone: 'GA', entrance: null })
  const gate = clientOf(w.url, credential)
  return async (code: string) =>
    (await gate.call<{ verdict: string; reason: string | null }>('POST', '/scan', { code })).body
}

export const codeOf = async (holder: Client, ticketId: string): Promise<string> =>
  (await holder.call<{ code: string }>('GET', `/tickets/${ticketId}/qr`)).body.code

/** What others do to a ticket meanwhile, straight to its stream. */
export const befalls = async ({ folder }: World, ticketId: string, command: TicketCommand): Promise<void> => {
  const ledger = sqliteLedger(join(folder, 'ledger.db'))
  const deps = { ledger, now: () => new Date().toISOString(), sleep: async () => {} }
  const commandId = crypto.randomUUID()
  const actor = { id: 'somebody', role: 'process' } as const
  const context = { commandId, correlationId: commandId, tenant: 'demo', actor, request: '' }
  const outcome = await handle(deps, ticket, ticketId, command, context)
  if (!outcome.done) throw new Error(`${command.type} was refused: ${outcome.refused}`)
  await ledger.close()
}
