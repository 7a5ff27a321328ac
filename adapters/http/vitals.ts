import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Counter, collectDefaultMetrics, Histogram, type Registry } from 'prom-client'
import type { Code } from './problem.ts'

/** `ready` decides between 200 and 503; the rest is told as it is: position, lag and halt of each read model. */
export type Health = { readonly ready: boolean; readonly [part: string]: unknown }

const open = { config: { action: 'public', rateLimit: false }, schema: { tags: ['operations'] } } as const

/** `/health` and `/metrics`, and the duration of every request by its route's pattern. */
export const vitals = (server: FastifyInstance, registry: Registry, health: () => Promise<Health>): void => {
  collectDefaultMetrics({ register: registry })
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'How long requests took, by route pattern.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  })

  server.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request
    // Never the URL: it holds ids and what people search for, and would make a time series each.
    const labels = { method, route: routeOptions.url ?? 'none', status: reply.statusCode }
    durations.observe(labels, reply.elapsedTime / 1_000)
    request.log.debug({ ...labels, milliseconds: reply.elapsedTime }, 'answered')
    done()
  })

  server.get('/health', open, async (_request, reply) => {
    const found = await health()
    return reply.code(found.ready ? 200 : 503).send(found)
  })

  server.get('/metrics', open, async (_request, reply) =>
    reply.header('content-type', registry.contentType).send(await registry.metrics()),
  )
}

/** Counts what is answered with a problem, by its code: which refusals there are, and of what. */
export const countingRefusals = (registry: Registry) => {
  const refusals = new Counter({
    name: 'counterfoil_refusals_total',
    help: 'Requests answered with a problem, by its code and the route pattern.',
    labelNames: ['code', 'route'],
    registers: [registry],
  })
  // What could not be routed has no route.
  return (code: Code, { routeOptions }: Partial<FastifyRequest>): void =>
    refusals.inc({ code, route: routeOptions?.url ?? 'none' })
}
