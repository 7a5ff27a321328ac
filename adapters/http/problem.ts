import { z } from 'zod'
import { type Refusal, refusals } from '../../domain/refusals.ts'

/** The title says what is so, `next` what to do about it. */
type Entry = { readonly status: number; readonly title: string; readonly next: string }

/** What HTTP alone refuses. All other codes are the domain's refusals. */
const transport = {
  malformed_request: {
    status: 400,
    title: 'The request is not readable as HTTP or its URL is not well formed',
    next: 'Check the URL and its percent-encoding.',
  },
  malformed_json: {
    status: 400,
    title: 'The body is not JSON that can be stored',
    next: 'Send one JSON value in UTF-8, without __proto__ keys, U+0000, lone surrogates or endless numbers.',
  },
  validation_failed: {
    status: 400,
    title: 'The request does not have the shape asked for',
    next: 'Correct the fields named in errors.',
  },
  unauthenticated: {
    status: 401,
    title: 'The request carries no valid bearer token',
    next: 'Send Authorization: Bearer with a token that has not expired.',
  },
  forbidden: {
    status: 403,
    title: 'The role in the token may not do this',
    next: 'Ask someone whose role may; the API documentation names the roles of each route.',
  },
  wrong_venue: {
    status: 403,
    title: 'The token does not hold at this venue',
    next: 'Use a token that names the venue.',
  },
  not_found: { status: 404, title: 'There is nothing here', next: 'Check the path and the ids in it.' },
  method_not_allowed: {
    status: 405,
    title: 'The path exists, but not with this method',
    next: 'Use one of the methods in the Allow header.',
  },
  request_timeout: { status: 408, title: 'The request took too long to arrive', next: 'Send it again.' },
  body_too_large: { status: 413, title: 'The body is larger than 1 MiB', next: 'Send less at once.' },
  unsupported_media_type: {
    status: 415,
    title: 'The body is of a type that is not read here',
    next: 'Send JSON with Content-Type: application/json.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests came within a minute',
    next: 'Wait for the seconds in the Retry-After header.',
  },
  headers_too_large: { status: 431, title: 'URL and headers are too long', next: 'Shorten the query or the headers.' },
  internal_error: {
    status: 500,
    title: 'Something broke on our side',
    next: 'Send the request again with the same Idempotency-Key; if it persists, report the instance.',
  },
  read_model_behind: {
    status: 503,
    title: 'What is read here has not caught up with minPosition yet',
    next: 'Ask again after the seconds in the Retry-After header.',
  },
  unavailable: {
    status: 503,
    title: 'A part that this needs cannot be reached or is overloaded',
    next: 'Send the request again with the same Idempotency-Key after the seconds in the Retry-After header.',
  },
} as const satisfies Record<string, Entry>

export type Code = Refusal | keyof typeof transport

const catalogue: Readonly<Record<Code, Entry>> = { ...refusals, ...transport }

/** RFC 9457, with a stable `code` for programs. `field` is a path such as `lines.0.quantity`. */
export const ProblemDocument = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    instance: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' })
export type ProblemDocument = z.infer<typeof ProblemDocument>

type Particulars = {
  readonly detail?: string | undefined
  readonly errors?: ProblemDocument['errors']
  readonly headers?: Readonly<Record<string, string>>
}

/** A "no" on its way out: thrown by routes and hooks, answered by the error handler. */
export class Problem extends Error {
  override name = 'Problem'
  readonly code: Code
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly #particulars: Particulars

  constructor(code: Code, particulars: Particulars = {}) {
    // Expected, so nobody reads where it came from; collecting the stack took a tenth of a refused request.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(code)
    Error.stackTraceLimit = stackTraceLimit
    this.code = code
    this.status = catalogue[code].status
    this.headers = particulars.headers ?? {}
    this.#particulars = particulars
  }

  /** As answered. The request's id leads from here to the logs. */
  document(requestId?: string): ProblemDocument {
    const { status, title, next } = catalogue[this.code]
    const { detail, errors } = this.#particulars
    return {
      type: `urn:counterfoil:problem:${this.code}`,
      title,
      status,
      detail: detail ? `${detail} ${next}` : next,
      code: this.code,
      ...(requestId && { instance: `urn:counterfoil:request:${requestId}` }),
      ...(errors && { errors }),
    }
  }
}

/** A refusal as a problem to throw. The detail is a sentence about this occurrence; what to do follows it. */
export const problemOf = (code: Code, detail?: string): Problem => new Problem(code, { detail })
