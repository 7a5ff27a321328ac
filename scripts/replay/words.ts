import { idOf, type Recorded } from '../../domain/fact.ts'

/** Under which order it was recorded; null for an order's own facts, and for what no order caused. */
export const orderOf = ({ stream, data, metadata }: Recorded): string | null => {
  const { orderId } = data as { orderId?: string }
  const { $correlationId, $causationId } = metadata
  const under = orderId ?? ($correlationId === $causationId ? null : $correlationId)
  return under === idOf(stream) ? null : under
}

/** Why, as far as the fact says: the reason that it gives, or the step that Counterfoil was at. What somebody asked for has no other reason. */
export const whyOf = ({ data, metadata: { actor, request } }: Recorded): string | null => {
  const { reason } = data as { reason?: string }
  if (reason) return reason.replaceAll('_', ' ')
  const step = request.split('/', 1)[0]!
  return actor.role === 'process' && step !== '' ? `step ${step}` : null
}

/** The process itself has a name, everybody else a role and an id. */
export const whoOf = ({ metadata: { actor } }: Recorded): string =>
  actor.role === 'process' ? actor.id : `${actor.role} ${actor.id}`
