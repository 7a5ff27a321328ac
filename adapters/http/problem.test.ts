import fc from 'fast-check'
import type { InjectOptions } from 'fastify'
import { describe, expect, it } from 'vitest'
import { refusals } from '../../domain/refusals.ts'
import { type Code, ProblemDocument, problemOf } from './problem.ts'
import { bearer, order, world } from './server.world.ts'

const posting = async () => {
  const { server } = await world()
  return (payload: string | Buffer | object, headers: Record<string, string> = {}) => {
    const sent = { 'content-type': 'application/json', ...bearer('attendee'), ...headers }
    return server.inject({ method: 'POST', url: '/orders/e1', headers: sent, payload })
  }
}

describe('a refusal', () => {
  it.each(Object.keys(refusals) as Code[])('%s becomes a problem under its own name', (code) => {
    const document = problemOf(code).document()
    expect(ProblemDocument.parse(document)).toMatchObject({ code, type: `urn:counterfoil:problem:${code}` })
  })

  it('says what is so, what happened here and what to do', async () => {
    const { server } = await world()
    const headers = { ...bearer('attendee'), 'x-request-id': 'r-1' }
    const answer = await server.inject({ url: '/orders/failing/refusal', headers })
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(answer.json()).toEqual({
      type: 'urn:counterfoil:problem:TicketTaken',
      title: refusals.TicketTaken.title,
      status: 409,
      detail: `pool:GA:7 went to another order. ${refusals.TicketTaken.next}`,
      code: 'TicketTaken',
      instance: 'urn:counterfoil:request:r-1',
    })
  })
})

describe('a request that is not as asked for', () => {
  it('hears every wrong field by its path, unknown ones included', async () => {
    const post = await posting()
    const answer = await post({ lines: [{ typeId: '', quantity: 0.5, price: 1 }], discount: 50 })
    expect(answer.json()).toMatchObject({ status: 400, code: 'validation_failed' })
    const fields = answer.json().errors.map(({ field }: { field: string }) => field)
    expect(fields.sort()).toEqual(['discount', 'lines.0.price', 'lines.0.quantity', 'lines.0.typeId'])
  })

  it.each([
    ['half a JSON', '{"lines":', 'malformed_json'],
    ['a key that poisons prototypes', '{"lines":[],"__proto__":{"admin":true}}', 'malformed_json'],
    ['U+0000 in a string', '{"lines":[{"typeId":"a\\u0000","quantity":1}]}', 'malformed_json'],
    ['U+0000 in a key', '{"note":{"\\u0000":1}}', 'malformed_json'],
    ['half a surrogate pair', '{"note":"\\ud83c"}', 'malformed_json'],
    ['a number without end', '{"note":1e999}', 'malformed_json'],
    ['a list of lists of lists', '['.repeat(400_000) + ']'.repeat(400_000), 'validation_failed'],
    ['nothing at all', '', 'validation_failed'],
    ['a thousand unknown fields', `{${Array.from({ length: 999 }, (_, i) => `"f${i}":1`)}}`, 'validation_failed'],
  ])('is refused with %s', async (_, payload, code) => {
    const post = await posting()
    const answer = await post(payload)
    expect(answer.json()).toMatchObject({ status: 400, code })
    expect(answer.payload.length).toBeLessThan(10_000)
  })

  it('may escape what needs no escape', async () => {
    const post = await posting()
    const note = '"\\\\u0000 \\ud83c\\udfab 1e300"'
    expect((await post(`{"lines":[{"typeId":"a","quantity":1}],"note":${note}}`)).statusCode).toBe(201)
  })

  it('is too large beyond 1 MiB', async () => {
    const post = await posting()
    expect((await post(' '.repeat(1024 * 1024 + 1))).json()).toMatchObject({ status: 413, code: 'body_too_large' })
  })

  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'nonsense', 'a/b; charset'])(
    'is not read as %s',
    async (type) => {
      const post = await posting()
      const answer = await post(JSON.stringify(order), { 'content-type': type })
      expect(answer.json()).toMatchObject({ status: 415, code: 'unsupported_media_type' })
    },
  )

  it('is refused for a field given twice in the query, or unknown there', async () => {
    const { server } = await world()
    const ask = (query: string) => server.inject({ url: `/orders?${query}`, headers: bearer('attendee') })
    expect((await ask('cursor=WzFd&cursor=WzJd')).json()).toMatchObject({ errors: [{ field: 'cursor' }] })
    expect((await ask('colour=red&__proto__=1')).json().errors).toHaveLength(2)
    expect((await ask(`cursor=${'x'.repeat(100_000)}`)).json()).toMatchObject({ errors: [{ field: 'cursor' }] })
    expect((await ask('cursor=%00')).json()).toMatchObject({ status: 400, code: 'malformed_request' })
  })
})

describe('what breaks on our side', () => {
  it.each(['unavailable', 'conflict'])('says when to try again: %s', async (how) => {
    const { server } = await world()
    const answer = await server.inject({ url: `/orders/failing/${how}`, headers: bearer('attendee') })
    expect(answer.json()).toMatchObject({ status: 503, code: 'unavailable' })
    expect(answer.headers['retry-after']).toBe('1')
  })

  it('is logged with its stack and answered without', async () => {
    const { server, lines } = await world()
    const answer = await server.inject({ url: '/orders/failing/bug', headers: bearer('attendee') })
    expect(answer.json()).toMatchObject({ status: 500, code: 'internal_error' })
    expect(answer.payload).not.toContain('total is not a number')
    const logged = lines.map((line) => JSON.parse(line)).find(({ err }) => err)
    expect(logged.err).toMatchObject({
      message: 'total is not a number',
      stack: expect.stringContaining('server.world'),
    })
    expect(`urn:counterfoil:request:${logged.requestId}`).toBe(answer.json().instance)
  })
})

describe('whatever is sent', () => {
  it('is never our fault, and every "no" is a problem', async () => {
    const { server } = await world()
    await server.ready()
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', '\0'))
    const headerText = fc.string({ maxLength: 300 }).map((value) => value.replace(/[^\x20-\x7e\xa0-\xff]/g, '?'))
    const body = fc.oneof(
      fc.json().map((json) => json),
      fc.jsonValue({ maxDepth: 4 }).map((note) => JSON.stringify({ ...order, note })),
      text,
    )
    const request: fc.Arbitrary<InjectOptions> = fc.record({
      method: fc.constantFrom('POST', 'GET', 'DELETE', 'PUT'),
      url: fc
        .tuple(fc.oneof(text, text.map(wellFormed)), fc.dictionary(text.map(wellFormed), text.map(wellFormed)), text)
        .map(([event, query, tail]) => `/orders/${event}?${new URLSearchParams(query)}&${tail}`),
      headers: fc.record({
        ...Object.fromEntries(Object.entries(bearer('attendee')).map(([name, value]) => [name, fc.constant(value)])),
        'content-type': fc.oneof({ weight: 4, arbitrary: fc.constant('application/json') }, headerText),
        'idempotency-key': headerText,
        'x-request-id': headerText,
      }),
      payload: body,
    })
    await fc.assert(
      fc.asyncProperty(request, async (sent) => {
        const answer = await server.inject(sent)
        expect(answer.statusCode).toBeLessThan(500)
        if (answer.statusCode < 300) return
        expect(answer.headers['content-type']).toContain('application/problem+json')
        expect(ProblemDocument.parse(answer.json()).status).toBe(answer.statusCode)
      }),
      { numRuns: 1_000 },
    )
  })
})

const wellFormed = (text: string): string => encodeURIComponent(text.toWellFormed())
