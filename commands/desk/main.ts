import type { HttpServer } from '../../adapters/http/server.ts'
import type { Parts } from '../../adapters/parts.ts'
import { Unavailable } from '../../domain/ledger.ts'
import type { Projections } from '../../projections/projector.ts'
import { heldAt } from '../../projections/tickets/read.ts'
import { type ReactorStatus, startReactor } from '../reactors/running.ts'
import { lockRoutes } from '../routes/locks.ts'
import { lossRoutes } from '../routes/losses.ts'
import { disputes } from './disputes.ts'

export type DeskSide = {
  readonly routes: (server: HttpServer) => void
  readonly health: () => Promise<ReactorStatus>
  readonly stop: () => Promise<void>
}

/** What staff do with a ticket that is somebody's: locks, lost and stolen ones, new credentials. And what disputes lock by themselves. */
export const deskSide = async (parts: Parts, projections: Projections): Promise<DeskSide> => {
  const { ledger, cache, vault, leadership, now, sleep, log } = parts
  const deps = { ledger, cache, now, sleep }
  const reactor = await startReactor({ ledger, intents: vault.intents, leadership, now, log }, disputes(deps))
  return {
    routes: (server) => {
      lockRoutes(server, {
        ...deps,
        heldAt: async (tenant, eventId, after, limit) => {
          if (!(await projections.waitFor('tickets', await ledger.head(), 2_000)))
            throw new Unavailable('the tickets view is behind the ledger: see /health')
          return heldAt(projections, { tenant, eventId, after, limit })
        },
      })
      lossRoutes(server, deps)
    },
    health: reactor.status,
    stop: reactor.stop,
  }
}
