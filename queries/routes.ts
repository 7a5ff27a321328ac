import type { HttpServer } from '../adapters/http/server.ts'
import type { Deps } from './reading.ts'
import { availabilityRoutes } from './routes/availability.ts'
import { catalogueRoutes } from './routes/catalogue.ts'
import { closingRoutes } from './routes/closing.ts'
import { deviceRoutes } from './routes/devices.ts'
import { listingRoutes } from './routes/listings.ts'
import { lossRoutes } from './routes/losses.ts'
import { meRoutes } from './routes/me.ts'
import { moneyRoutes } from './routes/money.ts'
import { orderRoutes } from './routes/orders.ts'
import { proofRoutes } from './routes/proof.ts'
import { reconciliationRoutes } from './routes/reconciliation.ts'
import { scanRoutes } from './routes/scans.ts'
import { ticketRoutes } from './routes/tickets.ts'
import { transferRoutes } from './routes/transfers.ts'

/** All that is read of tickets and what they stand on, but for live codes. */
export const queryRoutes = (server: HttpServer, deps: Deps): void => {
  catalogueRoutes(server, deps)
  availabilityRoutes(server, deps)
  ticketRoutes(server, deps)
  lossRoutes(server, deps)
  listingRoutes(server, deps)
  transferRoutes(server, deps)
  proofRoutes(server, deps)
  orderRoutes(server, deps)
  moneyRoutes(server, deps)
  closingRoutes(server, deps)
  scanRoutes(server, deps)
  deviceRoutes(server, deps)
  meRoutes(server, deps)
  reconciliationRoutes(server, deps)
}
