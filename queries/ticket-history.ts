import { z } from 'zod'
import { type Position, streamOf } from '../domain/fact.ts'
import type { Ledger } from '../domain/ledger.ts'
import { type Known, known } from '../domain/registry.ts'
import type { TicketFact } from '../domain/ticket/facts.ts'
import { At } from '../domain/time.ts'
import type { Reader } from './readable-ticket.ts'
import { Detail, type Details, detailsOf } from './ticket-details.ts'

export const HistoryItem = z.object({
  type: z.string().describe('The name of the fact, such as TicketSold.'),
  at: At,
  actor: z.object({ id: z.string().optional().describe('To staff only.'), role: z.string() }),
  data: z
    .record(z.string(), Detail)
    .describe('A holder reads null where it is another person, or what only whoever held it then may know.'),
})

export const TicketHistory = z.array(HistoryItem).describe('The oldest first.')

export type Told = z.infer<typeof HistoryItem> & { readonly revision: number; readonly position: Position }

/** Everything that was recorded of a ticket, without codes; of other people, a holder is told that they were there, not who. */
export const historyOf = async (
  ledger: Pick<Ledger, 'read'>,
  ticketId: string,
  reader: Reader,
): Promise<readonly Told[]> => {
  const facts = (await ledger.read(streamOf('ticket', ticketId))).map(known) as KnownOfTicket[]
  const isStaff = reader === 'staff'
  let holderId: string | null = null
  return facts.map((fact) => {
    holderId = holderAfter(fact) ?? holderId
    const { type, revision, position } = fact
    const { actor, at } = fact.metadata
    const { open, people, own } = detailsOf(fact)
    const data = {
      ...open,
      ...valuesOf(people ?? {}, (personId) => isStaff || personId === reader.holderId),
      ...valuesOf(own ?? {}, () => isStaff || holderId === reader.holderId),
    }
    return { type, at, actor: isStaff ? actor : { role: actor.role }, data, revision, position }
  })
}

type KnownOfTicket = Extract<Known, { type: TicketFact['type'] }>

const holderAfter = ({ type, data }: KnownOfTicket): string | null => {
  if (type === 'TicketSold') return data.holderId
  return type === 'TicketTransferred' || type === 'TicketResold' ? data.to : null
}

const valuesOf = (details: Details, isShown: (value: Details[string]) => boolean): Details =>
  Object.fromEntries(Object.entries(details).map(([name, value]) => [name, isShown(value!) ? value! : null]))
