import type { HttpServer } from '../../adapters/http/server.ts'
import type { Parts } from '../../adapters/parts.ts'
import { lossRoutes } from './loss-routes.ts'

export type DeskSide = { readonly routes: (server: HttpServer) => void }

/** What staff do with a ticket that is somebody's: lost and stolen ones, new credentials. */
export const deskSide = ({ ledger, cache, now, sleep }: Parts): DeskSide => ({
  routes: (server) => lossRoutes(server, { ledger, cache, now, sleep }),
})
