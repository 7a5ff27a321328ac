import type { DatabaseSync } from 'node:sqlite'
import type { Backlog, Intent, Intents } from '../../domain/vault.ts'
import { transaction } from './open.ts'

// `due` is '' for what was never begun, and null for what is done or given up; `why` is that of the last try, if it failed.
export const INTENTS_SCHEMA = `
  create table if not exists reactor (name text primary key, position text not null) strict;
  create table if not exists intent (
    number integer primary key, reactor text not null, id text not null, data text not null,
    attempts integer not null default 0, due text default '', why text,
    unique (reactor, id)
  ) strict;
  create index if not exists intent_due on intent (reactor, due, number) where due is not null;
  create index if not exists intent_why on intent (reactor, number) where why is not null`

/** The reactors' part of the embedded vault, in its file. */
export const sqliteIntents = (db: DatabaseSync): Intents => {
  const position = db.prepare('select position from reactor where name = ?')
  const enter = db.prepare('insert into reactor (name, position) values (?, ?) on conflict do nothing')
  const move = db.prepare('update reactor set position = ? where name = ? and position = ?')
  const insert = db.prepare('insert into intent (reactor, id, data) values (?, ?, ?) on conflict do nothing')
  const due = db.prepare(`
    select number, id, data, attempts + 1 as attempts from intent
    where reactor = ? and due is not null and due <= ? order by due, number limit ?`)
  const begin = db.prepare('update intent set attempts = attempts + 1, due = ? where number = ?')
  const done = db.prepare('update intent set due = null, why = null where reactor = ? and id = ?')
  const failed = db.prepare('update intent set due = ?, why = ? where reactor = ? and id = ? and due is not null')
  const open = db.prepare('select count(*) as open from intent where reactor = ? and due is not null')
  const troubled = db.prepare(`
    select count(due) as failing, count(*) - count(due) as givenUp from intent where reactor = ? and why is not null`)
  const oldest = db.prepare(`
    select why from intent where reactor = ? and why is not null
    order by due is null, case when due is null then -number else number end limit 1`)

  // One flush to the disk for all that is told in the same turn.
  let told: [reactor: string, id: string][] = []
  let telling: Promise<void> | undefined
  const tell = (resolve: () => void, reject: (error: unknown) => void) => {
    const all = told
    told = []
    telling = undefined
    try {
      transaction(db, () => {
        for (const one of all) done.run(...one)
      })
      resolve()
    } catch (error) {
      reject(error)
    }
  }

  return {
    positionOf: async (reactor) => position.get(reactor)?.position as string | undefined,
    keep: async (reactor, from, to, wanted) =>
      transaction(db, () => {
        const { changes } = from === undefined ? enter.run(reactor, to) : move.run(to, reactor, from)
        if (changes === 0) return false
        for (const { id, data } of wanted) insert.run(reactor, id, JSON.stringify(data))
        return true
      }),
    begin: async (reactor, limit, now, again) => {
      const found = () => due.all(reactor, now, limit) as (Omit<Intent, 'data'> & { number: number; data: string })[]
      // Nothing is due most of the time, and looking takes no lock.
      if (found().length === 0) return []
      return transaction(db, () =>
        found().map(({ number, id, data, attempts }) => {
          begin.run(again, number)
          return { id, data: JSON.parse(data), attempts }
        }),
      )
    },
    done: (reactor, id) => {
      told.push([reactor, id])
      telling ??= new Promise<void>((resolve, reject) => setImmediate(tell, resolve, reject))
      return telling
    },
    failed: async (reactor, id, again, why) => {
      failed.run(again, why, reactor, id)
    },
    giveUp: async (reactor, id, why) => {
      failed.run(null, why, reactor, id)
    },
    backlog: async (reactor) => ({
      ...(open.get(reactor) as Pick<Backlog, 'open'>),
      ...(troubled.get(reactor) as Pick<Backlog, 'failing' | 'givenUp'>),
      why: (oldest.get(reactor)?.why as string | undefined) ?? null,
    }),
  }
}
