import { z } from 'zod'
import { streamOf } from '../domain/fact.ts'
import type { Ledger } from '../domain/ledger.ts'
import { type Known, known } from '../domain/registry.ts'
import { At } from '../domain/time.ts'

const Detail = z.union([z.string(), z.int(), z.null()])

export const TicketHistory = z
  .array(
    z.object({
      type: z.string().describe('The name of the fact, such as TicketSold.'),
      at: At,
      actor: z.object({ id: z.string().optional().describe('To staff only.'), role: z.string() }),
      data: z.record(z.string(), Detail),
    }),
  )
  .describe('The oldest first.')

/** Everything that was recorded of a ticket, without codes and without those who once had its slot reserved. */
export const historyOf = async (
  ledger: Pick<Ledger, 'read'>,
  ticketId: string,
  reader: 'staff' | 'holder',
): Promise<z.infer<typeof TicketHistory>> => {
  const facts = await ledger.read(streamOf('ticket', ticketId))
  return facts.map(known).map((fact) => {
    const { actor, at } = fact.metadata
    return { type: fact.type, at, actor: reader === 'staff' ? actor : { role: actor.role }, data: detailsOf(fact) }
  })
}

const detailsOf = ({ type, data }: Known): Record<string, z.infer<typeof Detail>> => {
  switch (type) {
    case 'TicketReserved':
    case 'TicketReservationExtended':
      return { expiresAt: data.expiresAt }
    case 'TicketReservationReleased':
      return { reason: data.reason }
    case 'TicketSold':
      return {
        generation: data.generation,
        zone: data.zone,
        priceCents: data.price.amount,
        currency: data.price.currency,
      }
    case 'TicketAdmitted': {
      const { generation, carrier, source, happenedAt, deviceName, entrance, zone } = data
      return { generation, carrier, source, happenedAt, deviceName, entrance, zone }
    }
    case 'TicketMinted':
      return { version: data.version, mintAddress: data.mintAddress, signature: data.signature }
    case 'TicketSettled':
      return { version: data.version, signature: data.signature }
    case 'TicketUnsettled':
      return { version: data.version, trouble: data.trouble }
    case 'TicketRepairOrdered':
      return { version: data.version }
    case 'TicketRefunded':
      return { priceCents: data.price.amount, currency: data.price.currency }
    default:
      return {}
  }
}
