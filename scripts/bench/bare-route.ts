import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { readConfig } from '../../adapters/config.ts'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { httpServer } from '../../adapters/http/server.ts'
import { authenticator } from '../../adapters/keys/authenticate.ts'
import { deviceAuthenticator } from '../../adapters/keys/device-credentials.ts'
import { embeddedIssuer, tokenVerifier } from '../../adapters/keys/tokens.ts'
import { openParts } from '../../adapters/parts.ts'
import { record } from '../../commands/handle.ts'
import { Id } from '../../domain/id.ts'
import type { TicketFact } from '../../domain/ticket/facts.ts'
import { healthOf, projectionSide } from '../../projections/main.ts'

// node scripts/bench/bare-route.ts
// The same server, with one route that decides nothing: it appends an admission to whatever ticket is named. What scanning is measured against.

const now = () => new Date().toISOString()
const config = readConfig(process.env)
const parts = await openParts(config)
const projections = await projectionSide(parts)
const server = await httpServer({
  authenticate: authenticator({
    verifyToken: tokenVerifier(await embeddedIssuer(parts.vault)),
    authenticateDevice: deviceAuthenticator({ ...parts, deviceCredentials: parts.vault.deviceCredentials }),
  }),
  health: () => healthOf(projections),
  metrics: parts.metrics,
  rateLimit: { perMinute: config.rateLimitPerMinute },
  log: parts.log,
})

const admissionAt = (eventId: string, deviceId: string, scanId: string): TicketFact => ({
  type: 'TicketAdmitted',
  data: {
    eventId,
    scanId,
    generation: 1,
    carrier: 'app',
    nonce: 'a00000000000000000000000000',
    source: 'online',
    happenedAt: now(),
    seenAt: now(),
    deviceId,
    deviceName: 'Scanner',
    entrance: 'North',
    zone: 'GA',
  },
})

server.post(
  '/api/v1/bench/append',
  {
    config: { action: 'gate.scan', rateLimit: { max: config.scanLimitPerMinute, timeWindow: 60_000 } },
    schema: {
      body: z.strictObject({ eventId: Id, ticketId: Id }),
      response: { 200: z.object({ scanId: Id }) },
    },
  },
  async (request, reply) => {
    const { eventId, ticketId } = request.body
    const context = contextOf(request, 'Append', ticketId)
    const fact = admissionAt(eventId, request.caller.actor.id, context.commandId)
    return tellPosition(reply, await record(parts, 'ticket', ticketId, fact, context)).send({
      scanId: context.commandId,
    })
  },
)

await server.listen({ port: config.port, host: config.host })
console.log(`the bare route is ready: http://${config.host}:${(server.server.address() as AddressInfo).port}/`)
process.once('SIGTERM', async () => {
  await server.close()
  await projections.close()
  await parts.close()
  process.exit(0)
})
