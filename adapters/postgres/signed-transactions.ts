import { sql } from 'kysely'
import type pg from 'pg'
import type { SignedTransaction, SignedTransactions } from '../../domain/vault.ts'

export const SIGNED_TRANSACTIONS = sql`
  create table vault.signed_transaction (
    number bigint generated always as identity primary key,
    signature text not null unique, bytes text not null, last_valid_block_height bigint not null, ids text[] not null
  );
  create table vault.signed_transaction_id (
    id text, number bigint references vault.signed_transaction on delete cascade, primary key (id, number)
  );
  create index signed_transaction_id_number on vault.signed_transaction_id (number)`

const KEEP = `
  with kept as (
    insert into vault.signed_transaction (signature, bytes, last_valid_block_height, ids)
    select signature, bytes, height, array(select json_array_elements_text(ids))
    from unnest($1::text[], $2::text[], $3::bigint[], $4::json[])
      with ordinality as signed (signature, bytes, height, ids, place)
    order by place on conflict do nothing returning number, ids
  )
  insert into vault.signed_transaction_id (id, number) select distinct unnest(ids), number from kept`

const OF = `
  select signature, bytes, last_valid_block_height as "lastValidBlockHeight", ids from vault.signed_transaction
  where number in (select number from vault.signed_transaction_id where id = any($1)) order by number`

export const postgresSignedTransactions = (pool: pg.Pool): SignedTransactions => ({
  keep: async (transactions) => {
    await pool.query(KEEP, [
      transactions.map(({ signature }) => signature),
      transactions.map(({ bytes }) => bytes),
      transactions.map(({ lastValidBlockHeight }) => lastValidBlockHeight),
      transactions.map(({ ids }) => JSON.stringify(ids)),
    ])
  },
  of: async (ids) => (await pool.query<SignedTransaction>(OF, [ids])).rows,
  forget: async (signatures) => {
    await pool.query('delete from vault.signed_transaction where signature = any($1)', [signatures])
  },
})
