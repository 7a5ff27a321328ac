import { sql } from 'kysely'
import type pg from 'pg'
import type { WorkerReport, WorkerReports } from '../../domain/vault.ts'

export const WORKERS = sql`
  create table vault.worker (name text primary key, every text not null, next_run text, last_run jsonb)`

export const postgresWorkerReports = (pool: pg.Pool): WorkerReports => ({
  tell: async ({ name, every, nextRun, lastRun }) => {
    await pool.query(
      `insert into vault.worker (name, every, next_run, last_run) values ($1, $2, $3, $4) on conflict (name) do update
       set every = excluded.every, next_run = excluded.next_run, last_run = coalesce(excluded.last_run, worker.last_run)`,
      [name, every, nextRun, lastRun && JSON.stringify(lastRun)],
    )
  },
  all: async () => {
    const { rows } = await pool.query<WorkerReport>(
      'select name, every, next_run as "nextRun", last_run as "lastRun" from vault.worker order by name',
    )
    return rows
  },
})
