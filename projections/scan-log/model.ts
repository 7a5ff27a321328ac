import { sql } from 'kysely'
import type { Check, DenialReason } from '../../domain/admission/verdict.ts'
import { idOf, type Position } from '../../domain/fact.ts'
import type { Known } from '../../domain/registry.ts'
import { type Fold, foldInto } from '../fold.ts'
import type { ReadModel } from '../read-model.ts'

export type ScanRow = {
  tenant: string
  scan_id: string
  /** When it happened at the gate. */
  at: string
  verdict: 'allow' | 'deny'
  /** `validation`: somebody only looked. */
  asked: 'scan' | 'validation'
  /** Null for what was unreadable. */
  ticket_id: string | null
  event_id: string | null
  device_id: string | null
  device_name: string | null
  entrance: string | null
  /** Of a denial. */
  venue_id: string | null
  reason: DenialReason | null
  checks: Check[] | null
  position: Position
}

export type ScanLogTables = {
  scan: ScanRow
  /** For admissions do not say where. */
  event: { tenant: string; event_id: string; venue_id: string }
}

const scans: Fold<Known, 'scan', ScanRow, 'tenant' | 'scan_id'> = {
  table: 'scan',
  key: ['tenant', 'scan_id'],
  keysOf: ({ type, data, metadata: { tenant } }) =>
    type === 'TicketAdmitted' || type === 'AdmissionDenied' ? [{ tenant, scan_id: data.scanId }] : [],
  evolve: (row, fact, key) => {
    switch (fact.type) {
      case 'TicketAdmitted':
        return {
          ...key,
          at: fact.data.happenedAt,
          verdict: 'allow',
          asked: 'scan',
          ticket_id: idOf(fact.stream),
          event_id: fact.data.eventId,
          device_id: fact.data.deviceId,
          device_name: fact.data.deviceName,
          entrance: fact.data.entrance,
          venue_id: null,
          reason: null,
          checks: null,
          position: fact.position,
        }
      case 'AdmissionDenied':
        return {
          ...key,
          at: fact.metadata.at,
          verdict: 'deny',
          asked: fact.data.asked,
          ticket_id: fact.data.ticketId,
          event_id: fact.data.eventId,
          device_id: fact.data.deviceId,
          device_name: fact.data.deviceName,
          entrance: fact.data.entrance,
          venue_id: fact.data.venueId,
          reason: fact.data.reason,
          checks: fact.data.checks,
          position: fact.position,
        }
      default:
        return row
    }
  },
}

const events: Fold<Known, 'event', ScanLogTables['event'], 'tenant' | 'event_id'> = {
  table: 'event',
  key: ['tenant', 'event_id'],
  keysOf: ({ type, stream, metadata: { tenant } }) =>
    type === 'EventDrafted' ? [{ tenant, event_id: idOf(stream) }] : [],
  evolve: (row, { type, data }, key) => (type === 'EventDrafted' ? { ...key, venue_id: data.venueId } : row),
}

/** Every scan, denied ones too. */
export const scanLog: ReadModel<Known, ScanLogTables> = {
  name: 'scan_log',
  version: 1,
  create: async (tx) => {
    await sql`create table scan (
      tenant text, scan_id uuid, at text not null, verdict text not null, asked text not null, ticket_id uuid,
      event_id uuid, device_id uuid, device_name text, entrance text, venue_id uuid, reason text, checks jsonb,
      position text collate "C" not null, primary key (tenant, scan_id))`.execute(tx)
    await sql`create index on scan (tenant, position)`.execute(tx)
    await sql`create index on scan (tenant, event_id, position)`.execute(tx)
    await sql`create index on scan (tenant, device_id, position)`.execute(tx)
    await sql`create table event (
      tenant text, event_id uuid, venue_id uuid not null, primary key (tenant, event_id))`.execute(tx)
  },
  apply: async (batch, facts) => {
    await foldInto(batch, events, facts)
    await foldInto(batch, scans, facts)
  },
}
