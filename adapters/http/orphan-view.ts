import { z } from 'zod'
import { Id } from '../../domain/id.ts'

/** A reservation that no living order stands behind. */
export const OrphanView = z.object({
  ticketId: Id,
  eventId: Id,
  slot: z.string(),
  orderId: Id,
  reservedAt: z.string(),
  expiresAt: z.string(),
  reason: z.enum(['no_order', 'order_failed', 'should_be_expired']),
})
