import type { Proposed } from '../domain/fact.ts'

/** A fact as any other, for what cares about the ledger and not about its facts. */
export const sampleFact = (id: string): Proposed => ({
  id,
  type: 'TicketReservationReleased',
  data: { orderId: id, reason: 'ran out — «zu spät»' },
  metadata: {
    $correlationId: 'order-1',
    $causationId: id,
    tenant: 'acme',
    actor: { id: 'ann', role: 'attendee' },
    at: '2030-01-01T10:00:00.000Z',
    v: 1,
    request: '',
  },
})
