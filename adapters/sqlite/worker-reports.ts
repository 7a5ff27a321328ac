import type { DatabaseSync } from 'node:sqlite'
import type { WorkerReports } from '../../domain/vault.ts'

export const WORKERS_SCHEMA = `
  create table if not exists worker (name text primary key, every text not null, next_run text, last_run text) strict`

export const sqliteWorkerReports = (db: DatabaseSync): WorkerReports => {
  const write = db.prepare(`
    insert into worker (name, every, next_run, last_run) values (?, ?, ?, ?) on conflict do update
    set every = excluded.every, next_run = excluded.next_run, last_run = coalesce(excluded.last_run, last_run)`)
  const read = db.prepare('select name, every, next_run as nextRun, last_run as lastRun from worker order by name')

  type Row = { name: string; every: string; nextRun: string | null; lastRun: string | null }

  return {
    tell: async ({ name, every, nextRun, lastRun }) => {
      write.run(name, every, nextRun, lastRun && JSON.stringify(lastRun))
    },
    all: async () => (read.all() as Row[]).map((row) => ({ ...row, lastRun: row.lastRun && JSON.parse(row.lastRun) })),
  }
}
