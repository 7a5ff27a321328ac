import rateLimit, { normalizeIP } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from './problem.ts'

/** How many callers are counted at once; whoever was silent longest is forgotten first. */
const CALLERS = 50_000

/** Per caller, or per address (IPv6: per /64) of those who did not say who they are. */
export const rateLimits = async (server: FastifyInstance, perMinute: number): Promise<void> => {
  // Providers send from few addresses and in bursts; their signature is checked before anything else.
  server.addHook('onRoute', ({ config }) => {
    if (config?.action === 'webhook') config.rateLimit ??= false
  })
  await server.register(rateLimit, {
    max: perMinute,
    timeWindow: 60_000,
    cache: CALLERS,
    keyGenerator,
    errorResponseBuilder: () => new Problem('rate_limited'),
    // Three headers on each answer cost more than they tell; a 429 has them all.
    addHeadersOnExceeding: {
      'x-ratelimit-limit': false,
      'x-ratelimit-remaining': false,
      'x-ratelimit-reset': false,
    },
  })
}

const keyGenerator = ({ identified, ip }: FastifyRequest): string =>
  identified ? `${identified.tenant} ${identified.actor.id}` : normalizeIP(ip)
