import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Action, type Actor, BOUND_TO_VENUES, mayDo, type Role, seesOthers } from '../../domain/roles.ts'
import { Problem } from './problem.ts'

/** Whoever a bearer token speaks for. The actor's id is a person, a device or a service. */
export type Caller = {
  readonly tenant: string
  readonly actor: Actor
  readonly role: Role
  readonly venues: readonly string[]
  readonly subject: string
}

/** Undefined for a token that is unknown, expired or forged. */
export type Authenticate = (bearer: string) => Promise<Caller | undefined>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `webhook`: the route itself checks a signature over the raw body. */
    action?: Action | 'public' | 'webhook'
  }
  interface FastifyRequest {
    /** Throws on public and webhook routes, where nobody is authenticated. */
    readonly caller: Caller
    identified: Caller | null
  }
}

/**
 * Every route names its action, or the server does not start. The caller is identified first and turned away only
 * afterwards, before the body is read, so that the rate limit in between counts those who guess tokens.
 */
export const authentication = (server: FastifyInstance, authenticate: Authenticate): void => {
  server.decorateRequest('identified', null)
  server.decorateRequest('caller', { getter: callerOf })

  server.addHook('onRoute', ({ method, url, config }) => {
    if (config?.action === undefined) {
      throw new Error(`${method} ${url} declares no action: name one of domain/roles.ts in its config`)
    }
  })

  server.addHook('onRequest', async (request) => {
    if (isOpen(request)) return
    const bearer = bearerOf(request)
    if (bearer !== undefined) request.identified = (await authenticate(bearer)) ?? null
  })

  server.addHook('preParsing', (request, _reply, payload, done) => {
    done(isOpen(request) ? null : objection(request), payload)
  })
}

/** Throws wrong_venue for staff and devices outside the venues of their token. */
export const requireVenue = ({ role, venues }: Caller, venueId: string): void => {
  if (BOUND_TO_VENUES.has(role) && !venues.includes(venueId)) throw new Problem('wrong_venue')
}

/** Whether a caller looks after what others hold at a venue. */
export const worksAt = ({ role, venues }: Caller, venueId: string): boolean =>
  seesOthers(role) && (!BOUND_TO_VENUES.has(role) || venues.includes(venueId))

const isOpen = ({ routeOptions: { config } }: FastifyRequest): boolean =>
  config.action === 'public' || config.action === 'webhook'

const bearerOf = ({ headers }: FastifyRequest): string | undefined =>
  /^bearer +([\w\-.~+/]+=*)$/i.exec(headers.authorization ?? '')?.[1]

const objection = (request: FastifyRequest): Problem | null => {
  const { identified, routeOptions } = request
  if (!identified) {
    const challenge = request.headers.authorization ? 'Bearer error="invalid_token"' : 'Bearer'
    return new Problem('unauthenticated', { headers: { 'www-authenticate': challenge } })
  }
  return mayDo(identified.role, routeOptions.config.action as Action) ? null : new Problem('forbidden')
}

function callerOf(this: FastifyRequest): Caller {
  if (this.identified) return this.identified
  throw new Error(`${this.routeOptions.url} is open to all: it has no caller to ask for`)
}
