import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import type { HttpOptions, HttpServer } from './server.ts'
import { bearer, order, world } from './server.world.ts'

const listening: HttpServer[] = []
afterEach(async () => {
  await Promise.all(listening.splice(0).map((server) => server.close()))
})

const onSocket = async (options?: Partial<HttpOptions>) => {
  const made = await world(options)
  return { ...made, port: await listen(made.server) }
}

const listen = async (server: HttpServer): Promise<number> => {
  listening.push(server)
  await server.listen({ port: 0, host: '127.0.0.1' })
  return (server.server.address() as AddressInfo).port
}

/** Bytes in, bytes out, until the server hangs up. */
const speak = async (port: number, bytes: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes)
  return text(socket)
}

const request = (path: string, ...headers: string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers, '', ''].join('\r\n')

describe('a request', () => {
  it('keeps a sane id of its own, and gets one in place of another', async () => {
    const { server } = await world()
    const idOf = async (sent: string) =>
      (await server.inject({ url: '/prices', headers: { 'x-request-id': sent } })).headers['x-request-id']
    expect(await idOf('trace-7.a:b')).toBe('trace-7.a:b')
    expect(await idOf('two words')).toMatch(/^[0-9a-f-]{36}$/)
    expect(await idOf('x'.repeat(65))).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('leaves neither token, body, search nor address in the logs', async () => {
    const { server, lines } = await world()
    const headers = bearer('attendee')
    const payload = { ...order, note: 'ann@example.org' }
    await server.inject({ method: 'POST', url: '/orders/e1?q=ann@example.org', headers, payload })
    await server.inject({ url: '/orders/failing/bug', headers, remoteAddress: '203.0.113.7' })
    const logged = lines.join('')
    expect(logged).toContain('"route":"/orders/:event","status":201')
    for (const private_ of ['acme.ann', 'ann@example.org', '203.0.113.7']) expect(logged).not.toContain(private_)
  })

  it('gets no field that the response does not promise', async () => {
    const { server } = await world()
    const answer = await server.inject({
      method: 'POST',
      url: '/orders/e1',
      headers: bearer('attendee'),
      payload: order,
    })
    expect(Object.keys(answer.json()).sort()).toEqual(['commandId', 'request', 'tickets'])
  })

  it('to a path that does not exist is 404, with another method 405, token or not', async () => {
    const { server } = await world()
    expect((await server.inject('/nowhere')).json()).toMatchObject({ status: 404, code: 'not_found' })
    expect((await server.inject('/docs/static/nothing.js')).json()).toMatchObject({ status: 404, code: 'not_found' })
    expect((await server.inject('/orders/')).json()).toMatchObject({ status: 404 })
    const answer = await server.inject({ method: 'PATCH', url: '/orders/e1?x=1' })
    expect(answer.json()).toMatchObject({ status: 405, code: 'method_not_allowed' })
    expect(answer.headers.allow).toBe('DELETE, POST')
  })
})

describe('on a real socket', () => {
  it.each(['/%', '/orders/%ff', `/venues/${'x'.repeat(101)}/scans`])(
    'a URL that cannot be read is a problem: %s',
    async (path) => {
      const { port } = await onSocket()
      const answer = await speak(port, request(path, 'X-Request-Id: r-1'))
      expect(answer).toMatch(/^HTTP\/1.1 400 /)
      expect(answer).toContain('application/problem+json')
      expect(answer).toContain('x-request-id: r-1')
    },
  )

  it.each([
    ['what is not HTTP', 'hello\r\n\r\n', 400],
    ['a query that is too long', request(`/orders?cursor=${'x'.repeat(20_000)}`), 431],
    ['a body of two lengths', request('/orders', 'Content-Length: 1', 'Content-Length: 2'), 400],
  ])('%s is a problem', async (_, bytes, status) => {
    const { port } = await onSocket()
    const answer = await speak(port, bytes)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ status })
  })

  it('closing finishes what is in flight and takes nothing new', async () => {
    const { server } = await world()
    const started = Promise.withResolvers<void>()
    const finish = Promise.withResolvers<void>()
    server.get('/slow', { config: { action: 'public' } }, async () => {
      started.resolve()
      await finish.promise
      return { finished: true }
    })
    const port = await listen(server)
    const agent = new Agent({ keepAlive: true })
    const idle = await fetchWith(agent, port, '/prices')
    const slow = fetchWith(agent, port, '/slow')
    await started.promise

    const closed = server.close()
    await new Promise(setImmediate)
    await expect(speak(port, request('/prices'))).rejects.toThrow('ECONNREFUSED')
    finish.resolve()
    expect([idle, await slow]).toEqual(['{"prices":[]}', '{"finished":true}'])
    await closed
  })
})

