import { sql } from 'kysely'
import type { Reading } from '../reading.ts'
import { catalogue, type EventRow, type VenueRow } from './model.ts'

/** In the order of their ids, which is about the one in which they were registered. */
export const venuesOf = (
  { tables }: Reading,
  { tenant, after, limit }: { tenant: string; after: string | undefined; limit: number },
): Promise<VenueRow[]> =>
  tables(catalogue, tenant)
    .selectFrom('venue')
    .selectAll()
    .where('tenant', '=', tenant)
    .$if(after !== undefined, (query) => query.where('venue_id', '>', after!))
    .orderBy('venue_id')
    .limit(limit)
    .execute()

export const venueOf = ({ tables }: Reading, tenant: string, venueId: string): Promise<VenueRow | undefined> =>
  tables(catalogue, tenant)
    .selectFrom('venue')
    .selectAll()
    .where((eb) => eb.and({ tenant, venue_id: venueId }))
    .executeTakeFirst()

type Wanted = {
  readonly tenant: string
  readonly venueId: string | undefined
  /** Drafts too: everywhere, or at these venues. */
  readonly draftsAt: 'all venues' | readonly string[]
  /** Start and id of the last one seen. */
  readonly after: readonly [string, string] | undefined
  readonly limit: number
}

/** In the order in which they start. */
export const eventsOf = (
  { tables }: Reading,
  { tenant, venueId, draftsAt, after, limit }: Wanted,
): Promise<EventRow[]> =>
  tables(catalogue, tenant)
    .selectFrom('event')
    .selectAll()
    .where('tenant', '=', tenant)
    .$if(venueId !== undefined, (query) => query.where('venue_id', '=', venueId!))
    .$if(draftsAt !== 'all venues', (query) =>
      query.where((eb) =>
        eb.or([
          eb('status', '=', 'published'),
          ...(draftsAt.length > 0 ? [eb('venue_id', 'in', draftsAt as string[])] : []),
        ]),
      ),
    )
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(starts_at, event_id) > (${after![0]}, ${after![1]})`),
    )
    .orderBy('starts_at')
    .orderBy('event_id')
    .limit(limit)
    .execute()

export const eventOf = ({ tables }: Reading, tenant: string, eventId: string): Promise<EventRow | undefined> =>
  tables(catalogue, tenant)
    .selectFrom('event')
    .selectAll()
    .where((eb) => eb.and({ tenant, event_id: eventId }))
    .executeTakeFirst()
