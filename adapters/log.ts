import type { FastifyRequest } from 'fastify'
import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

/** JSON lines, on stderr if nothing else is said. What is thrown is told without its other fields, which may hold a row or a body. */
export const logTo = (level: string, stream: DestinationStream = process.stderr): Log =>
  pino({ level, serializers: { err: told, req: asked } }, stream)

/** Without URL and address. */
const asked = ({ method, routeOptions }: FastifyRequest) => ({ method, route: routeOptions?.url })

const told = (error: unknown): { type: string; message: string; stack: string; cause?: unknown } => {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error), stack: '' }
  const { name, message, stack = '', cause } = error
  return { type: name, message, stack, ...(cause !== undefined && { cause: told(cause) }) }
}
