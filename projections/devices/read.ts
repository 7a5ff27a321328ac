import { sql } from 'kysely'
import type { Reading } from '../reading.ts'
import { type DeviceRow, devices } from './model.ts'

type Wanted = {
  readonly tenant: string
  readonly isActive: boolean | undefined
  /** Undefined: at all of the tenant's. */
  readonly venues: readonly string[] | undefined
  /** Label and id of the last one seen. */
  readonly after: readonly [string, string] | undefined
  readonly limit: number
}

/** In the order of their labels. */
export const devicesOf = async (
  { tables }: Reading,
  { tenant, isActive, venues, after, limit }: Wanted,
): Promise<DeviceRow[]> => {
  if (venues?.length === 0) return []
  return tables(devices, tenant)
    .selectFrom('device')
    .selectAll()
    .where('tenant', '=', tenant)
    .$if(isActive !== undefined, (query) => query.where('is_active', '=', isActive!))
    .$if(venues !== undefined, (query) => query.where('venue_id', 'in', venues!))
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(device_id, id) > (${after![0]}, ${after![1]}::uuid)`),
    )
    .orderBy('device_id')
    .orderBy('id')
    .limit(limit)
    .execute()
}
