import { sql } from 'kysely'
import type { Migrations } from './migrate.ts'

// JSON as text, which comes back as it was (jsonb reorders keys and refuses \u0000), and which the server need not parse; an operator
// may ask for data::json ->> 'orderId'. Streams are compared byte by byte: that is faster, and no upgrade of the system's collations
// puts their index out of order.
const FACT = sql`
  create table ledger.fact (
    position bigint primary key,
    stream text collate "C" not null, revision integer not null,
    id text not null, type text not null, data text not null, metadata text not null,
    unique (stream, revision)
  );

  create function ledger.refuse() returns trigger language plpgsql as $$
  begin
    raise exception 'facts are final: record another one that corrects them';
  end $$;

  create trigger fact_is_final before update or delete or truncate on ledger.fact
    for each statement execute function ledger.refuse();`

// Records many appends, each accepted or refused alone; no stream may occur in two of them. For each append, in their order: the
// revision of its stream before (null where nobody has written), and the position of its last fact (null where it is refused).
// The lock is held until everybody sees the commit, and each statement sees what was committed before it began: so positions have
// no gaps, and show in their order. data and metadata are a line for each fact, which is quicker to read than quoted texts.
const APPEND = sql`
  create function ledger.append(
    streams text[], expected text[],
    appends integer[], nths integer[], ids text[], types text[], data text, metadata text
  ) returns table (head integer, last bigint) language plpgsql as $$
  #variable_conflict use_column
  declare
    base bigint;
    newest bigint;
  begin
    perform pg_advisory_xact_lock(hashtextextended('counterfoil ledger', 0));
    select coalesce(max(position), 0) into base from ledger.fact;
    return query
      with asked as materialized (
        select number, stream, expected, head
        from unnest(streams, expected) with ordinality as asked (stream, expected, number)
        left join lateral (
          select revision as head from ledger.fact where fact.stream = asked.stream order by revision desc limit 1
        ) as known on true
      ), written as (
        insert into ledger.fact (position, stream, revision, id, type, data, metadata)
        select base + row_number() over (order by place), stream, coalesce(head, -1) + nth, id, type, data, metadata
        from unnest(appends, nths, ids, types, string_to_array(data, chr(10)), string_to_array(metadata, chr(10)))
          with ordinality as given (append, nth, id, type, data, metadata, place)
        join asked on number = append
        where expected in ('any', coalesce(head::text, 'none'))
        returning position, stream
      )
      select head, max(position) from asked left join written using (stream) group by number, head order by number;
    select coalesce(max(position), 0) into newest from ledger.fact;
    if newest > base then perform pg_notify('counterfoil_ledger', newest::text); end if;
  end $$`

export const MIGRATIONS: Migrations = {
  '001-fact': { up: async (db) => void (await FACT.execute(db)) },
  '002-append': { up: async (db) => void (await APPEND.execute(db)) },
}
