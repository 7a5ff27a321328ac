import type { HttpServer } from '../adapters/http/server.ts'
import { lru } from '../adapters/lru.ts'
import type { Parts } from '../adapters/parts.ts'
import type { Projections } from '../projections/projector.ts'
import { qrRoutes } from './routes/qr.ts'
import { queryRoutes } from './routes.ts'

/** Of each ticket whose code was asked for of late, the one of this moment. */
const CODES_KEPT = 10_000

/** The read side: its routes on the server. */
export const querySide = (server: HttpServer, parts: Parts, projections: Projections): void => {
  const { ledger, cache, vault, readModels, codes, policy, now } = parts
  queryRoutes(server, { db: readModels.db, projections, ledger, cache, people: vault.people, now })
  qrRoutes(server, { ledger, cache, codes, policy, now, issuedCodes: lru(CODES_KEPT) })
}
