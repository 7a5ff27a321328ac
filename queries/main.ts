import type { HttpServer } from '../adapters/http/server.ts'
import { lru } from '../adapters/lru.ts'
import type { Parts } from '../adapters/parts.ts'
import { personStreamIdOf } from '../commands/ids.ts'
import { person } from '../domain/person.ts'
import { load } from '../domain/stream.ts'
import type { Projections } from '../projections/projector.ts'
import { operationRoutes } from './routes/operations.ts'
import { outboxRoutes } from './routes/outbox.ts'
import { payoutRoutes } from './routes/payouts.ts'
import { qrRoutes } from './routes/qr.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { queryRoutes } from './routes.ts'

/** Of each ticket whose code was asked for of late, the one of this moment. */
const CODES_KEPT = 10_000

/** The read side: its routes on the server. */
export const querySide = async (server: HttpServer, parts: Parts, projections: Projections): Promise<void> => {
  const { ledger, cache, vault, codes, policy, now, config, path } = parts
  const isVerified = async (tenant: string, personId: string): Promise<boolean> => {
    const { state } = await load({ ledger, cache }, person, personStreamIdOf(tenant, personId))
    return state.isVerified
  }
  const { people, wallets, addressees } = vault
  const deps = { projections, ledger, cache, people, wallets, addressees, isVerified, now }
  queryRoutes(server, deps)
  payoutRoutes(server, { ...deps, payoutAccounts: vault.payoutAccounts })
  operationRoutes(server, { ...deps, workers: vault.workers })
  if (!config.mail.smtpUrl) {
    const { outbox } = await import('../adapters/mail/outbox.ts')
    outboxRoutes(server, { ledger, outbox: outbox(path('outbox'), config.mail.from) })
  }
  tokenRoutes(server, { ledger, cache, isSealOf: parts.tokenLinks.isSealOf })
  qrRoutes(server, { ledger, cache, codes, policy, now, issuedCodes: lru(CODES_KEPT) })
}
