import { idOf, type Position, START } from '../../domain/fact.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { known } from '../../domain/registry.ts'

const PAGE = 1_000

/** Small enough for one request to the chain. */
const TOGETHER = 100

export type Seen = { readonly ticketIds: readonly string[]; readonly position: Position }

/**
 * Every ticket ever sold up to a position, each once, in the order of their sale, and how far the ledger was read for it: as little is
 * in memory at the end as at the start. Of one event, or of all.
 */
export async function* soldTickets(
  ledger: Pick<Ledger, 'readAll'>,
  { until, eventId }: { readonly until: Position; readonly eventId?: string | undefined },
): AsyncGenerator<Seen, void> {
  let position = START
  const ticketIds: string[] = []
  while (position < until) {
    const facts = await ledger.readAll(position, PAGE)
    for (const fact of facts) {
      if (fact.position > until) break
      position = fact.position
      if (fact.type !== 'TicketSold') continue
      const sold = known(fact)
      if (sold.type === 'TicketSold' && (eventId === undefined || sold.data.eventId === eventId))
        ticketIds.push(idOf(fact.stream))
    }
    while (ticketIds.length >= TOGETHER) yield { ticketIds: ticketIds.splice(0, TOGETHER), position }
    if (facts.length < PAGE) break
    if (facts.at(-1)!.position > until) break
  }
  yield { ticketIds, position: until }
}
