import { sql } from 'kysely'
import type { Position } from '../../domain/fact.ts'
import type { TransferStatus } from '../../domain/ticket/transfer-status.ts'
import type { Reading } from '../reading.ts'
import { type TransferRow, transfers } from './model.ts'

type Wanted = {
  readonly tenant: string
  readonly status: TransferStatus | undefined
  /** The last one seen. */
  readonly before: Position | undefined
  readonly limit: number
}

/** What a person gave or got, the newest first: pending gifts too, once they are known to be theirs. */
export const transfersOf = (
  db: Reading,
  { personId, direction, ...wanted }: Wanted & { personId: string; direction: 'in' | 'out' | undefined },
): Promise<TransferRow[]> =>
  listed(db, wanted)
    .where((eb) =>
      eb.or([
        ...(direction === 'in' ? [] : [eb('from_id', '=', personId)]),
        ...(direction === 'out' ? [] : [eb('to_id', '=', personId)]),
      ]),
    )
    .execute()

/** Those of one ticket, the newest first. */
export const transfersOfTicket = (
  db: Reading,
  { ticketId, ...wanted }: Wanted & { ticketId: string },
): Promise<TransferRow[]> => listed(db, wanted).where('ticket_id', '=', ticketId).execute()

const listed = ({ tables }: Reading, { tenant, status, before, limit }: Wanted) =>
  tables(transfers, tenant)
    .selectFrom('transfer')
    .selectAll()
    .where('tenant', '=', tenant)
    .$if(status !== undefined, (query) => query.where('status', '=', status!))
    .$if(before !== undefined, (query) => query.where('began', '<', before!))
    .orderBy('began', 'desc')
    .limit(limit)

export const transferOf = ({ tables }: Reading, tenant: string, transferId: string): Promise<TransferRow | undefined> =>
  tables(transfers, tenant)
    .selectFrom('transfer')
    .selectAll()
    .where((eb) => eb.and({ tenant, transfer_id: transferId }))
    .executeTakeFirst()

/** Of every tenant, a page of the offers whose time is over and that still stand, those first that lapsed first. */
export const lapsedOffers = async (
  { everyTenant }: Reading,
  { now, after, limit }: { now: string; after: readonly [string, string] | undefined; limit: number },
): Promise<{ tenant: string; offerId: string; ticketId: string; expiresAt: string }[]> =>
  everyTenant(transfers)
    .selectFrom('transfer')
    .select(['tenant', 'transfer_id as offerId', 'ticket_id as ticketId', 'expires_at as expiresAt'])
    .where('status', '=', 'pending')
    .where('expires_at', '<=', now)
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(expires_at, transfer_id) > (${after![0]}, ${after![1]}::uuid)`),
    )
    .orderBy('expires_at')
    .orderBy('transfer_id')
    .limit(limit)
    .$narrowType<{ expiresAt: string }>()
    .execute()
