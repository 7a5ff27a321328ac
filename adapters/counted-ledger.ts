import { Counter, type Registry } from 'prom-client'
import type { Fact } from '../domain/fact.ts'
import type { Ledger } from '../domain/ledger.ts'
import type { AnyFact } from '../domain/registry.ts'

/** A ledger whose facts are counted as they are recorded: what was given away, sold on, locked, refunded, and how it ended. */
export const countedLedger = (ledger: Ledger, metrics: Registry): Ledger => {
  const facts = new Counter({
    name: 'counterfoil_facts_total',
    help: 'Facts that this process recorded, by type; of some types, by kind or reason.',
    labelNames: ['type', 'detail'],
    registers: [metrics],
  })
  return {
    ...ledger,
    append: async (stream, expected, proposed) => {
      const position = await ledger.append(stream, expected, proposed)
      for (const fact of proposed) facts.inc({ type: fact.type, detail: detailOf(fact) })
      return position
    },
  }
}

/** One word out of a few, for each makes a time series. What a provider or a person wrote is none. */
const detailOf = (fact: Fact): string => {
  const { type, data } = fact as AnyFact
  switch (type) {
    case 'TicketOffered':
    case 'TicketTransferred':
    case 'TicketReportedLost':
      return data.kind
    case 'TicketReservationReleased':
    case 'TicketOfferClosed':
    case 'TicketDelisted':
    case 'TicketClaimReleased':
    case 'TicketLocked':
    case 'TicketReissued':
    case 'TicketRevoked':
    case 'OrderCancelled':
    case 'OrderRefunded':
    case 'EventCancelled':
    case 'AdmissionDenied':
      return data.reason
    case 'TicketReportClosed':
    case 'TicketIdentityChecked':
      return data.outcome
    case 'TicketExpired':
      return data.admitted ? 'admitted' : 'never_admitted'
    default:
      return 'none'
  }
}
