import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import { Problem, type ProblemDocument } from './problem.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The JSON body as it came, before defaults and normalisation. */
    sent: unknown
  }
}

/** JSON is the only body that is read. An empty one is none, for many clients send the content type with nothing. */
export const jsonBodies = (server: FastifyInstance): void => {
  const parse = server.getDefaultJsonParser('error', 'error')
  server.decorateRequest('sent', undefined)
  server.removeAllContentTypeParsers()
  server.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '') return done(null, undefined)
    return parse(request, text, (error, body) => {
      if (!error && SUSPICIOUS.test(text) && isUnstorable(body)) return done(new Problem('malformed_json'))
      request.sent = body
      return done(error, body)
    })
  })
}

/** Zod's, with each field named by its path, unknown ones included. */
export const validatorCompiler = ({ schema, httpPart }: { schema: z.ZodType; httpPart?: string }) => {
  return (data: unknown) => {
    const result = schema.safeParse(data)
    if (result.success) return { value: result.data }
    const errors = result.error.issues.flatMap((issue) => fieldsOf(issue, httpPart ?? 'request'))
    return { error: new Problem('validation_failed', { errors: errors.slice(0, MOST_ERRORS) }) }
  }
}

const MOST_ERRORS = 20
const LONGEST_NAME = 200

/** Few bodies need the walk below: an escape for NUL or a surrogate, or a number that may be infinite. */
const SUSPICIOUS = /\\u(?:0000|d[89a-f])|\de\+?\d{3}|\d{309}/i

/** PostgreSQL stores no U+0000, UTF-8 no lone surrogate, JSON no Infinity. A loop, since nesting may be deep. */
const isUnstorable = (root: unknown): boolean => {
  const rest = [root]
  while (rest.length > 0) {
    const value = rest.pop()
    if (typeof value === 'number' && !Number.isFinite(value)) return true
    if (typeof value === 'string' && isUnstorableText(value)) return true
    if (typeof value !== 'object' || value === null) continue
    for (const [key, inner] of Object.entries(value)) {
      if (isUnstorableText(key)) return true
      rest.push(inner)
    }
  }
  return false
}

const isUnstorableText = (text: string): boolean => text.includes('\0') || !text.isWellFormed()

/** Whatever is wrong with the whole is said of its part: `body`, `querystring`, `params`. */
const fieldsOf = (issue: z.core.$ZodIssue, part: string): NonNullable<ProblemDocument['errors']> => {
  const named = (path: readonly PropertyKey[], message: string) => ({
    field: path.map(String).join('.').slice(0, LONGEST_NAME) || part,
    message,
  })
  if (issue.code !== 'unrecognized_keys') return [named(issue.path, issue.message)]
  return issue.keys.map((key) => named([...issue.path, key], 'is not a field here'))
}
