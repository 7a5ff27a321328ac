import type { AddressInfo } from 'node:net'
import type { Config } from '../adapters/config.ts'
import { httpServer } from '../adapters/http/server.ts'
import { authenticator } from '../adapters/keys/authenticate.ts'
import { deviceAuthenticator } from '../adapters/keys/device-credentials.ts'
import { embeddedIssuer, type Grant, tokenVerifier } from '../adapters/keys/tokens.ts'
import { openParts, type Parts } from '../adapters/parts.ts'
import { commandSide } from '../commands/main.ts'
import { healthOf, projectionSide } from '../projections/main.ts'
import { querySide } from '../queries/main.ts'

export type Counterfoil = {
  /** Where it listens. */
  readonly url: string
  /** A token of the embedded issuer. */
  readonly issue: (grant: Grant) => Promise<string>
  /** Answers what is under way, takes no more, and closes every file. */
  readonly stop: () => Promise<void>
}

/** Commands, queries and projections in one process, on the embedded parts. Throws one line if it cannot start. `now` is for tests. */
export const startCounterfoil = async (config: Config, now?: () => string): Promise<Counterfoil> =>
  serve(await openParts(config, now))

/** The same on parts that are open already; they are its own from then on. */
export const serve = async (parts: Parts): Promise<Counterfoil> => {
  const { config } = parts
  try {
    const issuer = await embeddedIssuer(parts.vault)
    const projections = await projectionSide(parts)
    const server = await httpServer({
      authenticate: authenticator({
        verifyToken: tokenVerifier(issuer),
        authenticateDevice: deviceAuthenticator({ ...parts, deviceCredentials: parts.vault.deviceCredentials }),
      }),
      health: () => healthOf(projections, parts),
      metrics: parts.metrics,
      rateLimit: { perMinute: config.rateLimitPerMinute },
      logs: { level: config.logLevel },
    })
    const commands = await commandSide(server, parts, projections)
    querySide(server, parts, projections)
    await server.listen({ port: config.port, host: config.host })
    const { port } = server.server.address() as AddressInfo
    return {
      url: `http://localhost:${port}`,
      issue: issuer.issue,
      stop: async () => {
        await server.close()
        await commands.stop()
        await projections.close()
        await parts.close()
      },
    }
  } catch (error) {
    await parts.close()
    throw error
  }
}
