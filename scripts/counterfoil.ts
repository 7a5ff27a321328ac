import type { AddressInfo } from 'node:net'
import type { Config } from '../adapters/config.ts'
import { httpServer } from '../adapters/http/server.ts'
import { authenticator } from '../adapters/keys/authenticate.ts'
import { deviceAuthenticator } from '../adapters/keys/device-credentials.ts'
import { embeddedIssuer, type Grant, tokenVerifier } from '../adapters/keys/tokens.ts'
import { openParts, type Parts } from '../adapters/parts.ts'
import { commandSide } from '../commands/main.ts'
import { healthOf, projectionSide, readingSide } from '../projections/main.ts'
import { querySide } from '../queries/main.ts'
import { SIDES, type Side } from './sides.ts'

export type Counterfoil = {
  /** Where it listens. */
  readonly url: string
  /** A token of the embedded issuer. */
  readonly issue: (grant: Grant) => Promise<string>
  /** Answers what is under way, takes no more, and closes every file. */
  readonly stop: () => Promise<void>
}

/** Commands, queries and projections in one process. Throws one line if it cannot start. `now` is for tests. */
export const startCounterfoil = async (config: Config, now?: () => string): Promise<Counterfoil> =>
  serve(await openParts(config, now), SIDES)

/** These sides on parts that are open already; they are its own from then on. */
export const serve = async (parts: Parts, sides: readonly Side[]): Promise<Counterfoil> => {
  const { config, vault, metrics, log, redis } = parts
  const closings: (() => Promise<void>)[] = [parts.close]
  const close = async () => {
    while (closings.length > 0) await closings.pop()!()
  }
  try {
    const issuer = await embeddedIssuer(vault)
    const projections = await (sides.includes('projections') ? projectionSide : readingSide)(parts)
    closings.push(projections.close)
    const commands = sides.includes('commands') ? await commandSide(parts, projections) : undefined
    if (commands) closings.push(commands.stop)
    const server = await httpServer({
      authenticate: authenticator({
        verifyToken: tokenVerifier(config.tokens ?? issuer),
        authenticateDevice: deviceAuthenticator({ ...parts, deviceCredentials: vault.deviceCredentials }),
      }),
      health: () => healthOf(projections, commands?.health),
      metrics,
      rateLimit: { perMinute: config.rateLimitPerMinute, redis },
      log,
      trustProxy: config.trustProxy,
    })
    closings.push(() => server.close())
    commands?.routes(server)
    if (sides.includes('queries')) await querySide(server, parts, projections)
    await server.listen({ port: config.port, host: config.host })
    const { port } = server.server.address() as AddressInfo
    return { url: `http://localhost:${port}`, issue: issuer.issue, stop: close }
  } catch (error) {
    await close()
    throw error
  }
}
