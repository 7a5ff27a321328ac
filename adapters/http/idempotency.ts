import type { FastifyInstance, FastifyRequest } from 'fastify'
import { v7 } from 'uuid'
import type { Context } from '../../commands/handle.ts'
import { commandIdOf, requestHash } from '../../commands/ids.ts'
import { Problem } from './problem.ts'

declare module 'fastify' {
  interface FastifyRequest {
    idempotencyKey: string
  }
}

const WRITES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])
const PRINTABLE = /^[\x20-\x7e]{1,255}$/

/** Every write has a key. Where the client sent none, one is made and echoed, for a repetition to send. */
export const idempotencyKeys = (server: FastifyInstance): void => {
  server.decorateRequest('idempotencyKey', '')
  server.addHook('preValidation', (request, reply, done) => {
    if (!WRITES.has(request.method)) return done()
    const sent = request.headers['idempotency-key']
    if (sent === undefined) {
      request.idempotencyKey = v7()
      reply.header('idempotency-key', request.idempotencyKey)
      return done()
    }
    if (typeof sent !== 'string' || !PRINTABLE.test(sent)) {
      const message = 'is not 1 to 255 printable ASCII characters'
      return done(new Problem('validation_failed', { errors: [{ field: 'Idempotency-Key', message }] }))
    }
    request.idempotencyKey = sent
    return done()
  })
}

/** What a command handler needs to know of a write. The operation is a name; the target says of what, where an id does. */
export const contextOf = (request: FastifyRequest, operation: string, target = ''): Context => {
  const { tenant, actor } = request.caller
  const { idempotencyKey, sent = null, params } = request
  const commandId = commandIdOf({ tenant, actorId: actor.id, operation, target, idempotencyKey })
  return { commandId, correlationId: commandId, tenant, actor, request: requestHash([sent, params]) }
}
