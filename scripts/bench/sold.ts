import { randomUUID } from 'node:crypto'
import type { ChainMode } from '../../domain/event/facts.ts'
import { type Proposed, streamOf } from '../../domain/fact.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { type AnyFact, versionOf } from '../../domain/registry.ts'

/** A ticket as it is once its order is paid: held by whoever has no wallet. */
export type SoldTicket = { readonly ticketId: string; readonly eventId: string; readonly facts: readonly Proposed[] }

const HOUR = 3_600_000

/** Appends that wait at once: a batch of the ledger. */
const AT_ONCE = 500

/** Puts an event that is yet to come into a ledger, without the requests that would have made it. */
export const draftEvent = async (ledger: Pick<Ledger, 'append'>, chain: ChainMode): Promise<string> => {
  const [eventId, at] = [randomUUID(), Date.now() + HOUR]
  const data = {
    ...{ venueId: randomUUID(), name: 'Night of the Long Queue', type: 'single' as const, zones: ['GA'], chain },
    ...{ startsAt: new Date(at).toISOString(), endsAt: new Date(at + 4 * HOUR).toISOString() },
    ...{ timeZone: 'Europe/Amsterdam', currency: 'EUR' },
  }
  await ledger.append(streamOf('event', eventId), 'none', [proposed(eventId, { type: 'EventDrafted', data })])
  return eventId
}

export const soldTicket = (eventId: string): SoldTicket => {
  const [ticketId, orderId, holderId] = [randomUUID(), randomUUID(), randomUUID()]
  const sale = {
    ...{ eventId, venueId: randomUUID(), typeId: randomUUID(), orderId },
    price: { amount: 3_250, currency: 'EUR' },
  }
  const expiresAt = new Date(Date.now() + HOUR).toISOString()
  const reserved = { ...sale, slot: 'pool:GA:7', edition: 1, expiresAt }
  const sold = {
    ...{ ...sale, payerId: holderId, holderId, generation: 1, zone: 'GA' },
    ...{ validDates: null, delivery: 'digital' as const, transferable: true },
  }
  return {
    ...{ ticketId, eventId },
    facts: [
      proposed(orderId, { type: 'TicketReserved', data: reserved }),
      proposed(orderId, { type: 'TicketSold', data: sold }),
    ],
  }
}

type Addresses = { readonly [of in 'event' | 'ticket' | 'mint']: { readonly toBase58: () => string } }

/** The same, once its token is final on chain. */
export const minted = (sold: SoldTicket, { event, ticket, mint }: Addresses): SoldTicket => {
  const { eventId } = sold
  const addresses = {
    ticketAddress: ticket.toBase58(),
    eventAddress: event.toBase58(),
    mintAddress: mint.toBase58(),
  }
  const data = { eventId, version: 1, ...addresses, signature: null }
  return { ...sold, facts: [...sold.facts, proposed(sold.ticketId, { type: 'TicketMinted', data })] }
}

/** Many at a time. */
export const record = async (ledger: Pick<Ledger, 'append'>, tickets: readonly SoldTicket[]): Promise<void> => {
  for (let from = 0; from < tickets.length; from += AT_ONCE)
    await Promise.all(
      tickets
        .slice(from, from + AT_ONCE)
        .map(({ ticketId, facts }) => ledger.append(streamOf('ticket', ticketId), 'none', facts)),
    )
}

const proposed = (orderId: string, { type, data }: AnyFact): Proposed => ({
  ...{ id: randomUUID(), type, data },
  metadata: {
    ...{ $correlationId: orderId, $causationId: randomUUID(), tenant: 'bench', at: new Date().toISOString() },
    ...{ actor: { id: 'bench', role: 'process' }, v: versionOf(type), request: '' },
  },
})
