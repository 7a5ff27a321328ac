import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Conflict, Unavailable } from '../../domain/ledger.ts'
import { type Code, Problem } from './problem.ts'

const MEDIA_TYPE = 'application/problem+json'
const LINGER = 1_000

/** Fastify's own errors, and Node's from before a request can be read. */
const known: Readonly<Record<string, Code>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_json',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
}

/** Told of each problem that is answered. */
type Answered = (code: Code, request: FastifyRequest) => void

/** Answers whatever was thrown as a problem. Only what broke is logged, with its stack; the client never sees that. */
export const answeringErrors =
  (answered: Answered) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = problemFrom(error)
    answered(problem.code, request)
    if (problem.code === 'internal_error') request.log.error({ err: error }, 'a request broke')
    // In one line: while a part is away, every request finds it so.
    if (problem.code === 'unavailable')
      request.log.warn({ reason: (error as Error).message }, 'a request found a part unavailable')
    reply
      .code(problem.status)
      .headers(problem.headers)
      .header('x-request-id', request.id)
      .header('content-type', MEDIA_TYPE)
      .send(JSON.stringify(problem.document(request.id)))
  }

/** What could not be read as HTTP has no request yet, so the answer is written by hand. */
export const answerUnreadable = (error: Error & { code?: string }, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const problem = new Problem(known[error.code ?? ''] ?? 'malformed_request')
  const body = JSON.stringify(problem.document())
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `Content-Type: ${MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  // Destroyed at once, the rest that the client is still sending would reset the connection under the answer.
  setTimeout(() => socket.destroy(), LINGER).unref()
}

const problemFrom = (error: unknown): Problem => {
  if (error instanceof Problem) return error
  if (error instanceof Unavailable || error instanceof Conflict) {
    return new Problem('unavailable', { headers: { 'retry-after': '1' } })
  }
  const { code = '', statusCode = 500 } = (error ?? {}) as { code?: string; statusCode?: number }
  const named = known[code]
  if (named) return new Problem(named)
  return new Problem(statusCode >= 400 && statusCode < 500 ? 'malformed_request' : 'internal_error')
}