const fetchWith = async (agent: Agent, port: number, path: string): Promise<string> => {
  const [answer] = (await once(get({ agent, port, path, host: '127.0.0.1' }), 'response')) as [IncomingMessage]
  return text(answer)
}

describe('operators', () => {
  it('see how far each read model is', async () => {
    const { server } = await world()
    const answer = await server.inject('/health')
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({ ready: true, readModels: { orders: { position: '2a/1', lag: 0, halted: false } } })
  })

  it('see 503 while it is not ready', async () => {
    const { server } = await world({ health: async () => ({ ready: false }) })
    expect((await server.inject('/health')).statusCode).toBe(503)
  })

  it('see durations by route pattern and status, never by URL', async () => {
    const { server } = await world()
    await server.inject({ method: 'POST', url: '/orders/e1', headers: bearer('attendee'), payload: order })
    await server.inject('/wp-login.php')
    const { headers, payload } = await server.inject('/metrics')
    expect(headers['content-type']).toContain('text/plain')
    expect(payload).toContain(
      'http_request_duration_seconds_count{method="POST",route="/orders/:event",status="201"} 1',
    )
    expect(payload).toContain('http_request_duration_seconds_count{method="GET",route="none",status="404"} 1')
    expect(payload).toContain('process_cpu_seconds_total')
  })

  it('see refusals by code and route pattern, and broken requests too (F16.19)', async () => {
    const { server } = await world()
    for (const how of ['refusal', 'refusal', 'bug'])
      await server.inject({ url: `/orders/failing/${how}`, headers: bearer('attendee') })
    await server.inject({ url: '/orders/failing/refusal' })
    await server.inject('/wp-login.php')
    await server.inject({ method: 'POST', url: '/orders/e1', headers: bearer('attendee'), payload: order })
    const { payload } = await server.inject('/metrics')
    expect(payload.split('\n').filter((line) => line.startsWith('counterfoil_refusals_total'))).toEqual([
      'counterfoil_refusals_total{code="TicketTaken",route="/orders/failing/:how"} 2',
      'counterfoil_refusals_total{code="internal_error",route="/orders/failing/:how"} 1',
      'counterfoil_refusals_total{code="unauthenticated",route="/orders/failing/:how"} 1',
      'counterfoil_refusals_total{code="not_found",route="none"} 1',
    ])
  })
})

describe('the OpenAPI document', () => {
  it('says of every route what it takes, who may, and what a problem is', async () => {
    const { server } = await world()
    const { openapi, paths, components } = (await server.inject('/docs/json')).json()
    expect(openapi).toBe('3.1.0')
    const { post } = paths['/orders/{event}']
    expect(post.requestBody.content['application/json'].schema.required).toEqual(['lines'])
    expect(post.parameters.map(({ name }: { name: string }) => name).sort()).toEqual(['event', 'idempotency-key'])
    expect(post.security).toEqual([{ bearer: [] }])
    expect(post.description).toBe('For attendee, box_office, organizer, admin.')
    expect(paths['/prices'].get.security).toEqual([])
    expect(components.schemas.Problem.required).toContain('code')
    const operations = Object.values<Record<string, { responses: unknown }>>(paths).flatMap((path) =>
      Object.values(path),
    )
    for (const { responses } of operations) {
      expect(responses).toMatchObject({
        default: { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
      })
    }
  })

  it('has a page to read it on', async () => {
    const { server } = await world()
    const answer = await server.inject('/docs/')
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toContain('text/html')
  })
})
