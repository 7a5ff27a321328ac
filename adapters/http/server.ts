import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Registry } from 'prom-client'
import type { SharedRedis } from '../cache/redis.ts'
import type { Log } from '../log.ts'
import { type Authenticate, authentication } from './auth.ts'
import { jsonBodies, validatorCompiler } from './body.ts'
import { answeringErrors, answerUnreadable } from './errors.ts'
import { idempotencyKeys } from './idempotency.ts'
import { rateLimits } from './limits.ts'
import { openApi } from './openapi.ts'
import { unknownPaths } from './paths.ts'
import { Problem } from './problem.ts'
import { countingRefusals, type Health, vitals } from './vitals.ts'

export type HttpOptions = {
  readonly authenticate: Authenticate
  readonly health: () => Promise<Health>
  /** Holds the HTTP metrics too; other parts add theirs. One server per registry. */
  readonly metrics: Registry
  /** Counted by the process itself where there is no Redis. */
  readonly rateLimit: { readonly perMinute: number; readonly redis?: SharedRedis | undefined }
  readonly log: Log
  /** Addresses of the proxies whose X-Forwarded-For is believed. Without it, all behind one share its address. */
  readonly trustProxy?: string | undefined
}

export type HttpServer = Awaited<ReturnType<typeof httpServer>>

const BODY_LIMIT = 1024 * 1024

/** What all routes build on. Closing it finishes the requests in flight and takes no new connections. */
export const httpServer = async (options: HttpOptions) => {
  const { authenticate, health, metrics, rateLimit, log, trustProxy = false } = options
  const answerError = answeringErrors(countingRefusals(metrics))
  const server = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId,
    trustProxy,
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: answerError,
    clientErrorHandler: answerUnreadable,
  }).withTypeProvider<ZodTypeProvider>()

  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)
  server.setErrorHandler(answerError)
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    // No name or id has it, and PostgreSQL cannot store it.
    done(request.url.includes('%00') ? new Problem('malformed_request') : undefined)
  })
  hangUpWhenClosing(server)
  // The order of these is the order in which a request meets them.
  unknownPaths(server)
  await openApi(server)
  authentication(server, authenticate)
  await rateLimits(server, rateLimit.perMinute, rateLimit.redis)
  jsonBodies(server)
  idempotencyKeys(server)
  vitals(server, metrics, health)
  return server
}

/** Or a connection whose last request was in flight at the close would hold it up until its keep-alive ends. */
const hangUpWhenClosing = (server: FastifyInstance): void => {
  let isClosing = false
  server.addHook('preClose', (done) => {
    isClosing = true
    done()
  })
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing) reply.header('connection', 'close')
    done(null, payload)
  })
}

const SANE_ID = /^[\w.:-]{1,64}$/

const genReqId = ({ headers }: IncomingMessage): string => {
  const sent = headers['x-request-id']
  return typeof sent === 'string' && SANE_ID.test(sent) ? sent : randomUUID()
}
