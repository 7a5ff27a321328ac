import rateLimit, { type FastifyRateLimitStore, normalizeIP } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import type { SharedRedis } from '../cache/redis.ts'
import { lru } from '../lru.ts'
import { Problem } from './problem.ts'

/** How many callers are counted at once; whoever was silent longest is forgotten first. */
const CALLERS = 50_000

/**
 * Per caller, or per address (IPv6: per /64) of those who did not say who they are. Processes that share a Redis share the counts;
 * while it is gone, each counts by itself.
 */
export const rateLimits = async (server: FastifyInstance, perMinute: number, redis?: SharedRedis): Promise<void> => {
  // Providers send from few addresses and in bursts; their signature is checked before anything else.
  server.addHook('onRoute', ({ config }) => {
    if (config?.action === 'webhook') config.rateLimit ??= false
  })
  await server.register(rateLimit, {
    max: perMinute,
    timeWindow: 60_000,
    ...(redis ? { store: sharedCounts(redis) } : { cache: CALLERS }),
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

/** `ttl`: how many milliseconds are left of the time window. */
type Counted = { readonly current: number; readonly ttl: number }

/** The library's own store would wait for a Redis that is slow, and count nothing while it is gone. */
const sharedCounts = (redis: SharedRedis) =>
  class Counts implements FastifyRateLimitStore {
    readonly #scope: string
    readonly #alone = countsAlone()

    constructor(_options: unknown, scope = 'limits:') {
      this.#scope = scope
    }

    incr(caller: string, answer: (error: null, counted: Counted) => void, timeWindow: number): void {
      redis.run(COUNT, [`${this.#scope}${caller}`], [timeWindow]).then(
        (counted) => {
          const [current, ttl] = counted as readonly [number, number]
          answer(null, { current, ttl })
        },
        () => answer(null, this.#alone(caller, timeWindow)),
      )
    }

    /** The types of the library leave out `routeInfo`, which is all that it gives of the route. */
    child(options: object): Counts {
      const { routeInfo } = options as { readonly routeInfo: RouteOptions }
      return new Counts(options, `${this.#scope}${routeInfo.method} ${routeInfo.url} `)
    }
  }

/** Counts what was no number, or would never end, from the start. */
const COUNT = `local count = redis.pcall('INCR', KEYS[1])
if type(count) == 'table' then
  redis.call('DEL', KEYS[1])
  count = redis.call('INCR', KEYS[1])
end
local window, left = tonumber(ARGV[1]), redis.call('PTTL', KEYS[1])
if left < 0 or left > window then
  redis.call('SET', KEYS[1], 1, 'PX', window)
  return { 1, window }
end
return { count, left }`

const countsAlone = () => {
  const callers = lru<string, { count: number; ends: number }>(CALLERS)
  return (caller: string, timeWindow: number): Counted => {
    const now = Date.now()
    const known = callers.get(caller)
    const counted = known && known.ends > now ? known : { count: 0, ends: now + timeWindow }
    counted.count++
    callers.set(caller, counted)
    return { current: counted.count, ttl: counted.ends - now }
  }
}
