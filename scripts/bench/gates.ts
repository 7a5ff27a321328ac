import { ticketCodes } from '../../adapters/keys/ticket-codes.ts'
import { ticketIdOf } from '../../commands/ids.ts'
import type { Client } from '../client.ts'
import type { OnSale, Order } from './box-office.ts'
import type { Server } from './server.ts'

export type Scan = { readonly verdict: 'allow' | 'deny'; readonly reason: string | null }

/** Credentials of scanners at the event's one entrance. */
export const registerDevices = async (organizer: Client, onSale: OnSale, count: number): Promise<string[]> => {
  const { venueId, eventId } = onSale
  await organizer.call('PUT', `/events/${eventId}/entrances/North`, { zone: 'GA' })
  const register = async (_: unknown, i: number) => {
    const device = { deviceId: `scanner-${i}`, name: `Scanner ${i}`, venueId, zone: 'GA' }
    const { credential } = (await organizer.call<{ credential: string }>('POST', '/devices/register', device)).body
    await organizer.call('POST', `/devices/scanner-${i}/assign`, { eventId, zone: 'GA', entrance: 'North' })
    return credential
  }
  return Promise.all(Array.from({ length: count }, register))
}

export const ticketsOf = ({ eventId }: OnSale, orders: readonly Order[]): string[] =>
  orders.flatMap(({ lines }) => lines.map(({ slot, edition }) => ticketIdOf(eventId, slot, edition)))

/** The app's codes of this moment, from the server's own vault. */
export const issueCodes = async ({ vault }: Server, { eventId }: OnSale, ticketIds: readonly string[]) => {
  const codes = ticketCodes(vault.eventSecrets)
  const at = new Date().toISOString()
  const credential = { eventId, generation: 1, timeZone: 'Europe/Amsterdam', carrier: 'app', at } as const
  const issued: string[] = []
  for (const ticketId of ticketIds)
    issued.push((await codes.issue({ ...credential, ticketId, rotationSeconds: 300 })).code)
  return issued
}
