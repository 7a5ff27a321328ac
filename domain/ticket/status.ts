import { z } from 'zod'

/**
 * What a ticket's standing is called for clients, computed from the ledger. `SOLD`: paid, and its order is not confirmed yet.
 * `TRANSFERRED`: active, with another than its first holder. `USED` and `EXPIRED`: its event is over, and it was admitted or was not.
 * `MINTED` is none that a ticket is ever in: its token stands beside, and holds nothing up.
 */
export const TicketStatus = z.enum([
  'AVAILABLE',
  'RESERVED',
  'SOLD',
  'MINTED',
  'ACTIVE',
  'TRANSFERRED',
  'CHECKED_IN',
  'USED',
  'REVOKED',
  'REFUNDED',
  'EXPIRED',
  'CANCELLED',
])
export type TicketStatus = z.infer<typeof TicketStatus>
