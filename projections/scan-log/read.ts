import { sql } from 'kysely'
import type { DenialReason } from '../../domain/admission/verdict.ts'
import type { Position } from '../../domain/fact.ts'
import type { Reading } from '../reading.ts'
import { type ScanRow, scanLog } from './model.ts'

type Wanted = {
  readonly tenant: string
  readonly eventId: string | undefined
  readonly deviceId: string | undefined
  readonly verdict: ScanRow['verdict'] | undefined
  /** Undefined: at all of the tenant's. */
  readonly venues: readonly string[] | undefined
  /** The last one seen. */
  readonly before: Position | undefined
  readonly limit: number
}

/** The newest first. What belongs to no venue, such as garbage at an unknown device, is not seen by those bound to some. */
export const scansOf = async (
  { tables }: Reading,
  { tenant, eventId, deviceId, verdict, venues, before, limit }: Wanted,
): Promise<ScanRow[]> => {
  if (venues?.length === 0) return []
  const venue = sql<string | null>`coalesce(s.venue_id, e.venue_id)`
  return tables(scanLog, tenant)
    .selectFrom('scan as s')
    .leftJoin('event as e', (join) => join.onRef('e.tenant', '=', 's.tenant').onRef('e.event_id', '=', 's.event_id'))
    .selectAll('s')
    .select(venue.as('venue_id'))
    .where('s.tenant', '=', tenant)
    .$if(eventId !== undefined, (query) => query.where('s.event_id', '=', eventId!))
    .$if(deviceId !== undefined, (query) => query.where('s.device_id', '=', deviceId!))
    .$if(verdict !== undefined, (query) => query.where('s.verdict', '=', verdict!))
    .$if(venues !== undefined, (query) => query.where(venue, 'in', venues!))
    .$if(before !== undefined, (query) => query.where('s.position', '<', before!))
    .orderBy('s.position', 'desc')
    .limit(limit)
    .execute()
}

/** `admitted` counts tickets, `admissions` each time that one came in. */
export type Attendance = {
  admitted: number
  admissions: number
  byEntrance: { entrance: string | null; admitted: number; admissions: number }[]
  denied: { reason: DenialReason; count: number }[]
}

/** Only what happened at the gate: not where somebody just looked. */
export const attendanceOf = async ({ tables }: Reading, tenant: string, eventId: string): Promise<Attendance> => {
  const atTheGate = tables(scanLog, tenant)
    .selectFrom('scan')
    .where((eb) => eb.and({ tenant, event_id: eventId, asked: 'scan' }))
  const entrances = await atTheGate
    .where('verdict', '=', 'allow')
    .groupBy(sql`grouping sets ((entrance), ())`)
    .select([
      'entrance',
      sql<number>`grouping(entrance)`.as('is_total'),
      sql<number>`count(distinct ticket_id)`.as('admitted'),
      sql<number>`count(*)`.as('admissions'),
    ])
    .orderBy('entrance')
    .execute()
  const denied = await atTheGate
    .where('verdict', '=', 'deny')
    .groupBy('reason')
    .select(['reason', sql<number>`count(*)`.as('count')])
    .orderBy('count', 'desc')
    .orderBy('reason')
    .execute()
  const total = entrances.find(({ is_total }) => is_total === 1)!
  return {
    admitted: total.admitted,
    admissions: total.admissions,
    byEntrance: entrances.flatMap(({ is_total, ...entrance }) => (is_total === 1 ? [] : [entrance])),
    denied: denied.map(({ reason, count }) => ({ reason: reason!, count })),
  }
}
