import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from './problem.ts'

/** What no route answers: 405 where the path exists with another method, else 404. Before anyone is authenticated. */
export const unknownPaths = (server: FastifyInstance): void => {
  const methodsOf = new Map<string, Set<string>>()

  server.addHook('onRoute', ({ url, method }) => {
    methodsOf.set(url, new Set([...(methodsOf.get(url) ?? []), ...[method].flat()]))
  })

  const refuse = (request: FastifyRequest): Problem => {
    const path = request.url.split('?', 1)[0]!.split('/')
    const fitting = [...methodsOf].filter(([pattern]) => fits(path, pattern.split('/')))
    const allowed = new Set(fitting.flatMap(([, methods]) => [...methods]))
    if (allowed.size === 0 || allowed.has(request.method)) return new Problem('not_found')
    return new Problem('method_not_allowed', { headers: { allow: [...allowed].sort().join(', ') } })
  }

  server.addHook('onRequest', (request, _reply, done) => done(request.is404 ? refuse(request) : undefined))
  // Only files that the documentation does not have come this way.
  server.setNotFoundHandler((request) => {
    throw refuse(request)
  })
}

/** Whether a path is one of `/tickets/:ticketId/qr`. */
const fits = (path: readonly string[], pattern: readonly string[]): boolean =>
  (path.length === pattern.length || pattern.at(-1) === '*') &&
  pattern.every((segment, i) => segment === '*' || segment === path[i] || (segment.startsWith(':') && path[i] !== ''))
