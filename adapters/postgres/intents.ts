import { sql } from 'kysely'
import type pg from 'pg'
import type { Backlog, Intent, Intents } from '../../domain/vault.ts'

// due is in the infinite past for what was never begun, and null for what is done or given up; why is that of the last try, if it
// failed. What is done stays known by its id, and is in no index but that of ids.
export const INTENTS = sql`
  create table vault.reactor (name text primary key, position text not null);
  create table vault.intent (
    number bigint generated always as identity primary key,
    reactor text not null, id text not null, data json not null,
    attempts integer not null default 0, due timestamptz default '-infinity', why text,
    unique (reactor, id)
  );
  create index intent_open on vault.intent (reactor, due, number) where due is not null or why is not null`

// Whoever comes second waits for the first, and then finds the reactor elsewhere.
const kept = (move: string) => `
  with moved as (${move} returning name), kept as (
    insert into vault.intent (reactor, id, data)
    select name, id, data::json from moved, unnest($4::text[], $5::text[]) with ordinality as wanted (id, data, place)
    order by place on conflict do nothing
  ) select name from moved`

const ENTER = kept(
  'insert into vault.reactor (name, position) select $1, $3 where $2::text is null on conflict do nothing',
)
const MOVE = kept('update vault.reactor set position = $3 where name = $1 and position = $2')

const BEGIN = `
  with taken as (
    select number as place, due as since from vault.intent where reactor = $1 and due <= $2 order by due, number limit $3
    for update skip locked
  ), begun as (
    update vault.intent set attempts = attempts + 1, due = $4 from taken where number = place
    returning id, data, attempts, since, place
  ) select id, data, attempts from begun order by since, place`

const BACKLOG = `
  select count(due)::integer as open, count(due) filter (where why is not null)::integer as failing,
    (count(*) - count(due))::integer as "givenUp",
    (array_agg(why order by due is null, case when due is null then -number else number end)
      filter (where why is not null))[1] as why
  from vault.intent where reactor = $1 and (due is not null or why is not null)`

/** The reactors' part of the vault. */
export const postgresIntents = (pool: pg.Pool): Intents => {
  const failed = async (reactor: string, id: string, due: string | null, why: string) => {
    const text = 'update vault.intent set due = $3, why = $4 where reactor = $1 and id = $2 and due is not null'
    await pool.query(text, [reactor, id, due, why])
  }

  return {
    positionOf: async (reactor) => {
      const text = 'select position from vault.reactor where name = $1'
      return (await pool.query<{ position: string }>(text, [reactor])).rows[0]?.position
    },
    keep: async (reactor, from, to, wanted) => {
      const [ids, data] = [wanted.map(({ id }) => id), wanted.map((intent) => JSON.stringify(intent.data))]
      const { rowCount } = await pool.query(from === undefined ? ENTER : MOVE, [reactor, from ?? null, to, ids, data])
      return rowCount === 1
    },
    begin: async (reactor, limit, now, again) => (await pool.query<Intent>(BEGIN, [reactor, now, limit, again])).rows,
    done: async (reactor, id) => {
      await pool.query('update vault.intent set due = null, why = null where reactor = $1 and id = $2', [reactor, id])
    },
    failed,
    giveUp: (reactor, id, why) => failed(reactor, id, null, why),
    backlog: async (reactor) => (await pool.query<Backlog>(BACKLOG, [reactor])).rows[0]!,
  }
}
